"""Provider plugins that are already on the machine: which version, which file, how to configure it."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from harness.model.snapshot import Snapshot

from .configuration import Configuration

LOCK = ".terraform.lock.hcl"
LOCKED = re.compile(r'provider\s+"([^"]+)"\s*\{[^}]*?\bversion\s*=\s*"([^"]+)"')
ARCHIVE = re.compile(r"terraform-provider-[\w-]+_([\w.+-]+?)_([a-z0-9]+_[a-z0-9]+)\.zip")
TERM = re.compile(r"\s*(~>|>=|<=|!=|=|>|<)?\s*v?([\w.+-]+)\s*")
OPENTOFU, TERRAFORM = "registry.opentofu.org", "registry.terraform.io"


@dataclass(frozen=True)
class Plugin:
    """One provider plugin on disk. ``note`` is a sentence when it is not the version asked for."""

    source: str
    version: str
    program: Path
    note: str = ""

    def spec(self, mount: str) -> dict[str, Any]:
        """What the guest is told; ``mount`` is the name under which its folder is mounted."""
        known = _known().get(self.source.partition("/")[2], {})
        settings = {**dict.fromkeys(known.get("cleared", [])), **known.get("settings", {})}
        return {
            "source": self.source,
            "program": f"/in/{mount}/{self.program.name}",
            "settings": settings,
            "defaults": known.get("defaults", {}),
        }


@cache
def _known() -> dict[str, Any]:
    path = Path(__file__).with_name("rules") / "providers.toml"
    table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))["provider"]
    return table


def find_plugins(
    sources: Iterable[str], constraints: Mapping[str, Sequence[str]], locked: Mapping[str, str],
    mirrors: Sequence[Path], platform: str,
) -> tuple[list[Plugin], list[str]]:  # fmt: skip
    """(the plugins that mirrors hold, the sources that none holds).

    ``constraints`` and ``locked`` are by source; the locked version wins, then the newest that
    the constraints allow, then the newest of all with a note.
    """
    found, missing = [], []
    for source in sorted(sources):
        plugin = _find(source, constraints.get(source, ()), locked.get(source, ""), mirrors, platform)
        if plugin is None:
            missing.append(source)
        else:
            found.append(plugin)
    return found, missing


def _find(
    source: str, constraints: Sequence[str], locked: str, mirrors: Sequence[Path], platform: str
) -> Plugin | None:
    there: dict[Version, Path] = {}
    for mirror in mirrors:
        for name in _aliases(source):
            for text, program in _versions(mirror / name, platform):
                try:
                    there.setdefault(Version(text), program)
                except InvalidVersion:
                    continue
    if not there:
        return None
    allowed = [v for v in there if all(_allows(text, v) for text in constraints)]
    wanted = [v for v in there if str(v) == locked]
    chosen = max(wanted or allowed or there)
    note = ""
    if locked and not wanted:
        note = f"{source} {locked} is locked, {chosen} is at hand and was used"
    elif not wanted and not allowed:
        note = f"{source} has to be {', '.join(constraints)}, {chosen} is at hand and was used"
    return Plugin(source, str(chosen), there[chosen], note)


def _aliases(source: str) -> list[str]:
    """A provider's folder under the registries of Terraform and of OpenTofu."""
    host, _, rest = source.partition("/")
    return [f"{name}/{rest}" for name in (TERRAFORM, OPENTOFU)] if host in (TERRAFORM, OPENTOFU) else [source]


def _versions(folder: Path, platform: str) -> Iterable[tuple[str, Path]]:
    """(version, program or archive) in both layouts of a filesystem mirror."""
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir()):
        archive = ARCHIVE.fullmatch(entry.name)
        if archive and archive[2] == platform:
            yield archive[1], entry
        elif (entry / platform).is_dir():
            for program in sorted((entry / platform).glob("terraform-provider-*")):
                yield entry.name, program.resolve()
                break


def _allows(constraint: str, version: Version) -> bool:
    """Whether a version constraint of Terraform allows a version; one that is not understood does."""
    terms = []
    for part in constraint.split(","):
        match = TERM.fullmatch(part)
        if match is None:
            return True
        operator, number = match[1] or "=", match[2]
        pessimistic = "~=" if "." in number else ">="
        terms.append({"~>": pessimistic, "=": "=="}.get(operator, operator) + number)
    try:
        return SpecifierSet(",".join(terms)).contains(version, prereleases=True)
    except InvalidSpecifier:
        return True


def constraints_of(configuration: Configuration, root: str, host: str) -> dict[str, list[str]]:
    """By source: the version constraints that a root and its modules state."""
    found: dict[str, list[str]] = {}
    for path in configuration.reachable(root):
        folder = configuration.folders.get(path)
        for name, text in (folder.versions if folder else {}).items():
            source = full_source(folder.providers.get(name, f"hashicorp/{name}") if folder else name, host)
            found.setdefault(source, []).append(text)
    return found


def locked_versions(snapshot: Snapshot, root: str, host: str) -> dict[str, str]:
    """By source: the versions in a root's lock file."""
    text = snapshot.read_text(LOCK if root == "." else f"{root}/{LOCK}") or ""
    return {full_source(s.partition("/")[2], host) if s.partition("/")[0] in (TERRAFORM, OPENTOFU) else s: version
            for s, version in LOCKED.findall(text)}  # fmt: skip


def full_source(source: str, host: str = TERRAFORM) -> str:
    """A provider's source with its host."""
    return source.lower() if source.count("/") == 2 else f"{host}/{source.lower()}"
