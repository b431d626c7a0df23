"""The finding and the plain test of work that grows faster than on base."""

from collections.abc import Sequence
from typing import Any

from harness.check.interface import Draft, Location, Picture, Probe, ProofPlan
from harness.check.python_source import read_python

from ..calls import UnwritableTestError, expression
from ..leading import statement
from ..search import Search
from ..syntax import Module
from ..target import Target
from .growth import Growth
from .judge import LAST, Comparison, named, slope
from .plot import plot

PROOF_SECONDS = 20.0
TIMER = [
    "    started = time.thread_time()",
    "    call()",
    "    return time.thread_time() - started",
]
LINES = [
    "    count = 0",
    "",
    "    def trace(frame, event, argument):",
    "        nonlocal count",
    "        count += 1",
    "        return trace",
    "",
    "    before = sys.gettrace()",
    "    sys.settrace(trace)",
    "    try:",
    "        call()",
    "    finally:",
    "        sys.settrace(before)",
    "    return count",
]
WORDS = {"seconds": "CPU seconds", "lines": "lines run", "operations": "comparisons and hashes of elements"}


def draft_of(
    growth: Growth,
    shown: Comparison,
    timed: Comparison,
    parts: Any,
    target: Target,
    search: Search,
    module: Module | None,
) -> Draft | None:
    """The draft; None when its input cannot be written as Python.

    ``shown`` decides, ``timed`` are the CPU times of the same inputs. What only operations on
    elements show is proved by time: counting elements of a proof would be the elements' own.
    """
    proved = shown if shown.how == "lines" else timed
    try:
        test, called = _test(parts, proved)
    except UnwritableTestError:
        return None
    scenario = growth.scenario
    symbol = target.symbol if target.kind == "function" else f"{target.symbol}.{scenario[1][-1][0]}"
    function = module.functions.get(symbol.removeprefix(target.module + ".")) if module else None
    before, after = shown.exponents
    plan = ProofPlan(
        probe=Probe(
            entry="prove.py", request={"test": test.decode(), "seconds": PROOF_SECONDS}, label="cost"
        ),
        input=called,
        base=f"the work grows {named(before)} (exponent {before:.1f})",
        head=f"the work grows {named(after)} (exponent {after:.1f})",
        files={"test_@id@_base.py": test},
    )
    size, (old, new) = timed.base[-1][0], (timed.base[-1][1], timed.head[-1][1])
    name = symbol.removeprefix(target.module + ".")
    return Draft(
        rule="growth",
        category="cost",
        severity="medium",
        title=f"{name}() needs work that grows {named(after)}, on base {named(before)}",
        message=f"On {called} with size {size:,} base took {old:.4f} s of CPU time and head {new:.3f} s; "
        f"per doubling of the size the work grew by {2**before:.1f} on base and by {2**after:.1f} on head.",
        location=Location(
            target.path, function.line if function else 1, function.end_line if function else None, symbol
        ),
        key=f"growth:{growth.place}",
        proof=plan,
        drop_unconfirmed=True,
        detail=table([shown, timed] if shown is not timed else [timed]),
        picture=Picture(f"Work of {name}() by size of the input", plot(timed)),
        suggestion="Look for a search in a list, a removal at its front, a sort or a copy inside of the loop.",
    )


def table(comparisons: Sequence[Comparison]) -> str:
    """What was measured, as plain text."""
    rows = []
    for one in comparisons:
        rows.append(f"{'size':>8}  {'base':>12}  {'head':>12}   {WORDS[one.how]}")
        for (size, old), (_, new) in zip(one.base, one.head, strict=True):
            shown = f"{old:>12.5f}  {new:>12.5f}" if one.how == "seconds" else f"{old:>12.0f}  {new:>12.0f}"
            rows.append(f"{size:>8}  {shown}")
        rows.append(f"exponent  {slope(one.base[-LAST:]):>11.2f}  {slope(one.head[-LAST:]):>12.2f}")
        rows.append("")
    return "\n".join(rows).rstrip()


