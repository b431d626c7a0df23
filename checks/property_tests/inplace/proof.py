"""Plain tests of differences met in place, and the drafts that carry them."""

import contextlib
from collections.abc import Sequence
from typing import Any

from harness.check.interface import Difference, Draft, Location, Probe, ProofPlan
from harness.check.python_source import read_python

from ..calls import UnwritableTestError, expression
from ..compare import Split
from ..drafts import caused, rule_of, severity_of, short, told_as, verb
from ..leading import statement
from ..testfile import needed
from .stage import Met
from .wire import Answer, Planned

PROOF_SECONDS = 15.0
MAX_FILE = 30_000
MEETING = '''
class Meeting:
    """A pytest plugin that makes the call where the test makes its own."""

    def __init__(self):
        self.calls = 0
        self.frames = []
        self.failure = "the test does not come to the call"

    def pytest_runtest_logstart(self, nodeid, location):
        if nodeid == TEST:
            sys.settrace(self.trace)

    def pytest_runtest_logfinish(self, nodeid, location):
        sys.settrace(None)

    def trace(self, frame, event, argument):
        code = frame.f_code
        if code.co_name != NAME.rpartition(".")[2] or not code.co_filename.endswith(FILE):
            return
        if getattr(code, "co_qualname", NAME) != NAME or frame in self.frames:
            return
        if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
            self.frames.append(frame)  # such a frame is entered again when it goes on
        self.calls += 1
        if self.calls == NUMBER:
            sys.settrace(None)
            try:
                check(function_of(frame), frame.f_locals)
                self.failure = None
            except BaseException as problem:
                self.failure = f"{type(problem).__name__}: {problem}"


def function_of(frame):
    """The function that a frame runs; of several closures the one that holds the frame's values."""
    found = [one for one in gc.get_referrers(frame.f_code) if isinstance(one, types.FunctionType)]
    for one in found:
        cells = zip(frame.f_code.co_freevars, one.__closure__ or ())
        if all(frame.f_locals.get(name) is cell.cell_contents for name, cell in cells):
            return one
    return found[0]
'''


def draft_of(
    met: Met, path: str, line: int, end_line: int | None, module: str, focus: Sequence[str]
) -> Draft:
    """The draft of a difference; its proof is a plain test where its parts can be written. ``focus`` has the symbols
    that changed."""
    old, new = met.base.outcomes[met.split.step], met.head.outcomes[met.split.step]
    name = met.key[0].removeprefix(module + ".")
    called = words(met.plan, met.base.parts, met.split.step)
    place = f"call {met.plan.index + 1} of {met.plan.symbol.removeprefix(module + '.')}() in {met.plan.test}"
    told = told_as(old, met.split), told_as(new, met.split)
    symbol, before, after, narrow = met.key
    return Draft(
        rule=rule_of(met.split),
        category="regression",
        severity=severity_of(met.split),
        title=f"{name}() {verb(met.split)}",
        message=f"At {place}: {short(called)} {told[0]} on base; on head it {told[1]}."
        + _cause(met, module, focus),
        location=Location(path, line, end_line, symbol),
        key=f"{before}→{after}:{narrow or ''}",
        difference=Difference(symbol, before, after, narrow),
        proof=_plan(met, path, f"{called}  # {place}", told),
        drop_unconfirmed=True,
        suggestion="Keep base's behaviour, or write a test of head's behaviour to declare the difference.",
    )


def _cause(met: Met, module: str, focus: Sequence[str]) -> str:
    """A sentence on the changed method that was called before, where an unchanged one shows the difference."""
    if met.key[0] in focus:
        return ""
    owner = met.plan.symbol.rpartition(".")[0]
    called = [met.plan.symbol, *(f"{owner}.{step[0]}" for step in met.plan.steps)][: met.split.step]
    changed = [symbol for symbol in called if symbol in focus]
    return caused(changed[-1].removeprefix(module + ".")) if changed else ""


