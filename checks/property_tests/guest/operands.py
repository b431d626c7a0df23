"""What changed lines compare while an input runs, and the input with one side in the other's place (see ``asks``)."""

from __future__ import annotations

import ast
import itertools
import random
import re
import types
import typing

from .domain import Recipe, tag_of
from .matching import matching
from .places import changed_once
from .target import Scenario

Ask = typing.Tuple[str, typing.List[int], str, str, str]
"""A path, lines of it, the sources of both sides, and how they are compared."""
Wish = typing.Tuple[typing.Union[int, str], typing.Union[int, str]]
"""What stands in an input, and what should stand there."""
MOST_WISHES = 12
MOST_PLACES = 4
MAX_TEXT = 400
DIGITS = re.compile(r"[0-9]{1,12}")
NOTHING = re.compile(r"(?!)")
MAX_NUMBER = 10**12
CONTAINERS = (list, tuple, dict, str, set, frozenset)
MATCHERS = ("match", "fullmatch", "search")
MATCHING = 3
"""Texts that are written for one regular expression."""
PLAIN = ("lower", "upper", "casefold", "strip", "lstrip", "rstrip")
ORDER = ("Lt", "LtE", "Gt", "GtE")


class Operands:
    """``asks`` of changed lines, and of others ``beside`` them, by the absolute path of their file; what is seen is
    kept until :meth:`taken`."""

    def __init__(self, asks: typing.Iterable[Ask], beside: typing.Iterable[Ask] = ()) -> None:
        self.asked: dict[tuple[str, int], list[tuple[ast.expr, ast.expr, str, int]]] = {}
        for rank, every in enumerate((asks, beside)):
            for path, lines, left, right, how in every:
                try:
                    sides = [ast.parse(side, mode="eval").body for side in (left, right)]
                except (SyntaxError, ValueError):
                    continue
                for line in lines:
                    self.asked.setdefault((path, line), []).append((sides[0], sides[1], how, rank))
        self.lines: dict[str, set[int]] = {}
        for path, at in self.asked:
            self.lines.setdefault(path, set()).add(at)
        self.wishes: tuple[dict[Wish, None], dict[Wish, None]] = ({}, {})

    def look(self, frame: types.FrameType) -> None:
        """A line is about to run."""
        for left, right, how, rank in self.asked.get((frame.f_code.co_filename, frame.f_lineno), ()):
            try:
                one, other = value_of(left, frame), value_of(right, frame)
            except Exception:
                continue
            for wish in wishes(one, other, how):
                if len(self.wishes[rank]) < MOST_WISHES:
                    self.wishes[rank].setdefault(wish)

    def taken(self) -> list[Wish]:
        """What was wished for since the last time, by lines of the change first."""
        found, self.wishes = list({**self.wishes[0], **self.wishes[1]}), ({}, {})
        return found


