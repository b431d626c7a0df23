"""Differences that no caller can rely on: set aside, told once for each function, never blocking.

A function that refuses nonsense with another exception, hands out an iterator for a list or sums
floats in another order has not changed what it promises. Silence would hide that it was seen.
"""

from collections.abc import Callable, Sequence
from typing import Any

from .compare import Observed, same_value
from .wire import Scenario

WORDS = {
    "unlikely": "on inputs that nothing says a caller may pass",
    "accident": "where base fails by accident, not on purpose",
    "kind": "in the class of the exception: head's is a subclass of base's",
    "form": "in form alone (an iterator for a list, the order of a dict, the last digits of a float, "
    "a subclass of the same content)",
    "deep": "in how deep it recurses, which base does as well",
    "words": "in the text of an exception",
    "repr": "in its `repr`, which head leaves to Python",
}


class Aside:
    """What one search set aside, by reason, with the simplest scenario of each."""

    def __init__(self, measure: Callable[[Scenario], Any]) -> None:
        self.measure = measure
        self.counts: dict[str, int] = {}
        self.scenarios: dict[str, Scenario] = {}

    def add(self, reason: str, scenario: Scenario) -> None:
        """Count a scenario under one of the reasons in ``WORDS``."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        known = self.scenarios.get(reason)
        if known is None or self.measure(scenario) < self.measure(known):
            self.scenarios[reason] = scenario

    def lesser(self, scenario: Scenario, base: Sequence[Observed], head: Sequence[Observed]) -> None:
        """Count a scenario whose outcomes are equal as far as callers may care, if they differ at all."""
        for old, new in zip(base, head, strict=False):
            reason = _lesser(old, new)
            if reason is not None:
                self.add(reason, scenario)
                return

    def sentence(self, symbol: str, call_of: Callable[[Scenario], str]) -> str | None:
        """One sentence on all reasons, None without any. ``call_of`` writes a scenario for people."""
        parts = []
        for reason, words in WORDS.items():
            if reason in self.counts:
                shown = call_of(self.scenarios[reason])
                parts.append(f"{words} ({self.counts[reason]}{f', such as {shown}' if shown else ''})")
        return f"{symbol} differs only {'; '.join(parts)}." if parts else None


def _lesser(old: Observed, new: Observed) -> str | None:
    if old["kind"] != new["kind"]:
        if not old["kind"].startswith("raises "):
            return None
        subclass = old["kind"].removeprefix("raises ") in new.get("bases", ())
        return "kind" if subclass else "accident"
    if old["kind"] == "value" and old.get("text") != new.get("text"):
        return "form" if same_value(old, new) else None
    return "words" if old.get("said") != new.get("said") else None
