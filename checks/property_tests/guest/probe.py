"""Finds out what a function needs of its arguments by calling it with objects that only watch.

A :class:`Probe` goes along with everything (attributes, iteration, indices, comparisons with
random answers) and notes it in a :class:`Use`. Python's own complaints tell the rest: how many
parts an unpacking expects. Nothing here says what a caller passes; it is a guess where neither
annotations nor recorded calls speak.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import random
import re
import typing

from guestlib.guard import Hang, captured, cpu_limit

RUNS = 40
MOST_EVENTS = 400
SECONDS = 0.1
WIDTH = re.compile(r"unpack \(expected (\d+)")
METHODS = frozenset(
    name for kind in (str, list, dict, set, bytes, tuple) for name in dir(kind) if not name.startswith("_")
)
MAPPING = frozenset({"items", "keys", "values", "get", "setdefault", "popitem"})


class _Enough(BaseException):
    """One run has seen enough."""


class Use:
    """What was done with the values of one position. ``same`` are positions whose values came here."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.attributes: dict[str, Use] = {}
        self.called: set[str] = set()
        self.item: Use | None = None
        self.parts: list[Use] | None = None
        self.key: Use | None = None
        self.value: Use | None = None
        self.same: list[Use] = []

    def items(self) -> Use:
        self.item = self.item or Use()
        return self.item

    def keys(self) -> Use:
        self.key = self.key or Use()
        return self.key

    def values(self) -> Use:
        self.value = self.value or Use()
        return self.value

    def widen(self, width: int) -> None:
        if self.parts is None and 0 < width < 8:
            self.parts = [Use() for _ in range(width)]