def value_of(node: ast.expr, frame: types.FrameType) -> typing.Any:
    """The value of a plain expression, without running code of the tree. Raises LookupError for any other."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return frame.f_locals[node.id] if node.id in frame.f_locals else frame.f_globals[node.id]
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return [value_of(item, frame) for item in node.elts]
    if isinstance(node, ast.Attribute):
        return object.__getattribute__(value_of(node.value, frame), "__dict__")[node.attr]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        held = value_of(node.operand, frame)
        if type(held) in (int, float):
            return -held
    if isinstance(node, ast.Subscript):
        held = value_of(node.value, frame)
        if isinstance(node.slice, ast.Slice) and type(held) in (list, tuple, str, bytes):
            ends = [
                part and value_of(part, frame)
                for part in (node.slice.lower, node.slice.upper, node.slice.step)
            ]
            return held[slice(*ends)]
        key = value_of(node.slice, frame)
        if type(held) in (list, tuple, dict, str) and type(key) in (int, str):
            return held[key]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PLAIN:
        held, given = value_of(node.func.value, frame), [value_of(item, frame) for item in node.args]
        if type(held) is str and all(type(item) is str for item in given):
            return getattr(held, node.func.attr)(*given)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "len" and len(node.args) == 1:
        held = value_of(node.args[0], frame)
        if type(held) in CONTAINERS:
            return len(held)
    raise LookupError


def wishes(one: typing.Any, other: typing.Any, how: str) -> typing.Iterator[Wish]:
    """What would make a comparison come out otherwise: ``Eq`` of 10 and 24 wishes 24 where 10 is."""
    if how in ("In", "NotIn"):
        if type(one) is str and type(other) is str:
            yield other, other + one
        elif type(other) in CONTAINERS:
            for item in list(other)[:3]:
                yield from wishes(one, item, "Eq")
        return
    if how in ("startswith", "endswith"):
        for part in [other] if type(other) is str else other if type(other) in (tuple, list) else ():
            if type(one) is str and type(part) is str:
                yield one, part + one if how == "startswith" else one + part
        return
    if how in MATCHERS:
        if type(one) in (str, re.Pattern) and type(other) is str:
            yield from _matches(one, other)
        return
    one, other = (item.decode("latin-1") if type(item) is bytes else item for item in (one, other))
    if type(one) is not type(other) or type(one) not in (int, str):
        return
    for old, new in ((one, other), (other, one)):
        if old != new and not (type(new) is int and abs(new) > MAX_NUMBER):
            yield old, new
            if how in ORDER and type(new) is int:
                yield old, new + 1
                yield old, new - 1


def _matches(pattern: typing.Any, text: str) -> typing.Iterator[Wish]:
    """Texts that the pattern matches in the place of the one that it was asked about."""
    source, flags = (pattern, 0) if type(pattern) is str else (pattern.pattern, pattern.flags)
    rng = random.Random(text)
    for _ in range(MATCHING if type(source) is str else 0):
        made = matching(rng, source, flags)
        if made and made != text:
            yield text, made


def granted(scenario: Scenario, wish: Wish) -> typing.Iterator[Scenario]:
    """The scenario with the wish granted in one place."""
    return itertools.islice(changed_once(scenario, lambda recipe: _granted(recipe, wish)), MOST_PLACES)


def _granted(recipe: Recipe, wish: Wish) -> typing.Iterator[Recipe]:
    tag = tag_of(recipe)
    if tag == "int" and type(recipe) is int:
        if recipe == wish[0]:
            yield wish[1]
    elif tag == "str" and isinstance(recipe, str):
        yield from _in_text(recipe, wish)
    elif tag in ("bytes", "bytearray"):
        for text in _in_text(bytes.fromhex(recipe[1]).decode("latin-1"), wish):
            yield [tag, text.encode("latin-1", "replace").hex()]


def _in_text(text: str, wish: Wish) -> typing.Iterator[str]:
    old, new = wish
    if len(text) > MAX_TEXT:
        return
    if not text and old == "":
        yield str(new)
    number = type(old) is int
    pattern = DIGITS if number else re.compile(re.escape(str(old))) if old else NOTHING
    for match in itertools.islice(pattern.finditer(text), MOST_PLACES * 2):
        if not number or int(match.group()) == old:  # "09" of a date stays filled up
            made = str(new).zfill(len(match.group())) if number else str(new)
            yield text[: match.start()] + made + text[match.end() :]
    if number:
        yield from dict.fromkeys(_in_digits(text, old, new))


def _in_digits(text: str, old: int | str, new: int | str) -> typing.Iterator[str]:
    """A number that is part of a longer one, as the year is of ``15108695088``, with another one of its width."""
    for width in sorted({len(str(old)), 2, 3}):
        one, other = str(old).zfill(width), str(new).zfill(width)
        if width < 2 or len(one) != len(other) or not (one + other).isdecimal():
            continue
        for match in re.finditer("(?=%s)" % one, text):
            start, end = match.start(), match.start() + width
            if text[start - 1 : start].isdecimal() or text[end : end + 1].isdecimal():
                yield text[:start] + other + text[end:]
