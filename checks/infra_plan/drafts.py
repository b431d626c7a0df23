"""From planned changes to findings: one a root cause, its cascade and its instances rolled up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.check.interface import Draft

from .locate import Atlas, bare
from .planned import Planned
from .severity import ResourceClass, classify, severity

MAX_NAMED = 12


@dataclass(frozen=True)
class Loss:
    """One resource block whose instances the plan destroys, and what follows from it."""

    changes: tuple[Planned, ...]
    kind: ResourceClass
    cascade: tuple[str, ...] = ()

    @property
    def first(self) -> Planned:
        return self.changes[0]


def losses(changes: Sequence[Planned], atlas: Atlas) -> list[Loss]:
    """Destroyed resources by block, gravest first; those replaced only in consequence rolled up."""
    destroyed = [c for c in changes if c.destroys and not c.residual and not c.importing]
    roots = [c for c in destroyed if not c.cascade]
    followers = [c for c in destroyed if c.cascade]
    owners = {bare(c.address) for c in roots}
    groups: dict[str, list[Planned]] = {}
    for change in [*roots, *(f for f in followers if not _causes(f, owners, destroyed))]:
        groups.setdefault(f"{bare(change.address)} {change.replaces}", []).append(change)
    found = []
    for group in groups.values():
        own = bare(group[0].address)
        after = tuple(f.address for f in followers if own in _causes(f, owners, destroyed))
        found.append(Loss(tuple(group), _class(group[0], atlas), after))
    return sorted(found, key=lambda loss: (-loss.kind.weight, loss.first.address))


def _causes(change: Planned, owners: set[str], destroyed: Sequence[Planned]) -> set[str]:
    """Blocks among ``owners`` that a change follows from, through any number of steps."""
    by_block = {bare(c.address): c for c in destroyed}
    seen: set[str] = set()
    waiting = [change]
    while waiting:
        for name in waiting.pop().uses:
            block = next((b for b in by_block if name == b or name.startswith((b + ".", b + "["))), None)
            if block and block not in seen:
                seen.add(block)
                waiting.append(by_block[block])
    causes = seen & owners
    # locals and module outputs hide what an expression names: a single cause explains it all the same
    return causes or (owners if len(owners) == 1 else set())


def _class(change: Planned, atlas: Atlas) -> ResourceClass:
    base = atlas.before(change)
    return classify(change.resource_type, change.name, change.words, bool(base and base.resource.guarded()))


def draft(loss: Loss, atlas: Atlas, mode: str) -> Draft:
    """The finding about one loss, without its proof."""
    change = loss.first
    action = "replace" if change.replaces else "destroy"
    grave = severity(loss.kind.weight, change.certainty, change.blocked)
    verb = "replaced" if change.replaces else "destroyed"
    return Draft(
        rule=f"infra-{action}",
        category="infra",
        severity=grave,
        title=_title(loss, verb),
        message=message(loss, atlas, mode),
        location=atlas.place(change),
        key=f"{action} {bare(change.address)} {change.forced[0].name if change.forced else change.reason}",
        suggestion=suggestion(change, atlas),
        detail=_detail(loss),
        certainty=change.certainty,
        group=bare(change.address),
    )


def _title(loss: Loss, verb: str) -> str:
    address = bare(loss.first.address) if len(loss.changes) > 1 else loss.first.address
    count = f" ({len(loss.changes)} instances)" if len(loss.changes) > 1 else ""
    if loss.first.blocked:
        return f"The plan wants {address}{count} {verb}; prevent_destroy stops it"
    may = "would" if loss.first.certainty == "certain" else "may"
    return f"{address}{count} {may} be {verb}"


def message(loss: Loss, atlas: Atlas, mode: str) -> str:
    """What happens, why, how sure that is and what follows from it."""
    change = loss.first
    parts = [f"With base applied, head's plan {_action(change)} {change.address}, {loss.kind.label}."]
    if change.forced:
        parts.append("Forced by " + "; ".join(forced.sentence() for forced in change.forced[:4]) + ".")
    elif change.reason:
        parts.append(f"Reason: {REASONS.get(change.reason, change.reason.replace('_', ' '))}.")
    if change.certainty == "conditional":
        parts.append(_question(change))
    if change.blocked:
        parts.append(
            "prevent_destroy makes an apply fail; the plan was repeated without the guard to see this."
        )
    elif atlas.guard_dropped(change):
        parts.append("The change also removes the prevent_destroy that would have stopped it.")
    if change.counterfactual:
        parts.append(
            f"{change.counterfactual[0].upper()}{change.counterfactual[1:]}, the plan leaves it in place."
        )
    if loss.cascade:
        parts.append(f"In consequence {_names(loss.cascade)} would be replaced too.")
    if len(loss.changes) > 1:
        parts.append(f"The same holds for {_names([c.address for c in loss.changes[1:]])}.")
    return " ".join([*parts, mode])


REASONS = {
    "delete_because_no_resource_config": "its block is gone and no moved or removed block says where to",
    "delete_because_no_module": "the module call around it is gone and no moved block says where to",
    "delete_because_count_index": "count is now too small for it",
    "delete_because_each_key": "for_each no longer has its key",
    "delete_because_wrong_repetition": "count or for_each was added or removed",
    "delete_because_no_move_target": "a moved block names a target that is not there",
    "replace_by_triggers": "replace_triggered_by names something that changes",
}


def _action(change: Planned) -> str:
    if not change.replaces:
        return "destroys"
    return (
        "destroys and re-creates"
        if change.actions[0] == "delete"
        else "creates anew and then destroys the old"
    )


def _question(change: Planned) -> str:
    unsure = next((forced for forced in change.forced if forced.unsure), change.forced[0])
    if unsure.unknown:
        return f"Whether {unsure.name} changes is known only after apply."
    return f"Only if it is not so already: is {unsure.name} {unsure.after[:80]} today?"


def _names(addresses: Iterable[str]) -> str:
    every = list(addresses)
    more = f" and {len(every) - MAX_NAMED} more" if len(every) > MAX_NAMED else ""
    return ", ".join(every[:MAX_NAMED]) + more


def suggestion(change: Planned, atlas: Atlas) -> str:
    """The smallest change to head that keeps the resource."""
    if change.twin:
        return (
            f"{change.twin} is the same resource under another name. Tell terraform so:\n"
            f"moved {{\n  from = {change.address}\n  to   = {change.twin}\n}}"
        )
    if not change.replaces:
        return (
            "If it must live on, restore its block, or add a moved block (renamed) or a removed block with "
            "destroy = false (handed over). If it must go, back it up and say so in the change."
        )
    steps = (
        "Migrate in two steps: create the new one beside it, copy the data and switch over, then remove the old "
        "one in a later change."
    )
    if atlas.guard_dropped(change):
        steps += " Keep lifecycle { prevent_destroy = true } until then."
    return steps


def _detail(loss: Loss) -> str:
    lines = [f"{'/'.join(c.actions):15} {c.address}" for c in loss.changes]
    lines += [f"{'':15}   {forced.sentence()}" for c in loss.changes[:5] for forced in c.forced]
    lines += [f"{'in consequence':15} {address}" for address in loss.cascade]
    return "\n".join(lines[:200])
