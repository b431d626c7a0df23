"""Which destructions are new on head, which reach further, and which guards are gone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .runs import Effect, Runs, Written
from .scenarios import AFFIRMATIVE, Scenario

What = Literal["new", "wider", "unguarded"]
GUARDS = ("declined", "every tool fails", "nothing is listed", "variables are not set", "staging")
WIDE = re.compile(r"--all\b|--all-namespaces|--recursive|(?:^|\s)/\*?$|\*")


@dataclass(frozen=True)
class Verdict:
    """One finding to be: the effect, in which scenario head shows it, and how it differs from base."""

    what: What
    effect: Effect
    scenario: str
    guarded: bool = False
    """It happens only after a person said yes, or asked for it by an argument."""
    before: Effect | None = None
    circumstances: str = ""


def judge(found: Sequence[Scenario], base: Runs, head: Runs, known: dict[str, Effect]) -> Iterator[Verdict]:
    """``known``: effects of every changed script on base, so that what only moved is not new."""
    for key, effect in head.effects().items():
        if key not in known:
            yield _new(found, head, effect, list(known.values()))
        elif key in base.effects():
            yield from _unguarded(found, base, head, effect)


def _new(found: Sequence[Scenario], head: Runs, effect: Effect, known: Sequence[Effect]) -> Verdict:
    by_name = {one["name"]: one for one in found}
    places = head.where(effect.key)
    free = [name for name in places if not _asked_for(by_name[name], found, head, effect.key)]
    before = next((one for one in known if one.rule == effect.rule and _narrower(one, effect)), None)
    chosen = (free or places)[0]
    circumstances = by_name[chosen]["circumstances"]
    what: What = "unguarded" if circumstances == "variables are not set" else "wider" if before else "new"
    return Verdict(what, effect, chosen, not free, before, circumstances)


def _asked_for(scenario: Scenario, found: Sequence[Scenario], head: Runs, key: str) -> bool:
    """Whether the destruction in this scenario is somebody's decision: an answer, an argument, a test stage."""
    if any(AFFIRMATIVE.search(word) for word in scenario["arguments"]):
        return True
    if scenario["circumstances"] == "staging":
        return True
    same = [one for one in found if one["arguments"] == scenario["arguments"]]
    declined = [one for one in same if one["circumstances"] == "declined"]
    return bool(declined) and not any(head.has(one["name"], key) for one in declined)


def _narrower(base: Effect, head: Effect) -> bool:
    """Whether head's call is base's with less to hold it back."""
    if WIDE.search(head.target) and not WIDE.search(base.target) and set(head.scope) <= set(base.scope):
        return True
    words, before = set(head.target.split()), set(base.target.split())
    return set(head.scope) < set(base.scope) and words <= before


def _unguarded(found: Sequence[Scenario], base: Runs, head: Runs, effect: Effect) -> Iterator[Verdict]:
    """The same arguments, the same destruction; but head does it where base holds back."""
    for one in found:
        if one["circumstances"] not in GUARDS or not head.has(one["name"], effect.key):
            continue
        if base.has(one["name"], effect.key) or one["name"] not in base.by_name:
            continue
        same = [
            o["name"]
            for o in found
            if o["arguments"] == one["arguments"] and o["circumstances"] not in GUARDS
        ]
        if any(base.has(name, effect.key) for name in same):
            yield Verdict("unguarded", effect, one["name"], circumstances=one["circumstances"])
            return


def unreached(base: Runs, head: Runs, known: dict[str, Effect]) -> list[Written]:
    """Destructive commands in head's text that no run reached and that base's text lacks."""
    ran = {(effect.rule, effect.tool) for effect in [*head.effects().values(), *known.values()]}
    before = {(one.effect.rule, one.effect.target) for one in base.written}
    return [
        one
        for one in head.written
        if (one.effect.rule, one.effect.tool) not in ran
        and (one.effect.rule, one.effect.target) not in before
    ]
