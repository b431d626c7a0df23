"""Findings about one root module, from the best evidence that there is for it."""

from collections.abc import Sequence
from dataclasses import replace

from harness.check.interface import Context

from .configuration import Configuration
from .drafts import Loss, draft, losses
from .expansion import Expansion, expand
from .locate import Atlas, bare
from .picture import blast_radius
from .planned import CRASH, Failure, read_values
from .planned_values import both
from .proof import plan_for, probe_for
from .replaying import Mode, Replayed
from .results import Results
from .roots import Root, value_files
from .severity import classify
from .standing import exposures, gone_guards, guards
from .static_losses import FORGOTTEN, forget_draft, static_losses

MAX_PROOFS = 20
MODES = {
    Mode.GIVEN: "Seen in the plan that was given; what was pending before the change is in it, too.",
    Mode.STATE: "Seen by plan-on-plan replay on the given state, without a refresh: drift since then is not seen.",
    Mode.SYNTHETIC: (
        "Seen by plan-on-plan replay on a state synthesized from base; real infrastructure may differ from it."
    ),
}
WORDS = {
    Mode.GIVEN: (
        "evidence from the given plan (terraform {version}, {resources} resources); it was not made here, and base "
        "was not planned beside it"
    ),
    Mode.STATE: (
        "evidence by plan-on-plan replay on the given state (terraform {version}, {resources} resources); nothing "
        "was refreshed"
    ),
    Mode.SYNTHETIC: (
        "evidence by plan-on-plan replay (terraform {version}, {resources} resources, base settled after {rounds} "
        "rounds); state is synthetic: what exists beside the code, and values that only the cloud knows, are not seen"
    ),
}
STATIC_MODE = "Read from the files alone; no plan was made."
STATIC_WORDS = (
    "evidence from the files alone (static difference); what a provider computes, and modules and data from "
    "elsewhere, are not seen"
)
FROM_PLAN, FROM_FILES = "Seen in the planned values.", "Read from the files alone."


def examine(
    context: Context,
    root: Root,
    base: Configuration,
    head: Configuration,
    replayed: Replayed | None,
    results: Results,
) -> None:
    """Add what is to be said about a root. ``replayed`` is None where nothing was planned."""
    before = expand(base, root.base, value_files(base, root.base, root.files))
    after = expand(head, root.head, value_files(head, root.head, root.files))
    if replayed is None or replayed.summary is None:
        if replayed is not None and replayed.failure is not None:
            _failed(root, replayed.failure, results)
        results.notes.append(f"{root.label}: {STATIC_WORDS}.")
        static = static_losses(before, after, STATIC_MODE)
        results.findings.extend(static.findings)
        for address, name in static.untold:
            results.doubt(
                address,
                f"undetermined: the files do not tell whether {name}, which forces replacement, changes.",
            )
        _standing(before, after, {one.group or "" for one in static.findings}, FROM_FILES, results)
        return
    atlas = Atlas(before, after, fallback=_fallback(context, root))
    lost = _planned(replayed, atlas, (base, head), results)
    old, new = both(read_values(replayed.reply), before, after)
    _standing(old, new, lost, FROM_PLAN, results)
    touched = {bare(address) for address in (*old.resources, *new.resources)}
    unsure = {address for address in after.resources if address in touched or address.startswith("data.")
              or ".data." in address}  # fmt: skip
    results.findings.extend(one for one in exposures(before, after, FROM_FILES) if one.group in unsure)
    results.findings.extend(guards(before, after, lost))
    results.findings.extend(gone_guards(before, after))


def _standing(before: Expansion, after: Expansion, lost: set[str], mode: str, results: Results) -> None:
    results.findings.extend(guards(before, after, lost))
    if mode == FROM_FILES:
        results.findings.extend(gone_guards(before, after))
    results.findings.extend(exposures(before, after, mode))


def _failed(root: Root, failure: Failure, results: Results) -> None:
    if failure.stage == CRASH:
        results.failed = f"The replay of {root.label} did not complete: {failure.error}"
    hint = " needs_input:" if "variable" in failure.error.lower() else ""
    results.doubt(
        f"plan of {root.label}",
        f"terraform {failure.stage} fails on {failure.side}:{hint} {_short(failure.error)} "
        "The files alone were compared.",
    )


def _planned(
    replayed: Replayed, atlas: Atlas, sides: tuple[Configuration, Configuration], results: Results
) -> set[str]:
    """Findings of a plan; returns the blocks that it destroys."""
    summary, root = replayed.summary, replayed.root
    assert summary is not None
    words = WORDS[replayed.mode].format(
        version=summary.terraform[:20], resources=summary.resources, rounds=summary.rounds
    )
    results.notes += [f"{root.label}: {note}." for note in summary.notes] + [f"{root.label}: {words}."]
    _doubts(replayed, results)
    every = losses(replayed.changes, atlas)
    grave = [loss for loss in every if loss.kind.weight > 0]
    proven = grave[:MAX_PROOFS] if replayed.mode is not Mode.GIVEN else []
    probe = probe_for(proven, root, replayed.probe, replayed.reply)
    for loss in grave:
        plan = plan_for(loss, root, probe, sides, replayed.reply) if loss in proven else None
        results.findings.append(replace(draft(loss, atlas, MODES[replayed.mode]), proof=plan))
    for change in replayed.changes:
        kind = classify(change.resource_type, change.name, change.words)
        if change.actions == ("forget",) and kind.weight >= FORGOTTEN:
            results.findings.append(forget_draft(change.address, kind.label, atlas.place(change)))
    results.notes.extend(_quiet(every))
    picture = blast_radius(f"What head's plan of {root.label} destroys", every, replayed.changes)
    results.figures.extend([picture] if picture else [])
    return {bare(change.previous or change.address) for change in replayed.changes if change.destroys}


def _doubts(replayed: Replayed, results: Results) -> None:
    """What this evidence does not vouch for."""
    summary, root = replayed.summary, replayed.root
    assert summary is not None
    guessed = sorted(replayed.probe.request.get("placeholders", {}))
    if guessed:
        results.doubt(
            f"variables of {root.label}",
            f"needs_input: {', '.join(guessed)} have no value in the repository; the same placeholders stood on "
            "both sides.",
        )
    if summary.data:
        results.doubt(
            f"data sources of {root.label}",
            f"{', '.join(summary.data)} can only be read in the cloud; the same stand-ins stood on both sides.",
        )
    for fault in summary.faults:
        results.notes.append(f"{root.label}: without its cloud the provider says: {_short(fault)}")
    for address in summary.residual[:50]:
        results.doubt(
            address,
            "undetermined: base's plan changes it on base's own state, so a change on head cannot be told apart.",
        )
    for change in replayed.changes:
        if change.importing:
            results.doubt(
                change.address,
                "undetermined: it is imported; only the live object tells what the plan would change.",
            )


def _quiet(every: Sequence[Loss]) -> list[str]:
    """A note on what is destroyed without loss."""
    names = [loss.first.address for loss in every if loss.kind.weight == 0]
    return [f"Replaced or destroyed without loss: {', '.join(names[:20])}."] if names else []


def _fallback(context: Context, root: Root) -> str:
    changed = [f.path for f in context.change.files if f.path.startswith(f"{root.head}/") or root.head == "."]
    return (changed or [file.path for file in context.change.files] or [root.head])[0]


def _short(text: str) -> str:
    return " ".join(text.split())[:400]
