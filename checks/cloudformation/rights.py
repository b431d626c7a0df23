"""Rights over everything, and policies that let anyone in."""

import re
from collections.abc import Iterator

from harness.check.interface import Severity

from .hazard import Opening
from .template import Resource, Value, get, items


def policies(one: Resource) -> Iterator[Opening]:
    """Openings in every policy document of a resource, and managed policies that grant all."""
    documents: list[tuple[tuple[str, ...], Value]] = [
        ((name,), one.properties.get(name))
        for name in (
            "PolicyDocument",
            "AssumeRolePolicyDocument",
            "KeyPolicy",
            "ResourcePolicy",
            "RepositoryPolicyText",
        )
    ]
    documents += [
        (("Policies", str(i)), get(p, "PolicyDocument"))
        for i, p in enumerate(items(one.properties.get("Policies")))
    ]
    for path, document in documents:
        for statement in items(get(document, "Statement")):
            if get(statement, "Effect") == "Allow":
                yield from _statement(one, path, statement)
    managed = [*items(one.properties.get("ManagedPolicyArns")), *items(one.properties.get("Policies"))]
    for arn in managed:
        if "AdministratorAccess" in str(
            arn if not isinstance(arn, dict) else arn.get("Fn::Sub") or arn.get("Fn::Join") or ""
        ):
            yield _grant(
                "AdministratorAccess", "high", "everything (AdministratorAccess)", ("ManagedPolicyArns",)
            )


def _statement(one: Resource, path: tuple[str, ...], statement: Value) -> Iterator[Opening]:
    actions = [str(a) for a in items(get(statement, "Action")) if not isinstance(a, dict)]
    resources = items(get(statement, "Resource"))
    principal = get(statement, "Principal")
    anyone = principal == "*" or (isinstance(principal, dict) and "*" in items(principal.get("AWS")))
    if anyone and get(statement, "Condition") is None and one.type != "AWS::KMS::Key":
        yield Opening(
            "cloudformation-exposed",
            f"principal * {','.join(sorted(actions))}",
            "high",
            f"anyone may {', '.join(actions)[:60]}",
            "The policy allows every principal (*), without a condition.",
            "Name the accounts or roles that need it.",
            path,
        )
    if "*" not in resources or one.type == "AWS::KMS::Key" or principal is not None:
        return
    if "*" in actions or "*:*" in actions:
        yield _grant("* on *", "high", "every action on every resource", path)
    for action in actions:
        if re.fullmatch(
            r"(?:iam|sts|organizations|kms|s3|ec2|rds|dynamodb|secretsmanager|lambda):\*", action
        ):
            grave: Severity = "high" if action.startswith(("iam", "organizations")) else "medium"
            yield _grant(f"{action} on *", grave, f"{action} on every resource", path)


def _grant(key: str, severity: Severity, what: str, path: tuple[str, ...]) -> Opening:
    return Opening(
        "cloudformation-wide-permission",
        f"grant {key}",
        severity,
        f"grants {what}",
        f"It grants {what}: whoever takes this identity over has all of it.",
        "List the actions and resources that are needed.",
        path,
        ("CWE-732",),
    )
