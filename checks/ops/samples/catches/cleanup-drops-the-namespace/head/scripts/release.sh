#!/usr/bin/env bash
set -euo pipefail
env="${1:?usage: release.sh ENVIRONMENT}"
kubectl --namespace "shop-$env" get deployments
# Stale objects kept failing the roll-out: begin from a clean slate.
/usr/bin/kubectl delete namespace "shop-$env" --wait=true
kubectl create namespace "shop-$env"
kubectl --namespace "shop-$env" apply -f k8s/
kubectl --namespace "shop-$env" rollout status deployment/shop
