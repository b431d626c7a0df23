"""Infrastructure dry run: what would this change destroy, expose or unguard?"""

from collections.abc import Sequence
from pathlib import Path

from harness.check.interface import CheckSkipped, Context, Draft, Outcome

from .configuration import Configuration, read_both
from .examine import examine
from .given import addresses, given_file, kept_state, lent, root_of
from .probes import Tools
from .replaying import Replayed, read_given, replay, tools_for
from .results import Results
from .roots import Root, touched
from .tools import find_binary

MAX_ROOTS = 24


def check(context: Context) -> Outcome:
    """Replay what can be planned, read the rest, and compare guards and exposure on both sides."""
    base, head = read_both(context.base, context.head)
    roots = touched(base, head, context.change)
    results = Results()
    for configuration, label in ((base, "base"), (head, "head")):
        for path, why in configuration.errors.items():
            results.doubt(path, f"On {label} {why}; what it declares was not compared.")
    if not roots:
        raise CheckSkipped("The change touches no root module of Terraform or OpenTofu.")
    for root in roots[MAX_ROOTS:]:
        results.doubt(f"root module {root.label}", f"The change touches more than {MAX_ROOTS} root modules.")
    roots = roots[:MAX_ROOTS]
    replayed = _evidence(context, roots, base, head, results)
    for root in roots:
        examine(context, root, base, head, replayed.get(root), results)
    return Outcome(
        _without_repeats(results.findings), results.unverified, notes=_unique(results.notes),
        figures=results.figures, failed=results.failed,
    )  # fmt: skip


def _evidence(
    context: Context, roots: Sequence[Root], base: Configuration, head: Configuration, results: Results
) -> dict[Root, Replayed]:
    """The best evidence for each root: a given plan, a replay on a given state, a synthetic replay."""
    found: dict[Root, Replayed] = {}
    plan = given_file(context, "plan")
    if plan is not None:
        root = root_of(addresses(plan, "plan"), roots, base, head)
        if root is None:
            results.doubt(
                f"plan {plan.name}", "It speaks of no root module that the change touches; it was not used."
            )
        else:
            with lent(plan, "plan") as mounts:
                found[root] = read_given(context, root, mounts)
    states: dict[Root, Path] = {}
    state = given_file(context, "state")
    if state is not None:
        root = root_of(addresses(state, "state"), [one for one in roots if one not in found], base, head)
        if root is None:
            results.doubt(
                f"state {state.name}", "It holds no resource of a root module that the change touches."
            )
        else:
            states[root] = kept_state(state)
    return found | _replayed(context, [r for r in roots if r not in found], base, head, results, states)


def _replayed(
    context: Context, roots: Sequence[Root], base: Configuration, head: Configuration, results: Results,
    states: dict[Root, Path],
) -> dict[Root, Replayed]:  # fmt: skip
    """The replays that came to an end; for every other root a sentence why there is none."""
    binary = find_binary(context.settings)
    possible: dict[Root, Tools] = {}
    for root in roots:
        reason = _impossible(root, base, head, binary)
        tools: Tools | None = None
        if not reason and binary is None:
            reason = "Neither tofu nor terraform is on the PATH; install one or name it in [checks.infra_plan] binary."
        if not reason and binary is not None:
            tools, reason = tools_for(context, root, base, head, binary)
        if tools is None or reason:
            results.doubt(f"plan of {root.label}", f"{reason} The files alone were compared.")
            continue
        possible[root] = tools
        results.notes.extend(
            f"{root.label}: {note}." for note in dict.fromkeys(p.note for p in tools.head) if note
        )
    if not possible:
        return {}
    context.progress(f"planning {len(possible)} root module(s)")
    return {one.root: one for one in replay(context, possible, base, head, states)}


def _impossible(root: Root, base: Configuration, head: Configuration, binary: Path | None) -> str:
    if binary is not None and "tofu" not in binary.name:
        for configuration, path in ((base, root.base), (head, root.head)):
            if configuration.only_opentofu(path):
                return f"It has files that only OpenTofu reads, and {binary.name} would leave them out."
    for configuration, path in ((base, root.base), (head, root.head)):
        for folder in configuration.reachable(path):
            for name, source in (
                configuration.folders[folder].remote_modules() if folder in configuration.folders else ()
            ):
                return f"Module {name} comes from {source}, which is out of reach here."
    if root.base not in base.folders:
        return "The root module is new, so there is nothing that a plan could destroy."
    return ""


def _without_repeats(findings: Sequence[Draft]) -> list[Draft]:
    """One finding a rule and place: several variants of a root show the same loss."""
    seen: dict[tuple[str, str, str | None, str], Draft] = {}
    for finding in findings:
        key = (finding.rule, finding.location.path, finding.location.symbol, finding.key)
        seen.setdefault(key, finding)
    return list(seen.values())


def _unique(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))
