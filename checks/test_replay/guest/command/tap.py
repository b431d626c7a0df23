"""Test Anything Protocol (versions 12 to 14), subtests included, as lines of text.

https://testanything.org/tap-version-14-specification.html
"""

from __future__ import annotations

import re
from typing import Any

RESULT = re.compile(r"^(?P<not>not )?ok\b(?:\s+(?P<number>\d+))?(?:\s*-)?\s*(?P<rest>.*)$")
PLAN = re.compile(r"^1\.\.(\d+)\s*(?:#\s*(?P<skip>[Ss][Kk][Ii][Pp]))?")
DIRECTIVE = re.compile(r"(?<!\\)#\s*(?P<word>skip\S*|todo)\b\s*(?P<why>.*)$", re.IGNORECASE)
SUBTEST = re.compile(r"^#\s*Subtest:\s*(.*)$")
ERROR = re.compile(r"^(?:error|message):\s*(.*)$")


def parse(text: str) -> tuple[list[dict[str, Any]], str]:
    """(tests as ``{"id", "outcome", "text"}``, what is wrong with the output as a whole).

    An id is the names of the enclosing subtests and of the test, joined by `` > ``; the result
    line of a subtest itself is a test too. Outcomes are passed, failed, skipped and xfailed
    (``TODO``).
    """
    return _Reader().read(text)


class _Reader:
    def __init__(self) -> None:
        self.tests: list[dict[str, Any]] = []
        self.open: list[tuple[int, str]] = []
        self.counts: dict[int, int] = {}
        self.plans: dict[int, int] = {}
        self.problem = ""
        self.block = False

    def read(self, text: str) -> tuple[list[dict[str, Any]], str]:
        for line in text.splitlines():
            indent = len(line) - len(line.lstrip(" "))
            self._line(indent, line.strip())
        if not self.problem and 0 not in self.plans:
            self.problem = "the output has no plan line, so that it may have been cut off"
        elif not self.problem and self.plans[0] != self.counts.get(0, 0):
            self.problem = "%d tests were planned and %d reported" % (self.plans[0], self.counts.get(0, 0))
        return self.tests, self.problem

    def _line(self, indent: int, line: str) -> None:
        if self.block:
            self._inside(line)
            return
        if line == "---" and self.tests:
            self.block = True
            return
        if line.startswith("Bail out!"):
            self.problem = self.problem or "the run was broken off: " + line[9:].strip()[:200]
            return
        subtest, plan, result = SUBTEST.match(line), PLAN.match(line), RESULT.match(line)
        if subtest:
            self._close(indent)
            self.open.append((indent, unescaped(subtest.group(1))))
            self.counts[indent + 4] = 0
        elif plan:
            self.plans[indent] = int(plan.group(1))
        elif result:
            self._result(indent, result)

    def _inside(self, line: str) -> None:
        """A line of a YAML block: what went wrong stands there."""
        if line == "...":
            self.block = False
            return
        said = ERROR.match(line)
        test = self.tests[-1]
        if said and test["outcome"] == "failed" and not test["text"]:
            test["text"] = said.group(1).strip("'\"")[:400]

    def _close(self, indent: int) -> None:
        while self.open and self.open[-1][0] >= indent:
            self.open.pop()

    def _result(self, indent: int, result: re.Match[str]) -> None:
        rest = result.group("rest")
        directive = DIRECTIVE.search(rest)
        name = unescaped(rest[: directive.start()] if directive else rest)
        outcome = "failed" if result.group("not") else "passed"
        if directive:
            outcome = "xfailed" if directive.group("word").lower() == "todo" else "skipped"
        self._close(indent)
        names = [parent for _, parent in self.open] + [name or "test %d" % (self.counts.get(indent, 0) + 1)]
        self.counts[indent] = self.counts.get(indent, 0) + 1
        why = directive.group("why") if directive else ""
        self.tests.append({"id": " > ".join(names), "outcome": outcome, "text": why[:400]})


def unescaped(text: str) -> str:
    """A description without the backslashes that protect ``#``."""
    return re.sub(r"\\([#\\])", r"\1", text).strip()
