"""Whether a caller could really pass an input: judged by what is known of each position.

Only the kind of a value and the preconditions that all observed calls keep, or that the
documentation states, are judged here; whether base accepts the input, its outcome says.
"""

from __future__ import annotations

import re
import typing

from .contents import Contents
from .domain import (
    MANY_WHOLE,
    MAPPINGS,
    MOMENTS,
    Domain,
    Recipe,
    counted,
    number_of,
    pairs_of,
    said_path,
    said_sorted,
    said_suffix,
    sort_key,
    tag_of,
)
from .tables import is_level
from .tagged import form_of

VAST = 1e40
LONGEST = 200
"""Letters of one part of a path."""
LOOSE = re.compile(r"^\./|//|/\./|(^|/)\.\.[^/]")
"""What ``os.path`` and ``pathlib`` write or take apart differently."""
SUFFIX = re.compile(r"\.\w[\w.]*$")
SPECIAL = (float("inf"), float("-inf"))
TOLERATED = {"at": ("graph",), "bool": ("option",),
             "fn": ("ref",), "ref": ("fn",), "iter": ("list", "gen"), "gen": ("list", "iter"),
             "then": ("new",), "new": ("then",), "enum": ("option",), "datetime": ()}  # fmt: skip


class Judge:
    """Judges recipes. ``notes`` are the documented preconditions (see hints.documented); control
    characters, and letters outside of ASCII, are expected where the code's ``literals`` name them."""

    def __init__(
        self,
        notes: set[str],
        constructors: typing.Callable[[str, str], list[tuple[typing.Any, Domain]] | None],
        literals: typing.Sequence[Recipe] = (),
    ) -> None:
        self.controls = {
            letter for text in literals if isinstance(text, str) for letter in text if letter < " "
        }
        self.controls |= {"\t", "\n"}
        self.wide = {letter for text in literals if isinstance(text, str) for letter in text if letter > "~"}
        self.notes = notes
        self.contents = Contents()
        self.constructors = constructors
        self.absent = False
        """Whether None is at home in values that have parts: base asks for it."""

    def types(self, recipe: Recipe, domain: Domain) -> bool:
        """Whether every part is of a kind that is known at its position."""
        tag = tag_of(recipe)
        if not self._at_home(recipe, tag, domain) or (tag == "str" and _no_place(recipe, domain)):
            return False
        if tag in ("list", "set", "frozenset", "deque", "iter", "gen", "tuple"):
            if tag == "tuple" and domain.forms.told and not domain.declared:
                parts = domain.forms.parts(form_of(recipe[1]))
                return parts is not None and all(map(self.types, recipe[1], parts))
            if tag == "tuple" and domain.parts is not None:
                return len(domain.parts) == len(recipe[1]) and all(map(self.types, recipe[1], domain.parts))
            if self.absent:
                return domain.item is None or all(
                    self._absent(item, domain.items()) or self.types(item, domain.items())
                    for item in recipe[1]
                )
            if (domain.item is None or domain.item.open) and None in recipe[1]:
                return False  # an absent item where nothing speaks of absent items
            return domain.item is None or all(self.types(item, domain.items()) for item in recipe[1])
        if tag in MAPPINGS:
            return all(self._pair(key, value, domain) for key, value in recipe[-1])
        if tag in ("new", "then"):
            return self._arguments(recipe if tag == "new" else recipe[1], self.types)
        return True

    def _at_home(self, recipe: Recipe, tag: str, domain: Domain) -> bool:
        if recipe in domain.options:
            return True
        if domain.open:
            return tag != "none" or domain.asked_empty or "none" in domain.tags
        if tag in domain.tags or any(other in domain.tags for other in TOLERATED.get(tag, ())):
            return not (domain.options and "option" in domain.tags and tag not in domain.tags)
        return tag == "bytes" and "bytearray" in domain.tags

    def _pair(self, key: Recipe, value: Recipe, domain: Domain) -> bool:
        if domain.fields and isinstance(key, str) and key in domain.fields:
            return self._absent(value, domain.fields[key]) or self.types(value, domain.fields[key])
        if domain.record:
            return False
        kinds = domain.key is None or self.types(key, domain.keys())
        return kinds and (
            domain.value is None or self._absent(value, domain.values()) or self.types(value, domain.values())
        )

    def _absent(self, value: Recipe, domain: Domain) -> bool:
        """Whether a part is None that may be: base asks for it, and no annotation says that it is not."""
        return value is None and self.absent and not domain.declared

    def _arguments(self, new: Recipe, judge: typing.Callable[[Recipe, Domain], bool]) -> bool:
        known = self.constructors(new[1], new[2])
        if not known:
            return True
        by_name = {parameter.name: domain for parameter, domain in known}
        positional = all(judge(item, known[min(at, len(known) - 1)][1]) for at, item in enumerate(new[3]))
        return positional and all(judge(item, by_name[name]) for name, item in new[4] if name in by_name)

    def relations(self, recipe: Recipe, domain: Domain) -> bool:
        """Whether the value keeps the preconditions of its position."""
        tag = tag_of(recipe)
        if tag == "str":
            return self._text(recipe, domain)
        number = number_of(recipe)
        if number is not None:
            return self._number(number, domain)
        if tag in ("list", "tuple", "deque", "iter", "gen", "set", "frozenset"):
            return self._sequence(recipe, domain)
        if tag in MAPPINGS:
            return all(self._field(key, value, domain) for key, value in recipe[-1])
        if tag in ("new", "then"):
            return self._arguments(recipe if tag == "new" else recipe[1], self.relations)
        if tag == "file":
            return self._placed(recipe, domain)
        return tag not in MOMENTS or recipe[1] != ""

    def _text(self, text: str, domain: Domain) -> bool:
        if any(letter < " " and letter not in self.controls for letter in text):
            return False
        facts = domain.facts
        dotted = said_suffix(domain.name) and facts.dotted and not facts.undotted
        if dotted and not SUFFIX.match(text) and text not in domain.pool:  # a default may be empty
            return False
        return bool(facts.wide_text) or all(letter.isascii() or letter in self.wide for letter in text)

    def _placed(self, recipe: Recipe, domain: Domain) -> bool:
        """Whether what lies in a file is of a form that base knows, and of letters that texts here hold."""
        if not self.contents.fits(recipe):
            return False
        content, seen = recipe[2], repr([item for item in domain.pool if tag_of(item) == "file"])
        inside = content[1] if tag_of(content) == "dict" else [["", content]]
        texts = [text for _, text in inside if isinstance(text, str)]
        odd = any(letter < " " and letter not in self.controls for text in texts for letter in text)
        return not odd and (all(map(str.isascii, texts)) or not seen.isascii())

    def _number(self, number: float, domain: Domain) -> bool:
        facts = domain.facts
        if number != number or number in SPECIAL:
            return domain.special or facts.special_floats > 0
        if number != number // 1 and len(facts.wholes) >= MANY_WHOLE and not facts.fractions:
            return False
        expected = facts.negative or domain.asked_negative
        if number < 0 and not expected and ("positive" in self.notes or counted(domain.name)):
            return False
        return abs(number) <= (VAST if domain.vast else max(10**7, facts.largest * 1000))

    def _sequence(self, recipe: Recipe, domain: Domain) -> bool:
        facts, items = domain.facts, recipe[1]
        keys = [sort_key(item) for item in items]
        rising = all(low is None or high is None or low <= high for low, high in pairs_of(keys))
        if said_sorted(domain.name) and not facts.not_ascending and not _in_order(items):
            return False
        known_rising = facts.ascending >= 4 and not facts.not_ascending
        if (
            not rising
            and recipe[0] != "tuple"
            and (known_rising or ("ascending" in self.notes and not facts.not_ascending))
        ):
            return False
        if facts.rows.wanted(domain.name) and not is_level(items):
            return False
        texts = [repr(item) for item in items]
        if (
            len(set(texts)) != len(texts)
            and "distinct" in self.notes
            and not facts.repeated
            and recipe[0] != "tuple"
        ):
            return False
        spans = recipe[0] == "tuple" and len(keys) == 2 and facts.rising_pairs >= 3 and not facts.other_pairs
        if spans and None not in keys and not keys[0] < keys[1]:
            return False
        parts = domain.forms.parts(form_of(items)) if recipe[0] == "tuple" and domain.forms.told else None
        parts = domain.parts if parts is None else parts
        if recipe[0] == "tuple" and parts is not None and len(parts) == len(items):
            return all(map(self.relations, items, parts))
        return domain.item is None or all(self.relations(item, domain.items()) for item in items)

    def _field(self, key: Recipe, value: Recipe, domain: Domain) -> bool:
        if domain.fields and isinstance(key, str) and key in domain.fields:
            return self.relations(value, domain.fields[key])
        kept = domain.key is None or self.relations(key, domain.keys())
        return kept and (domain.value is None or self.relations(value, domain.values()))


