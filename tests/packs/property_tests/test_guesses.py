"""Kinds of value that base takes, where nothing else speaks."""

import importlib
import sys

import pytest

from .local import PACK, ROOT

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
guesses = importlib.import_module("guest.guesses")
Domain = importlib.import_module("guest.domain").Domain


REST = {"list", "dict", "tuple", "float"}


def learnt(*answers):
    domain = Domain("value")
    for recipe, kind in answers:
        guesses.learn(domain, recipe, kind)
    return set(domain.tags)


def numbers(kind, count=20):
    return [(at, kind) for at in range(count)]


def texts(kind, count=20):
    return [(f"t{at}", kind) for at in range(count)]


def lists(kind, count=9):
    return [(["list", [at]], kind) for at in range(count)]


@pytest.mark.parametrize(
    ("answers", "kinds"),
    [
        ([*numbers("value"), *texts("value")], {"int", "str", *REST}),
        ([*numbers("value"), *texts("raises TypeError")], {"int", *REST}),
        ([*numbers("value"), *texts("value", 3)], set()),
        ([*[("-", "value")] * 60, *numbers("value", 5)], set()),
        ([*lists("raises TypeError"), *numbers("value"), *texts("value")], {"int", "str", *REST - {"list"}}),
        ([*numbers("value"), *texts("raises KeyError", 50), *texts("value", 50)], {"int", "str", *REST}),
    ],
    ids=["both", "refused", "too few", "one value again and again", "one of three refused", "another reason"],
)  # fmt: skip
def test_kinds_are_known_after_many_values(answers, kinds):
    assert learnt(*answers) == kinds
