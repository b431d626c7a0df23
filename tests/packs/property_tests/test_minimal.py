"""The last step of shrinking: several simplifications at once, bounded, never larger."""

import json

from hypothesis import given, settings

from .local import module
from .test_parts import SCENARIOS

minimal, shrinking = module("minimal"), module("shrink")


def call(*arguments):
    return [None, [["f", list(arguments), []]]]


def items(scenario):
    return scenario[1][0][1]


def test_two_arguments_that_must_shrink_together():
    def still(scenario):
        one, two = items(scenario)
        return one == two and one >= 3

    start = call(12, 12)
    assert shrinking.shrink(start, lambda batch: [len(items(one)) == 2 and still(one) for one in batch],
                            lambda: True) == start  # fmt: skip
    found = minimal.minimal(start, still, lambda: True)
    assert still(found)
    assert shrinking.size(found) < shrinking.size(start)


@settings(max_examples=25, deadline=None)
@given(SCENARIOS)
def test_what_is_found_is_accepted_and_never_larger(scenario):
    def still(candidate):
        return len(json.dumps(candidate)) % 2 == 0

    found = minimal.minimal(scenario, still, lambda: True)
    assert found == scenario or (still(found) and shrinking.size(found) < shrinking.size(scenario))


def test_questions_are_bounded_and_none_is_asked_twice():
    asked = []

    def still(candidate):
        asked.append(json.dumps(candidate))
        return True

    minimal.minimal(call(["list", list(range(100, 140))], "texts of several words"), still, lambda: True)
    assert 0 < len(asked) <= minimal.QUESTIONS
    assert len(asked) == len(set(asked))


def test_without_time_nothing_is_asked():
    start = call(12, 12)
    assert minimal.minimal(start, lambda scenario: 1 / 0, lambda: False) is start
