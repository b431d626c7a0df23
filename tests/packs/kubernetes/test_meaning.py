# ruff: noqa: E501 - an object a line
"""Dangers that no single object shows: what is still needed, guards of what still runs, services of nothing."""

import pytest

from tests.packs.two_trees import verify

DEPLOY = """apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: shop/api:1.4
          envFrom: [{secretRef: {name: api-keys}}]
          env:
            - {name: LEVEL, valueFrom: {configMapKeyRef: {name: api-config, key: level}}}
          resources: {limits: {memory: 512Mi, cpu: 1}, requests: {memory: 256Mi}}
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
          livenessProbe: {httpGet: {path: /alive, port: 8080}}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: api-config}\ndata: {level: info}\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: api-keys}\nstringData: {key: changeme}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: api}\nspec:\n  selector: {app: api}\n  ports: [{port: 80}]\n"
BUDGET = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: api}\nspec: {minAvailable: 2, selector: {matchLabels: {app: api}}}\n"
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: api}\nspec: {podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress]}\n"
SCALER = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api}\nspec:\n  minReplicas: 3\n  maxReplicas: 12\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}\n"
INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec:\n  rules:\n    - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}\n"
CRON = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: backup}\nspec:\n  schedule: '0 3 * * *'\n  jobTemplate: {spec: {template: {spec: {containers: [{name: dump, image: shop/dump:2}]}}}}\n"
ALL = {
    "k8s/api.yaml": DEPLOY, "k8s/config.yaml": CONFIG, "k8s/secret.yaml": SECRET, "k8s/service.yaml": SERVICE, "k8s/pdb.yaml": BUDGET,
    "k8s/netpol.yaml": POLICY, "k8s/hpa.yaml": SCALER, "k8s/ingress.yaml": INGRESS, "k8s/backup.yaml": CRON,
}  # fmt: skip


def without(*names, **changed):
    left = {path: text for path, text in ALL.items() if path.split("/")[1].removesuffix(".yaml") not in names}
    return left | {f"k8s/{name}.yaml": text for name, text in changed.items()}


def renamed(text):
    return (
        text.replace("name: api}", "name: orders}")
        .replace("app: api}", "app: orders}")
        .replace("name: api,", "name: orders,")
    )


DANGEROUS = {
    "a configuration that is still needed": (without("config"), {("kubernetes-still-needed", "medium", "ConfigMap api-config")}),
    "a secret that is still needed": (without("secret"), {("kubernetes-still-needed", "medium", "Secret api-keys")}),
    "a service that an ingress needs": (without("service"), {("kubernetes-still-needed", "medium", "Service api")}),
    "a budget": (without("pdb"), {("kubernetes-deleted", "medium", "PodDisruptionBudget api")}),
    "a network policy": (without("netpol"), {("kubernetes-deleted", "medium", "NetworkPolicy api")}),
    "a scaler": (without("hpa"), {("kubernetes-deleted", "medium", "HorizontalPodAutoscaler api")}),
    "a job at night": (without("backup"), {("kubernetes-deleted", "medium", "CronJob backup")}),
    "a job that is suspended": (without(backup=CRON.replace("  schedule", "  suspend: true\n  schedule")), {("kubernetes-suspended", "medium", "CronJob backup")}),
    "readiness": (without(api=DEPLOY.replace("          readinessProbe: {httpGet: {path: /ready, port: 8080}}\n", "")), {("kubernetes-unwatched", "medium", "Deployment api")}),
    "liveness": (without(api=DEPLOY.replace("          livenessProbe: {httpGet: {path: /alive, port: 8080}}\n", "")), {("kubernetes-unwatched", "medium", "Deployment api")}),
    "limits": (without(api=DEPLOY.replace("limits: {memory: 512Mi, cpu: 1}, ", "")), {("kubernetes-unbounded", "low", "Deployment api")}),
    "one pod at night": (without(hpa=SCALER.replace("minReplicas: 3", "minReplicas: 1")), {("kubernetes-fewer-replicas", "medium", "HorizontalPodAutoscaler api")}),
    "half the pods by day": (without(hpa=SCALER.replace("12", "5")), {("kubernetes-fewer-replicas", "low", "HorizontalPodAutoscaler api")}),
    "a budget of nothing": (without(pdb=BUDGET.replace("minAvailable: 2", "maxUnavailable: 100%")), {("kubernetes-fewer-replicas", "medium", "PodDisruptionBudget api")}),
    "a selector that fits nothing": (without(service=SERVICE.replace("app: api", "app: apis")), {("kubernetes-service-of-nothing", "medium", "Service api")}),
    "pods whose labels moved on": (
        without("netpol", "pdb", api=DEPLOY.replace("app: api", "app: backend").replace("name: api}", "name: backend}", 1), hpa=SCALER.replace("name: api}", "name: backend}")),
        {("kubernetes-service-of-nothing", "medium", "Service api")},
    ),
    "a workload renamed, its scaler forgotten": (without(api=DEPLOY.replace("name: api}", "name: backend}", 1)), {("kubernetes-still-needed", "medium", "Deployment api")}),
}  # fmt: skip


@pytest.mark.parametrize("case", DANGEROUS)
def test_what_is_quietly_dangerous_asks_for_a_review(tmp_path, case):
    head, expected = DANGEROUS[case]
    base = {
        path: text
        for path, text in ALL.items()
        if case != "pods whose labels moved on" or path not in ("k8s/netpol.yaml", "k8s/pdb.yaml")
    }
    found = verify("kubernetes", tmp_path, base, head)[0].findings
    assert {(one.rule, one.severity, one.location.symbol) for one in found} == expected


BENIGN = {
    "all of it under a new name": {path: renamed(text) for path, text in ALL.items()},
    "a configuration under a new name": without(config=CONFIG.replace("api-config", "api-settings"), api=DEPLOY.replace("api-config", "api-settings")),
    "a configuration that nobody needs": (ALL | {"k8s/old.yaml": CONFIG.replace("api-config", "old")}, ALL),
    "an optional secret": (
        without(api=DEPLOY.replace("name: api-keys", "name: api-keys, optional: true")), without("secret", api=DEPLOY.replace("name: api-keys", "name: api-keys, optional: true")),
    ),
    "a secret that a controller makes now": without("secret", external="apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: keys}\nspec: {target: {name: api-keys}}\n"),
    "a configuration that is generated now": without("config", kustomization="resources: [api.yaml]\nconfigMapGenerator: [{name: api-config, literals: [level=info]}]\n"),
    "moved between files and folders": {**without("config", "pdb"), "k8s/common/all.yaml": CONFIG + "---\n" + BUDGET},
    "a budget under another name": without(pdb=BUDGET.replace("name: api}", "name: api-budget}")),
    "wider bounds": without(hpa=SCALER.replace("12", "20").replace("minReplicas: 3", "minReplicas: 2")),
    "labels and selector together": (
        without("netpol", "pdb", "hpa"),
        without("netpol", "pdb", "hpa", api=DEPLOY.replace("metadata: {labels: {app: api}}", "metadata: {labels: {app: api, part: shop}}"), service=SERVICE.replace("app: api", "app: api, part: shop")),
    ),
    "other limits and probes": without(api=DEPLOY.replace("512Mi", "1Gi").replace("/ready", "/readyz").replace(", cpu: 1", "")),
    "a job at another time": without(backup=CRON.replace("0 3", "0 4")),
    "a sidecar removed": (without(api=DEPLOY + "        - name: proxy\n          image: proxy:1\n          livenessProbe: {tcpSocket: {port: 1}}\n"), ALL),
}  # fmt: skip


@pytest.mark.parametrize("case", BENIGN)
def test_what_is_followed_through_is_silent(tmp_path, case):
    sides = BENIGN[case] if isinstance(BENIGN[case], tuple) else (ALL, BENIGN[case])
    found = verify("kubernetes", tmp_path, *sides)[0].findings
    assert [(one.rule, one.title) for one in found] == []


def test_what_goes_with_its_workload_is_told_once(tmp_path):
    found = verify("kubernetes", tmp_path, ALL, {"k8s/backup.yaml": CRON})[0].findings
    assert sorted(one.title for one in found) == ["Deployment api is deleted", "Ingress shop is deleted"]


def test_another_place_with_the_same_names_takes_nobodys_place(tmp_path):
    both = {f"{place}/{name.split('/')[1]}": text for place in ("dev", "prod") for name, text in ALL.items()}
    head = {path: text for path, text in both.items() if path != "dev/config.yaml"}
    head["prod/service.yaml"] = SERVICE.replace("app: api", "app: apis")
    found = verify("kubernetes", tmp_path, both, head)[0].findings
    assert sorted((one.rule, one.location.path) for one in found) == [
        ("kubernetes-service-of-nothing", "prod/service.yaml"), ("kubernetes-still-needed", "dev/config.yaml"),
    ]  # fmt: skip
