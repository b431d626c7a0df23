"""What functions that a call gives do."""

import functools
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "harness" / "guest"))

from guestlib import closures
from guestlib.callables import SOURCES, named


def retry(times):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            for left in range(times - 1, -1, -1):
                try:
                    return function(*args)
                except ValueError:
                    if not left:
                        raise
            return None

        return wrapper

    return decorate


def above(limit):
    def check(value):
        return value > limit

    return check


def longer(limit):
    return lambda text: len(text) > limit


@pytest.mark.parametrize(
    ("made", "expected", "unfit"),
    [
        (retry(3), [7, 7, 7], False),
        (retry(2), ["raises ValueError", 7, 7], False),
        (retry(0), [None, None, None], True),  # what it decorates is never called
        (above(0), [True, True, True], False),
        (longer(0), ["raises TypeError"] * 3, True),  # a number is no text
    ],
)
def test_a_decorator_is_shown_by_what_it_makes_of_a_function_that_fails_twice(made, expected, unfit):
    assert closures.shown(made) == expected
    assert (closures.Last.given, closures.Last.unfit) == (True, unfit)


def test_a_function_with_the_name_of_another_is_still_a_closure():
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args)

        return wrapper

    assert closures.is_closure(decorate(named("even")))
    assert closures.is_closure(functools.lru_cache(maxsize=None)(above(1)))
    assert not closures.is_closure(named("even"))


def test_any_other_value_stays_what_it_is():
    assert closures.shown(len) is len
    assert closures.shown(retry) is retry
    assert closures.shown([1]) == [1]
    assert not closures.Last.given


def test_the_source_of_what_follows():
    assert closures.unfolded(retry(1))[0] == "(recovering())"
    assert closures.unfolded(above(1))[::2] == ("", [1])


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_callback_is_a_function_of_its_own(name):
    assert callable(named(name))
    assert named(name) is not named(name)


def test_a_counting_callback_counts_its_own_calls():
    one, other = named("counts"), named("counts")
    assert [one(), one(5), other()] == [1, 2, 1]
