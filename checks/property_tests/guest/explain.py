"""The Python source of a scenario and of what it gave: the parts from which a test is written."""

from __future__ import annotations

import inspect
import json
import typing

from guestlib import aio, callables, closures, files, graphs, managers
from guestlib.aio import finished
from guestlib.canon import ADDRESS, Drained, attributes, drain, is_iterator
from guestlib.guard import Hang, captured, cpu_limit, steady
from guestlib.recipes import UnwritableError, build, build_call, recipe_of
from guestlib.source import Source

from .emptied import EMPTIED, INSIDE, TAKEN, UNTIMED, empty, take_back
from .environment import ENVIRON, told, variables_of
from .operators import bound
from .target import Scenario, Target, at_once
from .together import BACKWARD, FORWARD, TOGETHER
from .within import ERROR, WITHIN, calls, within

LIMIT = 6000
FIRST = 40
"""Items of an iterator without end that a test compares."""
Step = typing.Dict[str, typing.Any]


def explain(target: Target, scenario: Scenario) -> dict[str, typing.Any]:
    """``imports``, ``setup`` lines, what is ``built``, and for each step how it is called and what came of it.

    A step has ``call``, ``args``, ``kwargs``, ``prelude`` (statements before it); ``attribute``
    is true where nothing is called. Of the result, as far as it can be written: ``value``
    (source of an equal value; of the list of its items where ``iterates``), else ``fields``
    (source by attribute) and ``shown`` (its repr). ``after``, ``named_after`` and ``state`` are
    the arguments and the receiver's public attributes after the call, ``files`` what lies in the
    scenario's folder then (``[source of the path, source of the content]``, null for a folder). ``placed`` is
    true for a scenario with files.
    """
    with variables_of(scenario[1]):
        if not files.wanted(scenario):
            return _explained(target, scenario)
        with files.apart():
            return {**_explained(target, scenario), "placed": True}


def _explained(target: Target, scenario: Scenario) -> dict[str, typing.Any]:
    source = Source(
        taken={
            "result",
            "pytest",
            "used",
            "failing",
            "applied",
            "receiver",
            "printed",
            "io",
            "contextlib",
            "faulthandler",
            "earlier",
            "TIME",
        }
    )
    source.name("contextlib", "suppress")  # first, so that it keeps its name
    receiver, steps = scenario
    if receiver is not None and any(step[0] == TOGETHER for step in steps):
        return _either(target, source, scenario)
    function = source.name(target.module, target.name) if target.kind == "function" else ""
    setup: list[str] = []
    built: Step = {}
    thing = None
    if receiver is not None:
        made = source.expression(receiver)
        setup = [*map(_set, told(steps)), *source.prelude, "receiver = " + made]
        source.prelude = []
        thing, answered = _quietly(target.maker(receiver))
        _result(built, source, thing, answered)
    lines = []
    callables.TIME[0] = 0
    timed = '["fn", "ticks"]' in json.dumps(scenario)
    for step in steps:
        passing = step[0] not in UNTIMED
        callables.TIME[0] += passing
        lines.append(_step(target, source, function, thing, step))
        if timed and passing:
            lines[-1]["prelude"] = ["TIME[0] += 1", *lines[-1]["prelude"]]
    return {"imports": source.imports(), "setup": setup, "steps": lines, "built": built}


def _either(target: Target, source: Source, scenario: Scenario) -> dict[str, typing.Any]:
    """As :func:`explain`; ``either`` of a step are its values for both orders of calls made together."""
    receiver, steps = scenario
    made = source.expression(receiver)
    setup, source.prelude = [*source.prelude, "receiver = " + made], []
    orders = []
    for seed in (FORWARD, BACKWARD):
        thing = _quietly(lambda: build(receiver))[0]
        orders.append([_step(target, source, "", thing, step, seed) for step in steps])
    for one, other in zip(*orders):
        one["either"] = [one.get("value"), other.get("value")]
    return {"imports": source.imports(), "setup": setup, "steps": orders[0]}


