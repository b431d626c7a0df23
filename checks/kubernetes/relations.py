"""What objects mean to each other: who selects, names or scales whom, near by in the tree.

A repository holds the same names for several places (dev, prod), so an object belongs to the nearest one by
folders. What is not seen here (a chart, a controller that makes a Secret) makes no finding.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from harness.check.documents import Node

from .objects import Object, Tree
from .pods import pod_of

SCALERS = ("HorizontalPodAutoscaler", "ScaledObject", "VerticalPodAutoscaler")
PLAIN = (
    "ConfigMap",
    "Secret",
    "Service",
    "Ingress",
    "ServiceAccount",
    "NetworkPolicy",
    "PodDisruptionBudget",
    *SCALERS,
)
GENERATORS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}
NAMES_NOTHING = ("labels", "matchLabels", "selector", "metadata", "podSelector")
Reference = tuple[str, str]


def every(tree: Tree) -> Iterator[Object]:
    """All objects of a tree."""
    for objects in tree.objects.values():
        yield from objects


def pod_labels(one: Object) -> dict[str, str]:
    """Labels of the pods that a workload makes, empty for another object."""
    if one.kind == "Pod":
        return _table(one.node["metadata"]["labels"])
    spec = one.node["spec"]
    template = spec["jobTemplate"]["spec"]["template"] if one.kind == "CronJob" else spec["template"]
    return _table(template["metadata"]["labels"])


def is_workload(one: Object) -> bool:
    """Whether an object makes pods."""
    return bool(pod_of(one)["containers"].items)


def selector(one: Object) -> dict[str, str] | None:
    """The labels by which an object selects pods; None where it selects otherwise or nothing."""
    spec = one.node["spec"]
    if one.kind == "Service":
        return _table(spec["selector"]) or None
    name = {"PodDisruptionBudget": "selector", "NetworkPolicy": "podSelector"}.get(one.kind, "")
    return None if not name or "matchExpressions" in spec[name] else _table(spec[name]["matchLabels"])


def _table(node: Node) -> dict[str, str]:
    return {name: child.plain for name, child in node.table.items()}


def together(one: Object, other: Object) -> bool:
    """Whether two objects may lie in one namespace."""
    own, theirs = one.namespace or "default", other.namespace or "default"
    return own == theirs or not (one.namespace and other.namespace)


def closeness(one: Object, other: Object) -> int:
    """How many folders two objects' files have in common."""
    count = 0
    for mine, theirs in zip(one.path.split("/")[:-1], other.path.split("/")[:-1], strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def nearest(one: Object, others: Iterable[Object]) -> list[Object]:
    """Those of the others in the same namespace that are nearest by folders."""
    there = [other for other in others if together(one, other)]
    best = max((closeness(one, other) for other in there), default=0)
    return [other for other in there if closeness(one, other) == best]


def selected(one: Object, tree: Tree) -> list[Object]:
    """The workloads whose pods an object selects."""
    wanted = selector(one)
    if wanted is None:
        return []
    found = [w for w in every(tree) if is_workload(w) and wanted.items() <= pod_labels(w).items()]
    return nearest(one, found)


def references(one: Object) -> Iterator[Reference]:
    """(kind, name) of what an object cannot do without."""
    pod = pod_of(one)
    for volume in pod["volumes"].items:
        for source in (volume, *volume["projected"]["sources"].items):
            yield from _needed("Secret", source["secret"], "secretName" if source is volume else "name")
            yield from _needed("ConfigMap", source["configMap"], "name")
    for container in (*pod["containers"].items, *pod["initContainers"].items):
        for source in container["envFrom"].items:
            yield from _needed("Secret", source["secretRef"], "name")
            yield from _needed("ConfigMap", source["configMapRef"], "name")
        for variable in container["env"].items:
            yield from _needed("Secret", variable["valueFrom"]["secretKeyRef"], "name")
            yield from _needed("ConfigMap", variable["valueFrom"]["configMapKeyRef"], "name")
    if pod["serviceAccountName"].plain:
        yield "ServiceAccount", pod["serviceAccountName"].plain
    if one.kind in SCALERS:
        target = one.node["spec"]["scaleTargetRef"]
        target = target if target.table else one.node["spec"]["targetRef"]
        yield target["kind"].plain or "Deployment", target["name"].plain
    if one.kind == "Ingress":
        for rule in one.node["spec"]["rules"].items:
            for path in rule["http"]["paths"].items:
                yield "Service", path["backend"]["service"]["name"].plain


def _needed(kind: str, source: Node, field: str) -> Iterator[Reference]:
    if source[field].plain and source["optional"].plain.lower() != "true":
        yield kind, source[field].plain


def orphans(gone: Object, base: Tree, head: Tree) -> list[Object]:
    """Objects of head that still need one that is gone, and have nothing in its place."""
    if _made_otherwise(gone, head):
        return []
    known = {(other.path, other.key) for other in every(base)}
    same = [other for other in every(head) if (other.kind, other.name) == (gone.kind, gone.name)]
    if any((other.path, other.key) not in known for other in same):
        return []  # it has moved
    found = []
    for one in every(head):
        if (gone.kind, gone.name) not in references(one) or not together(one, gone):
            continue
        rest = [other for other in same if together(one, other)]
        if all(closeness(one, other) < closeness(one, gone) for other in rest):
            found.append(one)
    return found


def _made_otherwise(gone: Object, head: Tree) -> bool:
    """Whether something on head may make an object of this name: a generator, a controller, a template."""
    field = GENERATORS.get(gone.kind, "")
    for node in head.kustomizations.values():
        if any(item["name"].plain == gone.name for item in node[field].items):
            return True
    makers = (one for one in every(head) if one.kind not in PLAIN and not is_workload(one))
    return any(scalar.plain == gone.name for one in makers for scalar in one.node.scalars())


def mentioned(name: str, tree: Tree, but: Object) -> bool:
    """Whether another object has a name in its values: an address, an argument, a backend."""
    word = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
    return any(
        word.search(text)
        for one in every(tree)
        if one.name != but.name or one.kind != but.kind
        for text in _values(one.node)
    )


def _values(node: Node) -> Iterator[str]:
    if node.text is not None:
        yield node.text
    for item in node.items:
        yield from _values(item)
    for name, child in node.table.items():
        if name not in NAMES_NOTHING:
            yield from _values(child)


def images(one: Object) -> Sequence[str]:
    """The images of a workload's containers without tags and digests."""
    return sorted(
        re.sub(r"(?:@.*|:[^/]*)$", "", container["image"].plain)
        for container in pod_of(one)["containers"].items
    )
