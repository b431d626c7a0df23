"""What a caller may do with a value that it was given: empty it, and containers inside of it.

A step ``["@emptied", [], []]`` does that with what the step before it returned. Where that is what the
function or the object keeps, and no copy of it, the next call shows it; ``["@emptied inside", [], []]`` does it
with the containers in it, which a copy may share. A step ``["@taken", [], []]`` empties
the containers that were given to the step before it, or to the construction of the object: an object that
keeps them without a copy shows it.

A step ``["@other", [recipe], []]`` only makes another object, of a recipe that tells its past: what all objects
share on head shows in the steps after it.
"""

from __future__ import annotations

import collections
import typing

from guestlib.outcome import Outcome
from guestlib.recipes import build_call

from .environment import ENVIRON

EMPTIED, INSIDE = "@emptied", "@emptied inside"
TAKEN = "@taken"
OTHER = "@other"
UNTIMED = (EMPTIED, INSIDE, TAKEN, ENVIRON)
"""Steps that are no calls: no time passes before them."""
MAPPINGS = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter)
KINDS = (list, set, bytearray, collections.deque, *MAPPINGS)
MOST = 2
"""Containers inside of a value that are emptied."""


def empty(value: typing.Any, name: str = EMPTIED) -> list[typing.Any]:
    """Empty a value, or for INSIDE what is in it; says how: ``all``, or the keys inside of it, as lists of one."""
    if name == EMPTIED and type(value) in KINDS:
        if value:
            value.clear()
            return ["all"]
        return []
    if type(value) in MAPPINGS:
        inner = list(value.items())
    else:
        inner = list(enumerate(value)) if type(value) in (list, tuple) else []
    done: list[typing.Any] = []
    for key, one in inner:
        if type(one) in KINDS and one and type(key) in (int, str) and len(done) < MOST:
            one.clear()
            done.append([key])
    return done


def take_back(args: list[typing.Any], kwargs: dict[str, typing.Any]) -> list[typing.Any]:
    """Empty the containers among arguments; says which, by place or name."""
    done: list[typing.Any] = []
    for key, one in [*enumerate(args), *kwargs.items()]:
        if type(one) in KINDS and one:
            one.clear()
            done.append(key)
    return done


def emptied(value: typing.Any, name: str) -> Outcome:
    """The outcome of the step: nothing to see, or that it could not be done."""
    return (
        {"kind": "value", "text": "", "group": "emptied"} if empty(value, name) else {"kind": "unmade Empty"}
    )


def used(args: list[typing.Any]) -> Outcome:
    """The outcome of making another object: nothing to see, or that it could not be made."""
    try:
        build_call(args, [])
    except (Exception, SystemExit) as error:
        return {"kind": "unmade " + type(error).__name__}
    return {"kind": "value", "text": "", "group": "other"}
