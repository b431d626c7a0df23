"""Writes texts that a regular expression matches, as far as its parts tell."""

from __future__ import annotations

import importlib
import random
import sys
import typing

patterns: typing.Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")


def matching(rng: random.Random, pattern: str, flags: int = 0) -> str:
    """A text that the pattern probably matches; empty for what is not understood."""
    try:
        return "".join(_sample(rng, patterns.parse(pattern, flags), 0))
    except Exception:
        return ""


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
        elif name in ("SUBPATTERN", "ATOMIC_GROUP"):
            yield from _sample(rng, argument if name == "ATOMIC_GROUP" else argument[-1], depth + 1)
        elif name == "CATEGORY":
            yield _member(rng, [(operation, argument)])
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
