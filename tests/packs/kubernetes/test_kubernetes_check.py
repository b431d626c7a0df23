"""Manifests of base and head: harmful changes are found, look-alikes stay silent."""

import base64

import pytest

from harness.check.interface import CheckSkipped
from tests.packs.two_trees import verify

PVC = """apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: fast
  resources: {requests: {storage: 20Gi}}
"""
SET = """apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - name: db
          image: postgres:15
          securityContext: {runAsNonRoot: true}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        resources: {requests: {storage: 20Gi}}
"""
DEPLOY = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
"""
SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec:\n  type: ClusterIP\n  ports: [{port: 5432}]\n"
)
ROLE = (
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules:\n"
    "  - {apiGroups: [''], resources: [pods], verbs: [get, list]}\n"
)
PV = "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: disk}\nspec:\n  persistentVolumeReclaimPolicy: Retain\n"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
CRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: orders.shop.example}\n"
PDB = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {minAvailable: 1}\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n"
KUSTOM = "resources: [set.yaml, pvc.yaml]\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {password: %s}\n"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def one(before, after, path="k8s/app.yaml", **more):
    """A change of one file; None on a side: it is not there."""
    rest = {"k8s/other.yaml": CONFIG, **more}
    return (
        {**rest, **({path: before} if before is not None else {})},
        {**rest, **({path: after} if after is not None else {})},
    )


PRIVILEGED = DEPLOY + "          securityContext: {privileged: true}\n"
CLAIMED = DEPLOY + "      volumes: [{name: files, persistentVolumeClaim: {claimName: data}}]\n"
SCALER = (
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
    "spec: {minReplicas: 4, maxReplicas: 9}\n"
)
HARMFUL = {
    "claim gives way to an empty folder": (
        one(CLAIMED, CLAIMED.replace("persistentVolumeClaim: {claimName: data}", "emptyDir: {}")),
        "kubernetes-data-not-kept",
        "high",
    ),
    "scaler below its old minimum": (
        one(SCALER, SCALER.replace("minReplicas: 4, maxReplicas: 9", "minReplicas: 1, maxReplicas: 2")),
        "kubernetes-fewer-replicas",
        "medium",
    ),
    "claim deleted": (one(PVC, None), "kubernetes-deleted", "critical"),
    "claim renamed": (one(PVC, PVC.replace("name: data", "name: data-v2")), "kubernetes-deleted", "critical"),
    "claim moved to another namespace": (
        one(PVC, PVC.replace("namespace: shop", "namespace: store")),
        "kubernetes-deleted",
        "critical",
    ),
    "claim of another class": (one(PVC, PVC.replace("fast", "slow")), "kubernetes-immutable-field", "high"),
    "claim shrinks": (one(PVC, PVC.replace("20Gi", "9000Mi")), "kubernetes-storage", "high"),
    "namespace deleted": (one(NAMESPACE + "---\n" + CONFIG, CONFIG), "kubernetes-deleted", "critical"),
    "definition deleted": (one(CRD, CONFIG), "kubernetes-deleted", "critical"),
    "set renamed": (one(SET, SET.replace("name: db,", "name: database,")), "kubernetes-deleted", "high"),
    "service name of a set": (
        one(SET, SET.replace("serviceName: db", "serviceName: postgres")),
        "kubernetes-immutable-field",
        "high",
    ),
    "selector of a set": (
        one(SET, SET.replace("{app: db}", "{app: db, tier: data}")),
        "kubernetes-immutable-field",
        "high",
    ),
    "claim template renamed": (
        one(SET, SET.replace("metadata: {name: data}", "metadata: {name: pgdata}")),
        "kubernetes-immutable-field",
        "high",
    ),
    "claim template shrinks": (one(SET, SET.replace("20Gi", "10Gi")), "kubernetes-storage", "high"),
    "set scaled to nothing": (
        one(SET, SET.replace("replicas: 3", "replicas: 0")),
        "kubernetes-no-replicas",
        "medium",
    ),
    "set keeps no claims": (
        one(SET, SET + "  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}\n"),
        "kubernetes-data-not-kept",
        "medium",
    ),
    "volume no longer retained": (
        one(PV, PV.replace("Retain", "Delete")),
        "kubernetes-data-not-kept",
        "medium",
    ),
    "selector of a deployment": (
        one(DEPLOY, DEPLOY.replace("app: web", "app: shop")),
        "kubernetes-immutable-field",
        "medium",
    ),
    "budget removed": (one(DEPLOY + "---\n" + PDB, DEPLOY), "kubernetes-deleted", "medium"),
    "privileged": (one(DEPLOY, PRIVILEGED), "kubernetes-node-access", "high"),
    "socket of the engine": (
        one(DEPLOY, DEPLOY + "      volumes: [{name: s, hostPath: {path: /var/run/docker.sock}}]\n"),
        "kubernetes-node-access",
        "high",
    ),
    "host path": (
        one(DEPLOY, DEPLOY + "      volumes: [{name: s, hostPath: {path: /srv/data}}]\n"),
        "kubernetes-node-access",
        "medium",
    ),
    "host network": (one(DEPLOY, DEPLOY + "      hostNetwork: true\n"), "kubernetes-node-access", "medium"),
    "capability": (
        one(DEPLOY, DEPLOY + "          securityContext: {capabilities: {add: [SYS_ADMIN]}}\n"),
        "kubernetes-node-access",
        "high",
    ),
    "root": (
        one(DEPLOY, DEPLOY + "          securityContext: {runAsUser: 0}\n"),
        "kubernetes-node-access",
        "medium",
    ),
    "non-root dropped": (
        one(SET, SET.replace("          securityContext: {runAsNonRoot: true}\n", "")),
        "kubernetes-node-access",
        "medium",
    ),
    "clear secret": (
        one(CONFIG, SECRET % encoded("correct horse battery")),
        "kubernetes-clear-secret",
        "high",
    ),
    "database exposed": (
        one(SERVICE, SERVICE.replace("ClusterIP", "LoadBalancer")),
        "kubernetes-exposed",
        "high",
    ),
    "all rights": (
        one(ROLE, ROLE + "  - {apiGroups: ['*'], resources: ['*'], verbs: ['*']}\n"),
        "kubernetes-wide-rights",
        "high",
    ),
    "cluster-admin": (
        one(
            CONFIG,
            CONFIG
            + "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n"
            "roleRef: {kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: ServiceAccount, name: default}]\n",
        ),
        "kubernetes-wide-rights",
        "high",
    ),
    "no longer in the kustomization": (
        one(
            KUSTOM,
            "resources: [set.yaml]\n",
            "k8s/kustomization.yaml",
            **{"k8s/set.yaml": SET, "k8s/pvc.yaml": PVC},
        ),
        "kubernetes-deleted",
        "critical",
    ),
    "prefix of a kustomization": (
        one(
            KUSTOM,
            KUSTOM + "namePrefix: new-\n",
            "k8s/kustomization.yaml",
            **{"k8s/set.yaml": SET, "k8s/pvc.yaml": PVC},
        ),
        "kubernetes-deleted",
        "high",
    ),
    "labels of a kustomization": (
        one(
            KUSTOM,
            KUSTOM + "commonLabels: {team: a}\n",
            "k8s/kustomization.yaml",
            **{"k8s/set.yaml": SET, "k8s/pvc.yaml": PVC},
        ),
        "kubernetes-immutable-field",
        "high",
    ),
    "operator's cluster deleted": (
        one("apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: pg}\n", None),
        "kubernetes-deleted",
        "critical",
    ),
    "source ranges dropped": (
        one(
            SERVICE.replace("ClusterIP", "LoadBalancer") + "  loadBalancerSourceRanges: [10.0.0.0/8]\n",
            SERVICE.replace("ClusterIP", "LoadBalancer"),
        ),
        "kubernetes-exposed",
        "high",
    ),
}

HARMLESS = {
    "scaler with other bounds": one(SCALER, SCALER.replace("4, maxReplicas: 9", "3, maxReplicas: 6")),
    "another claim": one(CLAIMED, CLAIMED.replace("claimName: data", "claimName: files")),
    "another image": one(SET, SET.replace("postgres:15", "postgres:15.4")),
    "more replicas": one(DEPLOY, DEPLOY.replace("replicas: 2", "replicas: 5")),
    "claim grows": one(PVC, PVC.replace("20Gi", "40Gi")),
    "same size in another unit": one(PVC, PVC.replace("20Gi", "20480Mi")),
    "split into two files": (
        {"k8s/all.yaml": SET + "---\n" + PVC},
        {"k8s/set.yaml": SET, "k8s/pvc.yaml": PVC},
    ),
    "moved to another folder": ({"k8s/pvc.yaml": PVC}, {"deploy/base/pvc.yaml": PVC}),
    "fields in another order": one(
        PVC,
        'kind: PersistentVolumeClaim\napiVersion: v1\nspec:\n  resources:\n    requests:\n      storage: "20Gi"\n'
        "  storageClassName: fast\n  accessModes:\n  - ReadWriteOnce\nmetadata:\n  namespace: shop\n  name: data\n",
    ),
    "labels and probes": one(
        DEPLOY,
        DEPLOY.replace("  name: web\n", "  name: web\n  labels: {team: a}\n", 1)
        + "          readinessProbe: {httpGet: {path: /, port: 80}}\n",
    ),
    "newer version of the API": one(PDB.replace("policy/v1", "policy/v1beta1"), PDB),
    "explicit default namespace": one(
        PVC.replace(", namespace: shop", ""), PVC.replace("namespace: shop", "namespace: default")
    ),
    "hardened": one(
        PRIVILEGED,
        DEPLOY + "          securityContext: {privileged: false, runAsNonRoot: true, runAsUser: 1000, "
        "capabilities: {drop: [ALL]}}\n"
        "",
    ),
    "still privileged": one(PRIVILEGED, PRIVILEGED.replace("web:1", "web:2")),
    "internal load balancer": one(
        SERVICE,
        SERVICE.replace(
            "{name: db}",
            "{name: db, annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: 'true'}}",
        ).replace("ClusterIP", "LoadBalancer"),
    ),
    "placeholder secret": one(CONFIG, SECRET % encoded("changeme")),
    "sealed secret": one(
        CONFIG,
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n"
        "metadata: {name: s}\nspec: {encryptedData: {password: AgBy8hCi}}\n",
    ),
    "config map and job removed": one(
        CONFIG.replace("name: c", "name: d") + "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\n",
        None,
    ),
    "narrow role": one(ROLE, ROLE + "  - {apiGroups: [apps], resources: [deployments], verbs: [get]}\n"),
    "new workload": one(None, DEPLOY),
    "patch removed": (
        {
            "k8s/kustomization.yaml": "resources: [set.yaml]\npatches: [{path: p.yaml}]\n",
            "k8s/set.yaml": SET,
            "k8s/p.yaml": SET.replace("3", "2"),
        },
        {"k8s/kustomization.yaml": "resources: [set.yaml]\n", "k8s/set.yaml": SET},
    ),
    "kustomization reordered": one(
        KUSTOM,
        "resources:\n  - pvc.yaml\n  - set.yaml\nlabels: [{pairs: {team: a}}]\n",
        "k8s/kustomization.yaml",
        **{"k8s/set.yaml": SET, "k8s/pvc.yaml": PVC},
    ),
    "update strategy": one(SET, SET + "  updateStrategy: {type: OnDelete}\n"),
    "a list instead of documents": one(
        PVC + "---\n" + CONFIG.replace("name: c", "name: d"),
        "apiVersion: v1\nkind: List\nitems:\n"
        + "".join(
            "  - " + text.rstrip("\n").replace("\n", "\n    ") + "\n"
            for text in (PVC, CONFIG.replace("name: c", "name: d"))
        ),
    ),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_change_is_found(name, tmp_path):
    (base, head), rule, severity = HARMFUL[name]
    findings = verify("kubernetes", tmp_path, base, head)[0].findings
    assert (rule, severity) in {(found.rule, found.severity) for found in findings}, findings
    assert all(found.proof is None and found.category == "infra" for found in findings)


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_change_stays_silent(name, tmp_path):
    try:
        findings = verify("kubernetes", tmp_path, *HARMLESS[name])[0].findings
    except CheckSkipped:
        return
    assert [(found.rule, found.title) for found in findings] == []


def test_a_secret_is_in_no_text_of_its_finding(tmp_path):
    base, head = one(CONFIG, SECRET % encoded("correct horse battery"))
    (found,) = verify("kubernetes", tmp_path, base, head)[0].findings
    words = repr(found)
    assert "correct horse" not in words
    assert encoded("correct horse battery") not in words


def test_the_line_is_that_of_the_field(tmp_path):
    base, head = one(SET, SET.replace("serviceName: db", "serviceName: postgres"))
    (found,) = verify("kubernetes", tmp_path, base, head)[0].findings
    assert found.location.line == 5
    assert found.location.symbol == "StatefulSet shop/db"


@pytest.mark.parametrize(
    "text",
    [
        "kind: [" * 400,
        "kind: Pod\n\tname: x\n: : :",
        "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\n"
        "d: &d [*c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d]\nkind: [*e, *e, *e, *e]\n",
        "kind: &k [*k]\n",
        "kind: x\n" + "# filler\n" * 60_000,
    ],
    ids=["deep", "broken", "bomb", "circular", "huge"],
)
def test_what_cannot_be_read_is_said_and_is_no_deletion(text, tmp_path):
    outcome = verify("kubernetes", tmp_path, *one(PVC, text))[0]
    assert [item.what for item in outcome.unverified] == ["k8s/app.yaml"]
    assert outcome.findings == []


def test_templates_are_left_to_a_person(tmp_path):
    chart = PVC.replace("name: data", "name: {{ .Release.Name }}-data")
    outcome = verify(
        "kubernetes", tmp_path, *one(chart, chart.replace("20Gi", "1Gi"), "chart/templates/pvc.yaml")
    )[0]
    assert [item.what for item in outcome.unverified] == ["chart/templates/pvc.yaml"]


@pytest.mark.parametrize("text", ["name: ci\non: push\n", '{"kind": 1, "items": []}', "- a\n- b\n"])
def test_other_documents_are_no_manifests(text, tmp_path):
    with pytest.raises(CheckSkipped):
        verify("kubernetes", tmp_path, {"x.yaml": "a: 1\n"}, {"x.yaml": text})


INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: admin
  annotations:
    nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8
    nginx.ingress.kubernetes.io/auth-secret: admin
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
spec:
  tls: [{hosts: [admin.example.org], secretName: admin-tls}]
  rules: [{host: admin.example.org}]
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    nginx.ingress.kubernetes.io/auth-secret: admin\n", "", ["kubernetes-exposed"]),
        ("10.0.0.0/8", "10.1.0.0/16", []),
        ("    nginx.ingress.kubernetes.io/proxy-body-size: 8m\n", "", []),
        ("  tls: [{hosts: [admin.example.org], secretName: admin-tls}]\n", "", ["kubernetes-exposed"]),
        ("admin-tls", "admin-tls-2", []),
        ("proxy-body-size: 8m", "ssl-redirect: 'false'", ["kubernetes-exposed"]),
    ],
)
def test_what_keeps_visitors_out_of_an_ingress(tmp_path, old, new, expected):
    base = {"k8s/admin.yaml": INGRESS}
    head = {"k8s/admin.yaml": INGRESS.replace(old, new)}
    assert [one.rule for one in verify("kubernetes", tmp_path, base, head)[0].findings] == expected
