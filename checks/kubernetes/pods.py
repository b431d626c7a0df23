"""What a pod may do to its node: by feature, with the line that says so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.check.documents import Node
from harness.check.interface import Severity

from .objects import Object

DANGEROUS = (
    "ALL",
    "SYS_ADMIN",
    "SYS_PTRACE",
    "SYS_MODULE",
    "DAC_READ_SEARCH",
    "NET_ADMIN",
    "BPF",
    "SYS_RAWIO",
)
OWNING = re.compile(
    r"^(?:|/etc|/root|/proc|/dev|/var/lib/(?:kubelet|docker)|"
    r"(?:/var)?/run(?:/docker\.sock|/docker|/containerd(?:/containerd\.sock)?)?)$"
)
HOST = {
    "hostNetwork": "the node's network",
    "hostPID": "the node's processes",
    "hostIPC": "the node's shared memory",
}


@dataclass(frozen=True)
class Right:
    """One power over the node. ``key`` is the same on base and head for the same power."""

    key: str
    severity: Severity
    says: str
    line: int
    remedy: str


def pod_of(one: Object) -> Node:
    """The pod's specification of a workload, an empty node for another object."""
    spec = one.node["spec"]
    if one.kind == "Pod":
        return spec
    if one.kind == "CronJob":
        return spec["jobTemplate"]["spec"]["template"]["spec"]
    return spec["template"]["spec"] if "template" in spec else Node()


def rights(one: Object) -> Iterator[Right]:
    """Every power that a workload asks for."""
    pod = pod_of(one)
    for name, what in HOST.items():
        if pod[name].plain.lower() == "true":
            yield Right(
                name,
                "high" if name == "hostPID" else "medium",
                f"{name}: it sees {what}",
                pod.line_of(name),
                f"Leave {name} out.",
            )
    for volume in pod["volumes"].items:
        path = volume["hostPath"]["path"]
        if path.text is not None:
            owns = bool(OWNING.match(path.plain.rstrip("/")))
            yield Right(
                f"hostPath {path.plain}",
                "high" if owns else "medium",
                f"hostPath: it reaches {path.plain} of the node",
                path.line,
                "Use a volume claim or an emptyDir.",
            )
    for container in (*pod["containers"].items, *pod["initContainers"].items):
        yield from _container(container, pod)


def _container(container: Node, pod: Node) -> Iterator[Right]:
    name, context = container["name"].plain, container["securityContext"]
    if context["privileged"].plain.lower() == "true":
        yield Right(
            f"{name} privileged",
            "high",
            f"container {name} is privileged: root on the node",
            context.line_of("privileged"),
            "Name the capabilities that it needs instead.",
        )
    for capability in context["capabilities"]["add"].items:
        word = capability.plain.upper().removeprefix("CAP_")
        if word in DANGEROUS:
            yield Right(
                f"{name} {word}",
                "high" if word in ("ALL", "SYS_ADMIN", "SYS_MODULE") else "medium",
                f"container {name} gets the capability {word}",
                capability.line,
                "Drop it.",
            )
    user = context["runAsUser"] if "runAsUser" in context else pod["securityContext"]["runAsUser"]
    if user.plain == "0":
        yield Right(
            f"{name} root",
            "medium",
            f"container {name} runs as root",
            user.line,
            "Give it a user of its own.",
        )
    if context["allowPrivilegeEscalation"].plain.lower() == "true":
        yield Right(
            f"{name} escalation",
            "medium",
            f"container {name} may gain privileges",
            context.line_of("allowPrivilegeEscalation"),
            "Set allowPrivilegeEscalation to false.",
        )


def held_back(one: Object) -> Iterator[tuple[str, int]]:
    """(what keeps a workload in bounds, line): guards that may not vanish."""
    pod = pod_of(one)
    for container in (*pod["containers"].items, *pod["initContainers"].items):
        for name in ("runAsNonRoot", "readOnlyRootFilesystem"):
            context = (
                container["securityContext"]
                if name in container["securityContext"]
                else pod["securityContext"]
            )
            if context[name].plain.lower() == "true":
                yield f"{container['name'].plain} {name}", context.line_of(name)