def _set(pair: tuple[str, str]) -> str:
    return "monkeypatch.setenv(%r, %r)" % pair


def _together(source: Source, args: list[typing.Any]) -> list[str]:
    """Sources of the arguments of ``together``: the seed and the coroutines."""
    return ["seed", *(source.call("receiver." + one[1][0], one[1][1][1], []) for one in args)]


def _step(target: Target, source: Source, function: str, thing: typing.Any, step: list[typing.Any],
          seed: int = FORWARD) -> Step:  # fmt: skip
    name, args, kwargs = step
    if name[:1] == "@" and name != TOGETHER:
        return _between(target, source, thing, name, args)
    target.given = None
    called = function or "receiver." + name
    if args is None:
        made = _read(called)
        target.given, answered = _quietly(lambda: getattr(thing, name))
        _result(made, source, target.given, answered)
        made["state"] = _state(source, thing)
        made["files"] = _files(source)
        return made
    at_same_time = name == TOGETHER
    called = "together" if at_same_time else called
    written = _together(source, args) if at_same_time else [source.expression(item) for item in args]
    if name.endswith("="):
        called, written = "receiver.__setattr__", [repr(name[:-1]), *written]
    named = [[key, source.expression(item)] for key, item in kwargs]
    prelude, source.prelude = source.prelude, []
    made = {"call": called, "args": written, "kwargs": named, "prelude": prelude}
    try:
        positional, keywords = target.passed = build_call(args, kwargs)
    except Exception:
        return made

    def answer() -> typing.Any:
        if at_same_time:
            return at_once(thing, seed, positional)
        given = target.thing if function else bound(thing, name)
        target.given = value = given(*positional, **keywords)
        made["manages"] = managers.made_by_generator(value)
        if closures.is_closure(value):
            *made["applies"], value = closures.followed(value)
            return value
        return managers.settled(value, lambda: given(*positional, **keywords))

    _result(made, source, *_quietly(lambda: _finished(made, answer())))
    made["after"] = [_written(source, item) for item in positional]
    made["named_after"] = [[key, _written(source, item)] for key, item in keywords.items()]
    made["state"] = _state(source, thing)
    made["files"] = _files(source)
    made["nodes"] = [
        [name + "." + field, text]
        for name, node in zip(source.nodes, list(graphs.nodes))
        for field, text in _state(source, node)
    ]
    return made


def _read(called: str, prelude: typing.Sequence[str] = (), **more: typing.Any) -> Step:
    """A step that calls nothing."""
    return {"call": called, "args": [], "kwargs": [], "prelude": list(prelude), "attribute": True, **more}


def _between(target: Target, source: Source, thing: typing.Any, name: str, args: list[typing.Any]) -> Step:
    """What is done between the calls of the object."""
    if name in (EMPTIED, INSIDE):
        return _read("earlier", emptied=empty(target.given, name))
    if name == TAKEN:
        made = _read("receiver", taken=take_back(*target.passed))
        _result(made, source, thing, True)
        return made
    if name == WITHIN:
        return _within(source, thing, args)
    if name == ENVIRON:  # an object's surroundings are there before it is made
        pairs = told([[name, args, []]]) if target.kind == "function" else []
        return _read("receiver", list(map(_set, pairs)), other=True)
    source.expression(args[0])
    prelude, source.prelude = source.prelude, []
    _quietly(lambda: build_call(args, []))
    return _read("receiver", prelude, other=True)


def _within(source: Source, thing: typing.Any, args: list[typing.Any]) -> Step:
    """A with statement whose body makes a call and fails."""
    opened, method = [[], *calls(args)][-2:]
    manager = source.call("receiver." + opened[0], opened[1], []) if opened else "receiver"
    body = source.call("receiver." + method[0], method[1], [])
    prelude, source.prelude = source.prelude, []
    _quietly(lambda: within(thing, args))
    lines = ["with suppress(Exception), %s:" % manager, "    " + body, "    " + ERROR]
    return _read("receiver", [*prelude, *lines], other=True)


