"""Drafts about operations scripts, with both transcripts."""

import re

from harness.check.interface import Draft, Location, ProofPlan, Severity, Snapshot

from .judging import Verdict
from .runs import Runs, Written
from .scripts import Script

RULES = {"new": "ops-destructive-call", "wider": "ops-reaches-further", "unguarded": "ops-guard-removed"}
WHEN = {
    "declined": "although the question is answered with no",
    "every tool fails": "although the steps before it fail",
    "nothing is listed": "although nothing was listed",
    "variables are not set": "although the variables that it needs are not set",
    "staging": "also in staging",
}
HELP = {
    "new": "If the script is meant to do this, let a person decide each time (a question that defaults to no, or an "
    "option such as --yes) and name exactly what goes; else take it out.",
    "wider": "Put back what held it: the namespace, the selector, the prefix, the target.",
    "unguarded": "Put the guard back: set -e, the question, the test of the variable (${X:?}), the dry run.",
}
LOWER: dict[Severity, Severity] = {"critical": "medium", "high": "medium", "medium": "low"}
MAX_DETAIL = 6000


def draft_of(
    verdict: Verdict, script: Script, base: Runs, head: Runs, tree: Snapshot, plan: ProofPlan
) -> Draft:
    """The finding of one verdict."""
    effect = verdict.effect
    severity = LOWER.get(effect.severity, effect.severity) if verdict.guarded else effect.severity
    return Draft(
        rule=RULES[verdict.what],
        category="ops",
        severity=severity,
        title=_title(verdict, script),
        message=_message(verdict, script),
        location=Location(script.path, _line(tree.read_text(script.path) or "", verdict)),
        key=f"{verdict.what} {effect.key}"[:1000],
        proof=plan,
        suggestion=HELP[verdict.what],
        detail=transcripts(verdict, base, head),
        certainty="conditional" if verdict.guarded else "certain",
    )


def _title(verdict: Verdict, script: Script) -> str:
    name = script.path.rsplit("/", 1)[-1]
    call = verdict.effect.call[:90]
    if verdict.what == "unguarded":
        return f"{name} runs `{call}` {WHEN[verdict.circumstances]}"
    if verdict.what == "wider":
        return f"{name}: `{call}` reaches further than before"
    return f"{name} newly {verdict.effect.what}: `{call}`"


def _message(verdict: Verdict, script: Script) -> str:
    effect = verdict.effect
    said = f"Run with {verdict.scenario}, head's {script.path} calls `{effect.call}`, which {effect.what}."
    if verdict.what == "unguarded" and script.base is not None:
        return f"{said} Base's does not do it in the same circumstances."
    if verdict.before:
        return f"{said} Base's call was `{verdict.before.call}`."
    if script.base is None:
        return f"{said} The script is new." + (
            " A person has to ask for it first." if verdict.guarded else ""
        )
    asked = " It does so only when asked (an answer, or an argument)." if verdict.guarded else ""
    return f"{said} No run of base's did.{asked}"


def transcripts(verdict: Verdict, base: Runs, head: Runs) -> str:
    """Every call of both sides in the scenario, the destructive one marked."""
    parts = []
    for title, runs in (("base", base), ("head", head)):
        ran = runs.by_name.get(verdict.scenario)
        lines = [f"--- {title}, {verdict.scenario}" + (f" ({ran.ended})" if ran else " (not there)")]
        lines += [
            ("! " if call == verdict.effect.call else "  ") + call for call in (ran.calls if ran else ())
        ]
        parts.append("\n".join(lines))
    return "\n".join(parts)[:MAX_DETAIL]


def _line(text: str, verdict: Verdict) -> int:
    """The line that most likely issues the call: the one that has most of its words."""
    words = set(re.findall(r"[\w.-]{2,}", f"{verdict.effect.tool} {verdict.effect.call}"))
    best, score = 1, 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        found = set(re.findall(r"[\w.-]{2,}", line))
        count = len(words & found) + (2 if verdict.effect.tool in found else 0)
        if count > score:
            best, score = number, count
    return best


def written_draft(one: Written, script: Script) -> Draft:
    """A destructive command that stands in the text and that no run reached: for a person to look at."""
    return Draft(
        rule="ops-destructive-text",
        category="ops",
        severity="medium",
        title=f"{script.path.rsplit('/', 1)[-1]} newly holds `{one.effect.call[:90]}`",
        message=f"Line {one.line} of head's {script.path} says `{one.effect.call}`, which {one.effect.what}. "
        "No run reached it, so whether and when it happens was not seen.",
        location=Location(script.path, max(1, one.line)),
        key=f"text {one.effect.key}"[:1000],
        suggestion=HELP["new"],
        certainty="undetermined",
    )
