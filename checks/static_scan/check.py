"""Scans the changed files of both sides and reports what only head has."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from harness.check.interface import CheckFailed, CheckSkipped, Context, Draft, Location, Outcome, Unverified

from .difference import Hit, new_hits, normalised
from .rules import Rule, load_rules
from .scanner import Scan, run_scan
from .syntax import syntax_drafts
from .targets import Target, targets_of
from .texts import TextHit, text_hits

MAX_OF_ONE_RULE = 25
_TOKEN = re.compile(r"(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[\w+/-]{16,}")
CUSTOM = "rules"
"""Setting: list of folders of further rules, relative to base's tree or absolute."""


def check(context: Context) -> Outcome:
    """The pack's own rules, those of the policy's folders, syntax and hidden text."""
    return scan_change(context, [context.pack / "rules", *custom_folders(context)], own=True)


def custom_folders(context: Context) -> list[Path]:
    """Folders that the setting ``rules`` names. Raises CheckFailed when it is no list of texts."""
    names = context.settings.get(CUSTOM, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise CheckFailed("The setting 'rules' of static_scan must be a list of folders.")
    return [context.base.path / name for name in names]


def scan_change(context: Context, folders: Iterable[Path], *, own: bool) -> Outcome:
    """Scan the change with the rules of the folders; with ``own``, syntax and text as well.

    A pack that consists of rules only is run by this function too, without ``own``.
    """
    rules = load_rules(folders)
    targets, left_out = targets_of(context.change, context.base, context.head)
    languages = {language for rule in rules for language in rule.languages}
    code = [target for target in targets if target.language in languages]
    if not targets or (not own and not code):
        raise CheckSkipped("no changed file that a rule is for")
    drafts: list[Draft] = []
    scan = Scan()
    if code:
        scan = run_scan(context, code, rules)
        known = {rule.id: rule for rule in rules}
        drafts += _drafts(known, new_hits(scan.base, scan.head), {target.path: target for target in code})
    if own:
        drafts += syntax_drafts(context, scan, code)
        drafts += _text_drafts(targets)
    unverified = [*left_out, *_unscanned(scan)]
    return Outcome(findings=tuple(_capped(drafts, unverified)), unverified=tuple(unverified))


def _drafts(rules: dict[str, Rule], hits: Sequence[Hit], targets: dict[str, Target]) -> Iterator[Draft]:
    occurrences: Counter[tuple[str, str, str]] = Counter()
    for hit in sorted(hits, key=lambda hit: (hit.path, hit.line, hit.rule)):
        rule = rules[hit.rule]
        occurrences[hit.rule, hit.path, hit.snippet] += 1
        occurrence = occurrences[hit.rule, hit.path, hit.snippet]
        yield Draft(
            rule=rule.id,
            category="static",
            severity=rule.severity,
            title=rule.title,
            message=rule.message,
            location=Location(hit.path, hit.line, hit.end_line, dotted_symbol(hit.path, hit.symbol)),
            key=f"{digest(hit.snippet)}#{occurrence}",
            cwe=rule.cwe,
            suggestion=rule.suggestion,
            detail=_excerpt(targets[hit.path], hit),
        )


def _excerpt(target: Target, hit: Hit) -> str:
    """The first lines of a hit; what may be a credential is left out, as the report is read widely."""
    lines = (target.head or "").split("\n")[hit.line - 1 : min(hit.end_line, hit.line + 7)]
    return "\n".join(_TOKEN.sub("…", line[:200]) for line in lines)


def _text_drafts(targets: Iterable[Target]) -> Iterator[Draft]:
    for target in targets:
        for hit in text_hits(target):
            yield _text_draft(hit)


def _text_draft(hit: TextHit) -> Draft:
    return Draft(
        rule=hit.rule, category="static", severity=hit.severity, title=hit.title, message=hit.message,
        location=Location(hit.path, hit.line), key=digest(normalised(hit.excerpt)), cwe=hit.cwe,
        detail=hit.excerpt,
    )  # fmt: skip


def _unscanned(scan: Scan) -> Iterator[Unverified]:
    """Files that the scanner could not read whole; invalid Python has its own finding."""
    for path, text in scan.problems:
        if scan.syntax.get(("head", path)) is None:
            yield Unverified(
                path or "some changed files", f"the pattern scanner could not read all of it: {text}"
            )


def _capped(drafts: Iterable[Draft], unverified: list[Unverified]) -> Iterator[Draft]:
    counts: Counter[str] = Counter()
    for draft in drafts:
        counts[draft.rule] += 1
        if counts[draft.rule] <= MAX_OF_ONE_RULE:
            yield draft
    for rule, count in counts.items():
        if count > MAX_OF_ONE_RULE:
            rest = count - MAX_OF_ONE_RULE
            unverified.append(Unverified(f"{rest} further findings of {rule}", "only the first are listed"))


def digest(text: str) -> str:
    """Short stable hash of a text, for fingerprints."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def dotted_symbol(path: str, symbol: str | None) -> str | None:
    """``shop.cart.total`` for ``total`` in ``src/shop/cart.py``; None without a symbol."""
    if symbol is None:
        return None
    parts = path.rpartition(".")[0].split("/")
    if len(parts) > 1 and parts[0] in ("src", "lib"):
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join([*parts, symbol]) if all(part.isidentifier() for part in parts) else symbol
