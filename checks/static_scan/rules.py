"""The rules of this pack and of folders that the policy names: read, checked, made ready.

A rule is a semgrep rule with ``metadata``: ``title``, ``severity`` (of the finding), ``cwe``
(list), ``suggestion``, ``tests`` (true: also applied to test code) and ``edited`` (``same``:
an instance that was only edited is not new; ``new``: an edited instance is new, which suits
injections, where the edit is the danger) and ``yields-to`` (a rule that says more about the
same lines). Instead of semgrep's patterns a rule for Python may
name a ``matcher`` of this pack's guest, for what patterns express badly (handlers, default values).
"""

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from harness.check.interface import CheckFailed, Severity
from harness.model.finding import SEVERITIES

LANGUAGES = {
    "python": "python", "javascript": "javascript", "js": "javascript", "typescript": "typescript",
    "ts": "typescript", "go": "go", "bash": "bash", "sh": "bash", "dockerfile": "dockerfile",
    "docker": "dockerfile", "ruby": "ruby", "java": "java", "php": "php", "yaml": "yaml", "json": "json",
}  # fmt: skip
_KEYS = (
    "id", "languages", "message", "severity", "metadata", "matcher", "mode", "pattern", "patterns", "pattern-either",
    "pattern-regex", "pattern-sources", "pattern-sinks", "pattern-sanitizers", "pattern-propagators", "options",
    "match", "taint", "fix", "fix-regex", "paths", "min-version", "max-version", "extract", "transform", "join",
    "dest-language",
)  # fmt: skip
_FROM_SEMGREP: dict[str, Severity] = {"ERROR": "high", "WARNING": "medium", "INFO": "low"}


@dataclass(frozen=True)
class Rule:
    """One rule. ``body`` is what semgrep gets; ``languages`` are names as in ``LANGUAGES``."""

    id: str
    title: str
    message: str
    severity: Severity
    languages: frozenset[str]
    cwe: tuple[str, ...]
    suggestion: str | None
    tests: bool
    edited_is_new: bool
    body: Mapping[str, Any]
    place: str = ""
    """File and line of the rule, for messages about it."""
    matcher: str | None = None
    yields_to: str | None = None


def load_rules(folders: Iterable[Path]) -> list[Rule]:
    """All rules of all ``*.yaml`` files below the folders, in order of their paths.

    Raises CheckFailed with file, rule and what is wrong; two rules with one id are refused.
    """
    rules: dict[str, Rule] = {}
    for folder in folders:
        if not folder.is_dir():
            raise CheckFailed(f"The folder of rules {folder} does not exist; mend the setting 'rules'.")
        for path in sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml"))):
            if "samples" in path.relative_to(folder).parts:
                continue
            for rule in _read(path):
                if rule.id in rules:
                    first = rules[rule.id].place
                    raise CheckFailed(
                        f"{rule.place}: a second rule has the id '{rule.id}', after {first}; rename one of them."
                    )
                rules[rule.id] = rule
    return list(rules.values())


def _read(path: Path) -> list[Rule]:
    try:
        data = YAML(typ="safe").load(path.read_text("utf-8"))
    except (YAMLError, UnicodeDecodeError) as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        text = " ".join(str(getattr(problem, "problem", None) or problem).split())
        raise CheckFailed(f"{path}{line} is not valid YAML: {text[:300]}.") from None
    entries = data.get("rules") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise CheckFailed(f"{path} has no list 'rules'.")
    lines = _lines(path)
    places = [f"{path}:{lines[index]}" if index < len(lines) else str(path) for index in range(len(entries))]
    return [
        _rule(place, number, entry)
        for number, (place, entry) in enumerate(zip(places, entries, strict=True), 1)
    ]


def _lines(path: Path) -> list[int]:
    """The line of each rule: its ``id`` where that stands alone, else the entry's first line."""
    starts, inside = [], False
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if re.match(r"rules\s*:", line):
            inside = True
        elif inside and re.match(r"\s*-\s", line):
            indent = len(line) - len(line.lstrip())
            starts.append((indent, number))
    outer = min((indent for indent, _ in starts), default=0)
    return [number for indent, number in starts if indent == outer]


def _rule(place: str, number: int, entry: object) -> Rule:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise CheckFailed(f"{place}: rule {number} has no 'id'.")
    name = f"{place}: rule '{entry['id']}'"
    for key in entry:
        if key not in _KEYS:
            close = difflib.get_close_matches(str(key), _KEYS, n=1)
            raise CheckFailed(
                f"{name} has the unknown key '{key}'" + (f"; did you mean '{close[0]}'?" if close else ".")
            )
    languages = entry.get("languages")
    if not isinstance(languages, list) or not languages:
        raise CheckFailed(f"{name} has no list 'languages'.")
    unknown = [str(language) for language in languages if language not in LANGUAGES]
    if unknown:
        raise CheckFailed(f"{name} is for an unknown language: {', '.join(unknown)}.")
    if not isinstance(entry.get("message"), str):
        raise CheckFailed(f"{name} has no 'message'.")
    metadata = entry.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise CheckFailed(f"{name}: 'metadata' is not a table.")
    return _built(name, place, entry, metadata)


def _built(name: str, place: str, entry: Mapping[str, Any], metadata: Mapping[str, Any]) -> Rule:
    severity = metadata.get("severity") or _FROM_SEMGREP.get(str(entry.get("severity")), "medium")
    if severity not in SEVERITIES:
        raise CheckFailed(f"{name}: the severity '{severity}' is none of {', '.join(SEVERITIES)}.")
    cwe = metadata.get("cwe") or ()
    message = " ".join(entry["message"].split())
    return Rule(
        id=entry["id"],
        title=str(metadata.get("title") or message.partition(". ")[0])[:120],
        message=message,
        severity=cast(Severity, severity),
        languages=frozenset(LANGUAGES[language] for language in entry["languages"]),
        cwe=tuple(str(one).partition(":")[0] for one in ([cwe] if isinstance(cwe, str) else cwe)),
        suggestion=str(metadata["suggestion"]) if metadata.get("suggestion") else None,
        tests=bool(metadata.get("tests", False)),
        edited_is_new=metadata.get("edited") == "new",
        body={key: value for key, value in entry.items() if key not in ("metadata", "paths", "matcher")},
        yields_to=metadata.get("yields-to"),
        place=place,
        matcher=str(entry["matcher"]) if entry.get("matcher") else None,
    )


def scanner_rules(rules: Sequence[Rule]) -> bytes | None:
    """The rules as one file for the scanner, each with its index as id; None when it needs none.

    Ids go through a scanner that reads hostile text, so what comes back is an index into
    our own list and nothing else. Messages stay outside for the same reason.
    """
    bodies = [
        {**rule.body, "id": f"r{index}", "message": "-", "severity": "WARNING"}
        for index, rule in enumerate(rules)
        if rule.matcher is None
    ]
    return json.dumps({"rules": bodies}).encode() if bodies else None