def _files(source: Source) -> list[list[str | None]]:
    """Source of each path of the scenario's folder and of what lies there."""
    found: list[list[str | None]] = []
    for name, content in sorted(files.state().items()):
        exact = isinstance(content, str) and "\r" in content  # read_text would give other line ends
        shown = content.encode() if isinstance(content, str) and exact else content
        if shown is None or (isinstance(shown, (str, bytes)) and len(shown) < LIMIT):
            path = "%s(%r)" % (source.name("pathlib", "Path"), name)
            found.append([path, None if shown is None else repr(shown)])
    return found


def _finished(made: Step, value: typing.Any) -> typing.Any:
    made["awaits"] = inspect.isawaitable(value)
    made["gathers"] = inspect.isasyncgen(value)
    if not made["awaits"] and not made["gathers"]:
        return value
    value = finished(value)
    made["waits"] = aio.JUMPED[0] > 0.2
    return value


def _result(made: Step, source: Source, value: typing.Any, answered: bool) -> None:
    if not answered:
        return
    made["iterates"] = is_iterator(value)
    if isinstance(value, Drained):
        _items(made, source, value)
        return
    if made["iterates"]:
        value = _items(made, source, _quietly(lambda: drain(value))[0])
        made["texts"] = _texts(value) if value is not None and made["value"] is None else None
        return
    made["value"] = _written(source, value)
    if made["value"] is None:
        fields = _state(source, value)
        made["fields"] = fields
        text, fine = _quietly(lambda: repr(value))
        if fine and isinstance(text, str) and len(text) < LIMIT and not ADDRESS.search(text):
            made["shown"] = text


def _items(made: Step, source: Source, drained: Drained | None) -> list[typing.Any] | None:
    """Write down what an iterator gave, of one without end the ``first`` items; these, None where an error ends it."""
    if drained is None or drained.end not in ("end", "more"):
        made["value"] = None
        return None
    items = drained.items
    if drained.end == "more":
        made["first"], items = FIRST, items[:FIRST]
    made["value"] = _written(source, items)
    return items


def _texts(items: list[typing.Any]) -> list[str] | None:
    """What each item says of itself by ``str``; None where one tells where it lies, or it is too long."""
    texts, fine = _quietly(lambda: [str(item) for item in items])
    usable = fine and len(str(texts)) < LIMIT and not any(ADDRESS.search(text) for text in texts)
    return texts if usable else None


def _state(source: Source, thing: typing.Any) -> list[list[str]]:
    """Source of the public attributes that can be written."""
    found = []
    for name, item in sorted(attributes(thing).items()) if thing is not None else ():
        text = _written(source, item)
        if text is not None and name.isidentifier():
            found.append([name, text])
    return found


def _written(source: Source, value: typing.Any) -> str | None:
    """Source of a value, None when it has none or compares by identity."""
    try:
        recipe = _plain_recipe(value)
        text = source.expression(recipe)
    except (UnwritableError, KeyError):
        return None
    finally:
        source.prelude = []
    equal, _ = _quietly(lambda: bool(build(recipe) == value))
    return text if equal is True and len(text) < LIMIT else None


def _plain_recipe(value: typing.Any) -> typing.Any:
    """The recipe of a value; of the built-in value that it equals where its own class has none."""
    try:
        return recipe_of(value)
    except UnwritableError:
        kinds: tuple[typing.Any, ...] = (dict, list, tuple, set, frozenset, str, int, float)
        for kind in kinds:
            if isinstance(value, kind) and type(value) is not kind:
                return recipe_of(kind(value))
        raise


def _quietly(call: typing.Callable[[], typing.Any]) -> tuple[typing.Any, bool]:
    """The result of a call and whether there is one."""
    steady()
    try:
        with captured(), cpu_limit(0.5):
            return call(), True
    except (Exception, Hang, SystemExit):
        return None, False
