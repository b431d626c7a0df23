"""Draws values, as recipes, from domains: small first, boundaries and coincidences on purpose."""

from __future__ import annotations

import random
import typing

from . import objects, placed, texts
from .domain import MAPPINGS, NUMBERS, Domain, Recipe, tag_of
from .figures import Figures, whole
from .tables import leveled

DEEP = 3
ABSENT = 0.04
GUESSES = ("int", "str", "list", "float", "none", "bool", "dict", "tuple")
CALLBACKS = ("identity", "negate", "even", "truth", "nothing", "first", "text", "size", "stops", "fails",
             "recovers", "counts")  # fmt: skip


class Generator(Figures):
    """Draws recipes. ``constructors`` gives the parameter domains of a class, by (module, name)."""

    def __init__(
        self,
        rng: random.Random,
        literals: list[Recipe],
        constructors: typing.Callable[[str, str], list[tuple[typing.Any, Domain]] | None],
    ) -> None:
        super().__init__(rng, literals)
        self.constructors = constructors
        patterns = [(item[1], item[2]) for item in literals if tag_of(item) == "re"]
        self.words = texts.Words([item for item in literals if isinstance(item, str) and item], patterns)
        self.nodes: list[objects.Node] = []
        self.placed = False
        self.names = False
        self.outer = self.inner = "int"
        self.absent = False
        """Whether parts of values may be None, because base asks for that in the lines that change."""

    def sharpen(self, literals: typing.Sequence[Recipe]) -> None:
        """Draw these more often than others: they are those of the changed functions."""
        self.words.sharp = [item for item in literals if isinstance(item, str) and item]
        numbers = [item for item in literals if type(item) is int]
        self.words.numbers = [item for item in numbers if 0 <= item < 10**9]
        self.ints += numbers * 2

    def smaller(self, args: list[Recipe]) -> None:
        """Draw smaller numbers: base needed too long for these."""
        numbers = [abs(item) for arg in args for item in scalars(arg) if type(item) is int]
        self.limit = max(8, min(self.limit, max(numbers, default=0) // 4))

    def value(self, domain: Domain, depth: int = 0) -> Recipe:
        """A value for the position. ``around`` holds the scalars drawn so far for this input."""
        rng = self.rng
        if depth and self.absent and rng.random() < ABSENT:
            return None
        if domain.pool and rng.random() < 0.4:
            return self.note(rng.choice(domain.pool))
        if domain.options and (not domain.tags or "option" in domain.tags or "enum" in domain.tags):
            return rng.choice(domain.options)
        if domain.label and rng.random() < 0.9:
            return self.label()
        tags = [tag for tag in domain.tags if tag not in ("option", "enum", "ref", "then")]
        if not tags:
            if domain.pool:
                return self.note(rng.choice(domain.pool))
            return self.of_tag(self.mood(depth), domain, depth)
        if tags == ["none"] and domain.open and rng.random() < 0.7:
            return self.of_tag(self.mood(depth), domain, depth)
        tag = rng.choices(tags, [domain.tags[tag] for tag in tags])[0]
        return self.of_tag(tag, domain, depth)

    def begin(self, nodes: list[objects.Node] | None = None) -> None:
        """A new call begins; ``nodes`` are those of the graph that its arguments hold already."""
        self.nodes = nodes or []
        self.placed = bool(nodes)
        self.names = self.rng.random() < 0.5
        self.outer = self.rng.choice(GUESSES)
        self.inner = self.rng.choice(("int", "int", "str", "str", "float", "list", "tuple", "bool"))

    def mood(self, depth: int) -> str:
        """A kind where nothing is known: mostly the same one throughout a call."""
        if depth and self.rng.random() < 0.85:
            return self.inner
        return (
            self.outer
            if not depth and self.rng.random() < 0.5
            else self.rng.choice(GUESSES[: 5 if depth else 8])
        )

    def label(self) -> Recipe:
        """A name or number of a thing; of one kind throughout a call."""
        at = self.rng.randrange(self.rng.choice((2, 3, 4)))
        return self.note("ABCD"[at] if self.names else at)

    def node(self, domain: Domain) -> Recipe:
        """A node: the first of a call brings its graph along."""
        if domain.shape is None:
            return None
        if not self.nodes:
            self.nodes = objects.draw(self.rng, domain.shape, self._field)
        last = len(self.nodes) - 1
        return self.place(domain, last if self.rng.random() < 0.6 else self.rng.randrange(last + 1))

    def place(self, domain: Domain, at: int) -> Recipe:
        if self.placed:
            return ["at", at]
        self.placed = True
        return objects.written(domain.shape, self.nodes, at)

    def _field(self, domain: Domain, at: int) -> Recipe:
        if set(domain.tags) <= {"int", "none"} and self.rng.random() < 0.8:
            return at + 1
        return self.value(domain, 3)

    def edges(self, domain: Domain, depth: int) -> list[list[Recipe]]:
        """A mapping keyed by pairs of nodes holds every edge of the graph."""
        one, two = domain.keys().parts or []
        if not self.nodes:
            self.nodes = objects.draw(self.rng, one.shape, self._field)
        return [
            [["tuple", [self.place(one, at), self.place(two, to)]], self.value(domain.values(), depth + 1)]
            for at, to in dict.fromkeys(objects.edges(one.shape, self.nodes))
        ]

    def note(self, recipe: Recipe) -> Recipe:
        if not isinstance(recipe, list):
            self.around.append(recipe)
        return recipe

    def size(self, depth: int) -> int:
        near = [item for item in self.ints if 4 < item < 70] if not depth else []
        if near and self.rng.random() < 0.06:  # a size that the code asks for
            return self.rng.choice(near) + self.rng.choice((-1, 0, 1))
        return min(int(self.rng.expovariate(0.55 + 0.35 * depth)), 9)

    def of_tag(self, tag: str, domain: Domain, depth: int) -> Recipe:
        rng = self.rng
        if tag == "none":
            return None
        if tag == "bool":
            return rng.random() < 0.5
        if tag == "int":
            number = self.integer(domain)
            small = abs(number) <= self.limit or domain.vast
            return self.note(whole(number if small else number % (self.limit + 1)))
        if tag == "str":
            return self.note(texts.text(rng, domain, self.words, self.around))
        if tag in ("list", "set", "frozenset", "deque", "iter", "gen", "tuple"):
            return self.sequence(tag, domain, depth)
        if tag in MAPPINGS:
            return self.mapping(tag, domain, depth)
        if tag == "new":
            return self.instance(domain, depth)
        if tag in ("graph", "at"):
            return self.node(domain)
        if tag == "file":
            return placed.draw(rng, domain, self.words, self.around)
        if tag == "fn":
            return ["fn", rng.choice(domain.callbacks or CALLBACKS)]
        return self.scalar(tag, domain)

    def scalar(self, tag: str, domain: Domain) -> Recipe:
        rng = self.rng
        if tag == "float":
            return ["float", repr(self.real(domain))]
        if tag == "Decimal":
            return ["Decimal", self.decimal(domain)]
        if tag == "Fraction":
            return ["Fraction", str(self.integer(domain)), str(rng.randrange(1, 13))]
        if tag == "complex":
            return ["complex", repr(self.real(domain)), repr(self.real(domain))]
        if tag in ("bytes", "bytearray"):
            return [tag, self.octets(domain).hex()]
        if tag == "Path":
            return [
                "Path",
                rng.choice(("a.txt", "b/c.txt", "notes", "a/../b", "report.final.csv", ".hidden")),
            ]
        if tag == "UUID":
            return ["UUID", "%032x" % rng.randrange(1, 4)]
        if tag == "range":
            return ["range", 0, rng.randrange(6), 1]
        return self.moment(tag, domain)

    def octets(self, domain: Domain) -> bytes:
        """Bytes of a text, or such that codecs tell apart, with runs at the beginning and at the end."""
        if self.rng.random() < 0.5:
            return texts.text(self.rng, domain, self.words, self.around).encode("utf-8", "replace")
        made = octets(self.rng, self.size(0))
        return self.rng.choice((made, made[:1] * self.rng.randrange(1, 4) + made, made + made[-1:] * 2))

    def sequence(self, tag: str, domain: Domain, depth: int) -> Recipe:
        if tag == "tuple" and domain.forms.told and not domain.declared:
            return self.tagged(domain, depth)
        if tag == "tuple" and domain.parts is not None:
            return ["tuple", [self.value(part, depth + 1) for part in domain.parts]]
        items = [self.value(domain.items(), depth + 1) for _ in range(self.size(depth))]
        if items and self.rng.random() < 0.25:
            items.insert(self.rng.randrange(len(items) + 1), self.rng.choice(items))
        if domain.facts.rows.wanted(domain.name):
            items = leveled(items)
        kinds = {type(item) for item in items}
        if len(kinds) == 1 and kinds <= {int, str} and self.rng.random() < 0.25:
            items.sort()
        if not depth:
            self.around.append(len(items))
        return [tag, items, None] if tag == "deque" else [tag, items]

    def tagged(self, domain: Domain, depth: int) -> Recipe:
        """A tuple of one of the observed forms; flat ones where it is deep enough."""
        forms = list(domain.forms.known)
        if depth >= DEEP:
            flat = [one for one in forms if not any("tuple" in part.tags for part in domain.forms.known[one])]
            forms = flat or forms
        form = self.rng.choice(forms)
        parts = domain.forms.parts(form) or []
        return ["tuple", [form[0], *(self.value(part, depth + 1) for part in parts[1:])]]

    def mapping(self, tag: str, domain: Domain, depth: int) -> Recipe:
        rng = self.rng
        if domain.fields and (domain.record or rng.random() < 0.5):
            wanted = domain.required_keys or set()
            pairs = [
                [name, self.value(inner, depth + 1)]
                for name, inner in domain.fields.items()
                if name in wanted or rng.random() < 0.5
            ]
        elif keyed_by_nodes(domain):
            pairs = self.edges(domain, depth)
        else:
            pairs = []
            for _ in range(self.size(depth)):
                key = self.value(domain.keys(), depth + 2)
                if not any(key == pair[0] for pair in pairs):
                    pairs.append([key, self.value(domain.values(), depth + 1)])
        return ["defaultdict", None, pairs] if tag == "defaultdict" else [tag, pairs]

    def instance(self, domain: Domain, depth: int) -> Recipe:
        if not domain.classes:
            return None
        module, name = self.rng.choice(domain.classes)
        known = self.constructors(module, name)
        if known is None or depth > 5:
            same = [item for item in domain.pool if tag_of(item) in ("new", "then")]
            return self.rng.choice(same) if same else None
        args, kwargs = self.arguments(known, depth + 1)
        return ["new", module, name, args, kwargs]

    def arguments(
        self, known: list[tuple[typing.Any, Domain]], depth: int = 0
    ) -> tuple[list[Recipe], list[list[Recipe]]]:
        """Arguments for a signature: required ones always, optional ones now and then."""
        args: list[Recipe] = []
        kwargs: list[list[Recipe]] = []
        by_name = False
        if not depth:
            self.begin()
        for parameter, domain in known:
            optional = parameter.default is not parameter.empty
            if parameter.kind is parameter.VAR_KEYWORD or (optional and self.rng.random() < 0.4):
                by_name = by_name or parameter.kind is parameter.POSITIONAL_OR_KEYWORD
                continue
            if parameter.kind is parameter.VAR_POSITIONAL:
                if not by_name:
                    args += [self.value(domain, depth) for _ in range(self.size(1))]
            elif (
                parameter.kind is parameter.KEYWORD_ONLY or by_name or (optional and (depth or len(args) > 1))
            ):
                if parameter.kind is not parameter.POSITIONAL_ONLY:
                    kwargs.append([parameter.name, self.value(domain, depth)])
                    by_name = True
            else:
                args.append(self.value(domain, depth))
        return args, kwargs


def octets(rng: random.Random, size: int) -> bytes:
    """So many bytes at the edges of what codecs tell apart."""
    return bytes(rng.choice((0, 0, 1, 9, 13, 65, 97, 127, 128, 255, rng.randrange(256))) for _ in range(size))


def keyed_by_nodes(domain: Domain) -> bool:
    """Whether the keys are pairs of nodes of a graph."""
    parts = domain.keys().parts or []
    return len(parts) == 2 and all(part.shape is not None for part in parts)


def scalars(recipe: Recipe) -> typing.Iterator[Recipe]:
    """The scalars inside a recipe that other arguments may be correlated with."""
    if type(recipe) in (int, str):
        yield recipe
    elif isinstance(recipe, list) and recipe and recipe[0] not in NUMBERS:
        for part in recipe[1:]:
            if isinstance(part, list):
                for item in part:
                    yield from scalars(item)
