"""Untested changes: the part of the check that measures head's own tests."""

from dataclasses import dataclass, field

from harness.check.interface import BudgetExhausted, Context, Draft, RiskWeight, Unverified

from ..suite import Suite
from .findings import notes, untested, weights
from .lines import changed_files
from .measure import measure
from .moved import without_moved
from .mutators import mutants

SECONDS = 40.0
SHARE_OF_BUDGET = 0.2
LEAST_SECONDS = 4.0
SETTING = "mutation_seconds"


@dataclass(frozen=True)
class Notice:
    """What head's tests do not run or do not notice. Never more than advice."""

    findings: list[Draft] = field(default_factory=list)
    weights: list[RiskWeight] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)


def mutating(context: Context) -> bool:
    """Whether defects may be tried: ``mutation_seconds`` of 0 turns it off."""
    wanted = context.settings.get(SETTING, SECONDS)
    return not isinstance(wanted, int | float) or wanted > 0


def changed_lines_under_test(context: Context, suite: Suite) -> Notice:
    """Coverage and mutants of the changed lines, within ``mutation_seconds`` of the settings."""
    files = without_moved(context, changed_files(context, suite))
    wanted = context.settings.get(SETTING, SECONDS)
    most = float(wanted) if isinstance(wanted, int | float) else SECONDS
    seconds = min(most, SHARE_OF_BUDGET * context.remaining())
    if not files or most <= 0:
        return Notice()
    if seconds < LEAST_SECONDS:
        return Notice(unverified=[Unverified("how well tests cover the changed lines", "no time was left")])
    context.progress("putting defects into the changed lines")
    made = [mutant for file in files for mutant in mutants(file)]
    try:
        measured = measure(context, suite, files, made, seconds)
    except BudgetExhausted:
        return Notice(unverified=[Unverified("how well tests cover the changed lines", "no time was left")])
    unverified = []
    if measured.doubt:
        unverified.append(Unverified("how well tests cover the changed lines", measured.doubt))
    if measured.left:
        why = f"{measured.left} did not fit into {seconds:.0f} seconds"
        unverified.append(Unverified("defects put into the changed lines", why))
    return Notice(untested(files, measured), weights(measured), notes(measured), unverified)
