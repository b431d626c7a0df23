"""Forms of file contents that base is at home with."""

import pytest

GOOD, GARBAGE = [{"kind": "value"}], [{"kind": "raises TypeError", "origin": "garbage"}]


@pytest.fixture
def contents(guest):
    return guest("guest.contents")


def call(text, name="given.json"):
    return [None, [["load", [["file", name, text, "str"]], []]]]


def test_a_form_that_a_test_gave_is_known_and_so_is_the_empty_one(contents):
    known = contents.Contents()
    known.learn(call('{"a": "b"}'))
    assert known.fits(call('{"x": "y", "z": ""}'))
    assert known.fits(call("{}"))
    assert not known.fits(call('{"a": 1}'))
    assert not known.fits(call("[]"))
    assert known.fits(call("plain words", "given.txt"))


def test_a_form_becomes_known_by_answers_and_unknown_by_stumbling(contents):
    known = contents.Contents()
    for _ in range(contents.TAKEN):
        assert not known.fits(call("[1, 2]"))
        known.feed(call("[1, 2]"), GOOD)
    assert known.fits(call("[5]"))
    assert known.fits(call("[]"))
    for _ in range(2):
        known.feed(call("[1, 2]"), GARBAGE)
    assert not known.fits(call("[5]"))


def test_a_table_is_known_by_its_header(contents):
    known = contents.Contents()
    known.learn(call("name,count\na,1\n", "given.csv"))
    assert known.fits(call("name,count\n", "given.csv"))
    assert not known.fits(call("count\n1\n", "given.csv"))


def test_a_folder_is_of_known_forms_where_each_file_is(contents):
    known = contents.Contents()
    known.learn(call("[1]"))
    folder = ["file", "folder", ["dict", [["a.json", "[2]"], ["b.json", '["x"]']]], "Path"]
    assert not known.fits(folder)
    assert known.fits([*folder[:2], ["dict", folder[2][1][:1]], "Path"])


def test_a_header_alone_is_no_answer(contents):
    known = contents.Contents()
    for _ in range(contents.TAKEN):
        known.feed(call("other\n", "given.csv"), GOOD)
    assert not known.fits(call("other\n", "given.csv"))
    for _ in range(contents.TAKEN):
        known.feed(call("other\n1\n", "given.csv"), GOOD)
    assert known.fits(call("other\n", "given.csv"))


@pytest.mark.parametrize("text", ["0", '"a"', "true", "null", "1.5"])
def test_a_bare_value_is_known_from_a_test_only(contents, text):
    known = contents.Contents()
    for _ in range(2 * contents.TAKEN):
        known.feed(call(text), GOOD)
    assert not known.fits(call(text))
    assert known.fits(call(text, "given.txt"))
    known.learn(call(text))
    assert known.fits(call(text))
