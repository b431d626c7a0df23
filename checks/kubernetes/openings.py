"""What head's manifests newly open: rights over nodes, rights over the API, doors to the internet, clear secrets."""

import base64
import binascii
import re
from collections.abc import Iterator

from harness.check.documents import Node
from harness.check.interface import Severity

from .doors import of_ingress
from .hazard import Hazard
from .objects import Object
from .pods import held_back, pod_of, rights

INTERNAL = re.compile(r"internal|networking\.gke\.io/load-balancer-type|azure-load-balancer-internal", re.I)
PLACEHOLDER = re.compile(
    r"(?i)^(?:|change[-_ ]?me|example|placeholder|todo|xxx+|<.*>|\$\{.*\}|dummy|test|null|none|\*+)$"
)
ENCRYPTED = ("sops", "SealedSecret", "ENC[")
PUBLIC = ("0.0.0.0/0", "::/0")


def of_pair(base: Object | None, head: Object) -> Iterator[Hazard]:
    """Openings of an object that base's version, if any, lacks."""
    yield from _pod(base, head)
    yield from _service(base, head)
    yield from _roles(base, head)
    yield from _secret(base, head)
    yield from _network(base, head)
    yield from of_ingress(base, head)


def _pod(base: Object | None, head: Object) -> Iterator[Hazard]:
    known = {right.key for right in rights(base)} if base else set()
    for right in rights(head):
        if right.key not in known:
            yield Hazard(
                "kubernetes-node-access",
                right.severity,
                head,
                right.key,
                f"{head.title}: {right.says}",
                f"Newly, {right.says}. Whoever takes over the pod has it too.",
                right.remedy,
                right.line,
                cwe=("CWE-250",),
            )
    if base:
        kept = {name for name, _ in held_back(head)}
        names = {right.key.partition(" ")[0] for right in rights(head)}
        containers = {c.partition(" ")[0] for c in kept} | _containers(head)
        for name, _line in held_back(base):
            container, _, guard = name.partition(" ")
            if (
                name not in kept
                and container in containers
                and container not in names
                and guard == "runAsNonRoot"
            ):
                yield Hazard(
                    "kubernetes-node-access",
                    "medium",
                    head,
                    f"dropped {name}",
                    f"{head.title}: {guard} is dropped",
                    f"Container {container} was kept from running as root by {guard}.",
                    "Keep it.",
                    head.line,
                    cwe=("CWE-250",),
                )


def _containers(one: Object) -> set[str]:
    pod = pod_of(one)
    return {item["name"].plain for item in (*pod["containers"].items, *pod["initContainers"].items)}


def _service(base: Object | None, head: Object) -> Iterator[Hazard]:
    if head.kind != "Service":
        return
    kind = head.node["spec"]["type"]
    before = base.node["spec"]["type"].plain if base else ""
    internal = any(
        INTERNAL.search(f"{k}: {v.plain}") for k, v in head.node["metadata"]["annotations"].table.items()
    )
    ranges = head.node["spec"]["loadBalancerSourceRanges"].words()
    if kind.plain == "LoadBalancer" and not internal and (not ranges or set(ranges) & set(PUBLIC)):
        old = base.node["spec"]["loadBalancerSourceRanges"].words() if base else []
        if before != "LoadBalancer" or (old and not set(old) & set(PUBLIC)):
            yield _exposed(head, kind, "a load balancer that anyone can reach")
    elif kind.plain == "NodePort" and base and before in ("", "ClusterIP"):
        yield _exposed(head, kind, "a port of every node")


def _exposed(head: Object, kind: Node, what: str) -> Hazard:
    ports = ", ".join(port["port"].plain for port in head.node["spec"]["ports"].items) or "its ports"
    store = {
        "5432",
        "3306",
        "6379",
        "27017",
        "9200",
        "2379",
        "5984",
        "9042",
        "11211",
        "1433",
        "9092",
        "2375",
        "10250",
    }
    grave: Severity = "high" if store & set(ports.split(", ")) else "medium"
    return Hazard(
        "kubernetes-exposed",
        grave,
        head,
        f"exposed {kind.plain}",
        f"{head.title} is exposed: {kind.plain}",
        f"Port {ports} becomes reachable through {what}.",
        "Keep it a ClusterIP behind an Ingress, or set loadBalancerSourceRanges or the provider's internal annotation.",
        kind.line,
        cwe=("CWE-284",),
    )


