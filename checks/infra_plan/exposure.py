"""Openings to the whole world and rights over everything, as one resource block declares them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from harness.check.interface import Severity

from .expansion import Placed
from .network import Opening, openings
from .opened import open_doors
from .privilege import Grant, grants


@dataclass(frozen=True)
class Exposure:
    """One opening. ``key`` tells it from others of the same resource, without line numbers."""

    rule: str
    key: str
    severity: Severity
    title: str
    message: str
    line: int
    suggestion: str
    cwe: tuple[str, ...] = ()
    implied: bool = False
    """Open because nothing is said: a finding only where base had it closed."""


PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read", "publicRead", "publicReadWrite")
PUBLIC_MEMBERS = ("allUsers", "allAuthenticatedUsers")
BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def of_resource(placed: Placed) -> Iterator[Exposure]:
    """Every opening of one resource or policy document."""
    for opening in openings(placed):
        yield _network(opening)
    for grant in grants(placed):
        yield _grant(grant)
    if not placed.resource.data:
        for reader in READERS:
            yield from reader(placed)


def _network(opening: Opening) -> Exposure:
    return Exposure(
        "infra-open-port",
        f"open {opening.ports} {opening.source}",
        opening.severity,
        f"{opening.what} open to {opening.source}",
        f"Anyone on the internet ({opening.source}) can reach {opening.what}.",
        opening.line,
        "Name the address ranges or the security group that need it, or go through a VPN or a bastion.",
        ("CWE-284",),
    )


def _grant(grant: Grant) -> Exposure:
    return Exposure(
        "infra-wide-permission",
        f"grant {grant.text}",
        grant.severity,
        f"grants {grant.text}",
        f"It grants {grant.text}: whoever takes this identity over has all of it.",
        grant.line,
        "List the actions and resources that are needed.",
        ("CWE-732",),
    )


def _public_instance(placed: Placed) -> Iterator[Exposure]:
    names = ("publicly_accessible", "associate_public_ip_address") if "_db_" in placed.resource.type else (
        "publicly_accessible",
    )  # fmt: skip
    for name in names:
        if placed.value(name) is True:
            yield Exposure(
                "infra-public-database", f"public {name}", "high", "gets a public address",
                f"{name} gives it a public address: only its firewall stands between the data and the internet.",
                placed.line(name), "Keep it private and reach it through the network that needs it.", ("CWE-284",),
            )  # fmt: skip


def _public_bucket(placed: Placed) -> Iterator[Exposure]:
    for name in ("acl", "predefined_acl", "container_access_type"):
        value = placed.value(name)
        public = value in PUBLIC_ACLS or (name == "container_access_type" and value in ("blob", "container"))
        if public:
            yield _bucket(placed, name, f"{name} {value}")
    for name in ("allow_blob_public_access", "allow_nested_items_to_be_public"):
        if placed.resource.type == "azurerm_storage_account" and placed.value(name) is True:
            yield _bucket(placed, name, name)
    if placed.resource.type.endswith("public_access_block"):
        for name in BLOCKS:
            if placed.value(name) is False:
                yield _bucket(placed, name, f"{name} switched off")


def _bucket(placed: Placed, name: str, what: str) -> Exposure:
    return Exposure(
        "infra-public-bucket", f"bucket {what}", "high", f"stored files become public ({what})",
        f"{what} lets anyone on the internet read the stored files.", placed.line(name),
        "Keep it private and hand out files through signed links or a distribution.", ("CWE-732",),
    )  # fmt: skip


def _public_member(placed: Placed) -> Iterator[Exposure]:
    members = placed.value("members")
    for member in [placed.value("member"), *(members if isinstance(members, list) else [])]:
        if member in PUBLIC_MEMBERS:
            role = placed.value("role")
            yield Exposure(
                "infra-public-bucket", f"member {member} {role}", "high", f"is granted to {member}",
                f"{member} means everyone on the internet.", placed.line("member"),
                "Name the identities that need it.", ("CWE-732",),
            )  # fmt: skip


def _open_database(placed: Placed) -> Iterator[Exposure]:
    start, end = placed.value("start_ip_address"), placed.value("end_ip_address")
    if placed.resource.type.endswith("firewall_rule") and start == "0.0.0.0" and end == "255.255.255.255":  # noqa: S104
        yield _database(placed, "start_ip_address")
    for settings in placed.resource.block.of("settings"):
        for configuration in settings.of("ip_configuration"):
            for network in configuration.of("authorized_networks"):
                if placed.inner(network, "value") in ("0.0.0.0/0", "::/0"):
                    yield _database(placed, "settings", network.line)


def _database(placed: Placed, name: str, line: int = 0) -> Exposure:
    return Exposure(
        "infra-public-database", "database firewall", "high", "accepts connections from everywhere",
        "Its firewall lets every address of the internet in.", line or placed.line(name),
        "Name the address ranges that need it.", ("CWE-284",),
    )  # fmt: skip


def _opened(placed: Placed) -> Iterator[Exposure]:
    for door, line in open_doors(placed):
        yield Exposure(
            "infra-public-access", f"opened {door.path}", "medium", door.what,
            f"{door.path} opens it: it {door.what}.", line or placed.line(""),
            "Keep it closed and name the networks or identities that need it.", ("CWE-284",), implied=line is None,
        )  # fmt: skip


READERS: tuple[Callable[[Placed], Iterator[Exposure]], ...] = (
    _public_instance, _public_bucket, _public_member, _open_database, _opened,
)  # fmt: skip


def as_list(value: Any) -> list[Any]:
    """A value that may be one element or a list of them."""
    return value if isinstance(value, list) else [value]
