"""Compose files and Dockerfiles: what would head no longer keep, newly reach or open, compared with base?"""

import re
from collections.abc import Iterator

from harness.check.documents import Node, UnreadableError, read_yaml
from harness.check.interface import CheckSkipped, Context, Draft, Location, Outcome, Unverified

from . import compose, images, services
from .hazard import Hazard

MAX_BYTES = 1_000_000
MAX_FINDINGS = 40
OWN_MACHINE = re.compile(
    r"(?i)(?:^|[/._-])(?:dev|development|local|override|tests?|ci|e2e|example|debug)(?:[/._-]|$)"
)
"""Files for the machine of one person: a port that is open there is no door."""


def check(context: Context) -> Outcome:
    """Compare each changed file with itself on base."""
    changed = [file for file in context.change.files if file.status != "deleted" and _is_ours(file.path)]
    if not changed:
        raise CheckSkipped("no changed file is a Compose file or a Dockerfile")
    drafts: list[Draft] = []
    unverified: list[Unverified] = []
    for file in changed:
        before = (
            None if file.status == "added" else context.base.read_text(file.old_path or file.path, MAX_BYTES)
        )
        after = context.head.read_text(file.path, MAX_BYTES)
        if after is None:
            unverified.append(Unverified(file.path, "This file cannot be read as text."))
            continue
        try:
            drafts += [_draft(file.path, one) for one in _hazards(file.path, before, after)]
        except UnreadableError as problem:
            unverified.append(Unverified(file.path, f"This file cannot be read: {problem}."))
    return Outcome(findings=drafts[:MAX_FINDINGS], unverified=unverified)


def _is_ours(path: str) -> bool:
    return bool(compose.NAME.search(path) or images.NAME.search(path))


def _hazards(path: str, before: str | None, after: str) -> Iterator[Hazard]:
    if images.NAME.search(path):
        yield from images.hazards_of(before, after)
        return
    base = read_yaml(before) if before is not None else Node()
    for one in services.hazards_of(compose.project_of(base), compose.project_of(read_yaml(after))):
        if one.rule != "containers-exposed" or not OWN_MACHINE.search(path):
            yield one


def _draft(path: str, one: Hazard) -> Draft:
    return Draft(
        rule=one.rule,
        category="infra",
        severity=one.severity,
        title=one.title[:160],
        message=f"{one.message} Read from the file; nothing was built or started.",
        location=Location(path, max(1, one.line), symbol=one.symbol),
        key=one.key[:500],
        cwe=one.cwe,
        suggestion=one.suggestion,
        certainty=one.certainty,
    )
