"""The findings of this pack, in words."""

import re
from collections.abc import Iterator, Sequence

from harness.check.interface import Draft, Location, Severity

from .entries import Entry, Hook, Index
from .names import LookAlike

_INDEX_NAMES = {"pypi": "PyPI", "npm": "npm", "go": "Go modules"}
_OFFICIAL = re.compile(
    r"https://(pypi\.org|files\.pythonhosted\.org|test\.pypi\.org|download\.pytorch\.org|pypi\.nvidia\.com"
    r"|registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.pkg\.github\.com)(/|$)"
)


def _draft(
    rule: str, severity: Severity, path: str, line: int, key: str, title: str, message: str, suggestion: str,
    cwe: tuple[str, ...] = ("CWE-1357",),
) -> Draft:  # fmt: skip
    return Draft(
        rule=rule, category="dependency", severity=severity, title=title[:160], message=message,
        location=Location(path, line), key=key, cwe=cwe, suggestion=suggestion,
    )  # fmt: skip


def look_alike_added(path: str, entry: Entry, like: LookAlike) -> Draft:
    """A new package whose name imitates a popular one."""
    index = _INDEX_NAMES[entry.ecosystem]
    if like.likeness == "affix":
        return _draft(
            "dependency-affix", "medium", path, entry.line, entry.name,
            f"'{entry.shown}' is not '{like.popular}'",
            f"The new package '{entry.shown}' is none of the well-known ones on {index}; its name is that of "
            f"'{like.popular}' where {like.how}. Such names are used to be taken for the original.",
            f"Use '{like.popular}' if that is meant; otherwise say in the change who makes '{entry.shown}'.",
        )  # fmt: skip
    return _draft(
        "dependency-look-alike", "critical", path, entry.line, entry.name,
        f"'{entry.shown}' looks like '{like.popular}'",
        f"The new package '{entry.shown}' is none of the well-known ones on {index}; it differs from "
        f"'{like.popular}' in that {like.how}. Packages with such names run an attacker's code when they are "
        "installed. It was not installed here.",
        f"Write '{like.popular}' if that is meant, and check on which machines '{entry.shown}' was installed.",
        ("CWE-1357", "CWE-829"),
    )  # fmt: skip


def unknown_added(path: str, entry: Entry) -> Draft:
    """A new package that is on no list of well-known ones."""
    return _draft(
        "dependency-unknown", "medium", path, entry.line, entry.name,
        f"'{entry.shown}' is not a well-known package",
        f"The new package '{entry.shown}' is not among the most used ones on {_INDEX_NAMES[entry.ecosystem]}. "
        "Assistants name packages that do not exist, and attackers register such names. It was neither installed "
        "nor looked up here.",
        "Check by hand that it exists, who makes it, and that it is what the code needs.",
    )  # fmt: skip


def source_added(path: str, entry: Entry, was: Entry | None) -> Draft:
    """A package that newly comes from an address or a repository."""
    address = entry.spec.lstrip("@ ")
    insecure = bool(re.match(r"(git\+)?http://|git://", address))
    place = "a repository" if entry.source == "vcs" else "an address"
    fixed = "" if entry.pinned else " No commit is fixed, so what is installed can change at any time."
    return _draft(
        "dependency-source", "high" if insecure else "medium", path, entry.line, entry.name,
        f"'{entry.shown}' is taken from {place} instead of an index",
        f"'{entry.shown}' {'now comes' if was else 'comes'} from {redacted(address)}."
        f"{' The connection is not protected, so anyone on the way can replace it.' if insecure else ''}{fixed}",
        "Use a released version from the index, or fix the full commit id and say why.",
        ("CWE-829",),
    )  # fmt: skip


def is_bounded(entry: Entry) -> bool:
    """Whether a range of versions ends somewhere: ``<4``, ``~=3.0``, ``^3.0``, ``==3.*``."""
    return bool(re.search(r"<|~=|\^|~\d|==.*\*|\d\.[x*]", entry.spec.partition(";")[0]))


