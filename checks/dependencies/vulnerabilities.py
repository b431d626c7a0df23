"""Known vulnerabilities from an OSV export on disk (setting ``osv``: a folder or a zip file).

Only exact versions are judged. An export is the user's own and trusted, but large: entries
that name none of the packages in question are left unread where their file name tells.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from harness.check.interface import CheckFailed, Context, Draft, Location, Severity, Unverified

from .entries import Entry, Manifest

_ECOSYSTEMS = {"pypi": "PyPI", "npm": "npm", "go": "Go"}
_SEVERITIES: dict[str, Severity] = {
    "LOW": "low",
    "MODERATE": "medium",
    "MEDIUM": "medium",
    "HIGH": "high",
    "CRITICAL": "critical",
}
Wanted = dict[tuple[str, str], list[tuple[str, Entry]]]


def vulnerable(
    context: Context, head: Mapping[str, Manifest], base: Mapping[str, Manifest], old_paths: Mapping[str, str]
) -> tuple[list[Draft], list[Unverified]]:
    """New or changed exact versions that the export calls vulnerable.

    Raises CheckFailed when the setting names nothing that can be read.
    """
    wanted = wanted_versions(head, base, old_paths)
    setting = context.settings.get("osv")
    if setting is None or not wanted:
        return [], []
    if not isinstance(setting, str):
        raise CheckFailed("The setting 'osv' of dependencies must be the path of an OSV export.")
    drafts: list[Draft] = []
    seen: set[tuple[str, str, str]] = set()
    for advisory in _advisories(Path(setting)):
        for draft in matches(advisory, wanted):
            key = (draft.rule, draft.location.path, draft.key)
            if key not in seen:
                seen.add(key)
                drafts.append(draft)
    return drafts, []


def wanted_versions(
    head: Mapping[str, Manifest], base: Mapping[str, Manifest], old_paths: Mapping[str, str]
) -> Wanted:
    """New or changed exact versions, by ecosystem (as OSV writes it) and name."""
    wanted: Wanted = {}
    for path, manifest in head.items():
        before = base.get(old_paths[path], Manifest(path))
        known = {(entry.ecosystem, entry.name, entry.version) for entry in before.entries}
        for entry in manifest.entries:
            if entry.version and (entry.ecosystem, entry.name, entry.version) not in known:
                wanted.setdefault((_ECOSYSTEMS[entry.ecosystem], entry.name), []).append((path, entry))
    return wanted


def _advisories(export: Path) -> Iterator[Mapping[str, Any]]:
    try:
        if export.is_dir():
            for path in sorted(export.rglob("*.json")):
                yield from _objects(path.read_bytes())
        else:
            with zipfile.ZipFile(export) as archive:
                for name in archive.namelist():
                    if name.endswith(".json"):
                        yield from _objects(archive.read(name))
    except (OSError, zipfile.BadZipFile) as problem:
        raise CheckFailed(f"The OSV export {export} cannot be read: {problem}.") from None


def _objects(data: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and not one.get("withdrawn"):
            yield one


def matches(advisory: Mapping[str, Any], wanted: Wanted) -> Iterator[Draft]:
    """Findings about the wanted versions that an advisory calls affected."""
    for affected in advisory.get("affected") or ():
        package = affected.get("package") or {}
        ecosystem, name = str(package.get("ecosystem")), str(package.get("name")).lower()
        if ecosystem == "PyPI":
            name = name.replace("_", "-").replace(".", "-")
        for path, entry in wanted.get((ecosystem, name), ()):
            if _is_affected(str(entry.version), affected):
                yield _draft(advisory, affected, path, entry)


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    if version in (affected.get("versions") or ()):
        return True
    return any(
        _in_range(version, one.get("events") or ())
        for one in affected.get("ranges") or ()
        if one.get("type") in ("ECOSYSTEM", "SEMVER")
    )


def _in_range(version: str, events: Any) -> bool:
    """Whether the last event at or before the version introduced the problem."""
    try:
        asked, inside = Version(version), False
        for event in events:
            if "introduced" in event and (
                event["introduced"] == "0" or Version(event["introduced"]) <= asked
            ):
                inside = True
            if "fixed" in event and Version(event["fixed"]) <= asked:
                inside = False
            if "last_affected" in event and Version(event["last_affected"]) < asked:
                inside = False
    except (InvalidVersion, TypeError):
        return False
    return inside


def _draft(advisory: Mapping[str, Any], affected: Mapping[str, Any], path: str, entry: Entry) -> Draft:
    name = str(advisory.get("id"))
    stated = (advisory.get("database_specific") or {}).get("severity")
    fixed = [
        str(event["fixed"])
        for one in affected.get("ranges") or ()
        for event in one.get("events") or ()
        if "fixed" in event and one.get("type") != "GIT"
    ]
    return Draft(
        rule="dependency-vulnerable",
        category="dependency",
        severity=_SEVERITIES.get(str(stated).upper(), "medium"),
        title=f"'{entry.shown}' {entry.version} has the known vulnerability {name}",
        message=str(advisory.get("summary") or advisory.get("details") or "No description is given.")[:500],
        location=Location(path, entry.line),
        key=f"{entry.name} {name}",
        cwe=tuple(str(one) for one in (advisory.get("database_specific") or {}).get("cwe_ids") or ())[:5],
        suggestion=f"Use {fixed[-1]} or later." if fixed else "Use another package or version.",
    )
