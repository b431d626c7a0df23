"""Who depends on what changed: modules, entry points, routes, public names.

The import graph of head is read inside the sandbox by parsing; nothing is imported, and no
library that would need the tree on ``sys.path`` is used. What is reached weighs on the risk and
is drawn; it is no finding.
"""

import math
import tomllib
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from harness.check.interface import (
    CheckFailed,
    CheckSkipped,
    Context,
    Figure,
    Outcome,
    Probe,
    Reply,
    RiskWeight,
    Side,
    Snapshot,
)

from .picture import draw

Name = Annotated[str, msgspec.Meta(max_length=300)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=300)]
MAX_SHARE = 0.5


class Reach(msgspec.Struct, frozen=True):
    """What the guest found, decoded strictly. ``dependents``: module, path, distance from the change."""

    modules: int
    changed: Names
    dependents: Annotated[tuple[tuple[Name, Name, int], ...], msgspec.Meta(max_length=300)]
    count: int
    tests: int
    routes: Names
    mains: Names
    public: Names
    unread: int


def check(context: Context) -> Outcome:
    """Weigh and draw. Raises CheckSkipped without changed code, CheckFailed when the graph is damaged."""
    paths = [one.path for one in context.change.files if one.path.endswith(".py") and one.status != "deleted"]
    product = [path for path in paths if not _is_test(path)]
    if not product:
        raise CheckSkipped("the change leaves no Python file that is no test")
    reach = _reach(context.run(Side.HEAD, Probe(entry="graph.py", request={"changed": product})))
    scripts = entry_points(context.head, [*reach.changed, *(name for name, _, _ in reach.dependents)])
    entries = list(dict.fromkeys([*scripts, *reach.mains]))
    notes = (
        [f"{reach.unread} modules could not be parsed and are no part of the graph"] if reach.unread else []
    )
    share = share_of(reach, entries)
    if not share:
        return Outcome(notes=[*notes, "nothing in the repository depends on what changed"])
    weight = RiskWeight("blast radius", share, said(reach, entries), "blast_radius")
    title = f"Who depends on what changed: {said(reach, entries)}"
    picture = Figure(
        "blast_radius",
        title[:300],
        draw(reach.changed, reach.dependents, entries, reach.routes),
        place="risk",
    )
    return Outcome(weights=[weight], figures=[picture], notes=notes)


def _reach(reply: Reply) -> Reach:
    messages = reply.of("reach")
    try:
        if len(messages) == 1 and reply.completed:
            return msgspec.convert(messages[0], Reach)
    except (msgspec.ValidationError, RecursionError):
        pass
    raise CheckFailed(f"the import graph could not be read ({reply.end}); raise the limits of this check")


def entry_points(head: Snapshot, modules: Sequence[str]) -> list[str]:
    """Commands of pyproject.toml that start in one of the modules."""
    try:
        project: Any = tomllib.loads(head.read_text("pyproject.toml") or "").get("project")
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    found = []
    for table in ("scripts", "gui-scripts"):
        scripts = project.get(table) if isinstance(project, dict) else None
        for name, target in (scripts or {}).items() if isinstance(scripts, dict) else ():
            if isinstance(target, str) and target.partition(":")[0].strip() in modules:
                found.append(f"command {name}")
    return found


def share_of(reach: Reach, entries: Sequence[str]) -> float:
    """Part of the likelihood's points: more for more dependents, in doublings, and for what faces users."""
    share = 0.06 * math.log2(1 + reach.count)
    share += 0.08 * bool(reach.routes) + 0.05 * bool(entries) + 0.05 * bool(reach.public)
    return round(min(MAX_SHARE, share), 2)


def said(reach: Reach, entries: Sequence[str]) -> str:
    """What depends on the change, with names."""
    parts = []
    if reach.count:
        names = ", ".join(name for name, _, _ in reach.dependents[:4])
        parts.append(f"{reach.count} of {reach.modules} modules ({names}{', …' if reach.count > 4 else ''})")
    for noun, found in (("route", reach.routes), ("entry point", entries), ("public name", reach.public)):
        if found:
            shown = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
            parts.append(f"{len(found)} {noun}{'s' if len(found) > 1 else ''} ({shown})")
    return "; ".join(parts) or "nothing"


def _is_test(path: str) -> bool:
    parts = path.split("/")
    if any(part in ("tests", "test", "testing") for part in parts[:-1]):
        return True
    return parts[-1] == "conftest.py" or parts[-1].startswith("test_") or parts[-1].endswith("_test.py")