def _test(parts: Any, proved: Comparison) -> tuple[bytes, str]:
    """A test that base passes, and the call in words."""
    setup, call = _call(parts)
    small, large = proved.base[-LAST][0], proved.base[-1][0]
    factor = large / small
    before, after = proved.exponents
    usual = max(before, min(1.0, after - 0.5))  # the fixed cost of a call makes a small exponent too small
    limit = round(factor ** ((usual + after) / 2), 1)
    lines = proved.how == "lines"
    times = "" if lines else " for _ in range(3)"
    measured = [f"work({size})" if lines else f"min(work({size}){times})" for size in (small, large)]
    imports = [statement(line) for line in parts.get("imports", [])]
    text = "\n".join(
        ['"""Pins how base\'s work grows with the input: passes on base, fails on head."""', "",
         "import sys" if lines else "import time", "", *imports, *([""] if imports else []), "",
         "def work(size):",
         f'    """{"Lines run" if lines else "CPU seconds"} for an input of a size."""',
         *("    " + line if line else "" for line in setup), "",
         *(LINES if lines else TIMER), "", "",
         "def test_base():",
         f"    small = {measured[0]}", f"    large = {measured[1]}",
         f"    # {large // small} times the input; {before:.1f} and {after:.1f} are the exponents of base and head",
         f"    assert large < {limit} * small", ""]
    )  # fmt: skip
    try:
        read_python(text)
    except (SyntaxError, ValueError, RecursionError):
        raise UnwritableTestError("the test is no Python") from None
    return text.encode("utf-8", "replace"), call


def _call(parts: Any) -> tuple[list[str], str]:
    """Statements that define ``call``, and the call as a reader sees it."""
    if not isinstance(parts, dict) or not isinstance(parts.get("steps"), list) or not parts["steps"]:
        raise UnwritableTestError("the input cannot be written as Python")
    setup = [statement(line) for line in parts.get("prelude", [])]
    steps = [_step(step, number) for number, step in enumerate(parts["steps"], start=1)]
    words = "; ".join(step[2] for step in steps)
    if parts.get("receiver") is not None:
        made = expression(parts["receiver"])
        setup.append(f"thing = {made}")
        words = f"{made}; {words}"
    setup += [line for step in steps for line in step[0]]
    body = [step[1] for step in steps]
    if parts.get("repeat") is True:
        body = ["for i in range(size):", *("    " + line for line in body)]
        words = f"{words} for i in range(size)"
    return [*setup, "", "def call():", *("    " + line for line in body)], words


def _step(step: Any, number: int) -> tuple[list[str], str, str]:
    """(assignments before, the call, the call with its arguments written out)."""
    if not isinstance(step, dict):
        raise UnwritableTestError("there is no call")
    called = expression(step.get("call"))
    if step.get("args") is None:
        return [], called, called
    args = [expression(item) for item in step["args"]]
    named_args = [(str(name), expression(item)) for name, item in step.get("kwargs", [])]
    if not all(name.isidentifier() for name, _ in named_args):
        raise UnwritableTestError("an argument has no name")
    whole = f"{called}({', '.join([*args, *(f'{name}={text}' for name, text in named_args)])})"
    if step.get("inline") is True:
        return [], _finished(step, whole), whole
    lines, names = [], []
    for at, text in enumerate(args, start=1):
        names.append(f"argument_{number}_{at}")
        lines.append(f"{names[-1]} = {text}")
    for name, text in named_args:
        names.append(f"{name}=argument_{number}_{name}")
        lines.append(f"argument_{number}_{name} = {text}")
    return lines, _finished(step, f"{called}({', '.join(names)})"), whole


def _finished(step: dict[str, Any], call: str) -> str:
    return f"list({call})" if step.get("iterates") is True else call