class _Run:
    """One call: random answers, and an end after so many events."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.left: int = MOST_EVENTS
        self.iterated: Use | None = None

    def tick(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _Enough

    def yes(self, share: float = 0.5) -> bool:
        self.tick()
        return self.rng.random() < share


class Probe:
    """Stands in for an argument."""

    __slots__ = ("_known", "_run", "_use")
    _use: Use
    _run: _Run
    _known: dict[str, typing.Any]

    def __init__(self, use: Use, run: _Run) -> None:
        object.__setattr__(self, "_use", use)
        object.__setattr__(self, "_run", run)
        object.__setattr__(self, "_known", {})

    def __getattr__(self, name: str) -> typing.Any:
        self._run.tick()
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._known:
            use = self._use.attributes.setdefault(name, Use())
            if name in METHODS:
                self._known[name] = _Method(use, self._run, self._use, name)
            else:
                gone = self._run.yes(0.15)  # links end somewhere
                self._known[name] = None if gone else Probe(use, self._run)
        return self._known[name]

    def __setattr__(self, name: str, value: typing.Any) -> None:
        self._run.tick()
        use = self._use.attributes.setdefault(name, Use())
        if isinstance(value, Probe):
            use.same.append(value._use)
        self._known[name] = value

    def __iter__(self) -> typing.Iterator[typing.Any]:
        self._run.tick()
        self._run.iterated = self._use
        self._use.kinds.add("iterated")
        if self._use.parts is not None:
            return iter([Probe(part, self._run) for part in self._use.parts])
        item = self._use.items()
        return iter([Probe(item, self._run) for _ in range(self._run.rng.choice((0, 1, 1, 2, 3)))])

    def __getitem__(self, key: typing.Any) -> typing.Any:
        self._run.tick()
        if isinstance(key, slice):
            self._use.kinds.add("sliced")
            return Probe(self._use, self._run)
        if isinstance(key, (int, _Number)) and not isinstance(key, bool):
            self._use.kinds.add("indexed")
            return Probe(self._use.items(), self._run)
        self._use.kinds.add("mapping")
        keys = self._use.keys()
        _note(keys, key)
        return Probe(self._use.values(), self._run)

    def __setitem__(self, key: typing.Any, value: typing.Any) -> None:
        self[key]

    def __contains__(self, item: typing.Any) -> bool:
        self._use.kinds.add("contains")
        _note(self._use.items(), item)
        return self._run.yes()

    def __len__(self) -> int:
        self._run.tick()
        self._use.kinds.add("sized")
        return self._run.rng.choice((0, 1, 2, 3))

    def __bool__(self) -> bool:
        return self._run.yes(0.6)

    def __hash__(self) -> int:
        self._use.kinds.add("hashed")
        return id(self)

    def _compared(self, other: typing.Any) -> bool:
        if isinstance(other, Probe):
            self._use.same.append(other._use)
        elif isinstance(other, (int, float, str)):
            self._use.kinds.add("text" if isinstance(other, str) else "number")
        return self._run.yes()

    def __eq__(self, other: object) -> bool:
        return self is other or self._compared(other)

    def __ne__(self, other: object) -> bool:
        return self is not other and self._compared(other)

    __lt__ = __le__ = __gt__ = __ge__ = _compared

    def _computed(self, other: typing.Any = None, *rest: typing.Any) -> typing.Any:
        self._run.tick()
        self._use.kinds.add(
            "text" if isinstance(other, str) else "list" if isinstance(other, list) else "number"
        )
        return _Number(Use(), self._run)

    def __call__(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        self._run.tick()
        self._use.kinds.add("called")
        return Probe(Use(), self._run)

    def __index__(self) -> int:
        self._use.kinds.add("number")
        return self._run.rng.randrange(4)

    __int__ = __index__

    def __float__(self) -> float:
        return float(self.__index__())


for _name in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "lshift",
    "rshift",
    "and",
    "or",
    "xor",
):
    for _side in ("__%s__", "__r%s__"):
        setattr(Probe, _side % _name, Probe._computed)
for _name in ("neg", "pos", "abs", "invert", "round"):
    setattr(Probe, "__%s__" % _name, Probe._computed)


class _Number(Probe):
    """What came of a computation; as an index it is one of a sequence."""

    __slots__ = ()


class _Method(Probe):
    """An attribute that may be a method of a container or a text, or a field of that name."""

    __slots__ = ("_name", "_owner")

    def __init__(self, use: Use, run: _Run, owner: Use, name: str) -> None:
        super().__init__(use, run)
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "_name", name)

    def __call__(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        self._run.tick()
        owner, run, name = self._owner, self._run, self._name
        owner.called.add(name)
        if name not in MAPPING:
            return Probe(owner.items(), run) if name in ("pop", "popleft") else Probe(Use(), run)
        owner.kinds.add("mapping")
        if name in ("get", "setdefault"):
            _note(owner.keys(), args[0] if args else None)
            return Probe(owner.values(), run)
        count = range(run.rng.choice((0, 1, 2, 3)))
        keys, values = owner.keys(), owner.values()
        if name == "keys":
            return [Probe(keys, run) for _ in count]
        if name == "values":
            return [Probe(values, run) for _ in count]
        return [(Probe(keys, run), Probe(values, run)) for _ in count]


def _note(use: Use, value: typing.Any) -> None:
    """Take in a value of the code itself that turned up at a position."""
    if isinstance(value, Probe):
        use.same.append(value._use)
    elif isinstance(value, tuple) and value:
        use.widen(len(value))
        for part, item in zip(use.parts or [], value):
            _note(part, item)
    elif isinstance(value, (int, float)):
        use.kinds.add("number")
    elif isinstance(value, str):
        use.kinds.add("text")


@contextlib.contextmanager
def _opening() -> typing.Iterator[None]:
    """A probe that is opened is an empty file; the real ``open`` would take its number for a descriptor."""
    real = builtins.open

    def opened(file: typing.Any, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        return io.StringIO() if isinstance(file, Probe) else real(file, *args, **kwargs)

    builtins.open = opened
    try:
        yield
    finally:
        builtins.open = real


def watch(function: typing.Callable[..., typing.Any], names: typing.Sequence[str]) -> dict[str, Use]:
    """Call ``function`` with probes as its arguments, by position, and say what it did with each."""
    uses = {name: Use() for name in names}
    for seed in range(RUNS):
        run = _Run(seed)
        try:
            with captured(), _opening(), cpu_limit(SECONDS):
                made = function(*[Probe(use, run) for use in uses.values()])
                if hasattr(type(made), "__next__"):
                    for _ in zip(range(20), made):
                        pass
        except (_Enough, Hang):
            continue
        except Exception as error:
            found = WIDTH.search(str(error)) if isinstance(error, ValueError) else None
            if found and run.iterated is not None:
                run.iterated.widen(int(found.group(1)))
        except BaseException:
            continue
    return uses
