"""CloudFormation: what would updating base's stacks to head's templates delete, replace or open?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.check.documents import UnreadableError
from harness.check.interface import CheckSkipped, Context, Draft, Location, Outcome, Snapshot, Unverified

from .hazard import Hazard
from .losses import of_changed, of_deleted, weigh
from .openings import of_pair
from .schemas import Schemas, find
from .template import MAX_BYTES, SUFFIXES, Template, read

MAX_FINDINGS = 40


@dataclass
class _Seen:
    """What the run could not tell."""

    unverified: list[Unverified] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)

    def doubt(self, what: str, why: str) -> None:
        self.unverified.append(Unverified(what, why, "cloudformation"))


def check(context: Context) -> Outcome:
    """Compare the changed templates one by one; resources of a stack do not move to another by themselves."""
    seen = _Seen()
    schemas = find()
    hazards: list[tuple[str, Hazard]] = []
    templates = 0
    for file in context.change.files:
        old, new = file.old_path or file.path, file.path
        if not new.endswith(SUFFIXES):
            continue
        base, base_unread = _read(context.base, old, seen) if file.status != "added" else (None, False)
        head, head_unread = _read(context.head, new, seen) if file.status != "deleted" else (None, False)
        templates += bool(base or head or base_unread or head_unread)
        if not (base_unread or head_unread) and (base or head):
            gone = head is None
            found = _compare(base or Template(old), head or Template(new), schemas, seen, gone=gone)
            hazards += [(old if gone else new, one) for one in found]
    if not templates:
        raise CheckSkipped("no changed file is a CloudFormation template")
    if seen.unknown:
        _say_unknown(schemas, seen)
    return Outcome(
        findings=[_draft(path, one) for path, one in _sorted(hazards)[:MAX_FINDINGS]],
        unverified=seen.unverified,
    )


def _read(snapshot: Snapshot, path: str, seen: _Seen) -> tuple[Template | None, bool]:
    """(the template if it is one, whether it could not be read)."""
    text = snapshot.read_text(path, MAX_BYTES + 1)
    try:
        return (read(path, text), False) if text is not None else (None, False)
    except UnreadableError as problem:
        seen.doubt(path, f"This template cannot be read: {problem}.")
        return None, True


def _compare(
    base: Template, head: Template, schemas: Schemas, seen: _Seen, *, gone: bool
) -> Iterator[Hazard]:
    for name, one in base.resources.items():
        if name not in head.resources:
            yield from of_deleted(one, head, gone)
    for name, after in head.resources.items():
        before = base.resources.get(name)
        if before is not None:
            if (
                before.properties != after.properties
                and weigh(after.type)
                and schemas.fixed(after.type) is None
            ):
                seen.unknown.add(after.type)
            yield from of_changed(before, after, (base, head), schemas)
        yield from of_pair(before, after)


def _say_unknown(schemas: Schemas, seen: _Seen) -> None:
    kinds = ", ".join(sorted(seen.unknown)[:8])
    why = "No schema says which of their properties force a replacement"
    install = "" if schemas.source else "; install cfn-lint (pip install 'change-harness[cloudformation]')"
    seen.doubt(f"replacement of {kinds}", f"{why}{install}.")


def _sorted(hazards: Sequence[tuple[str, Hazard]]) -> list[tuple[str, Hazard]]:
    order = ("critical", "high", "medium", "low", "info")
    return sorted(hazards, key=lambda pair: (order.index(pair[1].severity), pair[0], pair[1].line))


def _draft(path: str, one: Hazard) -> Draft:
    return Draft(
        rule=one.rule,
        category="infra",
        severity=one.severity,
        title=one.title[:200],
        message=f"{one.message} Read from the templates; no stack was asked.",
        location=Location(path, one.line, symbol=one.subject.id),
        key=f"{one.subject.id} {one.key}"[:500],
        cwe=one.cwe,
        suggestion=one.suggestion,
        certainty=one.certainty,
    )
