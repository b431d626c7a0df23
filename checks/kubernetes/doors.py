"""What kept visitors out at an Ingress, and is gone on head."""

import re
from collections.abc import Iterator

from .hazard import Hazard
from .objects import Object

GUARD = re.compile(
    r"/(?:(?:white|allow)list-source-range|auth-(?:type|secret|url|tls-secret|tls-verify-client)|inbound-cidrs|auth-idp-\w+"
    r"|security-policy|wafv2-acl-arn|modsecurity-snippet|enable-modsecurity)$"
)
REDIRECT = re.compile(r"/(?:force-)?ssl-redirect$")


def of_ingress(base: Object | None, head: Object) -> Iterator[Hazard]:
    """Guards of base's Ingress that head's lacks: who may come, from where, and by which connection."""
    if base is None or head.kind != "Ingress":
        return
    before, after = (one.node["metadata"]["annotations"] for one in (base, head))
    lost = [name for name in before.table if GUARD.search(name) and not after[name].plain]
    if lost:
        yield _hazard(
            head, "guards", f"{head.title} drops {', '.join(name.rpartition('/')[2] for name in lost)}",
            f"On base {', '.join(lost)} decide who gets through; on head nothing does.",
            after.line if after.table else head.line,
        )  # fmt: skip
    plain = [name for name in after.table if REDIRECT.search(name) and after[name].plain.lower() == "false"]
    newly = [name for name in plain if before[name].plain.lower() != "false"]
    tls = bool(base.node["spec"]["tls"].items) and not head.node["spec"]["tls"].items
    if tls or newly:
        yield _hazard(
            head, "tls", f"{head.title} is reachable without TLS",
            "On base visitors are led to a protected connection; on head what they send can be read on the way.",
            after.line_of(newly[0]) if newly else head.node.line_of("spec"),
        )  # fmt: skip


def _hazard(head: Object, key: str, title: str, message: str, line: int) -> Hazard:
    return Hazard(
        "kubernetes-exposed", "medium", head, f"ingress {key}", title[:150], message,
        "Keep it, or say in the change what takes its place.", line, cwe=("CWE-284",),
    )  # fmt: skip
