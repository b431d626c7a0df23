"""The services of a Compose file, in one form whatever way they are written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.check.documents import Node

NAME = re.compile(r"(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$", re.IGNORECASE)
_PORT = re.compile(
    r"(?:(?P<host>\[[0-9a-fA-F:]+\]|\d+\.[\d.]+|localhost):)?(?:(?P<published>[\d-]*):)?(?P<target>[\d-]+)(?:/\w+)?$"
)
_VARIABLE = re.compile(r"\$\{\w+:?-([^}]*)\}")
_WINDOWS = re.compile(r"^[A-Za-z]:[\\/]")


@dataclass(frozen=True)
class Mount:
    """What lies at ``target`` inside the container. ``kind``: a named volume, a path of the host, or memory."""

    kind: str
    source: str
    target: str
    line: int
    writable: bool = True


@dataclass(frozen=True)
class Port:
    """A port of the host that leads into the container. ``host`` is the address that it is bound to."""

    host: str
    target: str
    line: int


@dataclass(frozen=True)
class Service:
    """One service. ``node`` has what is rarely asked for."""

    name: str
    image: str
    line: int
    node: Node
    mounts: tuple[Mount, ...] = ()
    ports: tuple[Port, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def product(self) -> str:
        """The image without registry, tag and digest: ``postgres``."""
        return self.image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()


@dataclass(frozen=True)
class Project:
    """One file. ``volumes`` maps the names of volumes to the names that the engine knows them by."""

    services: dict[str, Service]
    volumes: dict[str, str]


def project_of(document: Node) -> Project:
    """What a Compose file declares; nothing where it is none."""
    volumes = {name: one["name"].plain or name for name, one in document["volumes"].table.items()}
    return Project(
        {name: _service(name, one, document["services"]) for name, one in document["services"].table.items()},
        volumes,
    )


def _service(name: str, node: Node, services: Node) -> Service:
    return Service(
        name,
        _plain(node["image"]),
        services.line_of(name),
        node,
        tuple(_mounts(node)),
        tuple(_ports(node)),
        _environment(node["environment"]),
    )


def _plain(node: Node) -> str:
    """A scalar with the defaults of its variables."""
    return _VARIABLE.sub(lambda match: match.group(1), node.plain.strip())


def _mounts(node: Node) -> Iterator[Mount]:
    for one in node["volumes"].items:
        if one.table:
            kind = _plain(one["type"]) or "volume"
            writable = _plain(one["read_only"]).lower() != "true"
            yield Mount(
                kind, _plain(one["source"]), _tidy(_plain(one["target"])), one["target"].line, writable
            )
            continue
        parts = _plain(one).split(":")
        if _WINDOWS.match(_plain(one)):
            parts = [":".join(parts[:2]), *parts[2:]]
        source, target = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
        bound = source.startswith((".", "/", "~", "$")) or bool(_WINDOWS.match(source))
        read_only = len(parts) > 2 and "ro" in parts[2].split(",")
        yield Mount("bind" if bound else "volume", source, _tidy(target), one.line, not read_only)
    for one in node["tmpfs"].items or ((node["tmpfs"],) if node["tmpfs"].text else ()):
        yield Mount("tmpfs", "", _tidy(_plain(one).partition(":")[0]), one.line)


def _tidy(path: str) -> str:
    return path.rstrip("/") or "/"


def _ports(node: Node) -> Iterator[Port]:
    for one in node["ports"].items:
        if one.table:
            if one["published"].text:
                yield Port(_plain(one["host_ip"]), _plain(one["target"]), one["target"].line)
            continue
        match = _PORT.match(_plain(one))
        if match and match["published"] is not None:
            yield Port((match["host"] or "").strip("[]"), match["target"], one.line)


def _environment(node: Node) -> dict[str, str]:
    if node.table:
        return {name: _plain(value) for name, value in node.table.items()}
    return {key: value for one in node.items for key, _, value in [_plain(one).partition("=")]}
