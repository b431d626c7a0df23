"""Writes a recipe as Python source, with the imports that it needs.

``build(recipe)`` and running the source give equal values.
"""

from __future__ import annotations

import keyword
import typing

from guestlib import graphs
from guestlib.callables import SOURCES
from guestlib.recipes import Recipe

BUILTIN_MODULE = "builtins"
FROM = {
    "Decimal": "decimal", "Fraction": "fractions", "Path": "pathlib", "UUID": "uuid",
    "OrderedDict": "collections", "Counter": "collections", "deque": "collections",
    "defaultdict": "collections", "StringIO": "io", "BytesIO": "io",
}  # fmt: skip


class Source:
    """Collects imports while expressions are written. One object serves one file.

    ``prelude`` holds statements that must stand before the expressions.
    """

    def __init__(self, taken: typing.Iterable[str] = ()) -> None:
        self.modules: set[str] = set()
        self.names: dict[tuple[str, str], str] = {}
        self.taken = set(taken)
        self.prelude: list[str] = []
        self.objects = 0
        self.nodes: list[str] = []
        self.graphs = 0

    def imports(self) -> list[str]:
        """Import statements: plain ones first, each group sorted."""
        plain = ["import " + module for module in sorted(self.modules)]
        grouped: dict[str, list[str]] = {}
        for (module, name), alias in self.names.items():
            grouped.setdefault(module, []).append(name if name == alias else "%s as %s" % (name, alias))
        return plain + [
            "from %s import %s" % (m, ", ".join(sorted(names))) for m, names in sorted(grouped.items())
        ]

    def name(self, module: str, qualname: str) -> str:
        """Expression for a module's object; imports what it needs."""
        head, _, rest = qualname.partition(".")
        if module == BUILTIN_MODULE:
            return qualname
        if (module, head) not in self.names:
            alias = head
            while alias in self.taken or keyword.iskeyword(alias):
                alias += "_"
            self.taken.add(alias)
            self.names[module, head] = alias
        return self.names[module, head] + ("." + rest if rest else "")

    def module(self, name: str) -> str:
        self.modules.add(name)
        self.taken.add(name)
        return name

    def call(self, function: str, args: list[Recipe], kwargs: list[list[Recipe]]) -> str:
        """Source of ``function(args, kwargs)``."""
        parts = [self.expression(item) for item in args]
        parts += ["%s=%s" % (name, self.expression(item)) for name, item in kwargs]
        return "%s(%s)" % (function, ", ".join(parts))

    def expression(self, recipe: Recipe) -> str:
        """Source of the recipe's value. Raises KeyError for an unknown tag."""
        if not isinstance(recipe, list):
            return repr(recipe)
        tag, rest = recipe[0], recipe[1:]
        return str(
            getattr(self, "_" + tag.lower())(*rest)
            if hasattr(self, "_" + tag.lower())
            else self._plain(tag, rest)
        )

    def _plain(self, tag: str, rest: list[typing.Any]) -> str:
        if tag == "range":
            return "range(%s)" % ", ".join(map(repr, rest))
        if tag in FROM:
            return "%s(%s)" % (self.name(FROM[tag], tag), ", ".join(map(repr, rest)))
        raise KeyError(tag)

    def _many(self, items: list[Recipe]) -> str:
        return ", ".join(self.expression(item) for item in items)

    def _int(self, text: str) -> str:
        return text

    def _float(self, text: str) -> str:
        return text if text.lower().lstrip("-")[0].isdecimal() else "float(%r)" % text

    def _str(self, text: str) -> str:
        return repr(bytes.fromhex(text).decode("utf-8", "surrogatepass"))

    def _bytes(self, text: str) -> str:
        return repr(bytes.fromhex(text))

    def _bytearray(self, text: str) -> str:
        return "bytearray(%r)" % bytes.fromhex(text)

    def _complex(self, real: str, imaginary: str) -> str:
        return "complex(%s, %s)" % (self._float(real), self._float(imaginary))

    def _fraction(self, top: str, bottom: str) -> str:
        return "%s(%s, %s)" % (self.name("fractions", "Fraction"), top, bottom)

    def _date(self, text: str) -> str:
        return "%s(%s)" % (
            self.name("datetime", "date"),
            ", ".join(str(int(part)) for part in text.split("-")),
        )

    def _zone(self, zone: Recipe) -> str:
        if zone[0] == "zone":
            return "%s(%r)" % (self.name("zoneinfo", "ZoneInfo"), zone[1])
        if zone[0] == "utc":
            return self.name("datetime", "timezone") + ".utc"
        return "%s(%s)" % (self.name("datetime", "timezone"), self._timedelta(0, zone[1], 0))

    def _time(self, text: str, zone: Recipe, fold: int = 0) -> str:
        made = "%s.fromisoformat(%r)" % (self.name("datetime", "time"), text)
        extra = ["tzinfo=" + self._zone(zone)] if zone is not None else []
        extra += ["fold=1"] if fold else []
        return "%s.replace(%s)" % (made, ", ".join(extra)) if extra else made

    def _datetime(self, text: str, zone: Recipe, fold: int = 0) -> str:
        day, _, clock = text.partition("T")
        seconds, _, fraction = clock.partition(".")
        parts = [int(part) for part in (*day.split("-"), *seconds.split(":"))]
        if fraction:
            parts.append(int(fraction))
        elif parts[-1] == 0:
            parts.pop()
        extra = ["tzinfo=" + self._zone(zone)] if zone is not None else []
        extra += ["fold=1"] if fold else []
        return "%s(%s)" % (self.name("datetime", "datetime"), ", ".join([*map(str, parts), *extra]))

    def _timedelta(self, days: int, seconds: int, micro: int) -> str:
        named = [("days", days), ("seconds", seconds), ("microseconds", micro)]
        parts = ["%s=%d" % pair for pair in named if pair[1]]
        return "%s(%s)" % (self.name("datetime", "timedelta"), ", ".join(parts))

    def _re(self, pattern: str, flags: int) -> str:
        text = repr(pattern) + (", %d" % flags if flags else "")
        return "%s.compile(%s)" % (self.module("re"), text)

    def _list(self, items: list[Recipe]) -> str:
        return "[%s]" % self._many(items)

    def _tuple(self, items: list[Recipe]) -> str:
        return "(%s%s)" % (self._many(items), "," if len(items) == 1 else "")

    def _set(self, items: list[Recipe]) -> str:
        return "{%s}" % self._many(items) if items else "set()"

    def _frozenset(self, items: list[Recipe]) -> str:
        return "frozenset(%s)" % (self._set(items) if items else "")

    def _deque(self, items: list[Recipe], size: int | None) -> str:
        extra = "" if size is None else ", maxlen=%d" % size
        return "%s([%s]%s)" % (self.name("collections", "deque"), self._many(items), extra)

    def _dict(self, pairs: list[list[Recipe]]) -> str:
        return "{%s}" % ", ".join(
            "%s: %s" % (self.expression(key), self.expression(item)) for key, item in pairs
        )

    def _ordereddict(self, pairs: list[list[Recipe]]) -> str:
        return "%s(%s)" % (self.name("collections", "OrderedDict"), self._dict(pairs))

    def _counter(self, pairs: list[list[Recipe]]) -> str:
        return "%s(%s)" % (self.name("collections", "Counter"), self._dict(pairs))

    def _defaultdict(self, factory: Recipe, pairs: list[list[Recipe]]) -> str:
        made = self.name("collections", "defaultdict")
        return "%s(%s, %s)" % (made, self.expression(factory), self._dict(pairs))

    def _iter(self, items: list[Recipe]) -> str:
        return "iter(%s)" % self._list(items)

    def _gen(self, items: list[Recipe]) -> str:
        return "(value for value in %s)" % self._list(items)

    def _bytesio(self, text: str) -> str:
        return "%s(%r)" % (self.name("io", "BytesIO"), bytes.fromhex(text))

    def _enum(self, module: str, name: str, member: str) -> str:
        return self.name(module, name) + "." + member

    def _ref(self, module: str, name: str) -> str:
        return self.name(module, name)

    def _file(self, name: str, content: Recipe, kind: str) -> str:
        """A path; what lies there is put there by statements in :attr:`prelude`."""
        path = self.name("pathlib", "Path")
        if isinstance(content, list) and content[0] == "dict":
            self.prelude.append("%s(%r).mkdir(parents=True)" % (path, name))
            for inner, text in content[1]:
                self._placed(path, name + "/" + inner, text)
        else:
            self._placed(path, name, content)
        return "%s(%r)" % (path, name) if kind == "Path" else repr(name)

    def _placed(self, path: str, name: str, content: Recipe) -> None:
        folder = name.rpartition("/")[0]
        line = "%s(%r).mkdir(parents=True, exist_ok=True)" % (path, folder)
        made = "%s(%r).mkdir(parents=True)" % (path, folder)
        if folder and line not in self.prelude and made not in self.prelude:
            self.prelude.append(line)
        if isinstance(content, list):
            self.prelude.append("%s(%r).write_bytes(%r)" % (path, name, bytes.fromhex(content[1])))
        elif content is not None:
            exact = "" if content.isascii() else ', encoding="utf-8"'
            self.prelude.append("%s(%r).write_text(%r%s)" % (path, name, content, exact))

    def _fn(self, name: str) -> str:
        text = SOURCES[name]
        return "(%s)" % text if text.startswith("lambda") else text

    def _new(self, module: str, name: str, args: list[Recipe], kwargs: list[list[Recipe]]) -> str:
        return self.call(self.name(module, name), args, kwargs)

    def _then(self, receiver: Recipe, steps: list[typing.Any]) -> str:
        """An object with a past: made by statements in :attr:`prelude`, the expression is its name."""
        made = self.expression(receiver)
        self.objects += 1
        name = "thing_%d" % self.objects
        self.prelude.append("%s = %s" % (name, made))
        for method, args, kwargs in steps:
            self.prelude.append("with %s(Exception):" % self.name("contextlib", "suppress"))
            if method.endswith("="):
                self.prelude.append("    %s.%s = %s" % (name, method[:-1], self.expression(args[0])))
            else:
                self.prelude.append("    " + self.call(name + "." + method, args, kwargs))
        return name

    def _graph(self, where: list[str] | None, nodes: list[typing.Any], at: int) -> str:
        """Objects that refer to each other: made by statements, the expression is the name of one."""
        self.graphs += 1
        prefix = "node_" if self.graphs == 1 else "node_%d_" % self.graphs
        self.nodes = [prefix + str(number) for number in range(1, len(nodes) + 1)]
        if where is None and not {*graphs.SOURCE} & {*self.prelude} and self.graphs == 1:
            self.prelude += graphs.SOURCE
        kind = self.name(*where) if where else "Node"
        for name, (given, _) in zip(self.nodes, nodes):
            self.prelude.append("%s = %s" % (name, self.call(kind, [], given)))
        for name, (_, fields) in zip(self.nodes, nodes):
            self.prelude += ["%s.%s = %s" % (name, field, self.expression(item)) for field, item in fields]
        return self.nodes[at]

    def _at(self, at: int) -> str:
        return self.nodes[at]
