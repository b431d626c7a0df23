"""Draws and varies text: from examples, from literals, from regular expressions, from scratch."""

from __future__ import annotations

import datetime
import importlib
import random
import re
import sys
import typing

from . import formats
from .domain import Domain

patterns: typing.Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

TOKEN = re.compile(r"[^\W_]+|\s+|[\W_]")
WORDS = ("a", "b", "A", "ab", "abc", "Hello", "x1", "0", "1", "10", "007", "z", "two words", "name", "foo")
MARKS = (*" ,.;:-_/!?#@&=+*%$()[]{}<>'\"\\|~^`\n\t", "--", "  ", "..", "::", "0", "1", "a", "A")
WIDE = ("é", "ß", "Straße", "İ", "ﬁ", "e\u0301", "日本", "😀", "Ä", "ÿ", "²", "٣", "\u00a0", "Σς")


def text(
    rng: random.Random,
    domain: Domain,
    literals: list[str],
    known_patterns: list[tuple[str, int]],
    around: list[typing.Any],
    affixes: dict[str, list[str]] | None = None,
    known_formats: typing.Sequence[str] = (),
) -> str:
    """A text for the position."""
    if known_formats and rng.random() < (0.2 if not domain.observed else 0.05):
        own = formats.examples(domain.name)
        made = rng.choice(own if own and rng.random() < 0.5 else known_formats)
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            made = vary(rng, made, literals)
        return made
    if affixes and any(affixes.values()) and rng.random() < 0.2:
        return parted(rng, literals, affixes)
    seen = [item for item in domain.pool if isinstance(item, str)]
    roll = rng.random()
    others = [item for item in around if isinstance(item, str)]
    if others and roll < 0.12:
        other = str(rng.choice(others))
        if rng.random() < 0.3:  # a part of another argument
            start = rng.randrange(len(other) + 1)
            return other[start : start + rng.randrange(1, 5)]
        return vary(rng, other, literals) if rng.random() < 0.5 else other
    if known_patterns and roll < 0.3:
        return matching(rng, *rng.choice(known_patterns))
    if seen and roll < 0.65:
        made = rng.choice(seen)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            made = vary(rng, made, literals, seen)
        return made
    if literals and roll < 0.72:
        made = rng.choice(literals)
        return moment(rng, made) if "%" in made else made
    marks = [one for one in literals if len(one) <= 2]
    if marks and roll < 0.82:  # the letters that the code tells apart, in any order
        letters = [*marks, *marks, "a", "b", "1"]
        return "".join(rng.choice(letters) for _ in range(rng.randrange(1, 9)))
    if roll < 0.87:  # few different letters: repeats and common parts
        alphabet = rng.choice(("ab", "ab", "abc", "01", "aA ", "a"))
        return "".join(rng.choice(alphabet) for _ in range(rng.randrange(1, 8)))
    pieces: list[str] = []
    for _ in range(min(int(rng.expovariate(0.5)), 8)):
        which = rng.random()
        if literals and which < 0.35:
            pieces.append(rng.choice(literals))
        elif which < 0.65:
            pieces.append(rng.choice(WORDS))
        elif which < 0.97 or not (domain.facts.wide_text or not domain.observed):
            pieces.append(rng.choice(MARKS))
        else:
            pieces.append(rng.choice(WIDE))
    return "".join(pieces)


def vary(
    rng: random.Random, given: str, literals: typing.Sequence[str], seen: typing.Sequence[str] = ()
) -> str:
    """The text with one of its tokens removed, doubled, moved, replaced or altered."""
    tokens = TOKEN.findall(given)
    if not tokens:
        return rng.choice([*literals, *seen, "a", " ", "0"])
    at = rng.randrange(len(tokens))
    other = rng.randrange(len(tokens))
    token = tokens[at]
    choice = rng.randrange(13)
    if choice == 0:
        del tokens[at]
    elif choice == 1:
        tokens.insert(at, tokens[other])
    elif choice == 2:
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif choice == 3:
        tokens[at] = altered(rng, token)
    elif choice == 4 and literals:
        tokens[at] = rng.choice(literals)
    elif choice == 5 and literals:
        tokens.insert(at, rng.choice(literals))
    elif choice == 6:
        tokens.insert(at, rng.choice(MARKS))
    elif choice == 7:
        tokens = tokens[:at]
    elif choice == 8:
        tokens = tokens[at:]
    elif choice == 9 and seen:
        tokens[at] = rng.choice(TOKEN.findall(rng.choice(seen)) or [""])
    elif choice == 10:
        return given + given if rng.random() < 0.5 else given.swapcase()
    elif choice == 11:
        return rng.choice(
            (" " + given, given + " ", given + "\n", given.upper(), given.lower(), given.strip())
        )
    else:
        tokens[at] = token[: rng.randrange(len(token) + 1)]
    return "".join(tokens)[:400]


