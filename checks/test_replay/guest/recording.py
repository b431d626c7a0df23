"""Records the calls of the tree's own functions while a test runs, in short form."""

from __future__ import annotations

import hashlib
from typing import Any

from guestlib.record import Recorder

MAX_TEXT = 200
PER_SYMBOL = 60
PER_TEST = 400


class Recording:
    """The shared recorder, asked test by test."""

    def __init__(self, tree: str, with_arguments: bool) -> None:
        self._recorder: Any = Recorder(tree, per_symbol=PER_SYMBOL)
        self._with_arguments = with_arguments

    def begin(self, test: str) -> None:
        """Records from now on belong to ``test``."""
        self._recorder.begin(test)

    def end(self) -> list[dict[str, Any]]:
        """What was recorded since :meth:`begin`."""
        self._recorder.stop()
        records = [record for record in self._recorder.records if record["test"] == self._recorder.test]
        self._recorder.records.clear()
        return [self._short(record) for record in records[:PER_TEST]]

    def _short(self, record: dict[str, Any]) -> dict[str, Any]:
        outcome = record["outcome"]
        kept = {
            "symbol": record["symbol"],
            "index": record["index"],
            "nested": record["nested"],
            "key": shorten(record["key"]),
            "kind": outcome["kind"],
            "site": outcome.get("site"),
            "group": outcome.get("group"),
            "text": shorten(outcome.get("loose", outcome.get("text"))),
            "mutated": shorten(outcome.get("mutated")),
            "written": shorten(outcome.get("written")),
        }
        if self._with_arguments and "unwritable" not in record:
            kept.update({name: record[name] for name in ("args", "kwargs", "receiver")})
        return kept


def shorten(text: Any) -> Any:
    """A text of bounded length that still differs where the whole differs."""
    if not isinstance(text, str) or len(text) <= MAX_TEXT:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return text[:MAX_TEXT] + "..." + digest


def start(options: dict[str, Any]) -> Recording:
    """The recording that ``options["record"]`` asks for: ``outcomes`` or ``calls``."""
    return Recording(options["tree"], options["record"] == "calls")