def _no_place(text: str, domain: Domain) -> bool:
    """Whether a text names no place of the file system at a position that wants one.

    To some functions ``""`` is the same folder as ``"."``, to others it is none; a body that asks
    whether it was given anything has thought of it. What the last part of ``"a/"`` is, ``os.path``
    and ``pathlib`` tell differently: it counts where the body or an observed value ends so.
    """
    facts = domain.facts
    wanted = said_path(domain.name) or (facts.paths >= 2 and not facts.other_texts)
    if not wanted or text in domain.pool:
        return False
    seen = [one for one in domain.pool if isinstance(one, str)]
    if any(len(part) > LONGEST for part in text.split("/")) or (text[-1:] == "." and text.strip("./")):
        return True  # no file system has it; what the suffix of "a." is, they tell differently, too
    if LOOSE.search(text) and not domain.asked_slash and not any(map(LOOSE.search, seen)):
        return True
    if text.rstrip(". ").endswith("/"):
        asked = domain.asked_slash or any(one.endswith("/") for one in seen)
        return not asked or (not text.strip("./ ") and not domain.asked_empty)
    return not text.strip("./ ") and not domain.asked_empty


def _in_order(items: list[Recipe]) -> bool:
    """Whether items that can be compared come in ascending order; mixed ones have none."""
    if len(items) < 2:
        return True
    keys = items if all(isinstance(item, str) for item in items) else [sort_key(item) for item in items]
    return None not in keys and all(low <= high for low, high in pairs_of(keys))
