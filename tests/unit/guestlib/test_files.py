"""Files in arguments: recorded, made anew, written as Python, and looked at after the call."""

import os
import pathlib
import sys
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "harness" / "guest"))

from guestlib import files
from guestlib.outcome import observe
from guestlib.recipes import History, build, recipe_of
from guestlib.source import Source

CONTENTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}(\.[a-z]{2,4})?", fullmatch=True)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder that counts as the one for temporary files, and a test's own one in it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = tmp_path / "pytest-of-someone" / "pytest-7" / "test_it0"
    own.mkdir(parents=True)
    return own


@given(NAMES, CONTENTS | st.binary(max_size=20).map(lambda data: ["bytes", data.hex()]))
def test_what_is_put_there_is_what_the_recipe_says(name, content):
    with files.apart():
        path = build(["file", name, content, "Path"])
        assert path == pathlib.Path(name)
        data = bytes.fromhex(content[1]) if isinstance(content, list) else content.encode()
        assert path.read_bytes() == data


@given(st.dictionaries(NAMES, CONTENTS, max_size=4))
def test_source_puts_the_same_folder_there(contents):
    recipe = ["file", "given", ["dict", [list(pair) for pair in contents.items()]], "str"]
    with files.apart():
        build(recipe)
        wanted = files.state()
    source = Source()
    expression = source.expression(recipe)
    assert expression == "'given'"
    with files.apart():
        exec("\n".join([*source.imports(), *source.prelude]), {})
        assert files.state() == wanted


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../b", "", "a\nb"])
def test_nothing_is_put_outside_of_the_folder(name):
    with files.apart(), pytest.raises(ValueError, match="no file can be made there"):
        build(["file", name, "x", "str"])


def test_nothing_is_put_anywhere_but_in_a_scenario():
    with pytest.raises(ValueError, match="no file can be made there"):
        build(["file", "a.txt", "x", "str"])


def test_the_folder_goes_and_the_working_directory_comes_back():
    before = os.getcwd()
    with files.apart():
        inside = os.getcwd()
        build(["file", "a/b.txt", "x", "str"])
    assert os.getcwd() == before
    assert not os.path.exists(inside)


def test_a_recorded_path_is_what_lies_there_under_the_name_that_the_test_chose(temporary):
    (temporary / "in").mkdir()
    (temporary / "in" / "data.csv").write_text("a,b\n")
    history = History(files=True)
    assert recipe_of(temporary / "in" / "data.csv", history) == ["file", "in/data.csv", "a,b\n", "Path"]
    assert recipe_of(str(temporary / "in"), history) == [
        "file",
        "in",
        ["dict", [["data.csv", "a,b\n"]]],
        "str",
    ]
    assert recipe_of(temporary / "out.csv", history) == ["file", "out.csv", None, "Path"]
    assert recipe_of([str(temporary)], history)[1][0][:2] == ["file", "folder"]


def test_what_is_no_temporary_file_stays_what_it_is(temporary):
    history = History(files=True)
    assert recipe_of("/etc/hostname", history) == "/etc/hostname"
    assert recipe_of("plain", history) == "plain"
    (temporary / "large.txt").write_text("x" * 10_000)
    assert recipe_of(str(temporary / "large.txt"), history) == str(temporary / "large.txt")
    assert recipe_of(str(temporary / "a.txt")) == str(temporary / "a.txt")  # nobody asked for files


def test_what_a_call_writes_is_part_of_its_outcome():
    def call():
        pathlib.Path("b.txt").write_text("new")
        os.remove("a.txt")

    with files.apart():
        build(["file", "a.txt", "old", "str"])
        assert observe(call)["written"] == "{'b.txt': 'new'} and removes a.txt"
        assert "written" not in observe(lambda: pathlib.Path("b.txt").read_text())
    assert "written" not in observe(lambda: 1)


def test_a_pipe_in_the_folder_is_not_waited_for():
    with files.apart():
        os.mkfifo("pipe")
        os.symlink("/etc/passwd", "link")
        assert files.state() == {"link": (), "pipe": ()}


def test_files_that_arguments_and_their_attributes_name(temporary):
    class Store:
        def __init__(self, path):
            self._path = path

    (temporary / "a.txt").write_text("1")
    before = files.named([Store(temporary / "a.txt"), "other"])
    (temporary / "a.txt").write_text("2")
    after = files.named([Store(temporary / "a.txt"), "other"])
    assert (before, files.changed(before, after)) == ({"a.txt": "1"}, {"a.txt": "2"})