def _plan(met: Met, path: str, called: str, told: tuple[str, str]) -> ProofPlan:
    files: dict[str, bytes] = {}
    with contextlib.suppress(UnwritableTestError):
        files["test_@id@_base.py"] = test(met, "base", met.base, path)
        with contextlib.suppress(UnwritableTestError):  # nothing to pin, of a hang say
            files["test_@id@_head.py"] = test(met, "head", met.head, path)
    if files:
        source = files["test_@id@_base.py"].decode()
        probe = Probe(
            entry="prove.py", request={"test": source, "seconds": PROOF_SECONDS}, label="met in place"
        )
    else:
        step = met.split.step
        request = {"plan": met.plan.message(0), "step": step, "pinned": met.base.outcomes[step],
                   "seconds": PROOF_SECONDS}  # fmt: skip
        probe = Probe(entry="inplace/prove.py", request=request, label="met in place")
        files["how_@id@.txt"] = _how(met, called).encode("utf-8", "replace")
    return ProofPlan(probe=probe, input=short(called), base=told[0], head=told[1], files=files)


def _how(met: Met, called: str) -> str:
    return (
        f"This difference shows on an object that only lives while a test runs.\n\n{short(called)}\n\n"
        "harness reproduce REPORT @ID@ runs the test on base and on head, makes this call in its place\n"
        "and compares what comes of it. The arguments stand in proof.json under request.plan.\n"
    )


def words(plan: Planned, parts: Any, step: int) -> str:
    """The call and the steps up to the one where the runs part, as a reader sees them."""
    name = plan.symbol.rpartition(".")[2]
    try:
        if not isinstance(parts, dict):
            raise UnwritableTestError("there are no parts")
        told = [_call(name, parts.get("args"), parts.get("kwargs"))]
        steps = parts.get("steps")
        for one in steps[:step] if isinstance(steps, list) else []:
            told.append(one[0] if one[1] is None else _call(*one))
    except (UnwritableTestError, TypeError, ValueError, IndexError):
        return f"{name}(…)"
    return "; ".join(told)


def _call(name: Any, args: Any, kwargs: Any) -> str:
    if not isinstance(args, list) or not isinstance(kwargs, list) or not _dotted(name):
        raise UnwritableTestError("there is no call")
    parts = [expression(one) for one in args]
    for pair in kwargs:
        if not (isinstance(pair, list) and len(pair) == 2 and _dotted(pair[0])):
            raise UnwritableTestError("an argument has no name")
        parts.append(f"{pair[0]}={expression(pair[1])}")
    return f"{name}({', '.join(parts)})"


def _dotted(name: Any) -> bool:
    return isinstance(name, str) and all(part.isidentifier() for part in name.split("."))


def test(met: Met, name: str, shown: Answer, path: str) -> bytes:
    """The file whose only test passes on the side that ``shown`` is from.

    Raises UnwritableTestError where a part has no source.
    """
    parts = met.base.parts
    if not isinstance(parts, dict) or not isinstance(shown.parts, dict):
        raise UnwritableTestError("an argument cannot be written as Python")
    body = _check(met, parts, shown)
    plain = ["gc", "inspect", "sys", "types"]
    if any("faulthandler" in line for line in body):
        plain.append("faulthandler")
    used = "\n".join(body)
    every = [*parts.get("imports", []), *shown.parts.get("imports", [])]
    more = sorted({needed(statement(line), used) for line in every if isinstance(line, str)} - {""})
    more += sorted(line for line in _error_imports(met.split, shown) if line not in more)
    side = "passes on base, fails on head" if name == "base" else "commit it to declare the difference"
    lines = [
        f'"""Pins what {name} does at a call inside of a test: {side}.',
        "",
        "From the root of the project: python -m pytest and the path of this file.",
        '"""', "", *(f"import {one}" for one in sorted(plain)), "", "import pytest", *([""] if more else []), *more, "",
        f"TEST = {met.plan.test!r}", f"FILE = {'/' + path!r}", f"NAME = {_qualified(met.plan, path)!r}",
        f"NUMBER = {met.plan.index + 1}", "", *MEETING.split("\n"), "",
        "def check(function, values):", f'    """What {name} does there."""', *("    " + line for line in body), "", "",
        f"def test_{name}():", "    meeting = Meeting()",
        '    options = ["-q", "-o", "addopts=", "-p", "no:cacheprovider", "--rootdir", "."]',
        "    pytest.main([*options, TEST], plugins=[meeting])",
        "    assert meeting.failure is None, meeting.failure", "",
    ]  # fmt: skip
    text = "\n".join(lines)
    try:
        read_python(text)
    except (SyntaxError, ValueError, RecursionError):
        raise UnwritableTestError("the test is no Python") from None
    if len(text) > MAX_FILE:
        raise UnwritableTestError("the test is too long")
    return text.encode("utf-8", "replace")


