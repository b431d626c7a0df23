"""Inputs that grow: scenarios with a part that is made for a size.

Beside the tags of recipes such a scenario holds these:

============================  ================================================================
``["grown", tag, template]``  a container of ``size`` items, each the template with its holes
                              filled; for a mapping the template is ``[key, value]``
``["cycled", tag, [r, …]]``   a container of ``size`` items that repeats the given ones
``["long", text]``            a text of ``size`` letters that repeats ``text``
``["words", gap, word]``      ``size`` words with a number each, joined by ``gap``
``["number"]``                the size itself
``["hole", start, step]``     in a template: an int, or a text with a number behind it
``["mixed", start, step]``    the same in no order
============================  ================================================================
"""

from __future__ import annotations

import typing

from guestlib.recipes import Recipe
from guestlib.source import Source

MAPPINGS = ("dict", "OrderedDict", "Counter", "defaultdict")
STEP, PRIME = 7919, 1_000_003


def expand(part: typing.Any, size: int) -> typing.Any:
    """The scenario, recipe or argument list at a size: plain recipes only."""
    if not isinstance(part, list):
        return part
    tag = part[0] if part and isinstance(part[0], str) else ""
    if tag == "grown" and part[1] in MAPPINGS:
        key, value = part[2]
        return [part[1], [[fill(key, at), fill(value, at)] for at in range(size)]]
    if tag == "grown":
        return [part[1], [fill(part[2], at) for at in range(size)], *part[3:]]
    if tag == "cycled":
        return [part[1], [part[2][at % len(part[2])] for at in range(size)], *part[3:]]
    if tag == "long":
        return (part[1] * (size // len(part[1]) + 1))[:size]
    if tag == "words":
        return part[1].join("%s%d" % (part[2], at) for at in range(size))
    if tag == "number":
        return size
    return [expand(item, size) for item in part]


def fill(template: Recipe, at: int) -> Recipe:
    """The template's recipe for one position."""
    if not isinstance(template, list):
        return template
    if template and template[0] in ("hole", "mixed"):
        _, start, step = template
        number = at * STEP % PRIME if template[0] == "mixed" else at
        return start + str(number) if isinstance(start, str) else start + step * number
    return [fill(item, at) for item in template]


class GrownSource(Source):
    """Writes growing inputs; they use the names ``size`` and, inside, ``i``."""

    def __init__(self, taken: typing.Iterable[str] = ()) -> None:
        super().__init__({"size", "i", *taken})

    def _number(self) -> str:
        return "size"

    def _long(self, text: str) -> str:
        return "(%r * size)[:size]" % text

    def _words(self, gap: str, word: str) -> str:
        return "%r.join(%r + str(i) for i in range(size))" % (gap, word)

    def _hole(self, start: typing.Any, step: int, place: str = "i") -> str:
        if isinstance(start, str):
            return "%r + str(%s)" % (start, place)
        return ("%d + " % start if start else "") + ("%d * " % step if step != 1 else "") + place

    def _mixed(self, start: typing.Any, step: int) -> str:
        text = "i * %d %% %d" % (STEP, PRIME)
        return self._hole(start, step, text if isinstance(start, str) else "(%s)" % text)

    def _grown(self, tag: str, template: Recipe, *rest: typing.Any) -> str:
        if tag in MAPPINGS:
            key, value = map(self.expression, template)
            return self._made(tag, "{%s: %s for i in range(size)}" % (key, value), rest)
        return self._made(tag, "[%s for i in range(size)]" % self.expression(template), rest)

    def _cycled(self, tag: str, items: list[Recipe], *rest: typing.Any) -> str:
        return self._made(tag, "(%s * size)[:size]" % self._list(items), rest)

    def _made(self, tag: str, text: str, rest: tuple[typing.Any, ...]) -> str:
        if tag in ("list", "dict"):
            return text
        if tag in ("OrderedDict", "Counter"):
            return "%s(%s)" % (self.name("collections", tag), text)
        if tag == "deque":
            return "%s(%s, maxlen=%r)" % (self.name("collections", tag), text, rest[0] if rest else None)
        return "%s(%s)" % ("iter" if tag == "gen" else tag, text)
