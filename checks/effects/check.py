"""Runs the change's code on both sides under an audit hook and reports what only head does.

Modules that the change touches are imported, and the tests run, on base and on head. An event is
a network destination, a started program, a file outside of the tree, or an environment variable
that code of the tree (no test) used. New is what base does neither under its own tests nor under
head's. A proof is the same import, or the same test, replayed on both sides.
"""

from collections.abc import Sequence
from dataclasses import replace

from harness.check.interface import (
    CheckFailed,
    CheckSkipped,
    Context,
    Draft,
    Limits,
    Outcome,
    Probe,
    Reply,
    Side,
    Unverified,
)

from .changed import Changed, module_of
from .drafts import is_ordinary, make_draft
from .events import Event, Facts, decode_events, decode_facts

SECONDS = 60.0
MARGIN = 20.0
MAX_MODULES = 200
MAX_FINDINGS = 60


def check(context: Context) -> Outcome:
    """Compare the effects of base and head. Raises CheckSkipped when no code of the product changed."""
    changed = Changed(context)
    if not changed.paths:
        raise CheckSkipped("the change leaves no Python file that is no test")
    modules = [name for name in map(module_of, changed.paths) if name][:MAX_MODULES]
    context.progress("running base and head under an audit hook")
    probes = ((Side.BASE, probe(context, modules, [])), (Side.HEAD, probe(context, modules, [])))
    replies = context.run_all(*probes)
    (old, _), (new, facts) = (_read(reply, side) for reply, side in zip(replies, Side, strict=True))
    known = {one.key for one in old}
    fresh = [one for one in new if one.key not in known and not is_ordinary(one)]
    groups = _grouped(fresh, changed)
    drafts = _confirmable(context, groups, changed, facts, modules)
    return Outcome(drafts, _unverified(facts), notes=[_note(new, facts)])


def probe(context: Context, modules: Sequence[str], tests: Sequence[str] | None, **more: object) -> Probe:
    """One run of a side under the hook; ``more`` are further fields of the request."""
    seconds = max(min(SECONDS, context.remaining() * 0.3), 10.0)
    overlay = bool(more.get("overlay"))
    return Probe(
        entry="watch.py",
        request={"modules": list(modules), "tests": tests, "seconds": seconds, **more},
        also=(Side.HEAD,) if overlay else (),
        limits=limits_for(context.limits, seconds),
        label="effects",
    )


def limits_for(limits: Limits, seconds: float) -> Limits:
    """The pack's limits with time for a run of ``seconds``."""
    wall = seconds + MARGIN
    return replace(limits, wall_seconds=wall, cpu_seconds=max(limits.cpu_seconds, wall))


def _read(reply: Reply, side: Side) -> tuple[list[Event], Facts]:
    facts = decode_facts(reply.of("facts"))
    if facts is None or not reply.completed:
        raise CheckFailed(
            f"the run of {side} under the audit hook did not complete ({reply.end}); raise the limits of this check"
        )
    return decode_events(reply.of("events")), facts


def _grouped(fresh: Sequence[Event], changed: Changed) -> list[Event]:
    """One event for each key: one of changed code first, and one of an import first."""
    best: dict[tuple[str, str], Event] = {}
    for event in fresh:
        kept = best.get(event.key)
        if kept is None or _order(event, changed) < _order(kept, changed):
            best[event.key] = event
    return list(best.values())[:MAX_FINDINGS]


def _order(event: Event, changed: Changed) -> tuple[bool, bool, int]:
    return changed.responsible(event) is None, bool(event.test), len(event.stack)


def _confirmable(
    context: Context, groups: Sequence[Event], changed: Changed, facts: Facts, modules: Sequence[str]
) -> list[Draft]:
    """Drafts of what base does not do under head's tests either.

    Where no changed code takes part, a test that passes on base must show that base does not do it:
    a new test of old code is no new effect.
    """
    tests = sorted({one.test for one in groups if one.test})
    base_events: set[tuple[str, str]] = set()
    passed: set[str] = set()
    if tests:
        context.progress("running head's tests on base's code")
        again = probe(context, [], tests, overlay="/in/head")
        events, said = _read(context.run(Side.BASE, again), Side.BASE)
        base_events, passed = {one.key for one in events}, set(said.passed)
    drafts = []
    for event in groups:
        responsible = changed.responsible(event)
        if event.key in base_events or changed.named_on_base(event):
            continue
        if responsible is None and not (event.test in passed or (not event.test and event.at_import)):
            continue
        importing = (
            [] if event.test else [name for name in modules if name in facts.imported] or list(modules)
        )
        drafts.append(make_draft(context, event, responsible or event.stack[0], changed, importing, probe))
    return drafts


def _unverified(facts: Facts) -> list[Unverified]:
    if facts.finished:
        return []
    return [Unverified("effects while head's tests run", "the tests did not come to their end in time")]


def _note(events: Sequence[Event], facts: Facts) -> str:
    kinds = {kind: len({one.what for one in events if one.kind == kind}) for kind in ("network", "process")}
    return (
        f"head under the audit hook: {len(facts.imported)} changed modules imported, {len(facts.passed)} tests passed, "
        f"{kinds['network']} network destinations, {kinds['process']} programs"
    )
