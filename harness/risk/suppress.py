"""Which findings base accepts, which suppressions end soon, and which ones the change adds. Pure.

Only what stands on base counts. A comment of base covers a line of head when an ordinary
difference leaves the comment in its place and the covered line is the old one or replaces it:
a dangerous line that is put under an old comment is not covered.
"""

import datetime
import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.config.schema import SuppressConfig
from harness.globs import matches
from harness.model.finding import Finding, Location
from harness.model.suppression import WARNING_DAYS, Expiry, Suppressed, Suppression
from harness.risk.comments import Comment, read_comments

OWN = "harness"
"""Findings of this check are the harness's own word about the change and are never suppressed."""
MAX_LINES = 20_000


@dataclass(frozen=True)
class Texts:
    """A changed file's two texts; ``path`` is the one on head. None on the side that lacks it."""

    path: str
    base: str | None
    head: str | None


@dataclass(frozen=True)
class Judged:
    """Findings that count, those that base accepts, and suppressions that end soon or have ended."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...] = ()
    expiries: tuple[Expiry, ...] = ()
    notes: tuple[str, ...] = ()


def judge(
    findings: Sequence[Finding],
    policy: Sequence[SuppressConfig],
    source: str,
    texts: Mapping[str, Texts],
    today: datetime.date,
) -> Judged:
    """Hold findings against the suppressions of base. ``source`` names the policy in the report."""
    external = [(entry, _of_policy(entry, source)) for entry in policy]
    inline = {path: _inline(one) for path, one in texts.items()}
    kept, suppressed = [], []
    for finding in findings:
        by = None if finding.check == OWN else _accepting(finding, external, inline, today)
        if by:
            suppressed.append(Suppressed(finding=finding, by=by))
        else:
            kept.append(finding)
    standing = [one for _, one in external]
    standing += [one for found in inline.values() for one in found.standing]
    notes = [note for found in inline.values() for note in found.notes]
    return Judged(tuple(kept), tuple(suppressed), tuple(_expiries(standing, today)), tuple(notes))


def _of_policy(entry: SuppressConfig, source: str) -> Suppression:
    return Suppression(
        rule=entry.rule, until=entry.until, reason=entry.reason, source=source, in_source=False
    )


def _accepting(
    finding: Finding,
    external: Sequence[tuple[SuppressConfig, Suppression]],
    inline: Mapping[str, "_Inline"],
    today: datetime.date,
) -> Suppression | None:
    here = inline.get(finding.location.path)
    place = finding.location
    candidates = list(here.covering(place.line, place.end_line or place.line)) if here else []
    candidates += [one for entry, one in external if not entry.paths or matches(entry.paths, place.path)]
    for one in candidates:
        if one.until >= today and names(one.rule, finding):
            return one
    return None


def names(rule: str, finding: Finding) -> bool:
    """Whether a suppression's rule names the finding's."""
    return rule in (finding.rule, f"{finding.check}/{finding.rule}", f"{finding.check}/*")


def _expiries(standing: Iterable[Suppression], today: datetime.date) -> Iterator[Expiry]:
    for one in sorted(set(standing), key=lambda one: (one.until, one.source, one.rule)):
        days = (one.until - today).days
        if days <= WARNING_DAYS:
            yield Expiry(suppression=one, days=days)


@dataclass(frozen=True)
class _Inline:
    """Suppressions of one file: by line of head, all of base's, and sentences about damaged ones."""

    by_line: Mapping[int, Sequence[Suppression]]
    standing: Sequence[Suppression]
    notes: Sequence[str]

    def covering(self, line: int, end_line: int) -> Iterator[Suppression]:
        for number in dict.fromkeys((line, end_line)):
            yield from self.by_line.get(number, ())


def _inline(texts: Texts) -> _Inline:
    old = read_comments(texts.path, texts.base or "")
    notes = [
        f"The suppression at {texts.path}:{one.line} does not count: {one.mistake}."
        for one in old
        if one.mistake
    ]
    whole = [one for one in old if not one.mistake]
    standing = [each for one in whole for each in _of_comment(texts.path, one, one.line)]
    by_line: dict[int, list[Suppression]] = {}
    if whole and texts.head is not None:
        for comment, covered in _carried(texts.base or "", texts.head, whole, texts.path):
            by_line.setdefault(covered, []).extend(_of_comment(texts.path, comment, comment.line))
    return _Inline(by_line, standing, notes)


def _of_comment(path: str, comment: Comment, line: int) -> list[Suppression]:
    assert comment.until is not None
    return [
        Suppression(
            rule=rule, until=comment.until, reason=comment.reason, source=f"{path}:{line}", in_source=True
        )
        for rule in comment.rules
    ]


def _carried(base: str, head: str, old: Sequence[Comment], path: str) -> Iterator[tuple[Comment, int]]:
    """(comment of base, line of head that it covers) for base's comments that stand in their place on head."""
    before, after = base.split("\n"), head.split("\n")
    if max(len(before), len(after)) > MAX_LINES:
        return
    counterparts = _counterparts(before, after)
    known = {one.line: one for one in old}
    for comment in read_comments(path, head):
        origins = [known[line] for line in counterparts.get(comment.line, ()) if line in known]
        same = [one for one in origins if one.text == comment.text and one.alone == comment.alone]
        for one in same[:1]:
            covered = comment.line + 1 if comment.alone else comment.line
            if not comment.alone or one.line + 1 in counterparts.get(covered, ()):
                yield one, covered


def _counterparts(before: Sequence[str], after: Sequence[str]) -> dict[int, range]:
    """Lines of base that each line of head is or replaces; a line that was put in has none.

    A longer block that replaces a shorter one is paired line by line from its begin.
    """
    found: dict[int, range] = {}
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, low, high, start, stop in matcher.get_opcodes():
        if tag in ("equal", "replace"):
            for offset in range(min(high - low, stop - start)):
                found[start + offset + 1] = range(low + offset + 1, low + offset + 2)
    return found


def added(
    texts: Iterable[Texts], old: Sequence[SuppressConfig], new: Sequence[SuppressConfig], policy: str
) -> Iterator[Finding]:
    """A finding for every suppression that the change adds: nobody has accepted it yet."""
    for one in texts:
        known = Counter(comment.text for comment in read_comments(one.path, one.base or ""))
        for comment in read_comments(one.path, one.head or ""):
            known[comment.text] -= 1
            if known[comment.text] < 0:
                yield _added(one.path, comment.line, ", ".join(comment.rules) or "no rule", comment.reason,
                             comment.mistake)  # fmt: skip
    for entry in new:
        if entry not in old:
            yield _added(policy, 1, entry.rule, entry.reason, "")


def _added(path: str, line: int, rules: str, reason: str, mistake: str) -> Finding:
    said = f" Its reason: “{reason}”." if reason else ""
    said += f" As it stands it would never count: {mistake}." if mistake else ""
    return Finding(
        id="", fingerprint="", check=OWN, rule="suppression-added", category="test-tampering", severity="medium",
        title=f"The change adds a suppression of {rules}",
        message="Once it is on base, findings of this rule are accepted here. It did not count in this run."
        + said,
        location=Location(path, line), suggestion="Accept it knowingly, or mend what it hides and remove it.",
    )  # fmt: skip
