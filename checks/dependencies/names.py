"""Whether a package's name imitates a popular one.

Shipped lists hold the most downloaded names. A name on a list is never a look-alike; a name
that is on none is held against the popular ones. Method: names at Damerau-Levenshtein
distance one are generated and looked up, so the cost does not depend on the lists' length;
longer names are compared at distance two with the most popular ones only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from .entries import Ecosystem

DATA = Path(__file__).parent / "data"
TARGETS = 6_000
"""Names down to this rank are worth imitating."""
TOP = 600
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-"
_HOMOGLYPHS = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("3", "e"))
_AFFIXES = ("python", "py", "lib", "js", "node", "nodejs", "official", "the", "real", "new", "original")

Likeness = Literal["typo", "affix"]


@dataclass(frozen=True)
class LookAlike:
    """The popular name that is imitated, how, and in words how they differ."""

    popular: str
    likeness: Likeness
    how: str


@dataclass(frozen=True)
class Names:
    """One list: rank by name, and popular names by what is left of them when made plain."""

    ranks: dict[str, int]
    plain: dict[str, str]
    words: dict[tuple[str, ...], str]


@cache
def names_of(ecosystem: Ecosystem) -> Names | None:
    """The shipped list, None when there is none for the ecosystem."""
    path = DATA / f"{ecosystem}.txt"
    if not path.is_file():
        return None
    names = [line for line in path.read_text("utf-8").split("\n") if line and not line.startswith("#")]
    plain: dict[str, str] = {}
    words: dict[tuple[str, ...], str] = {}
    for name in names[:TARGETS]:
        plain.setdefault(_plain(name), name)
        if "-" in name and not name.startswith("@"):
            words.setdefault(tuple(sorted(name.split("-"))), name)
    return Names({name: rank for rank, name in enumerate(names, 1)}, plain, words)


def _plain(name: str) -> str:
    """Without separators and scope marks, characters that look alike made one."""
    name = re.sub(r"[-_.@/]", "", name)
    for alike, one in _HOMOGLYPHS:
        name = name.replace(alike, one)
    return name


def is_known(ecosystem: Ecosystem, name: str) -> bool | None:
    """Whether a list has the name; None when there is no list."""
    names = names_of(ecosystem)
    return None if names is None else name in names.ranks


def look_alike(ecosystem: Ecosystem, name: str) -> LookAlike | None:
    """The popular name that this one imitates, if any."""
    names = names_of(ecosystem)
    if names is None or name in names.ranks or not 3 <= len(name) <= 80:
        return None
    if not name.isascii():
        return _foreign(names, name)
    checks = (_same_plain, _near, _swapped_words, _far, _affixed)
    found = (check(names, name) for check in checks)
    return next((one for one in found if one), None)


def _foreign(names: Names, name: str) -> LookAlike | None:
    for char in sorted(set(name)):
        if not char.isascii():
            return LookAlike(name, "typo", f"it holds the character U+{ord(char):04X}")
    return None


def _same_plain(names: Names, name: str) -> LookAlike | None:
    popular = names.plain.get(_plain(name))
    if popular is None or len(name) < 4:
        return None
    if re.sub(r"\W", "", name) == re.sub(r"\W", "", popular):
        return LookAlike(popular, "typo", "only the separators differ")
    return LookAlike(popular, "typo", "characters are replaced by ones that look alike")


def _near(names: Names, name: str) -> LookAlike | None:
    best: tuple[int, LookAlike] | None = None
    for other, how in _neighbours(name):
        rank = names.ranks.get(other)
        if rank is None or rank > _worth(other, how):
            continue
        if best is None or rank < best[0]:
            best = rank, LookAlike(other, "typo", how)
    return best[1] if best else None


def _worth(popular: str, how: str) -> int:
    """Rank down to which a name of this length is taken as imitated: short names are near by chance."""
    length = len(popular)
    if length >= 6:
        return TARGETS
    if length == 5:
        return 1_500 if how.startswith("two") else 800
    return 400 if length == 4 and how.startswith("two") else 100 if length == 4 else 0


def _neighbours(name: str) -> Iterator[tuple[str, str]]:
    """(name, how ``name`` differs from it) at Damerau-Levenshtein distance one."""
    for index in range(len(name) - 1):
        if name[index] != name[index + 1]:
            swapped = name[:index] + name[index + 1] + name[index] + name[index + 2 :]
            yield swapped, f"two letters are swapped ('{name[index : index + 2]}')"
    for index in range(len(name)):
        yield name[:index] + name[index + 1 :], f"one character more ('{name[index]}')"
        for char in _ALPHABET:
            yield name[:index] + char + name[index + 1 :], f"'{name[index]}' instead of '{char}'"
    for index in range(len(name) + 1):
        for char in _ALPHABET:
            yield name[:index] + char + name[index:], f"one character less ('{char}')"


def _swapped_words(names: Names, name: str) -> LookAlike | None:
    popular = names.words.get(tuple(sorted(name.split("-")))) if "-" in name else None
    return LookAlike(popular, "typo", "its words are in another order") if popular else None


def _far(names: Names, name: str) -> LookAlike | None:
    """Distance two, for names of eight characters and more, from the most popular ones."""
    if len(name) < 8:
        return None
    for popular, rank in names.ranks.items():
        if rank > TOP:
            return None
        similar = len(popular) >= 8 and abs(len(popular) - len(name)) <= 2 and popular[0] == name[0]
        if similar and _distance(name, popular) <= 2 and _same_digits(name, popular):
            return LookAlike(popular, "typo", "two characters differ")
    return None


def _same_digits(name: str, popular: str) -> bool:
    return re.sub(r"\D", "", name) == re.sub(r"\D", "", popular)


def _distance(first: str, second: str) -> int:
    """Restricted Damerau-Levenshtein distance (optimal string alignment)."""
    before, row = list[int](), list(range(len(second) + 1))
    for i, left in enumerate(first, 1):
        older, before, row = before, row, [i]
        for j, right in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == second[j - 2] and first[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _affixed(names: Names, name: str) -> LookAlike | None:
    """A well-known name with a meaningless word before or behind it."""
    for affix in _AFFIXES:
        for rest in (name.removeprefix(affix).lstrip("-"), name.removesuffix(affix).rstrip("-")):
            if rest != name and len(rest) >= 5 and names.ranks.get(rest, TARGETS) <= TOP:
                return LookAlike(rest, "affix", f"'{affix}' is added")
    return None