def _qualified(plan: Planned, path: str) -> str:
    """The symbol without its module: what is left of it behind the module's own name."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    while module and not plan.symbol.startswith(module + "."):
        module = module.partition(".")[2]
    return plan.symbol.removeprefix(module + ".")


def _check(met: Met, parts: dict[str, Any], shown: Answer) -> list[str]:
    """Statements that make the calls and pin the outcome where the runs part."""
    receiver = met.plan.bound
    step = met.split.step
    called = _call("function", parts.get("args"), parts.get("kwargs"))
    if receiver:
        called = called.replace("function(", f"function({receiver}, " if parts["args"] or parts["kwargs"] else
                                f"function({receiver}", 1)  # fmt: skip
    calls = [called]
    for one in parts["steps"][:step]:
        calls.append(
            f"{receiver}.{one[0]}" if one[1] is None else _call(f"{receiver}.{one[0]}", one[1], one[2])
        )
    written = "\n".join(calls)
    lines = [f"{name} = values[{name!r}]" for name in _names(met.plan) if name in written]
    for number, call in enumerate(calls[:-1]):
        if shown.outcomes[number]["kind"].startswith("raises "):
            lines += ["try:", "    " + call, "except Exception:", "    pass  # goes on as a caller may"]
        else:
            lines.append(call)
    return lines + _pinned(calls[-1], met.split, shown)


def _names(plan: Planned) -> list[str]:
    """Names of the frame that the written calls refer to."""
    found = [plan.bound] if plan.bound else []

    def walk(recipe: Any) -> None:
        if not isinstance(recipe, list):
            return
        if recipe[:1] == ["live"] and len(recipe) == 4 and isinstance(recipe[3], str):
            name = recipe[3].partition("[")[0]
            if name.isidentifier() and name not in found:
                found.append(name)
            return
        for part in recipe:
            walk(part)

    walk(plan.args)
    walk(plan.kwargs)
    return found


def _pinned(call: str, split: Split, shown: Answer) -> list[str]:
    outcome = shown.outcomes[split.step]
    kinds = (split.before, split.after)
    if "mutates" in kinds or "prints" in kinds:
        raise UnwritableTestError("what was changed or printed is compared in its canonical form")
    if outcome["kind"].startswith("raises "):
        name = _error_name(outcome)
        return [f"with pytest.raises({name}):", f"    {call}"]
    values = shown.parts.get("values")
    value = values[split.step] if isinstance(values, list) and split.step < len(values) else None
    if outcome["kind"] != "value" or not isinstance(value, dict):
        raise UnwritableTestError("there is no result to pin")
    start = ["faulthandler.dump_traceback_later(20, exit=True)  # ends a call that never returns"]
    lines = start if split.after in ("hangs", "crashes") else []
    return [*lines, *_returns(call, value, kinds)]


def _returns(call: str, value: dict[str, Any], kinds: tuple[str, str]) -> list[str]:
    if value.get("awaits"):
        raise UnwritableTestError("a loop may already run where the call is made")
    if value.get("iterates") is True:
        call = f"list({call})"
    if kinds != ("value", "value") and not isinstance(value.get("value"), str):
        return [call]
    if isinstance(value.get("value"), str):
        text = expression(value["value"])
        if text in ("None", "True", "False"):
            return [f"assert {call} is {text}"]
        return [f"result = {call}", f"assert result == {text}", f"assert type(result) is type({text})"]
    fields = value.get("fields")
    if isinstance(fields, list) and fields:
        pairs = [
            (str(pair[0]), expression(pair[1]))
            for pair in fields
            if isinstance(pair, list) and len(pair) == 2
        ]
        if all(name.isidentifier() for name, _ in pairs):
            return [f"result = {call}", *(f"assert result.{name} == {text}" for name, text in pairs)]
    if isinstance(value.get("shown"), str):
        return [f"assert repr({call}) == {value['shown']!r}"]
    raise UnwritableTestError("the result cannot be written as Python")


def _error_name(outcome: dict[str, Any]) -> str:
    where = outcome.get("where")
    if where is None or not _dotted(".".join(where)):
        raise UnwritableTestError("the exception's class cannot be imported")
    return str(where[1])


def _error_imports(split: Split, shown: Answer) -> list[str]:
    where = shown.outcomes[split.step].get("where")
    if where is None or where[0] == "builtins":
        return []
    return [f"from {where[0]} import {where[1].partition('.')[0]}"]
