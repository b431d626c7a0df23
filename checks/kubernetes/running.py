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
    """An autoscaler that may no longer run as many pods as base always ran."""
    if head.kind != "HorizontalPodAutoscaler":
        return
    before, after = base.node["spec"], head.node["spec"]
    least, most = before["minReplicas"].plain or "1", after["maxReplicas"].plain
    if least.isdigit() and most.isdigit() and int(most) < int(least):
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
