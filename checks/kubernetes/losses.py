"""What goes when head's manifests are applied: objects, data, running pods, guards."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from harness.check.interface import Severity

from .hazard import Hazard
from .objects import Object, shown, texts
from .running import forgetful, scaled, silenced, weakened

DELETED: dict[str, tuple[Severity, str]] = {
    "PersistentVolumeClaim": (
        "critical",
        "the volume, and with the reclaim policy Delete everything on it, goes with it",
    ),
    "PersistentVolume": ("critical", "the volume is let go"),
    "Namespace": ("critical", "everything in it goes with it, volume claims included"),
    "CustomResourceDefinition": ("critical", "every object of this kind in the cluster goes with it"),
    "StatefulSet": (
        "high",
        "the store stops; its claims stay behind, unless its retention policy deletes them",
    ),
    "StorageClass": ("medium", "new claims that name it stay pending"),
    "Deployment": ("medium", "the service stops"),
    "DaemonSet": ("medium", "the agents on the nodes stop"),
    "Service": ("medium", "its name and address go"),
    "Ingress": ("medium", "it is no longer reached from outside"),
    "NetworkPolicy": ("medium", "what it kept apart can be reached"),
    "PodDisruptionBudget": ("medium", "a drain may take all pods at once"),
    "ResourceQuota": ("medium", "nothing bounds what the namespace uses"),
    "VolumeSnapshot": ("high", "the copy goes"),
    "CronJob": ("medium", "what it does at its times no longer happens"),
    "HorizontalPodAutoscaler": ("medium", "the number of pods no longer follows the load"),
}
OPERATED = re.compile(
    r"^(?:Cluster|Postgresql|PostgresCluster|MySQL\w*|InnoDBCluster|MongoDB\w*|PerconaServer\w*|Redis\w*|Kafka|Elasticsearch|"
    r"Cassandra\w*|RabbitmqCluster|Etcd\w*|Database\w*|\w*Instance|Bucket|ObjectBucketClaim|Vault|Tenant)$"
)
MUTABLE = {
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
}
UNITS = {
    "": 1,
    "K": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "P": 10**15,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "Pi": 2**50,
}
RECREATE = "Keep the field, or plan the recreation: back up, delete with --cascade=orphan, apply, restore."


def of_deleted(one: Object, renamed: Object | None) -> Iterator[Hazard]:
    """An object that head no longer declares. ``renamed``: the only new object of its kind beside it."""
    severity, what = DELETED.get(one.kind, (None, ""))
    if OPERATED.match(one.kind) and "." in one.group:
        severity, what = "critical", "its operator removes the store that it stands for"
    if severity is None:
        return
    title, said = f"{one.title} is deleted", f"Head no longer declares {one.title}: {what}."
    if renamed is not None:
        title = f"{one.title} is renamed to {renamed.name}"
        said = f"To Kubernetes a new name is another object: {renamed.title} begins empty, and of {one.title} {what}."
    yield Hazard(
        "kubernetes-deleted",
        severity,
        one,
        f"deleted {one.title}",
        title,
        f"{said} It happens wherever removed manifests are deleted (pruning by Argo CD, Flux or kubectl apply --prune, "
        "or by hand).",
        "Keep the manifest and its name; to give it up, take a backup first and say so in a change of its own.",
        one.line,
    )


def of_changed(base: Object, head: Object) -> Iterator[Hazard]:
    """Fields of one object that cannot change, or whose change destroys."""
    before, after = texts(base.node), texts(head.node)
    differing = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    fixed = [path for path in differing if _fixed(head.kind, path)]
    if fixed:
        yield _refused(base, head, fixed)
    yield from _volumes(base, head)
    yield from _stopped(base, head)
    yield from _policies(base, head)
    yield from of_weaker(base, head)


def of_weaker(base: Object, head: Object) -> Iterator[Hazard]:
    """What runs, watches and guards less than before."""
    yield from scaled(base, head)
    yield from silenced(base, head)
    yield from weakened(base, head)
    yield from forgetful(base, head)


def _fixed(kind: str, path: tuple[str, ...]) -> bool:
    """Whether the API server refuses a change of this field. Labels and notes of a template may change."""
    if path[0] != "spec":
        return kind == "StorageClass" and path[0] in (
            "provisioner",
            "parameters",
            "volumeBindingMode",
            "reclaimPolicy",
        )
    if kind == "StatefulSet":
        return len(path) > 1 and path[1] not in MUTABLE and "storage" not in path[-1:]
    if kind in ("Deployment", "DaemonSet", "ReplicaSet"):
        return path[1:2] == ("selector",)
    if kind == "PersistentVolumeClaim":
        return path[1] not in ("resources", "volumeAttributesClassName") and path[1:] != ("volumeName",)
    if kind == "PersistentVolume":
        return path[1] not in (
            "persistentVolumeReclaimPolicy",
            "capacity",
            "mountOptions",
            "claimRef",
            "accessModes",
        )
    return False


def _refused(base: Object, head: Object, fixed: list[tuple[str, ...]]) -> Hazard:
    stateful = head.kind in ("StatefulSet", "PersistentVolumeClaim", "PersistentVolume")
    path = fixed[0]
    changes = [
        f"{shown(p)}: {texts(base.node).get(p, '(none)')} → {texts(head.node).get(p, '(none)')}"[:120]
        for p in fixed[:3]
    ]
    what = "what it stores goes with it" if stateful else "its pods are left without an owner or stop"
    return Hazard(
        "kubernetes-immutable-field",
        "high" if stateful else "medium",
        head,
        f"immutable {shown(path)}",
        f"{head.title}: {shown(path)} cannot change, only a deletion can apply it",
        f"The API server refuses this change ({'; '.join(changes)}). Whoever deletes and recreates the object to "
        f"get it through, or lets a tool do it (replace --force, Replace=true), pays: {what}.",
        RECREATE,
        _line(head, path),
    )


def _line(one: Object, path: tuple[str, ...]) -> int:
    node, line = one.node, one.line
    for name in path:
        if name in node:
            line, node = node.line_of(name), node[name]
        else:
            found = [i for i in node.items if name in (i["name"].plain, i["metadata"]["name"].plain)]
            if not found:
                return line
            node, line = found[0], found[0].line
    return line


def quantity(text: str) -> Decimal | None:
    """Bytes of a quantity such as ``10Gi``, None for anything else."""
    match = re.fullmatch(r"([\d.]+)([KMGTP]i?|)", text)
    try:
        return Decimal(match.group(1)) * UNITS[match.group(2)] if match else None
    except InvalidOperation:
        return None


def _volumes(base: Object, head: Object) -> Iterator[Hazard]:
    before, after = texts(base.node), texts(head.node)
    for path, text in after.items():
        if path[-1:] != ("storage",) or path[0] != "spec" or path not in before:
            continue
        old, new = quantity(before[path]), quantity(text)
        if old is None or new is None or old == new:
            continue
        if new < old or head.kind == "StatefulSet":
            word = "shrinks" if new < old else "grows in a template that cannot change"
            yield Hazard(
                "kubernetes-storage",
                "high" if new < old else "medium",
                head,
                f"storage {shown(path)}",
                f"{head.title}: storage {word}, {before[path]} → {text}",
                "A volume never becomes smaller: the API server refuses it, and only a new, empty volume has this size."
                if new < old
                else "The template of a StatefulSet is immutable: enlarge the claims themselves, then recreate "
                "the set with --cascade=orphan.",
                "Keep the size, or copy the data to a new claim in a change of its own.",
                _line(head, path),
            )


def _stopped(base: Object, head: Object) -> Iterator[Hazard]:
    before, after = base.node["spec"]["replicas"], head.node["spec"]["replicas"]
    if (
        after.plain == "0"
        and before.plain != "0"
        and head.kind in ("Deployment", "StatefulSet", "ReplicaSet")
    ):
        yield Hazard(
            "kubernetes-no-replicas",
            "medium",
            head,
            "replicas 0",
            f"{head.title} is scaled to 0",
            f"It had {before.plain or '1'} replica(s); with 0 nothing serves.",
            "Keep at least one replica.",
            after.line,
        )


def _policies(base: Object, head: Object) -> Iterator[Hazard]:
    """Policies that decide whether data outlives its object."""
    watched = (
        ("persistentVolumeReclaimPolicy",),
        ("reclaimPolicy",),
        ("deletionPolicy",),
        ("persistentVolumeClaimRetentionPolicy", "whenDeleted"),
        ("persistentVolumeClaimRetentionPolicy", "whenScaled"),
    )
    for names in watched:
        old, new = base.node, head.node
        if names[0] != "reclaimPolicy" and names[0] != "deletionPolicy":
            old, new = old["spec"], new["spec"]
        for name in names:
            old, new = old[name], new[name]
        if new.plain == "Delete" and old.plain != "Delete" and (old.plain == "Retain" or len(names) == 2):
            yield Hazard(
                "kubernetes-data-not-kept",
                "medium",
                head,
                f"policy {names[-1]}",
                f"{head.title}: {names[-1]} becomes Delete",
                f"{names[-1]} was {old.plain or 'Retain'}: from now on the data goes when the object does.",
                "Keep Retain.",
                new.line,
            )
    protected = (
        "argocd.argoproj.io/sync-options",
        "helm.sh/resource-policy",
        "kustomize.toolkit.fluxcd.io/prune",
    )
    for name in protected:
        old, new = base.node["metadata"]["annotations"][name], head.node["metadata"]["annotations"][name]
        if re.search(r"keep|Prune=false|Delete=false|disabled", old.plain) and not new.plain:
            yield Hazard(
                "kubernetes-data-not-kept",
                "medium",
                head,
                f"annotation {name}",
                f"{head.title}: {name} is dropped",
                f"The annotation {name}: {old.plain} kept the object from being deleted.",
                "Keep it.",
                head.line,
            )
