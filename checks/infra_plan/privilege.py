"""Policies that grant everything, or grant it to everyone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.check.interface import Severity

from .expansion import Placed
from .hcl import Block

POLICY_ARGUMENTS = ("policy", "assume_role_policy", "inline_policy", "access_policies")
WIDE_ROLES = ("roles/owner", "roles/editor")
WIDE_AZURE_ROLES = ("Owner", "User Access Administrator", "Contributor")
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@dataclass(frozen=True)
class Grant:
    """One permission that is too wide, as a noun phrase."""

    text: str
    severity: Severity
    line: int


def grants(placed: Placed) -> Iterator[Grant]:
    """The wide grants of one resource or policy document."""
    if placed.resource.type == "aws_iam_policy_document":
        for statement in placed.resource.block.of("statement"):
            yield from _statement(_of_block(placed, statement), statement.line)
        return
    for name in POLICY_ARGUMENTS:
        if name in placed.resource.block.attributes:
            for item in _statements(placed.value(name)):
                yield from _statement(item, placed.line(name))
    yield from _roles(placed)


def _roles(placed: Placed) -> Iterator[Grant]:
    if placed.value("policy_arn") == ADMINISTRATOR:
        yield Grant("AdministratorAccess", "high", placed.line("policy_arn"))
    role = placed.value("role")
    if "_iam_" in placed.resource.type and role in WIDE_ROLES:
        yield Grant(f"the role {role}", "high", placed.line("role"))
    azure = placed.value("role_definition_name")
    if placed.resource.type == "azurerm_role_assignment" and azure in WIDE_AZURE_ROLES:
        yield Grant(f"the role {azure}", "high", placed.line("role_definition_name"))


def _statements(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    found = value.get("Statement") if isinstance(value, dict) else None
    every = found if isinstance(found, list) else [found]
    return [item for item in every if isinstance(item, dict)]


def _of_block(placed: Placed, block: Block) -> dict[str, Any]:
    """A statement block of a policy document in the words of the JSON form."""
    principals = []
    for inner in block.of("principals"):
        identifiers = placed.inner(inner, "identifiers")
        principals += identifiers if isinstance(identifiers, list) else [identifiers]
    return {
        "Effect": placed.inner(block, "effect", "Allow"),
        "Action": placed.inner(block, "actions"),
        "Resource": placed.inner(block, "resources"),
        "Principal": principals or None,
        "Condition": {"given": True} if list(block.of("condition")) else None,
    }


def _statement(statement: dict[str, Any], line: int) -> Iterator[Grant]:
    if statement.get("Effect") != "Allow" or statement.get("Condition"):
        return
    actions, resources = _texts(statement.get("Action")), _texts(statement.get("Resource"))
    if "*" in _texts(statement.get("Principal")):
        yield Grant(f"{', '.join(actions[:3]) or 'access'} to everyone (Principal *)", "high", line)
    if "*" not in resources or statement.get("Principal"):
        return  # in a policy on a resource, such as a key's, "*" is that resource
    if "*" in actions or "*:*" in actions:
        yield Grant("every action on every resource", "high", line)
        return
    wide = [action for action in actions if action.endswith(":*") and action.split(":")[0] in DANGEROUS]
    if wide:
        yield Grant(f"{', '.join(wide[:4])} on every resource", "medium", line)


DANGEROUS = {
    "iam", "sts", "s3", "ec2", "rds", "dynamodb", "kms", "secretsmanager", "organizations", "lambda", "ssm",
    "cloudformation", "route53", "eks", "ecs",
}  # fmt: skip


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []
