"""Dangers that lie between objects: what is gone and still needed, guards of what still runs, services of nothing."""

from collections.abc import Iterator

from .hazard import Hazard
from .losses import of_deleted, of_weaker
from .objects import Object, Tree, texts
from .relations import closeness, every, images, is_workload, mentioned, orphans, selected, selector

SERVING = ("PodDisruptionBudget", "NetworkPolicy", "Service")
FOLLOWED = ("Deployment", "DaemonSet", "CronJob", "Job")


def of_gone(gone: Object, renamed: Object | None, base: Tree, head: Tree) -> Iterator[Hazard]:
    """An object that head no longer declares, seen with those around it."""
    users = orphans(gone, base, head)
    if users and gone.kind in ("ConfigMap", "Secret", "ServiceAccount", "Service", *FOLLOWED):
        yield _dangling(gone, users)
        return
    if gone.kind in SERVING and _goes_along(gone, base, head):
        return
    if renamed is not None and _follows(gone, renamed, base, head):
        yield from of_weaker(gone, renamed)  # a new object: what cannot change in one begins anew
        return
    if gone.kind == "HorizontalPodAutoscaler" and _target_gone(gone, head):
        return
    yield from of_deleted(gone, renamed)


def _dangling(gone: Object, users: list[Object]) -> Hazard:
    names = ", ".join(sorted({user.title for user in users})[:4])
    stops = (
        "is no longer reached" if gone.kind == "Service"
        else "scales nothing" if gone.kind in FOLLOWED
        else "does not start again without it"
    )  # fmt: skip
    return Hazard(
        "kubernetes-still-needed",
        "medium",
        gone,
        f"still needed {gone.title}",
        f"{gone.title} is removed, but {names} still needs it",
        f"Head no longer declares {gone.title}, which {names} names. Once it is pruned, what names it {stops}: "
        "unless something outside of the repository makes it.",
        "Keep it, or change what names it in the same change.",
        gone.line,
    )


def _goes_along(gone: Object, base: Tree, head: Tree) -> bool:
    """Whether what an object guarded or served is gone with it: that is told of the workload itself."""
    workloads = selected(gone, base)
    left = {(one.kind, one.name) for one in every(head)}
    return (
        bool(workloads)
        and all((one.kind, one.name) not in left for one in workloads)
        and not selected(gone, head)
    )


def _target_gone(gone: Object, head: Tree) -> bool:
    name = gone.node["spec"]["scaleTargetRef"]["name"].plain
    others = [one for one in every(head) if one.name == name]
    return not any(is_workload(one) for one in others) or any(
        one.node["spec"]["scaleTargetRef"]["name"].plain == name for one in every(head)
    )


def _follows(gone: Object, renamed: Object, base: Tree, head: Tree) -> bool:
    """Whether a new name is all that changed, and everything that used the old one uses it."""
    if gone.kind in ("PodDisruptionBudget", "NetworkPolicy"):
        return (selector(gone) is not None and selector(gone) == selector(renamed)) or _same(gone, renamed)
    if gone.kind in FOLLOWED:
        return images(gone) == images(renamed)
    if gone.kind in ("HorizontalPodAutoscaler", "Ingress"):
        return True
    if gone.kind != "Service" or mentioned(gone.name, head, gone):
        return False
    return mentioned(gone.name, base, gone) and mentioned(renamed.name, head, renamed)


def _same(one: Object, other: Object) -> bool:
    return texts(one.node["spec"]) == texts(other.node["spec"])


def of_services(base: Tree, head: Tree, changed: set[str]) -> Iterator[Hazard]:
    """Services that selected pods on base and select none on head, where the change has a part in it."""
    for old in every(base):
        wanted = selector(old) if old.kind == "Service" else None
        if not wanted:
            continue
        before = selected(old, base)
        if not before or not {old.path, *(one.path for one in before)} & changed:
            continue
        now = next((one for one in every(head) if one.key == old.key and _same_place(one, old, head)), None)
        if now is None or not selector(now) or _serves(now, closeness(old, before[0]), base, head):
            continue
        if any(path in (*head.templates, *head.problems) for path in {one.path for one in before}):
            continue
        left, known = ({(one.kind, one.name) for one in every(tree)} for tree in (head, base))
        own = {(one.kind, one.name) for one in before}
        if not own & left and not {kind for kind, _ in own} & {kind for kind, _ in left - known}:
            continue  # nothing took the place of the workload: that is told of it
        labels = ", ".join(f"{name}={value}" for name, value in (selector(now) or {}).items())
        yield Hazard(
            "kubernetes-service-of-nothing",
            "medium",
            now,
            f"selector {labels}",
            f"{now.title} selects no pods any more",
            f"On base it selects the pods of {before[0].title}; on head no workload has the labels {labels}, "
            "so that it has no endpoints.",
            "Change the selector and the labels of the pods together.",
            now.node["spec"].line_of("selector"),
        )


def _serves(one: Object, near: int, base: Tree, head: Tree) -> bool:
    """Whether it selects pods as near by as before, or of a workload that is new there."""
    known = {(other.path, other.key) for other in every(base)}
    return any(
        closeness(one, other) >= near or (other.path, other.key) not in known for other in selected(one, head)
    )


def _same_place(one: Object, old: Object, head: Tree) -> bool:
    """Whether it lies in the same file, or that file no longer declares it."""
    return one.path == old.path or all(other.key != old.key for other in head.objects.get(old.path, []))
