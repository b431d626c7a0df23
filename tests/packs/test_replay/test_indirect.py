"""Differences that a recorder cannot see are declared by what the test says."""

import pytest

from harness.check.interface import Difference
from tests.packs.test_replay.local import LocalContext, part

indirect, runs = part("indirect"), part("runs")
LINES = """
def lines(text):
    for line in text.split():
        yield line


def same(x):
    return x
"""
TEST = """
from shop.lines import lines


def test_a():
    assert list(lines('a b')) == ['a', 'b']
"""
BASE = {"shop/lines.py": LINES, "tests/test_lines.py": TEST}
CODE = BASE["shop/lines.py"].replace("yield line", "yield line.upper()")


def found(tmp_path, test, result):
    head = {"shop/lines.py": CODE, "tests/test_lines.py": test}
    context = LocalContext(tmp_path, BASE, head)
    suite = part("suite").read_suite(context)
    nodeid = "tests/test_lines.py::test_a"
    told = indirect.differences(
        context, suite, [nodeid], runs.Run({nodeid: runs.TestResult(nodeid, **result)})
    )
    return told.get(nodeid, [])


def test_a_generator_is_declared_by_the_test_that_lists_it(tmp_path):
    test = BASE["tests/test_lines.py"].replace("['a', 'b']", "['A', 'B']")
    result = {"outcome": "failed", "exception": "AssertionError", "deepest": "tests/test_lines.py:5"}
    assert found(tmp_path, test, result) == [Difference("shop.lines.lines", "value", "value")]


def test_a_test_that_enters_a_context_declares_what_it_does_to_arguments(tmp_path):
    test = "from shop.lines import lines\n\n\ndef test_a():\n    with lines('a') as it:\n        assert it\n"
    result = {"outcome": "failed", "exception": "AssertionError", "deepest": "tests/test_lines.py:6"}
    classes = {(one.before, one.after) for one in found(tmp_path, test, result)}
    assert classes == {("value", "value"), ("mutates", "mutates"), ("value", "mutates"), ("mutates", "value")}


def test_a_test_that_reads_a_file_declares_what_is_written(tmp_path):
    test = BASE["tests/test_lines.py"].replace(
        "    assert list(lines('a b')) == ['a', 'b']\n",
        "    list(lines('a b'))\n    assert open('lines.txt').read() == 'A'\n",
    )
    result = {"outcome": "failed", "exception": "AssertionError", "deepest": "tests/test_lines.py:6"}
    assert found(tmp_path, test, result) == [
        Difference("shop.lines.lines", "value", "value"),
        Difference("shop.lines.lines", "writes", "writes"),
    ]


@pytest.mark.parametrize("form", ["pytest.raises(ValueError)", "pytest.raises(errors.ValueError, match='x')"])
def test_an_expected_exception_is_the_class_after(tmp_path, form):
    test = f"from shop.lines import lines\n\n\ndef test_a():\n    with {form}:\n        list(lines(''))\n"
    result = {"outcome": "failed", "exception": "Failed", "deepest": "tests/test_lines.py:6"}
    assert found(tmp_path, test, result) == [Difference("shop.lines.lines", "value", "raises ValueError")]


def test_an_exception_out_of_the_code_is_the_class_before(tmp_path):
    result = {"outcome": "failed", "exception": "KeyError", "deepest": "shop/lines.py:2"}
    assert found(tmp_path, BASE["tests/test_lines.py"], result) == [
        Difference("shop.lines.lines", "raises KeyError", "value")
    ]


def test_a_function_that_did_not_change_is_not_declared(tmp_path):
    test = "from shop.lines import same\n\n\ndef test_a():\n    assert same(1) == 2\n"
    result = {"outcome": "failed", "exception": "AssertionError", "deepest": "tests/test_lines.py:5"}
    assert found(tmp_path, test, result) == []