def parted(rng: random.Random, literals: list[str], affixes: dict[str, list[str]]) -> str:
    """Parts between separators, with the beginning and the end that the code looks for."""
    mark = rng.choice(affixes["between"]) if affixes["between"] else ""
    words = [*WORDS, *literals, "1.0", "2", "1.0.0"]
    made = mark.join(rng.choice(words) for _ in range(rng.randrange(1, 7)))
    if affixes["start"] and rng.random() < 0.6:
        made = rng.choice(affixes["start"]) + made
    return made + rng.choice(affixes["end"]) if affixes["end"] and rng.random() < 0.8 else made


def moment(rng: random.Random, form: str) -> str:
    """A text that a format of ``strptime`` reads; the format itself where it is none."""
    day = datetime.datetime(
        rng.choice((1970, 1999, 2000, 2023, 2024)), rng.randrange(1, 13), rng.randrange(1, 29), rng.randrange(24),
        rng.randrange(60), rng.randrange(60),
    )  # fmt: skip
    try:
        return day.strftime(form) if re.search("%[YymdHMSBbjIp]", form) else form
    except ValueError:
        return form


def altered(rng: random.Random, token: str) -> str:
    """A token's neighbour: another number, another case, one letter more or less."""
    if token.isdigit() and len(token) < 12:
        number = int(token)
        made = rng.choice((number + 1, max(number - 1, 0), number * 10, 0, 60, 59, 100, number // 2))
        return rng.choice((str(made), str(made).zfill(len(token)), "0" + token, token[1:] or "0"))
    return rng.choice(
        (token.upper(), token.title(), token.lower(), token + token[-1], token[:-1], token[::-1], "")
    )


def matching(rng: random.Random, pattern: str, flags: int = 0) -> str:
    """A text that the pattern probably matches, sometimes varied; empty for what is not understood."""
    try:
        made = "".join(_sample(rng, patterns.parse(pattern, flags), 0))
    except Exception:
        return ""
    return vary(rng, made, []) if rng.random() < 0.3 else made


def _sample(rng: random.Random, parsed: typing.Any, depth: int) -> typing.Iterator[str]:
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            yield chr(argument)
        elif name == "NOT_LITERAL":
            yield "a" if argument != ord("a") else "b"
        elif name == "ANY":
            yield rng.choice("aZ0 -")
        elif name == "IN":
            yield _member(rng, argument)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            low, high, inner = argument
            for _ in range(rng.randrange(low, min(int(high), low + 3) + 1) if depth < 6 else low):
                yield from _sample(rng, inner, depth + 1)
        elif name == "SUBPATTERN":
            yield from _sample(rng, argument[-1], depth + 1)
        elif name == "BRANCH":
            yield from _sample(rng, rng.choice(argument[1]), depth + 1)


def _member(rng: random.Random, choices: typing.Any) -> str:
    if str(choices[0][0]) == "NEGATE":
        return rng.choice("aZ0 _-")
    operation, argument = rng.choice(choices)
    name = str(operation)
    if name == "LITERAL":
        return chr(argument)
    if name == "RANGE":
        return chr(rng.randrange(argument[0], argument[1] + 1))
    category = str(argument)
    if "NOT" in category:
        return rng.choice("aZ-")
    return (
        rng.choice("0123456789")
        if "DIGIT" in category
        else " "
        if "SPACE" in category
        else rng.choice("aZ0_")
    )
