#!/usr/bin/env bash
set -euo pipefail
env="${1:?usage: release.sh ENVIRONMENT}"
kubectl --namespace "shop-$env" get deployments
kubectl --namespace "shop-$env" apply -f k8s/
kubectl --namespace "shop-$env" rollout status deployment/shop
