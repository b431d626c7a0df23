"""CODEOWNERS as GitHub and GitLab read it: which people and teams own a path. Pure.

Source: the CODEOWNERS reference of both hosts. The last matching line counts; on GitLab the last one
of each section, and the owners of all sections together.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.globs import glob_pattern

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where the file may stand, in the order in which the first one found counts."""
_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<rest>.*)")
_WORD = re.compile(r"(?:\\.|[^\\\s])+")
_OWNER = re.compile(r"@{1,2}[^\s@]+|[^\s@]+@[^\s@]+")


@dataclass(frozen=True)
class OwnerRule:
    """One line: globs of paths, their owners, its section, whether it takes paths out of the section."""

    globs: tuple[str, ...]
    owners: tuple[str, ...]
    section: str = ""
    excluded: bool = False

    def matches(self, path: str) -> bool:
        return any(glob_pattern(glob).fullmatch(path) for glob in self.globs)


def parse_owners(text: str) -> tuple[OwnerRule, ...]:
    """The rules of a CODEOWNERS file in their order; a line that is none is left out, as the hosts do.

    A file with a ``[Section]`` is read as GitLab's: there a pattern with a folder in it stands for
    that folder anywhere, while GitHub takes it from the root.
    """
    lines = [line.strip() for line in text.splitlines()]
    gitlab = any(_SECTION.fullmatch(line) for line in lines)
    rules: list[OwnerRule] = []
    section, inherited = "", ()  # type: tuple[str, tuple[str, ...]]
    for line in lines:
        if not line or line.startswith("#"):
            continue
        header = _SECTION.fullmatch(line) if gitlab else None
        if header:
            section, inherited = header["name"].strip().lower(), _owners(header["rest"])
            continue
        rule = _rule(line, section, inherited, gitlab)
        if rule is not None:
            rules.append(rule)
    return tuple(rules)


def owners_of(rules: Sequence[OwnerRule], paths: Sequence[str]) -> tuple[str, ...]:
    """Owners of the paths, in the order of the paths, each once."""
    found: dict[str, None] = {}
    for path in paths:
        sections: dict[str, tuple[str, ...]] = {}
        excluded = set()
        for rule in rules:
            if rule.matches(path):
                sections[rule.section] = rule.owners
                if rule.excluded:
                    excluded.add(rule.section)
        for name, owners in sections.items():
            if name not in excluded:
                found.update(dict.fromkeys(owners))
    return tuple(found)


def _rule(line: str, section: str, inherited: tuple[str, ...], gitlab: bool) -> OwnerRule | None:
    word = _WORD.match(line)
    if word is None:
        return None
    pattern = re.sub(r"\\(.)", r"\1", word[0])
    excluded = gitlab and pattern.startswith("!")
    globs = _globs(pattern.removeprefix("!") if excluded else pattern, gitlab)
    try:
        for glob in globs:
            glob_pattern(glob)
    except (re.error, OverflowError):
        return None
    owners = _owners(line[word.end() :])
    return OwnerRule(globs, () if excluded else owners or inherited, section, excluded)


def _globs(pattern: str, gitlab: bool) -> tuple[str, ...]:
    """A pattern of CODEOWNERS as globs over paths from the root."""
    anchored = pattern.startswith("/") or ("/" in pattern[:-1] and not gitlab)
    body = pattern.lstrip("/")
    start = "" if anchored or body.startswith("**/") else "**/"
    if not body or body.endswith("/"):
        return (f"{start}{body}**",)
    if set(body.rpartition("/")[2]) & set("*?"):
        return (start + body,)
    return (start + body, f"{start}{body}/**")


def _owners(text: str) -> tuple[str, ...]:
    words = text.partition(" #")[0].split()
    return tuple(dict.fromkeys(word for word in words if _OWNER.fullmatch(word)))
