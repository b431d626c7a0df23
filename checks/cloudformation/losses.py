"""Resources that head's template deletes or replaces, and guards that it drops."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.check.interface import Severity

from .hazard import Hazard
from .schemas import Schemas
from .template import Resource, Template, Value, get, is_function, leaves

VARIABLE = re.compile(r"\$\{[^}]*\}")
KEEPING = ("Retain", "Snapshot", "RetainExceptOnCreate")
CLASSES: tuple[tuple[re.Pattern[str], Severity, str], ...] = (
    (
        re.compile(
            r"AWS::(?:RDS::(?:DBInstance|DBCluster|GlobalCluster)|DynamoDB::(?:Table|GlobalTable)|S3::Bucket|EFS::FileSystem|"
            r"EC2::Volume|FSx::\w+|DocDB::DBCluster|Neptune::DBCluster|Redshift::Cluster|RedshiftServerless::Namespace|"
            r"OpenSearchService::Domain|OpenSearchServerless::Collection|Elasticsearch::Domain|MemoryDB::Cluster|"
            r"ElastiCache::(?:ReplicationGroup|CacheCluster|ServerlessCache)|Cognito::UserPool|KMS::Key|SecretsManager::Secret|"
            r"ECR::Repository|Kinesis::Stream|MSK::Cluster|Timestream::(?:Database|Table)|QLDB::Ledger|Backup::BackupVault|"
            r"Cassandra::(?:Table|Keyspace)|CodeCommit::Repository|Serverless::SimpleTable|SQS::Queue|AmazonMQ::Broker|"
            r"Lightsail::Database)$"
        ),
        "critical",
        "it holds data",
    ),
    (
        re.compile(
            r"AWS::(?:Route53::HostedZone|EC2::(?:VPC|EIP|Subnet)|CloudFront::Distribution|CertificateManager::Certificate|"
            r"ElasticLoadBalancingV2::LoadBalancer|ApiGateway::RestApi|ApiGatewayV2::Api|EKS::Cluster|CloudFormation::Stack|"
            r"Logs::LogGroup|SNS::Topic)$"
        ),
        "high",
        "others hold on to it, or it holds records",
    ),
    (
        re.compile(
            r"AWS::(?:EC2::SecurityGroup|EC2::NatGateway|EC2::InternetGateway|ElasticLoadBalancingV2::(?:TargetGroup|Listener))$"
        ),
        "low",
        "traffic goes through it",
    ),
    (
        re.compile(
            r"AWS::(?:EC2::Instance|ECS::(?:Cluster|Service)|Lambda::Function|IAM::Role|AutoScaling::AutoScalingGroup|"
            r"EKS::Nodegroup|Serverless::Function|WAFv2::WebACL|CloudTrail::Trail|Backup::BackupPlan)$"
        ),
        "medium",
        "it serves",
    ),
)
LOWER: dict[Severity, Severity] = {"critical": "medium", "high": "low", "medium": "low", "low": "low"}
ON: tuple[tuple[tuple[str, ...], str], ...] = (
    (("DeletionProtection",), "protection against deletion"),
    (("DeletionProtectionEnabled",), "protection against deletion"),
    (("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"), "recovery to a point in time"),
    (("EnableTerminationProtection",), "protection against termination"),
    (("DisableApiTermination",), "protection against termination"),
    (("EnableKeyRotation",), "rotation of the key"),
    (("DeleteAutomatedBackups",), ""),
)


def weigh(kind: str) -> tuple[Severity, str] | None:
    """(severity of losing it, why), None for what can be made again at no loss."""
    return next(((severity, why) for pattern, severity, why in CLASSES if pattern.match(kind)), None)


def of_deleted(one: Resource, head: Template, gone: bool) -> Iterator[Hazard]:
    """A resource that head no longer has. ``gone``: its whole template is."""
    weight = weigh(one.type)
    if weight is None:
        return
    kept = one.policy("DeletionPolicy")
    severity = LOWER[weight[0]] if kept in KEEPING else weight[0]
    if severity == "low":
        return
    renamed = None if gone else _renamed(one, head)
    title, said = f"{one.type} {one.id} is deleted", f"Head's template has no {one.id} any more; {weight[1]}."
    if renamed:
        title = f"{one.type} {one.id} is deleted and made anew as {renamed}"
        said = (
            f"A new logical id is a new resource: {one.id} is deleted, {renamed} begins empty; {weight[1]}."
        )
    if kept in KEEPING:
        said += f" Its DeletionPolicy is {kept}, so that {'a snapshot' if kept == 'Snapshot' else 'it'} stays behind."
    yield Hazard(
        "cloudformation-deleted",
        severity,
        one,
        f"deleted {one.id}",
        title,
        said,
        "Keep the logical id (with the CDK: overrideLogicalId), or set DeletionPolicy: Retain in a change before "
        "this one and import the resource under its new id.",
        one.line,
        "conditional" if gone else "certain",
    )


def _renamed(one: Resource, head: Template) -> str | None:
    same = [
        other.id
        for other in head.resources.values()
        if other.type == one.type and other.properties == one.properties
    ]
    return same[0] if len(same) == 1 else None


def of_changed(
    base: Resource, head: Resource, sides: tuple[Template, Template], schemas: Schemas
) -> Iterator[Hazard]:
    """A resource of both sides."""
    if base.type != head.type:
        if weigh(base.type):
            yield _replaced(base, head, [("Type",)], {("Type",): (base.type, head.type)}, sure=True)
        return
    changes = dict(_changes(base.properties, head.properties))
    changes |= _by_defaults(base, sides)
    fixed = schemas.fixed(head.type)
    if weigh(head.type) and fixed and changes:
        always = [path for path in changes if any(_meets(path, one) for one in fixed.always)]
        maybe = [path for path in changes if any(_meets(path, one) for one in fixed.maybe)]
        sure = [path for path in always if _differs(changes[path])]
        if always or maybe:
            yield _replaced(base, head, sure or always or maybe, changes, sure=bool(sure))
    yield from _guards(base, head)


def _changes(
    before: Mapping[str, Value], after: Mapping[str, Value]
) -> Iterator[tuple[tuple[str, ...], tuple[Any, Any]]]:
    old, new = dict(leaves(before)), dict(leaves(after))
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            yield path, (old.get(path), new.get(path))


def _by_defaults(base: Resource, sides: tuple[Template, Template]) -> dict[tuple[str, ...], tuple[Any, Any]]:
    """Properties that refer to a parameter whose default differs: perhaps another value."""
    found = {}
    for path, plain in leaves(base.properties):
        name = plain.get("Ref") if isinstance(plain, dict) else None
        before, after = (side.defaults.get(str(name)) for side in sides)
        if before is not None and after is not None and before != after:
            found[path] = ({"Ref": name, "default": before}, {"Ref": name, "default": after})
    return found


def _meets(path: tuple[str, ...], fixed: tuple[str, ...]) -> bool:
    return all(want in ("*", have) for have, want in zip(path, fixed, strict=False)) and len(path) >= len(
        fixed
    )


def _differs(pair: tuple[Any, Any]) -> bool:
    """Whether the deployed value certainly differs: constants on both sides, or a new reference."""
    before, after = pair
    if is_function(before) and is_function(after):
        texts = [one.get("Fn::Sub") for one in (before, after)]
        if all(isinstance(one, str) for one in texts):
            return _told_apart(*map(str, texts))
        return set(before) == set(after) == {"Ref"} or "Fn::GetAtt" in before
    if is_function(before) or is_function(after):
        return False
    return not (before is None and after in ("false", "0", "")) and not (
        after is None and before in ("false", "0", "")
    )


def _told_apart(before: str, after: str) -> bool:
    """Whether two ``Fn::Sub`` differ for any values: the same variables between more, or fewer, letters."""
    names = [sorted(VARIABLE.findall(one)) for one in (before, after)]
    lengths = [len(VARIABLE.sub("", one)) for one in (before, after)]
    return names[0] == names[1] and lengths[0] != lengths[1]


def _replaced(
    base: Resource,
    head: Resource,
    paths: list[tuple[str, ...]],
    changes: Mapping[tuple[str, ...], tuple[Any, Any]],
    *,
    sure: bool,
) -> Hazard:
    found = weigh(base.type)
    assert found is not None
    kept = base.policy("UpdateReplacePolicy") in KEEPING and head.policy("UpdateReplacePolicy") in KEEPING
    severity: Severity = found[0] if sure else "medium"
    if found[0] == "low":  # lost with ease; made anew it stops what goes through it
        severity = "medium" if sure else "low"
    severity = LOWER[severity] if kept and sure else severity
    path = paths[0]
    before, after = (_shown(path, one) for one in changes[path])
    name = ".".join(part for part in path if not part.isdecimal())
    may = "is replaced" if sure else "may be replaced"
    said = f"{name}: {before} → {after}. CloudFormation cannot change it in place" + (
        "" if sure else " in every case"
    )
    data = (
        f" It keeps the old one (UpdateReplacePolicy {head.policy('UpdateReplacePolicy')}), but the new one is empty."
        if kept
        else ""
    )
    return Hazard(
        "cloudformation-replaced",
        severity,
        head,
        f"replaced by {name}",
        f"{head.type} {head.id} {may}: {name} changes",
        f"{said}: a new {head.id} is made, the old one is deleted; {found[1]}.{data}",
        f"Keep {name}, or make a second resource, move the data, and remove the first one in a later change.",
        head.line_of(path),
        "certain" if sure else "conditional",
    )


def _shown(path: tuple[str, ...], plain: Value) -> str:
    if re.search(r"(?i)password|secret|token", "".join(path)):
        return "(not shown)"
    if isinstance(plain, dict):
        return f"{plain.get('Ref') or next(iter(plain), '')} {plain.get('default', '')}".strip()
    return "(none)" if plain is None else str(plain)[:80]


def _guards(base: Resource, head: Resource) -> Iterator[Hazard]:
    weight = weigh(head.type)
    if weight is None or (weight[0] in ("medium", "low") and head.type != "AWS::EC2::Instance"):
        return
    for name in ("DeletionPolicy", "UpdateReplacePolicy"):
        before, after = base.policy(name), head.policy(name)
        snapshot = after == "" and before == "Snapshot" and _default_keeps(head, name)
        if before in KEEPING and after not in KEEPING and not snapshot:
            left = _default_keeps(head, name) and after == ""
            what = (
                "only a snapshot stays when it is deleted"
                if left
                else "what it holds goes when it is deleted or replaced"
            )
            yield _guard(head, name, f"{name} {before} is dropped", what)
    for path, what in ON:
        if what and get(base.properties, *path) == "true" and get(head.properties, *path) in ("false", None):
            yield _guard(head, path[-1], f"{path[-1]} is turned off", f"it loses the {what}")
    kept, now = (get(side.properties, "BackupRetentionPeriod") for side in (base, head))
    if isinstance(kept, str) and kept.isdecimal() and int(kept) > 0 and now == "0":
        yield _guard(head, "BackupRetentionPeriod", "backups are turned off", "no backup is kept")
    kept, now = (get(side.properties, "PendingWindowInDays") or "30" for side in (base, head))
    if all(isinstance(one, str) and one.isdecimal() for one in (kept, now)) and int(str(now)) < int(
        str(kept)
    ):
        title = f"PendingWindowInDays falls from {kept} to {now}"
        yield _guard(head, "PendingWindowInDays", title, "there is less time to take a deletion back")
    kept, now = (get(side.properties, "VersioningConfiguration", "Status") for side in (base, head))
    if kept == "Enabled" and now in ("Suspended", None):
        yield _guard(
            head, "VersioningConfiguration", "versioning is turned off", "what is overwritten is lost"
        )


def _default_keeps(head: Resource, name: str) -> bool:
    """RDS takes a snapshot by itself when nothing is said about deletion."""
    alone = head.type == "AWS::RDS::DBInstance" and get(head.properties, "DBClusterIdentifier") is None
    return name == "DeletionPolicy" and (alone or head.type == "AWS::RDS::DBCluster")


def _guard(head: Resource, name: str, title: str, what: str) -> Hazard:
    line = head.node.line_of(name) if name in head.node else head.line_of((name,))
    return Hazard(
        "cloudformation-guard-removed",
        "medium",
        head,
        f"guard {name}",
        f"{head.type} {head.id}: {title}",
        f"{head.id} had it on base; without it {what}.",
        f"Put {name} back.",
        line,
    )
