"""Infrastructure dry run: what would this change destroy, expose or unguard?"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from harness.check.interface import CheckSkipped, Context, Draft, Figure, Outcome, Unverified

from .configuration import Configuration, read_both
from .drafts import Loss, draft, losses
from .expansion import expand
from .locate import Atlas, bare
from .picture import blast_radius
from .planned import CRASH
from .proof import plan_for
from .replaying import Replayed, Tools, replay, tools_for
from .roots import Root, touched, value_files
from .standing import exposures, gone_guards, guards
from .static_losses import static_losses
from .tools import find_binary

MAX_PROOFS = 6
MAX_ROOTS = 24
REPLAY_MODE = (
    "Seen by plan-on-plan replay on a state synthesized from base; real infrastructure may differ from it."
)
STATIC_MODE = "Read from the files alone; no plan was made."


@dataclass
class _Results:
    findings: list[Draft] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    failed: str = ""

    def doubt(self, what: str, why: str) -> None:
        self.unverified.append(Unverified(what, why, "infra_plan"))


def check(context: Context) -> Outcome:
    """Replay what can be planned, read the rest, and compare guards and exposure on both sides."""
    base, head = read_both(context.base, context.head)
    roots = touched(base, head, context.change)
    results = _Results()
    for configuration, label in ((base, "base"), (head, "head")):
        for path, why in configuration.errors.items():
            results.doubt(path, f"On {label} {why}; what it declares was not compared.")
    if not roots:
        raise CheckSkipped("The change touches no root module of Terraform or OpenTofu.")
    for root in roots[MAX_ROOTS:]:
        results.doubt(f"root module {root.label}", f"The change touches more than {MAX_ROOTS} root modules.")
    roots = roots[:MAX_ROOTS]
    replayed = _replayed(context, roots, base, head, results)
    for root in roots:
        _examine(context, root, base, head, replayed.get(root), results)
    findings = _without_repeats(results.findings)
    return Outcome(
        findings,
        results.unverified,
        notes=_unique(results.notes),
        figures=results.figures,
        failed=results.failed,
    )


def _replayed(
    context: Context, roots: Sequence[Root], base: Configuration, head: Configuration, results: _Results
) -> dict[Root, Replayed]:
    """The replays that came to an end; for every other root a sentence why there is none."""
    binary = find_binary(context.settings)
    possible: dict[Root, Tools] = {}
    for root in roots:
        reason = _impossible(root, base, head)
        tools: Tools | None = None
        if not reason and binary is None:
            reason = "Neither tofu nor terraform is on the PATH; install one or name it in [checks.infra_plan] binary."
        if not reason and binary is not None:
            tools, reason = tools_for(context, root, base, head, binary)
        if tools is None or reason:
            results.doubt(f"plan of {root.label}", f"{reason} The files alone were compared.")
            results.notes.append(f"{root.label}: evidence from the files alone (static difference).")
            continue
        possible[root] = tools
        results.notes.extend(
            f"{root.label}: {note}." for note in dict.fromkeys(p.note for p in tools.head) if note
        )
    if not possible:
        return {}
    context.progress(f"planning {len(possible)} root module(s)")
    return {one.root: one for one in replay(context, possible, base, head)}


def _impossible(root: Root, base: Configuration, head: Configuration) -> str:
    for configuration, path in ((base, root.base), (head, root.head)):
        for folder in configuration.reachable(path):
            for name, source in (
                configuration.folders[folder].remote_modules() if folder in configuration.folders else ()
            ):
                return f"Module {name} comes from {source}, which is out of reach here."
    if root.base not in base.folders:
        return "The root module is new, so there is nothing that a plan could destroy."
    return ""


def _examine(
    context: Context,
    root: Root,
    base: Configuration,
    head: Configuration,
    replayed: Replayed | None,
    results: _Results,
) -> None:
    sides = (
        expand(base, root.base, value_files(base, root.base, root.files)),
        expand(head, root.head, value_files(head, root.head, root.files)),
    )
    atlas = Atlas(*sides, fallback=_fallback(context, root))
    lost: set[str] = set()
    if replayed is not None and replayed.summary is not None:
        lost = _planned(replayed, atlas, (base, head), results)
    else:
        if replayed is not None and replayed.failure is not None:
            failure = replayed.failure
            if failure.stage == CRASH:
                results.failed = f"The replay of {root.label} did not complete: {failure.error}"
            results.doubt(
                f"plan of {root.label}",
                f"terraform {failure.stage} fails on {failure.side}: {_short(failure.error)} "
                "The files alone were compared.",
            )
            results.notes.append(f"{root.label}: evidence from the files alone (static difference).")
        found = static_losses(sides[0], sides[1], STATIC_MODE)
        lost = {one.group or "" for one in found}
        results.findings.extend(found)
    results.findings.extend(guards(sides[0], sides[1], lost))
    results.findings.extend(gone_guards(sides[0], sides[1]))
    results.findings.extend(exposures(sides[0], sides[1]))


def _planned(
    replayed: Replayed, atlas: Atlas, sides: tuple[Configuration, Configuration], results: _Results
) -> set[str]:
    """Findings of a replay; returns the blocks that it destroys."""
    summary = replayed.summary
    assert summary is not None
    root = replayed.root
    results.notes.extend(replayed.notes)
    results.notes.append(
        f"{root.label}: evidence by plan-on-plan replay (terraform {summary.terraform[:20]}, "
        f"{summary.resources} resources, base settled after {summary.rounds} rounds); state is synthetic."
    )
    guessed = sorted(replayed.probe.request["placeholders"])
    if guessed:
        results.doubt(
            f"variables of {root.label}",
            f"{', '.join(guessed)} have no value in the repository; the same placeholders stood on both sides.",
        )
    for address in summary.residual[:50]:
        results.doubt(
            address, "Base's plan changes it on base's own state, so a change on head cannot be told apart."
        )
    for change in replayed.changes:
        if change.importing:
            results.doubt(
                change.address, "It is imported; only the live object tells what the plan would change."
            )
    every = losses(replayed.changes, atlas)
    for index, loss in enumerate(loss for loss in every if loss.kind.weight > 0):
        finding = draft(loss, atlas, REPLAY_MODE)
        proven = index < MAX_PROOFS
        plan = plan_for(loss, root, replayed.probe, sides, replayed.reply.files) if proven else None
        results.findings.append(replace(finding, proof=plan))
    results.notes.extend(_quiet(every))
    picture = blast_radius(f"What head's plan of {root.label} destroys", every, replayed.changes)
    results.figures.extend([picture] if picture else [])
    return {bare(change.previous or change.address) for change in replayed.changes if change.destroys}


def _quiet(every: Sequence[Loss]) -> list[str]:
    """A note on what is destroyed without loss."""
    names = [loss.first.address for loss in every if loss.kind.weight == 0]
    return [f"Replaced or destroyed without loss: {', '.join(names[:20])}."] if names else []


def _fallback(context: Context, root: Root) -> str:
    changed = [f.path for f in context.change.files if f.path.startswith(f"{root.head}/") or root.head == "."]
    return (changed or [file.path for file in context.change.files] or [root.head])[0]


def _short(text: str) -> str:
    return " ".join(text.split())[:400]


def _without_repeats(findings: Sequence[Draft]) -> list[Draft]:
    """One finding a rule and place: several variants of a root show the same loss."""
    seen: dict[tuple[str, str, str | None, str], Draft] = {}
    for finding in findings:
        key = (finding.rule, finding.location.path, finding.location.symbol, finding.key)
        seen.setdefault(key, finding)
    return list(seen.values())


def _unique(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))