def unpinned(path: str, entry: Entry, was: Entry | None, *, locked: bool) -> Draft:
    """A package without an exact version in a file that gives exact versions, or gave one for it.

    It weighs little where another file fixes the version all the same, or the range has an end.
    """
    weight: Severity = "low" if locked or is_bounded(entry) else "medium"
    spec = entry.spec.split(";")[0].strip()[:60] or "any version"
    verb = "is no longer fixed to one version" if was else "is not fixed to one version"
    return _draft(
        "dependency-unpinned", weight, path, entry.line, entry.name, f"'{entry.shown}' {verb}",
        (f"Base fixes the version of '{entry.shown}' here, head" if was else
         f"This file fixes the versions of its packages, but '{entry.shown}'")
        + f" allows {spec}; what is installed can change without a change here.",
        "Give the exact version.",
    )  # fmt: skip


def hash_dropped(path: str, entries: Sequence[Entry]) -> Draft:
    """Packages without a hash in a file whose packages have hashes."""
    names = _listed([f"'{entry.shown}'" for entry in entries])
    return _draft(
        "dependency-hash-dropped", "medium", path, entries[0].line, _key(entries),
        "Packages are no longer held against their hashes",
        f"Base gives hashes in this file, head gives none for {names}: another file under the same version would be "
        "installed unnoticed.",
        "Write the hashes again, with the tool that made the file.",
        ("CWE-494",),
    )  # fmt: skip


def hash_changed(path: str, entries: Sequence[Entry]) -> Draft:
    """Packages whose version stays and whose files are all others."""
    names = _listed([f"'{entry.shown}' {entry.version}" for entry in entries])
    return _draft(
        "dependency-hash-changed", "medium", path, entries[0].line, _key(entries),
        "The same version has other files",
        f"The hashes of {names} are all others than on base, while the version stays. Files of a released version do "
        "not change: what is installed is not what base was tested with.",
        "Make the lock file anew from the official index and compare; take back what does not reproduce.",
        ("CWE-494",),
    )  # fmt: skip


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(texts[:5]) + (" and others" if len(texts) > 5 else "")


def _key(entries: Sequence[Entry]) -> str:
    return ",".join(sorted(one.name for one in entries))[:200]


def index_added(path: str, index: Index, *, lock: bool) -> Iterator[Draft]:
    """A further place that packages are taken from."""
    if _OFFICIAL.match(index.url):
        return
    address = redacted(index.url)
    insecure = index.kind == "trusted-host" or index.url.startswith("http://")
    if insecure:
        message = f"Packages come from {address} without a protected connection; anyone on the way can replace them."
    elif index.kind == "index":
        message = f"All packages are taken from {address} instead of the official index."
    else:
        message = (
            f"Packages are also taken from {address}. Whoever offers a higher version there, or on the official "
            "index under the name of an internal package, is preferred."
        )
    yield _draft(
        "dependency-index", "high" if insecure and not lock else "medium", path, index.line, index.url,
        "Packages come from another index", message,
        "Ask who runs this index and why it is needed; bind each package to one index where the tool can.",
        ("CWE-829", "CWE-300") if insecure else ("CWE-829",),
    )  # fmt: skip


def hook_added(path: str, name: str, command: str, line: int) -> Draft:
    """A script that newly runs when the package is installed."""
    fetches = bool(re.search(r"\b(curl|wget|node -e|base64|eval|https?:)", command))
    return _draft(
        "dependency-install-script", "high" if fetches else "low", path, line, f"{name}:{command}",
        f"'{name}' runs a command at installation",
        f"Everyone who installs this package runs: {command[:160]}",
        "Run it in the build, or leave it out.",
        ("CWE-506",) if fetches else ("CWE-829",),
    )  # fmt: skip


def hook_moves(path: str, hook: Hook) -> Draft:
    """A hook of commits whose revision is a branch."""
    insecure = hook.repository.startswith(("http://", "git://"))
    return _draft(
        "dependency-hook-moves", "high" if insecure else "medium", path, hook.line, hook.repository,
        f"{redacted(hook.repository)} runs at each commit and is fixed to no version",
        f"Its revision '{hook.revision[:60]}' is a branch: whoever can push there runs code on the machine of everyone "
        "who commits.",
        "Give a tag or, better, the full commit id.",
        ("CWE-829",),
    )  # fmt: skip


def redacted(address: str) -> str:
    """An address without the user and password in it."""
    return re.sub(r"//[^/@\s]*@", "//…@", address)[:200]
