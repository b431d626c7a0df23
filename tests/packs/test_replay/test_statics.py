"""Tests as text."""

import pytest

from tests.packs.test_replay.local import part

statics = part("statics")
LAYOUT = part("layout").Layout()

FILE = '''
import pytest

LIMIT = 3


def helper():
    return 1


def test_plain():
    """Says something."""
    assert helper() == 1  # one


class TestCart:
    def test_sum(self):
        assert sum([1, 2]) == LIMIT


class Other(unittest.TestCase):
    def test_it(self):
        self.assertEqual(1, 1)
'''


def parse(text):
    return statics.parse_tests("tests/test_x.py", text, LAYOUT)


def test_functions_of_a_file():
    file = parse(FILE)
    assert list(file.functions) == ["test_plain", "TestCart.test_sum", "Other.test_it"]
    assert file.functions["test_plain"].line == FILE.splitlines().index("def test_plain():") + 1


def test_comments_and_docstrings_do_not_count():
    other = FILE.replace('    """Says something."""\n', "").replace("  # one", "")
    assert parse(other).functions["test_plain"].digest == parse(FILE).functions["test_plain"].digest


def test_a_changed_assertion_counts():
    other = parse(FILE.replace("helper() == 1", "helper() >= 1"))
    assert other.functions["test_plain"].digest != parse(FILE).functions["test_plain"].digest


@pytest.mark.parametrize("text", ["def test_x(:", "\0", "(" * 3000])
def test_invalid_python_is_no_test_file(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("    assert helper()\n", "`assert helper() == 1` became `assert helper()`"),
        ("    helper()\n", "`assert helper() == 1` was removed"),
        ("    try:\n        assert helper() == 1\n    except AssertionError:\n        pass\n", "swallows"),
        ("    pytest.skip('later')\n    assert helper() == 1\n", "skips itself"),
        ("    helper = Mock(return_value=1)\n    assert helper() == 1\n", "mock"),
    ],
)
def test_what_was_done_is_told(new, words):
    before = parse(FILE).functions["test_plain"]
    after = parse(FILE.replace("    assert helper() == 1  # one\n", new)).functions["test_plain"]
    line, removed, added = statics.altered(before, after)
    assert words in statics.how_weakened(removed, added)
    assert after.line <= line <= after.end_line


def test_a_new_marker_is_told():
    before = parse(FILE).functions["test_plain"]
    after = parse(FILE.replace("def test_plain", "@pytest.mark.skip\ndef test_plain")).functions["test_plain"]
    _, removed, added = statics.altered(before, after)
    assert statics.how_weakened(removed, added) == "it is marked @pytest.mark.skip"
