#!/usr/bin/env python3
"""Inputs a second: the check's two sessions against Hypothesis that calls both sides in its own process.

    python -m benchmarks.power.speed

Both draw inputs for the same annotated function and compare base with head; the ratio is printed.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from harness.check.interface import Probe
from harness.check.interface import Side as TreeSide
from tests.packs.property_tests.local import LocalContext, module

INPUTS = 1500
TEXT = """def totals(names: list[str], amounts: list[int], limit: int = 10) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, amount in zip(names, amounts):
        found[name] = found.get(name, 0) + min(amount, limit)
    return {name: found[name] for name in sorted(found)}
"""


def main() -> None:
    rates = [(sessions(), in_process()) for _ in range(3)]
    for mine, theirs in rates:
        print(
            f"{mine:8.0f} inputs/s in sessions {theirs:8.0f} with Hypothesis in process   ratio {mine / theirs:.2f}"
        )
    print(f"median ratio {sorted(mine / theirs for mine, theirs in rates)[1]:.2f}")


def sessions() -> float:
    """Inputs a second that base and head ran in their two sessions, base's generation included."""
    with tempfile.TemporaryDirectory() as folder:
        context: Any = LocalContext(Path(folder), {"shop.py": TEXT}, {"shop.py": TEXT})
        probe = Probe(entry="session.py")
        side = TreeSide
        one, two = context.open((side.BASE, probe), (side.HEAD, probe))
        with one, two:
            base, head = module("wire").Side(one), module("wire").Side(two)
            for ready in (base, head):
                ready.hear(60, "ready")
            opening = {"module": "shop", "name": "totals", "kind": "function", "focus": [], "records": [],
                       "literals": [], "notes": "", "without": []}  # fmt: skip
            search = module("search").Search(base, head, opening, "shop.totals", "function", set())
            search.enough = INPUTS
            base.open(opening)
            begin = time.monotonic()
            search._explore(begin + 120)
            return float(search.result.tried / (time.monotonic() - begin))


def in_process() -> float:
    names: dict[str, Any] = {}
    exec(TEXT, names)
    totals = names["totals"]

    @settings(max_examples=INPUTS, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.text()), st.lists(st.integers()), st.integers())
    def same(people: list[str], amounts: list[int], limit: int) -> None:
        assert totals(people, amounts, limit) == totals(people, amounts, limit)

    begin = time.monotonic()
    same()
    return INPUTS / (time.monotonic() - begin)


if __name__ == "__main__":
    main()
