"""check.toml: what a pack says about itself."""

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from harness.check.interface import API_VERSION
from harness.config.load import nearest, unknown_keys
from harness.config.schema import LimitsConfig
from harness.errors import PackError
from harness.model.finding import Category, Severity

FILE_NAME = "check.toml"


class CommandSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[command]`` of a pack of kind ``command``: what runs in ``/tree``, and what it prints."""

    argv: tuple[str, ...]
    format: Literal["sarif", "junit", "jsonl"] = "sarif"
    output: str | None = None
    """File below ``/out`` that holds the output; standard output when not given."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pack's check.toml. ``paths`` are globs: the check is skipped when no changed file matches."""

    api: int
    id: str
    title: str
    description: str
    version: str = "1"
    kind: Literal["python", "rules", "command"] = "python"
    categories: tuple[Category, ...] = ()
    languages: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    required: bool = False
    severity: Severity = "medium"
    needs: tuple[str, ...] = ()
    scope: Literal["repository", "project"] = "repository"
    """What it looks at where ``[project.NAME]`` divides a repository: all of it at once, or each touched
    project in a tree of its own, as checks do that run the project's code."""
    keep: bool | None = None
    """Whether its result may be used again for the same change in the same environment. Say so only
    when nothing else decides it, no clock and no network. Default: yes for rules and commands. It is
    found again by the trees and the changed files, so the check sees no commits."""
    programs: tuple[str, ...] = ()
    """Programs of the host that it uses: another version of one makes another result."""
    limits: LimitsConfig = LimitsConfig()
    command: CommandSpec | None = None

    @property
    def keeps(self) -> bool:
        """Whether the result of this pack may be kept."""
        return self.kind != "python" if self.keep is None else self.keep


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a pack folder. Raises PackError with the file and what is wrong."""
    file = folder / FILE_NAME
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PackError(f"{folder} is no check pack: it has no {FILE_NAME}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise PackError(f"{file} cannot be read: {problem}.") from None
    for place, key, known in unknown_keys(table, Manifest):
        raise PackError(f"{file}: there is no key '{place}{key}'{nearest(key, known)}")
    if isinstance(table.get("api"), int) and table["api"] > API_VERSION:
        raise PackError(
            f"{file} is written for api {table['api']}; this harness has {API_VERSION}: upgrade it."
        )
    try:
        manifest = msgspec.convert(table, Manifest)
    except msgspec.ValidationError as problem:
        raise PackError(f"{file}: {problem}.") from None
    if not manifest.id.isidentifier() or not manifest.id.islower():
        raise PackError(f"{file}: id {manifest.id!r} must be a lower-case name such as no_print.")
    if manifest.kind == "command" and manifest.command is None:
        raise PackError(f"{file}: a pack of kind 'command' needs a [command] table with argv.")
    return manifest
