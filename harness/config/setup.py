"""``[sandbox.setup]``: how the project's dependencies get into sandboxes."""

import re
from typing import Annotated, Literal

import msgspec

from harness.errors import ConfigError

_ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):(?P<port>[0-9]{1,5})")


class SetupConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[sandbox.setup]``: commands that fill ``/deps`` once a side, before any check."""

    commands: tuple[str, ...] = ()
    """Run by ``sh`` one after another, in the tree, with ``/deps`` empty and writable."""
    network: Literal["none", "registries"] = "none"
    """``registries``: through a proxy that lets through to the hosts of ``allow`` and no others."""
    allow: tuple[str, ...] = ()
    """``host:port`` of each registry."""
    lock_files: tuple[str, ...] = ()
    """Globs of all files that the commands may see and depend on; empty: the whole tree."""
    wall_seconds: Annotated[float, msgspec.Meta(gt=0, le=7200)] = 900.0
    """Limit of one side's commands."""


def check_setup(setup: SetupConfig, place: str) -> None:
    """Raise ConfigError when the settings do not agree with each other; ``place`` names the table."""
    given = setup.allow or setup.lock_files or setup.network != "none"
    if given and not setup.commands:
        raise ConfigError(f"{place} has no commands, so its other keys mean nothing; add some.")
    if setup.network == "none" and setup.allow:
        raise ConfigError(f'{place}.allow is given, but network is "none"; say network = "registries".')
    if setup.network == "registries" and not setup.allow:
        raise ConfigError(f'{place}.allow is empty; name registries, such as "pypi.org:443".')
    for text in setup.allow:
        address(text, place)


def address(text: str, place: str = "harness.toml: sandbox.setup") -> tuple[str, int]:
    """``host:port`` as a pair, the host in lower case. Raises ConfigError."""
    match = _ADDRESS.fullmatch(text)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise ConfigError(f'{place}.allow: {text!r} is not of the form "host:port".')
    return match["host"].lower(), int(match["port"])
