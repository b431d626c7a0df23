"""Strict reading of what a session's guest sends. Anything unexpected counts as no answer."""

from collections.abc import Mapping
from typing import Any

from harness.check.interface import Session

from .compare import Observed

Scenario = list[Any]
ENVIRON = "@environ"
"""A step that sets a variable of the environment: ``[ENVIRON, [name, value], []]``."""
MAX_ITEMS = 5000
MAX_DEPTH = 40
TEXTS = ("kind", "text", "loose", "plain", "group", "origin", "site", "mutated", "printed", "written", "message",
         "said", "closure")  # fmt: skip


def observed(value: Any) -> list[Observed] | None:
    """A list of outcomes, None when it is none."""
    if not isinstance(value, list) or len(value) > 100:
        return None
    found: list[Observed] = []
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("kind"), str):
            return None
        outcome: Observed = {key: item[key] for key in TEXTS if isinstance(item.get(key), str)}
        bases = item.get("bases")
        if isinstance(bases, list) and all(isinstance(name, str) for name in bases):
            outcome["bases"] = bases[:20]
        where = item.get("where")
        if isinstance(where, list) and len(where) == 2 and all(isinstance(name, str) for name in where):
            outcome["where"] = where
        found.append(outcome)
    return found


def plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is JSON of the kind that recipes are made of, not too deep."""
    if isinstance(value, list):
        return depth < MAX_DEPTH and all(plain(item, depth + 1) for item in value)
    return value is None or isinstance(value, bool | int | str)


def is_scenario(value: Any) -> bool:
    """Whether a value has the form ``[receiver, [[name, args, kwargs], …]]``."""
    if not (isinstance(value, list) and len(value) == 2 and isinstance(value[1], list) and plain(value)):
        return False
    return bool(value[1]) and all(
        isinstance(step, list)
        and len(step) == 3
        and isinstance(step[0], str)
        and (step[1] is None or isinstance(step[1], list))
        and isinstance(step[2], list)
        and all(isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in step[2])
        for step in value[1]
    )


def parameters(value: Any) -> dict[str, list[tuple[str, bool]]]:
    """Names and whether they are optional, by method; what has another form is left out."""
    return {
        name: [(one[0], one[1] is True) for one in known]
        for name, known in (value.items() if isinstance(value, dict) else ())
        if isinstance(known, list)
        and all(
            isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) and one[0].isidentifier()
            for one in known
        )
    }


class Side:
    """One side's session, asked in terms of scenarios and outcomes."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.lost = False
        self.parameters: dict[str, list[tuple[str, bool]]] = {}
        """Of the opened target: see :data:`.named.Parameters`."""
        self.known: Mapping[str, Any] | None = None
        """What head is told anew of base's classes, with the next scenarios."""

    def ask(self, message: Mapping[str, Any], timeout: float, kind: str) -> dict[str, Any]:
        """The reply of the given type; an empty dict when there is none."""
        self.session.tell(message)
        return self.hear(timeout, kind)

    def hear(self, timeout: float, kind: str) -> dict[str, Any]:
        reply = self.session.hear(timeout) if not self.lost else None
        if reply is None:
            self.lost = True
            return {}
        return reply if reply.get("type") == kind else {}

    def open(self, message: Mapping[str, Any], hash_seed: int = 0) -> str | None:
        """Open a target; the reason why that was not possible, None when it was."""
        reply = self.ask({"op": "open", "hash_seed": hash_seed, **message}, 60, "opened")
        if reply.get("done") is True and "error" not in reply:
            self.parameters = parameters(reply.get("parameters"))
            return None
        return str(reply.get("error", "the sandbox gave no answer"))[:300]

    def execute(
        self, batch: list[Scenario], timeout: float = 120, limit: float = 0.4, times: int = 0, depth: int = 0
    ) -> list[tuple[Any, Any]]:
        """(outcomes, fits) for each scenario of the batch; (None, None) where there is no answer.

        With ``times``, of the last of so many runs in a process that ran nothing else, with ``depth`` frames
        there where that is given.
        """
        self.start(batch, limit, times, depth)
        return self.finish(len(batch), timeout)

    def start(self, batch: list[Scenario], limit: float = 0.4, times: int = 0, depth: int = 0) -> None:
        known = {"known": self.known} if self.known is not None else {}
        self.known = None
        self.session.tell(
            {"op": "execute", "batch": batch, "limit": limit, "times": times, "depth": depth, **known}
        )

    def finish(self, count: int, timeout: float = 120) -> list[tuple[Any, Any]]:
        items = self.hear(timeout, "results").get("items")
        found: list[tuple[Any, Any]] = []
        for item in items[:count] if isinstance(items, list) else []:
            two = isinstance(item, list) and len(item) == 2
            found.append((observed(item[0]), item[1]) if two else (None, None))
        return found + [(None, None)] * (count - len(found))

    def ways(self, batch: list[Scenario], timeout: float = 60) -> list[str]:
        """For each scenario a mark of the way that it takes through the code, empty where that is unknown."""
        found = self.ask({"op": "ways", "batch": batch}, timeout, "ways").get("ways") if batch else []
        marks = [str(one or "") for one in found[: len(batch)]] if isinstance(found, list) else []
        return marks + [""] * (len(batch) - len(marks))

    def generate(self, count: int, seconds: float) -> None:
        self.session.tell({"op": "generate", "count": count, "seconds": seconds})

    def generated(
        self, timeout: float = 120
    ) -> tuple[list[tuple[Scenario, list[Observed], bool]], dict[str, Any]]:
        """Scenarios with base's outcomes, and the rest of the reply."""
        reply = self.hear(timeout, "batch")
        found = []
        items = reply.get("items")
        for item in items[:MAX_ITEMS] if isinstance(items, list) else []:
            if isinstance(item, list) and len(item) == 3 and is_scenario(item[0]):
                outcomes = observed(item[1])
                if outcomes is not None:
                    found.append((item[0], outcomes, item[2] is True))
        return found, reply

    def explain(self, scenario: Scenario, times: int = 0) -> tuple[list[Observed], Any]:
        """Full outcomes and the parts of a test; ([], None) without an answer."""
        reply = self.ask({"op": "explain", "scenario": scenario, "times": times}, 60, "explained")
        return observed(reply.get("outcomes")) or [], reply.get("source")
