"""How pods run from now on: on volumes that forget, or fewer than before."""

from collections.abc import Iterator

from .hazard import Hazard
from .objects import Object
from .pods import pod_of


def forgetful(base: Object, head: Object) -> Iterator[Hazard]:
    """Volumes that were claims and become empty with every pod."""
    claims = {one["name"].plain for one in pod_of(base)["volumes"].items if "persistentVolumeClaim" in one}
    for one in pod_of(head)["volumes"].items:
        name = one["name"].plain
        if name in claims and "emptyDir" in one:
            yield Hazard(
                "kubernetes-data-not-kept",
                "high",
                head,
                f"volume {name}",
                f"{head.title}: volume {name} is no claim any more but an emptyDir",
                "The pod begins without what the claim holds, and what it writes goes with the pod.",
                "Keep the persistentVolumeClaim.",
                one.line,
            )


def scaled(base: Object, head: Object) -> Iterator[Hazard]:
    """An autoscaler that may run far fewer pods than on base."""
    if head.kind != "HorizontalPodAutoscaler":
        return
    yield from _fewer(base, head)
    before, after = base.node["spec"], head.node["spec"]
    least, most = before["minReplicas"].plain or "1", after["maxReplicas"].plain
    if least.isdecimal() and most.isdecimal() and int(most) < int(least):
        yield Hazard(
            "kubernetes-fewer-replicas",
            "medium",
            head,
            "maxReplicas",
            f"{head.title}: at most {most} replicas where there were always {least}",
            "The load that kept the old minimum busy meets fewer pods.",
            f"Keep maxReplicas at {least} or more.",
            after["maxReplicas"].line,
        )


def _fewer(base: Object, head: Object) -> Iterator[Hazard]:
    """A minimum that leaves a single pod, or a bound that is halved."""
    for name in ("minReplicas", "maxReplicas"):
        old, new = base.node["spec"][name].plain, head.node["spec"][name].plain or "1"
        if not (old.isdecimal() and new.isdecimal()) or int(new) >= int(old):
            continue
        alone = name == "minReplicas" and int(new) <= 1 < int(old)
        if not alone and int(new) * 2 > int(old):
            continue
        yield Hazard(
            "kubernetes-fewer-replicas",
            "medium" if alone else "low",
            head,
            name,
            f"{head.title}: {name} {old} → {new}",
            "In quiet hours a single pod serves: when it or its node goes, nothing does."
            if alone
            else "The load that base had pods for meets half of them or fewer.",
            f"Keep {name}, or say in the change why fewer are enough.",
            head.node["spec"].line_of(name),
        )


def silenced(base: Object, head: Object) -> Iterator[Hazard]:
    """Work that no longer begins at its times."""
    before, after = base.node["spec"]["suspend"], head.node["spec"]["suspend"]
    if head.kind == "CronJob" and after.plain.lower() == "true" and before.plain.lower() != "true":
        yield Hazard(
            "kubernetes-suspended",
            "medium",
            head,
            "suspend",
            f"{head.title} is suspended",
            "It is no longer started at its times, and nothing says so while it is off.",
            "Leave suspend out, or say in the change until when.",
            after.line,
        )


PROBES = {
    "readinessProbe": "requests reach pods that are not ready, while they start and while they are overloaded",
    "livenessProbe": "a process that hangs is no longer restarted",
}


def weakened(base: Object, head: Object) -> Iterator[Hazard]:
    """What watched or bounded the containers of a workload, or how many of its pods may go at once, and is gone."""
    before = {one["name"].plain: one for one in pod_of(base)["containers"].items}
    for now in pod_of(head)["containers"].items:
        old = before.get(now["name"].plain)
        if old is None:
            continue
        for name, what in PROBES.items():
            if old[name].table and not now[name].table:
                yield Hazard(
                    "kubernetes-unwatched",
                    "medium",
                    head,
                    f"{now['name'].plain} {name}",
                    f"{head.title}: the {name} of {now['name'].plain} is removed",
                    f"Without it {what}.",
                    f"Keep the {name}; where it fails too early, give it more time.",
                    now.line,
                )
        limit = old["resources"]["limits"]["memory"].plain
        if limit and "memory" not in now["resources"]["limits"]:
            yield Hazard(
                "kubernetes-unbounded",
                "low",
                head,
                f"{now['name'].plain} memory",
                f"{head.title}: {now['name'].plain} has no limit of memory any more",
                f"It was {limit}; a leak now takes memory of the node, and with it of its neighbours.",
                "Keep a limit of memory.",
                now.line,
            )
    yield from _disrupted(base, head)


def _disrupted(base: Object, head: Object) -> Iterator[Hazard]:
    if head.kind != "PodDisruptionBudget":
        return
    before, after = base.node["spec"], head.node["spec"]
    least, most = ("0", "0%"), ("100%",)
    if (after["minAvailable"].plain in least and before["minAvailable"].plain not in least) or (
        after["maxUnavailable"].plain in most and before["maxUnavailable"].plain not in most
    ):
        yield Hazard(
            "kubernetes-fewer-replicas",
            "medium",
            head,
            "budget",
            f"{head.title} protects nothing any more",
            "A drain of nodes may take all pods at once.",
            "Keep at least one pod available.",
            after.line,
        )
