"""What head's template newly opens: ports and buckets to everyone, rights over everything, passwords in clear."""

import re
from collections.abc import Callable, Iterator

from harness.check.interface import Severity

from .hazard import Hazard, Opening
from .rights import policies
from .template import Resource, Value, get, items

PUBLIC = ("0.0.0.0/0", "::/0")
WEB = {80, 443}
GRAVE = tuple(
    map(
        int,
        re.findall(
            r"\d+", "22 23 445 1433 1521 2375 2379 3306 3389 5432 5601 5984 6379 9042 9200 11211 27017"
        ),
    )
)
BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def of_pair(base: Resource | None, head: Resource) -> Iterator[Hazard]:
    """Openings of head's resource that base's, if any, lacks."""
    known = {one.key for one in of_resource(base)} if base else set()
    for one in of_resource(head):
        if one.key not in known:
            yield Hazard(
                one.rule,
                one.severity,
                head,
                one.key,
                f"{head.type} {head.id}: {one.title}",
                one.message,
                one.suggestion,
                head.line_of(one.path),
                cwe=one.cwe,
            )
    if base:
        yield from _block_dropped(base, head)


def of_resource(one: Resource) -> Iterator[Opening]:
    """Every opening of a resource."""
    for reader in READERS:
        yield from reader(one)


def _rules(one: Resource) -> Iterator[Opening]:
    empty: tuple[str, ...] = ()
    rules: list[tuple[tuple[str, ...], Value]]
    if one.type == "AWS::EC2::SecurityGroup":
        rules = [
            (("SecurityGroupIngress", str(i)), rule)
            for i, rule in enumerate(items(one.properties.get("SecurityGroupIngress")))
        ]
    elif one.type == "AWS::EC2::SecurityGroupIngress":
        rules = [(empty, dict(one.properties))]
    else:
        return
    for path, rule in rules:
        source = get(rule, "CidrIp") or get(rule, "CidrIpv6")
        if source not in PUBLIC:
            continue
        ports = _ports(rule)
        if ports is not None and set(range(ports[0], min(ports[1], ports[0] + 9) + 1)) <= WEB:
            continue
        wide = ports is None or any(ports[0] <= port <= ports[1] for port in GRAVE)
        shown = (
            "all ports"
            if ports is None
            else f"port {ports[0]}"
            if ports[0] == ports[1]
            else f"ports {ports[0]}-{ports[1]}"
        )
        yield Opening(
            "cloudformation-open-port",
            f"{shown} {source}",
            "high" if wide else "medium",
            f"{shown} open to {source}",
            f"Anyone on the internet ({source}) reaches {shown}.",
            "Name the ranges or the security group that need it.",
            path,
        )


def _ports(rule: Value) -> tuple[int, int] | None:
    first, last = get(rule, "FromPort"), get(rule, "ToPort")
    if get(rule, "IpProtocol") in ("-1", "all") or not (isinstance(first, str) and first.isdecimal()):
        return None
    return int(first), int(last) if isinstance(last, str) and last.isdecimal() else int(first)


def _public(one: Resource) -> Iterator[Opening]:
    if get(one.properties, "PubliclyAccessible") == "true":
        yield _opening(
            "public", "high", "reachable from the internet", "It gets a public address.", "PubliclyAccessible"
        )
    acl = get(one.properties, "AccessControl")
    if isinstance(acl, str) and acl in ("PublicRead", "PublicReadWrite", "AuthenticatedRead"):
        yield _opening(
            f"acl {acl}",
            "high",
            f"everyone may read it ({acl})",
            "Every object can be read by anyone.",
            "AccessControl",
        )
    if one.type == "AWS::Lambda::Url" and get(one.properties, "AuthType") == "NONE":
        yield _opening("url", "medium", "anyone may call it", "Its URL asks for no identity.", "AuthType")
    if get(one.properties, "Scheme") == "internet-facing" and "LoadBalancing" in one.type:
        yield _opening(
            "scheme",
            "medium",
            "reachable from the internet",
            "The load balancer gets public addresses.",
            "Scheme",
        )
    if one.type == "AWS::S3::Bucket":
        for name in BLOCKS:
            if get(one.properties, "PublicAccessBlockConfiguration", name) == "false":
                yield _opening(
                    f"block {name}",
                    "medium",
                    f"{name} is off",
                    "A policy or an ACL may open it to everyone.",
                    "PublicAccessBlockConfiguration",
                )


def _opening(key: str, severity: Severity, title: str, message: str, name: str) -> Opening:
    return Opening(
        "cloudformation-exposed",
        key,
        severity,
        title,
        message,
        f"Take {name} back, or name who needs it.",
        (name,),
    )


def _block_dropped(base: Resource, head: Resource) -> Iterator[Hazard]:
    before, after = (get(side.properties, "PublicAccessBlockConfiguration") for side in (base, head))
    if (
        head.type == "AWS::S3::Bucket"
        and isinstance(before, dict)
        and after is None
        and "true" in before.values()
    ):
        yield Hazard(
            "cloudformation-exposed",
            "medium",
            head,
            "block dropped",
            f"{head.type} {head.id}: the public access block is dropped",
            "A policy or an ACL may open it to everyone.",
            "Put PublicAccessBlockConfiguration back.",
            head.line,
            cwe=("CWE-284",),
        )


def _passwords(one: Resource) -> Iterator[Opening]:
    for name, plain in one.properties.items():
        secret = re.search(r"Password$|SecretString$|AuthToken$", name)
        if secret and isinstance(plain, str) and plain and "{{resolve:" not in plain:
            yield Opening(
                "cloudformation-clear-secret",
                f"clear {name}",
                "high",
                f"{name} stands in clear",
                "Whoever reads the template has it. (It is not shown here.)",
                "Use ManageMasterUserPassword, or a dynamic reference to Secrets Manager.",
                (name,),
                ("CWE-312",),
            )


READERS: tuple[Callable[[Resource], Iterator[Opening]], ...] = (_rules, _public, policies, _passwords)
