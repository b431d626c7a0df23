"""Draws and varies text: from examples, from literals, from regular expressions, from scratch."""

from __future__ import annotations

import datetime
import random
import re
import typing

from . import formats
from .domain import Domain, said_path
from .matching import matching

BRACKETS = {"(": ")", "[": "]", "{": "}"}
LINK = re.compile(r"(?<=\S)(?: [a-zA-Z&|]{1,4} |[,;|&] ?)(?=\S)")
TOKEN = re.compile(r"\d+|[^\W\d_]+|\s+|[\W_]")
WORDS = ("a", "b", "A", "ab", "abc", "Hello", "x1", "0", "1", "10", "007", "z", "two words", "name", "foo")
MARKS = (*" ,.;:-_/!?#@&=+*%$()[]{}<>'\"\\|~^`\n\t", "--", "  ", "..", "::", "0", "1", "a", "A")
SEPARATORS = ("-", "_", ".", " ", "/", ":")
PATHS = ("a", "/a", "a/b", "/a/b", "/a/0", "a/b.txt", "../a", "/b", "a/b/c")
WIDE = ("é", "ß", "Straße", "İ", "ﬁ", "e\u0301", "日本", "😀", "Ä", "ÿ", "²", "٣", "\u00a0", "Σς")


class Words:
    """What texts are made of: ``literals`` of the code, ``sharp`` ones of the changed functions with their
    ``numbers``, ``patterns`` of regular expressions with their flags, ``formats`` and ``examples`` as whole
    texts, ``affixes`` that the code looks for (``start``, ``end``, ``between``)."""

    def __init__(self, literals: list[str], patterns: list[tuple[str, int]]) -> None:
        self.literals = literals
        self.patterns = patterns
        self.sharp: list[str] = []
        self.numbers: list[int] = []
        self.formats: list[str] = []
        self.examples: list[str] = []
        self.affixes: dict[str, list[str]] = {"start": [], "end": [], "between": []}

    def piece(self, rng: random.Random) -> str:
        """A literal, as likely a sharp one as any other."""
        sharp = self.sharp and (not self.literals or rng.random() < 0.5)
        return rng.choice(self.sharp if sharp else self.literals)

    def whole(self, rng: random.Random, domain: Domain) -> str | None:
        """A whole text of the kind that the code is made for, varied; None where another way is taken."""
        roll = rng.random()
        if self.examples and roll < (0.2 if not domain.observed else 0.05):
            made = rng.choice(self.examples)
        elif self.formats and roll < (0.35 if not domain.observed else 0.1):
            own = formats.examples(domain.name)
            made = rng.choice(own if own and rng.random() < 0.5 else self.formats)
        else:
            return None
        for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
            made = vary(rng, made, self, self.examples)
        return made

    def __bool__(self) -> bool:
        return bool(self.literals or self.sharp)


def text(rng: random.Random, domain: Domain, words: Words, around: list[typing.Any]) -> str:
    """A text for the position."""
    made = words.whole(rng, domain)
    if made is not None:
        return made
    if any(words.affixes.values()) and rng.random() < 0.2:
        return parted(rng, words)
    seen = [item for item in domain.pool if isinstance(item, str)]
    if said_path(domain.name) and rng.random() < (0.3 if not seen else 0.05):
        made = rng.choice(PATHS)
        return vary(rng, made, words) if rng.random() < 0.6 else made
    roll = rng.random()
    others = [item for item in around if isinstance(item, str)]
    if others and roll < 0.12:
        return related(rng, str(rng.choice(others)), words)
    if words.patterns and roll < 0.3:
        made = matching(rng, *rng.choice(words.patterns))
        return vary(rng, made, words) if rng.random() < 0.3 else made
    if seen and roll < 0.65:
        made = rng.choice(seen)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            made = vary(rng, made, words, seen)
        return made
    if words and roll < 0.72:
        made = words.piece(rng)
        return moment(rng, made) if "%" in made else made
    return scratch(rng, domain, words, roll)


def related(rng: random.Random, other: str, words: Words) -> str:
    """Another argument's text, a part of it or one near it."""
    if rng.random() < 0.3:
        start = rng.randrange(len(other) + 1)
        return other[start : start + rng.randrange(1, 5)]
    return vary(rng, other, words) if rng.random() < 0.5 else other


def scratch(rng: random.Random, domain: Domain, words: Words, roll: float) -> str:
    """A text of letters, words and marks."""
    marks = [one for one in (*words.literals, *words.sharp) if len(one) <= 2]
    if marks and roll < 0.82:  # the letters that the code tells apart, in any order
        letters = [*marks, *marks, "a", "b", "1"]
        return "".join(rng.choice(letters) for _ in range(rng.randrange(1, 9)))
    if roll < 0.87:  # few different letters: repeats and common parts
        alphabet = rng.choice(("ab", "ab", "abc", "01", "aA ", "a"))
        return "".join(rng.choice(alphabet) for _ in range(rng.randrange(1, 8)))
    pieces: list[str] = []
    for _ in range(min(int(rng.expovariate(0.5)), 8)):
        which = rng.random()
        if words and which < 0.35:
            pieces.append(words.piece(rng))
        elif which < 0.65:
            pieces.append(rng.choice(WORDS))
        elif which < 0.97 or not (domain.facts.wide_text or not domain.observed):
            pieces.append(rng.choice(MARKS))
        else:
            pieces.append(rng.choice(WIDE))
    return "".join(pieces)


