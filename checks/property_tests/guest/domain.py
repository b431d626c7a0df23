"""What values a position takes: types and examples from annotations, defaults and recorded calls.

A :class:`Domain` is a tree that mirrors the value: items of a list, parts of a tuple, fields of
a record. It is what generation draws from and what plausibility is judged by.
"""

from __future__ import annotations

import re
import typing

from .tables import Level
from .tagged import Forms

Recipe = typing.Any
MAX_POOL = 60
MAX_FIELDS = 24
NUMBERS = ("int", "float", "Decimal", "Fraction")
MOMENTS = ("date", "datetime", "time", "timedelta")
SEQUENCES = ("list", "set", "frozenset", "deque", "iter", "gen")
MAPPINGS = ("dict", "OrderedDict", "Counter", "defaultdict")
COUNTED = re.compile(
    r"(^|_)(n|i|j|k|idx|index|size|length|len|width|height|count|number|num|days?|month|year|hours?|minutes?|"
    r"seconds?|age|quantity|qty|position|pos|row|rows|col|cols|column|page|limit|offset|rank|level|port|"
    r"start|stop|step|times|depth|capacity|stock|servings|guests|people|grams|weight|attempts?|retries)(s?)($|_)"
)


class Domain:
    """``tags`` are the kinds of recipe that are at home here; ``open`` means: nothing is known.

    ``shape`` is that of the graph whose nodes belong here, ``label`` is true where names or numbers
    of things belong, of one kind in an input; ``place`` is what is known of the file that belongs here.
    ``asked_slash`` says that the body has thought of paths that end with a slash, ``asked_negative`` of
    numbers below 0. ``special`` and ``vast``: the code thinks of numbers that are not finite, and of any
    order of magnitude.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.tags: dict[str, float] = {}
        self.pool: list[Recipe] = []
        self.options: list[Recipe] = []
        self.classes: list[tuple[str, str]] = []
        self.item: Domain | None = None
        self.parts: list[Domain] | None = None
        self.fields: dict[str, Domain] | None = None
        self.optional: set[str] = set()
        self.key: Domain | None = None
        self.value: Domain | None = None
        self.observed = 0
        self.declared = False
        self.asked_empty = False
        self.asked_slash = False
        self.asked_negative = False
        self.special = False
        self.vast = False
        self.guesses: set[str] = set()
        self.tried: set[str] = set()
        self.tries: dict[str, tuple[int, int]] = {}
        self.required_keys: set[str] | None = None
        self.mappings: list[list[list[Recipe]]] = []
        """Two different mappings that were observed, as pairs."""
        self.free_keys = False
        """Whether nothing in the code names the keys of what was observed."""
        self.declared_keys = False
        self.forms = Forms()
        self.callbacks: tuple[str, ...] = ()
        """Names of the stand-ins that fit here, where something is known of what is called."""
        self.shape: typing.Any = None
        self.label = False
        self.place: typing.Any = None
        self.facts = Facts()

    @property
    def open(self) -> bool:
        """Whether nothing is known of its kind: a default of None says only what may be absent."""
        return not self.tags or (self.tags.keys() == {"none"} and not self.declared and not self.observed)

    def allow(self, tag: str, weight: float = 1.0) -> None:
        self.tags[tag] = max(self.tags.get(tag, 0.0), weight)

    def items(self) -> Domain:
        if self.item is None:
            self.item = Domain(singular(self.name))
        return self.item

    def keys(self) -> Domain:
        if self.key is None:
            self.key = Domain()
        return self.key

    def values(self) -> Domain:
        if self.value is None:
            self.value = Domain(singular(self.name))
        return self.value

    def learn(self, recipe: Recipe) -> None:
        """Take in one observed value."""
        tag = tag_of(recipe)
        self.observed += 1
        for guess in self.guesses:  # what is observed is better than what the body suggests
            self.tags.pop(guess, None)
        self.guesses.clear()
        self.allow(tag)
        if len(self.pool) < MAX_POOL and recipe not in self.pool:
            self.pool.append(recipe)
        self.facts.learn(recipe)
        if tag in SEQUENCES:
            for item in recipe[1]:
                self.items().learn(item)
        elif tag == "tuple":
            self._learn_tuple(recipe[1])
        elif tag in MAPPINGS:
            self._learn_mapping(recipe[-1])
        elif tag == "enum":
            if recipe not in self.options:
                self.options.append(recipe)
        elif tag in ("new", "then"):
            made = recipe if tag == "new" else recipe[1]
            if made[0] == "new" and (made[1], made[2]) not in self.classes:
                self.classes.append((made[1], made[2]))

    def _learn_tuple(self, items: list[Recipe]) -> None:
        self.forms.learn(items, Domain)
        fresh = self.parts is None and self.item is None
        if fresh and items:
            self.parts = [Domain(self.name) for _ in items]
        if self.parts is not None and len(self.parts) == len(items):
            for part, item in zip(self.parts, items):
                part.learn(item)
            return
        for item in items:
            self.items().learn(item)
        if self.parts is not None and not self.declared:
            for part in self.parts:
                for seen in part.pool:
                    self.items().learn(seen)
            self.parts = None

    def _learn_mapping(self, pairs: list[list[Recipe]]) -> None:
        names = [pair[0] for pair in pairs if isinstance(pair[0], str)]
        if len(self.mappings) < 2 and pairs not in self.mappings:
            self.mappings.append(pairs)
        for key, value in pairs:
            self.keys().learn(key)
            self.values().learn(value)
        if len(names) != len(pairs) or len(names) > MAX_FIELDS:
            self.required_keys = set()
            return
        if self.fields is None:
            self.fields = {}
        for name, value in pairs:
            self.fields.setdefault(name, Domain(name)).learn(value)
        self.required_keys = set(names) if self.required_keys is None else self.required_keys & set(names)

    @property
    def record(self) -> bool:
        """Whether the dicts here have fixed fields rather than arbitrary keys."""
        known = self.declared_keys or (not self.free_keys and (self.declared or self.observed > 1))
        return bool(self.fields) and bool(self.required_keys) and known

    def free(self, named: typing.Callable[[str], bool], depth: int = 4) -> None:
        """Take keys for data where the code names none of them: those of the one mapping that was observed, or of
        what is annotated as a mapping. Here and below."""
        alike = len(self.mappings) == 1 or (bool(self.mappings) and self.declared)
        self.free_keys = alike and not any(map(named, self.required_keys or ()))
        if depth:
            for one in (self.item, self.value, *(self.parts or ()), *(self.fields or {}).values()):
                if one is not None:
                    one.free(named, depth - 1)


MANY_WHOLE = 6
"""So many different numbers, all of them whole, are no chance."""


class Facts:
    """What all observed values of a position have in common, and how often it could have failed."""

    def __init__(self) -> None:
        self.ascending = self.not_ascending = 0
        self.distinct = self.repeated = 0
        self.negative = 0
        self.rising_pairs = self.other_pairs = 0
        self.wide_text = 0
        self.paths = self.other_texts = 0
        self.dotted = self.undotted = 0
        self.special_floats = 0
        self.largest = 0.0
        self.wholes: set[float] = set()
        self.fractions = 0
        self.rows = Level()

    def learn(self, recipe: Recipe) -> None:
        tag = tag_of(recipe)
        if tag in ("list", "tuple"):
            self.rows.learn(recipe[1])
        if tag in ("list", "tuple") and len(recipe[1]) >= 2:
            keys = [sort_key(item) for item in recipe[1]]
            rising = all(low is not None and high is not None and low <= high for low, high in pairs_of(keys))
            if len(keys) >= 3:
                self.ascending += rising
                self.not_ascending += not rising
            texts = [repr(item) for item in recipe[1]]
            self.distinct += len(set(texts)) == len(texts)
            self.repeated += len(set(texts)) != len(texts)
        if tag == "tuple" and len(recipe[1]) == 2:
            low, high = number_of(recipe[1][0]), number_of(recipe[1][1])
            if low is not None and high is not None:
                self.rising_pairs += low < high
                self.other_pairs += low >= high
        number = number_of(recipe)
        if number is not None:
            self.negative += number < 0
            if abs(number) < 1e30:
                self.largest = max(self.largest, abs(number))
                whole = number == number // 1
                self.fractions += not whole
                if whole and len(self.wholes) < MANY_WHOLE:
                    self.wholes.add(number)
            self.special_floats += number != number or abs(number) == float("inf")
        if isinstance(recipe, str):
            self.wide_text += not recipe.isascii()
            self.paths += "/" in recipe
            self.other_texts += "/" not in recipe
            self.dotted += recipe.startswith(".")
            self.undotted += not recipe.startswith(".")


def pairs_of(values: list[typing.Any]) -> typing.Iterator[tuple[typing.Any, typing.Any]]:
    return zip(values, values[1:])  # noqa: RUF007 - pairwise came with Python 3.10


def sort_key(recipe: Recipe) -> typing.Any:
    """The number by which an item may be sorted: itself or its first part; None without one."""
    tag = tag_of(recipe)
    if tag in ("tuple", "list") and recipe[1]:
        return sort_key(recipe[1][0])
    if tag in ("date", "datetime"):
        digits = re.sub(r"\D", "", recipe[1])
        return float(digits[:20].ljust(20, "0")) if digits else None
    return number_of(recipe)


def number_of(recipe: Recipe) -> float | None:
    """The number of a numeric recipe."""
    if isinstance(recipe, bool):
        return None
    if isinstance(recipe, int):
        return float(recipe)
    if isinstance(recipe, list) and recipe and recipe[0] in NUMBERS:
        try:
            return float(recipe[1]) / (float(recipe[2]) if recipe[0] == "Fraction" else 1.0)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
    return None


def tag_of(recipe: Recipe) -> str:
    """The kind of a recipe: none, bool, int, str or its tag."""
    if isinstance(recipe, list):
        return str(recipe[0])
    if recipe is None:
        return "none"
    return type(recipe).__name__


def singular(name: str) -> str:
    return name[:-1] if name.endswith("s") and len(name) > 2 else name


def counted(name: str) -> bool:
    """Whether a number of that name counts or numbers something, so that it is never negative."""
    return bool(COUNTED.search(name.lower()))


def said_path(name: str) -> bool:
    """Whether a parameter's name says that it names a place of the file system."""
    return bool(re.search(r"(^|_)(path|file|filename|filepath|folder|dir|directory)(_|$)", name.lower()))


def said_suffix(name: str) -> bool:
    """Whether a parameter's name says that it is the suffix of a file's name."""
    return bool(re.search(r"(^|_)(suffix|ext|extension)(_|$)", name.lower()))


def said_sorted(name: str) -> bool:
    """Whether a parameter's name says that its items come in ascending order."""
    return bool(re.search(r"(^|_)(sorted|ascending|ordered)(_|$)", name.lower()))
