"""Firewall rules that let the whole internet in: AWS, Google and Azure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.check.interface import Severity

from .expansion import Placed
from .hcl import Block

ANYWHERE = ("0.0.0.0/0", "::/0")
ANYWHERE_AZURE = ("*", "0.0.0.0/0", "::/0", "Internet", "Any", "0.0.0.0")  # noqa: S104 - compared, not bound
# Meant for the public, or of no use to an attacker by themselves.
PUBLIC = {80, 443, 8080, 8443}
PUBLIC_UDP = {443, 500, 1194, 4500, 51820}
DATABASES = {
    1433, 1521, 2379, 2380, 3306, 5432, 5433, 5984, 6379, 6380, 7000, 7199, 8086, 9042, 9160, 9200, 9300,
    11211, 27017, 27018, 27019, 50000,
}  # fmt: skip
ADMINISTRATION = {
    20, 21, 22, 23, 111, 135, 137, 139, 389, 445, 636, 873, 2049, 2181, 2375, 2376, 3389, 4444, 5601, 5672,
    5900, 5901, 5985, 5986, 6443, 8500, 9090, 9092, 10250, 15672,
}  # fmt: skip
SENSITIVE = DATABASES | ADMINISTRATION
ALL_PORTS = (0, 65535)
ALL_PROTOCOLS = ("-1", "all", "*", "any")


@dataclass(frozen=True)
class Opening:
    """One way in from everywhere. ``ports`` names the range, ``what`` is a noun phrase."""

    ports: str
    source: str
    what: str
    severity: Severity
    line: int


def openings(placed: Placed) -> Iterator[Opening]:
    """The openings that one resource declares."""
    kind = placed.resource.type
    block = placed.resource.block
    if kind in ("aws_security_group", "aws_default_security_group"):
        for inner in block.of("ingress"):
            yield from _aws(placed, inner, ("cidr_blocks", "ipv6_cidr_blocks"), "protocol")
        for rule in _objects(placed.value("ingress")):
            yield from _aws_object(placed, rule)
    elif kind == "aws_security_group_rule" and placed.value("type") == "ingress":
        yield from _aws(placed, block, ("cidr_blocks", "ipv6_cidr_blocks"), "protocol")
    elif kind == "aws_vpc_security_group_ingress_rule":
        yield from _aws(placed, block, ("cidr_ipv4", "cidr_ipv6"), "ip_protocol")
    elif kind == "google_compute_firewall":
        yield from _google(placed)
    elif kind == "azurerm_network_security_rule":
        yield from _azure(placed, block)
    elif kind == "azurerm_network_security_group":
        for inner in block.of("security_rule"):
            yield from _azure(placed, inner)


def _sources(values: list[Any], anywhere: tuple[str, ...]) -> list[str]:
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return [item for item in flat if isinstance(item, str) and item in anywhere]


def _aws(placed: Placed, block: Block, names: tuple[str, ...], protocol: str) -> Iterator[Opening]:
    sources = _sources([placed.inner(block, name) for name in names], ANYWHERE)
    ports = _range(placed.inner(block, "from_port"), placed.inner(block, "to_port"))
    line = next((block.attributes[name].line for name in names if name in block.attributes), block.line)
    yield from _opened(sources, str(placed.inner(block, protocol, "-1")), [ports], line)


def _aws_object(placed: Placed, rule: dict[str, Any]) -> Iterator[Opening]:
    sources = _sources([rule.get("cidr_blocks"), rule.get("ipv6_cidr_blocks")], ANYWHERE)
    ports = _range(rule.get("from_port"), rule.get("to_port"))
    yield from _opened(sources, str(rule.get("protocol", "-1")), [ports], placed.line("ingress"))


def _google(placed: Placed) -> Iterator[Opening]:
    if placed.value("direction", "INGRESS") != "INGRESS" or placed.value("disabled") is True:
        return
    sources = _sources([placed.value("source_ranges")], ANYWHERE)
    for allow in placed.resource.block.of("allow"):
        ports = placed.inner(allow, "ports")
        ranges: list[tuple[int, int] | None] = [ALL_PORTS]
        if isinstance(ports, list):
            ranges = [_text_range(port) for port in ports]
        yield from _opened(
            sources, str(placed.inner(allow, "protocol", "all")), ranges, placed.line("source_ranges")
        )


def _azure(placed: Placed, block: Block) -> Iterator[Opening]:
    if placed.inner(block, "access") != "Allow" or placed.inner(block, "direction") != "Inbound":
        return
    names = ("source_address_prefix", "source_address_prefixes")
    sources = _sources([placed.inner(block, name) for name in names], ANYWHERE_AZURE)
    one, many = placed.inner(block, "destination_port_range"), placed.inner(block, "destination_port_ranges")
    given = many if isinstance(many, list) else [one]
    line = next((block.attributes[n].line for n in names if n in block.attributes), block.line)
    yield from _opened(
        sources, str(placed.inner(block, "protocol", "*")), [_text_range(p) for p in given], line
    )


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _range(start: Any, end: Any) -> tuple[int, int] | None:
    try:
        return int(start), int(end)
    except (TypeError, ValueError):
        return None


def _text_range(port: Any) -> tuple[int, int] | None:
    if str(port) == "*":
        return ALL_PORTS
    first, _, last = str(port).partition("-")
    return _range(first, last or first)


def _opened(
    sources: list[str], protocol: str, ranges: list[tuple[int, int] | None], line: int
) -> Iterator[Opening]:
    for source in sources[:1]:
        for ports in ranges:
            found = _judge(protocol.lower(), ports)
            if found:
                what, severity = found
                yield Opening(f"{protocol} {ports}", source, what, severity, line)


def _judge(protocol: str, ports: tuple[int, int] | None) -> tuple[str, Severity] | None:
    """(what is open, how grave), None for what is meant to be public or is not told by the files."""
    if protocol in ALL_PROTOCOLS:
        return "every port of every protocol", "high"
    if protocol in ("icmp", "icmpv6", "58", "1"):
        return None
    if ports is None:
        return None
    first, last = ports
    if last - first > 1000 or (first == 0 and last == 0):
        return f"ports {first} to {last}", "high"
    within = sorted(port for port in SENSITIVE if first <= port <= last)
    if within:
        kind = "database port" if within[0] in DATABASES else "administration port"
        return f"{kind} {within[0]}" + (f" (in {first} to {last})" if first != last else ""), "high"
    allowed = PUBLIC | (PUBLIC_UDP if protocol in ("udp", "17") else set())
    if all(port in allowed for port in range(first, last + 1)):
        return None
    return f"port {first}" if first == last else f"ports {first} to {last}", "low"