def _roles(base: Object | None, head: Object) -> Iterator[Hazard]:
    if head.kind in ("Role", "ClusterRole"):
        known = {_rule(rule) for rule in base.node["rules"].items} if base else set()
        for rule in head.node["rules"].items:
            verbs, things = rule["verbs"].words(), rule["resources"].words()
            wide = "*" in verbs and "*" in things
            grave = {"secrets", "pods/exec", "clusterroles", "clusterrolebindings", "rolebindings"} & set(
                things
            )
            if _rule(rule) in known or not (
                wide or "*" in things or "escalate" in verbs or ("*" in verbs and grave)
            ):
                continue
            what = f"{', '.join(verbs)} on {', '.join(things)}"
            yield Hazard(
                "kubernetes-wide-rights",
                "high" if wide and head.kind == "ClusterRole" else "medium",
                head,
                f"rule {what}",
                f"{head.title} grants {what}"[:150],
                f"It grants {what}: whoever takes over a pod of its accounts has all of it.",
                "List the verbs and resources that are needed.",
                rule.line,
                cwe=("CWE-732",),
            )
    if (
        head.kind in ("ClusterRoleBinding", "RoleBinding")
        and head.node["roleRef"]["name"].plain == "cluster-admin"
    ) and (base is None or base.node["roleRef"] != head.node["roleRef"] or _subjects(head) - _subjects(base)):
        grave_one: Severity = "high" if head.kind == "ClusterRoleBinding" else "medium"
        yield Hazard(
            "kubernetes-wide-rights",
            grave_one,
            head,
            "cluster-admin",
            f"{head.title} makes a cluster-admin",
            f"{', '.join(sorted(_subjects(head)))} may do everything.",
            "Bind a role that lists what is needed.",
            head.node.line_of("roleRef"),
            cwe=("CWE-732",),
        )


def _rule(rule: Node) -> tuple[str, ...]:
    return tuple(",".join(sorted(rule[name].words())) for name in ("apiGroups", "resources", "verbs"))


def _subjects(one: Object) -> set[str]:
    return {f"{item['kind'].plain} {item['name'].plain}" for item in one.node["subjects"].items}


def _secret(base: Object | None, head: Object) -> Iterator[Hazard]:
    if head.kind != "Secret" or any(mark in head.node for mark in ENCRYPTED):
        return
    if head.node["type"].plain == "kubernetes.io/service-account-token":
        return
    known = {n.text for part in ("data", "stringData") for n in base.node[part].scalars()} if base else set()
    for part in ("data", "stringData"):
        for name, value in head.node[part].table.items():
            text = value.plain if part == "stringData" else _decoded(value.plain)
            public = name.endswith((".crt", "ca.pem", ".pub")) or value.plain.startswith("ENC[")
            if value.text in known or PLACEHOLDER.match(text.strip()) or public or len(text) < 6:
                continue
            yield Hazard(
                "kubernetes-clear-secret",
                "high",
                head,
                f"secret {name}",
                f"{head.title} holds {name} in clear",
                "Base64 is no encryption: whoever reads the repository has the value. (It is not shown here.)",
                "Take it out, change it where it is used, and use a sealed or external secret.",
                value.line,
                cwe=("CWE-312",),
            )


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text


def _network(base: Object | None, head: Object) -> Iterator[Hazard]:
    """A network policy that lets everything in where base's did not."""
    if head.kind != "NetworkPolicy" or base is None:
        return
    if _all_in(head) and not _all_in(base):
        yield Hazard(
            "kubernetes-exposed",
            "medium",
            head,
            "policy lets all in",
            f"{head.title} lets everything in",
            "An ingress rule without a source, or from 0.0.0.0/0, admits all traffic.",
            "Name the sources.",
            head.node["spec"].line_of("ingress"),
            cwe=("CWE-284",),
        )


def _all_in(one: Object) -> bool:
    for rule in one.node["spec"]["ingress"].items:
        sources = rule["from"].items
        if not sources or any(item["ipBlock"]["cidr"].plain in PUBLIC for item in sources):
            return True
    return False
