"""The last step of shrinking: several simplifications at once, bounded, never larger."""

import json
import subprocess
import sys

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
        return one == two + 1 and two >= 3

    start = call(13, 12)
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


def test_no_source_is_read_for_constants_of_modules_outside_site_packages(tmp_path):
    (tmp_path / "constants.py").write_text("SEEN = 123456789\n")
    program = f"""
import sys
sys.path[:0] = [{str(tmp_path)!r}]
import constants
from tests.packs.property_tests.local import module
from hypothesis.internal.conjecture import providers
print(module("minimal").minimal([None, [["f", [1000], []]]], lambda one: one[1][0][1][0] > 9, lambda: True))
print(len(providers._get_local_constants()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[None, [['f', [10], []]]]", "0"]