def vary(rng: random.Random, given: str, words: Words, seen: typing.Sequence[str] = ()) -> str:
    """The text with one of its tokens removed, doubled, moved, replaced or altered."""
    tokens = TOKEN.findall(given)
    if not tokens:
        return rng.choice([*words.literals, *seen, "a", " ", "0"])
    at = rng.randrange(len(tokens))
    other = rng.randrange(len(tokens))
    token = tokens[at]
    choice = rng.randrange(20)
    if token.isdecimal() and words.numbers and rng.random() < 0.3:
        choice = 3
    if choice == 0:
        del tokens[at : at + rng.choice((1, 1, 2, 3))]
    elif choice == 1:
        low, high = sorted((at, other))
        tokens[at:at] = tokens[low : high + 1] if rng.random() < 0.4 else [tokens[other]]
    elif choice == 2:
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif choice == 3:
        tokens[at] = altered(rng, token, words.numbers)
    elif choice == 4 and words:
        tokens[at] = words.piece(rng)
        if rng.random() < 0.3:  # the last thing that is read
            del tokens[at + 1 :]
    elif choice in (5, 13) and words:
        tokens.insert(at, words.piece(rng))
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
    elif choice == 14 and seen:  # the beginning of one and the end of another
        tail = TOKEN.findall(rng.choice(seen))
        tokens = tokens[:at] + tail[rng.randrange(len(tail) + 1) :]
    elif choice == 15 and token in SEPARATORS:
        tokens[at] = rng.choice(SEPARATORS)
    elif choice == 16 and not set(given).isdisjoint("([{"):
        return without_brackets(rng, given)
    elif choice == 17 and seen:
        return joined(rng, given, rng.choice(seen))
    elif choice > 17:
        return other_part(rng, given, words)
    else:
        tokens[at] = token[: rng.randrange(len(token) + 1)]
    return "".join(tokens)[:400]


def without_brackets(rng: random.Random, text: str) -> str:
    """The text without one pair of brackets: what they held together is read otherwise."""
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for at, letter in enumerate(text):
        if letter in BRACKETS:
            opened.append(at)
        elif opened and letter == BRACKETS[text[opened[-1]]]:
            found.append((opened.pop(), at))
    if not found:
        return text
    start, end = rng.choice(found)
    return text[:start] + text[start + 1 : end] + text[end + 1 :]


def other_part(rng: random.Random, text: str, words: Words) -> str:
    """The text with another one of its parts between separators, which may then be the last."""
    known = [*words.affixes["between"], *SEPARATORS, ",", "&", ";", "=", "\n"]
    marks = list(dict.fromkeys(mark for mark in known if mark in text)) or [" "]
    mark = marks[0] if rng.random() < 0.5 else rng.choice(marks)
    parts = text.split(mark)
    at = rng.randrange(len(parts))
    short = [one for one in (*words.sharp, *words.sharp, *words.literals) if len(one) < 9]
    parts[at] = rng.choice(short) if short and rng.random() < 0.7 else rng.choice(("", "0", "a", *parts))
    if rng.random() < 0.5:
        del parts[at + 1 :]
    return mark.join(parts)


def joined(rng: random.Random, one: str, other: str) -> str:
    """Two texts with a word or mark between them that stands between parts of one of them."""
    links = LINK.findall(one + "\n" + other)
    return (one + (rng.choice(links) if links else " ") + other)[:400]


def parted(rng: random.Random, known: Words) -> str:
    """Parts between separators, with the beginning and the end that the code looks for."""
    affixes = known.affixes
    mark = rng.choice(affixes["between"]) if affixes["between"] else ""
    words = [*WORDS, *known.literals, *known.sharp, "1.0", "2", "1.0.0", ""]
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


def altered(rng: random.Random, token: str, numbers: typing.Sequence[int] = ()) -> str:
    """A token's neighbour: another number, another case, one letter more or less."""
    if token.isdecimal() and len(token) < 12:
        number = int(token)
        made = rng.choice((number + 1, max(number - 1, 0), number * 10, 0, 60, 59, 100, number // 2))
        if numbers and rng.random() < 0.5:
            made = max(rng.choice(numbers) + rng.choice((0, 0, 0, 1, -1)), 0)
        return rng.choice((str(made), str(made).zfill(len(token)), "0" + token, token[1:] or "0"))
    return rng.choice(
        (token.upper(), token.title(), token.lower(), token + token[-1], token[:-1], token[::-1], "")
    )
