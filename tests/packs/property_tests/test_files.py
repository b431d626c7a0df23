"""Files as inputs and as what a call leaves behind: found, shown as a plain test, no alarm on a clean change."""

import os
import random

import pytest

from .local import compared, edited

TOTALS = """
import csv


def totals(path):
    found = {}
    with open(path, newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            found[row["name"]] = found.get(row["name"], 0) + int(row["amount"])
    return found
"""
SAVE = """
from pathlib import Path


def save(rows: list[tuple[str, int]], path: Path) -> None:
    lines = [f"{name},{count}" for name, count in rows]
    path.write_text("name,count\\n" + "\\n".join(lines) + "\\n")
"""
NEWEST = """
from pathlib import Path


def newest(folder: Path):
    names = sorted(one.name for one in folder.iterdir() if one.suffix == ".log")
    return names[-1] if names else None
"""
STORE = """
import json
import os


class Store:
    def __init__(self, path):
        self.path = path

    def load(self):
        if not os.path.exists(self.path):
            return {}
        with open(self.path) as stream:
            return json.load(stream)

    def set(self, key, value):
        data = self.load()
        data[key] = value
        with open(self.path, "w") as stream:
            json.dump(data, stream)
"""
LINES = """
def load(path):
    with open(path) as stream:
        return [line.strip() for line in stream if line.strip()]
"""
LINES_TEST = """
from m import load


def test_load(tmp_path):
    (tmp_path / "a.txt").write_text("a\\n\\nb\\n")
    assert load(tmp_path / "a.txt") == ["a", "b"]
"""


@pytest.mark.parametrize(
    ("base", "old", "new", "rule", "shown"),
    [
        (TOTALS, 'found.get(row["name"], 0) + ', "", "other-value", "given.csv"),
        (SAVE, ' + "\\n")', ")", "files", ".read_text() == 'name,count"),
        (NEWEST, "names[-1] if names else None", "names[-1]", "new-error", "Path('folder').mkdir"),
        (STORE, "        data = self.load()\n", "        data = {}\n", "files", ".read_text() == '{"),
    ],
)
def test_a_difference_that_only_a_file_shows(tmp_path, base, old, new, rule, shown):
    context = edited(tmp_path, base, old, new)
    found = {draft.rule: draft for draft in context.drafts}
    assert rule in found
    pinned = found[rule].proof.files["test_@id@_base.py"].decode()
    assert "def test_base(tmp_path, monkeypatch):\n    monkeypatch.chdir(tmp_path)\n" in pinned
    assert shown in pinned
    assert context.verdicts(found[rule]) == (True, False)


def test_another_way_to_read_the_same_file_is_no_difference(tmp_path):
    new = """    found = []
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            if text := line.strip():
                found.append(text)
    return found
"""
    old = LINES.partition(":\n")[2]
    assert edited(tmp_path, LINES, old, new, LINES_TEST).drafts == []


def function(source, name):
    """A function whose source can be read, as those of a tree can."""
    import linecache

    file = f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names = {"__name__": "m"}
    exec(compile(source, file, "exec"), names)
    return names[name]


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        (TOTALS, "totals", ("str", False, False, ["csv"])),
        (SAVE, "save", ("Path", False, True, [])),
        (NEWEST, "newest", ("Path", True, False, [])),
        (LINES, "load", ("str", False, False, [])),
    ],
)
def test_which_parameters_name_a_file(guest, source, name, expected):
    made = function(source, name)
    known = {parameter.name: domain for parameter, domain in guest("guest.hints").parameters(made, False)}
    guest("guest.placed").demand(known, made)
    place = known["folder" if name == "newest" else "path"].place
    assert (place.kind, place.folder, place.new, place.formats) == expected
    assert all(domain.place is None for key, domain in known.items() if key == "rows")


def test_a_path_that_is_never_opened_is_a_text(guest):
    made = function("def suffix(path):\n    return path.rpartition('.')[2]\n", "suffix")
    known = {parameter.name: domain for parameter, domain in guest("guest.hints").parameters(made, False)}
    guest("guest.placed").demand(known, made)
    assert known["path"].place is None


def test_contents_vary_line_by_line_and_stay_contents(guest):
    drawing, domain = guest("guest.placed"), guest("guest.domain").Domain("path")
    rng, words = random.Random(3), guest("guest.texts").Words(["name"], [])
    domain.learn(["file", "a.csv", "name,count\na,1\nb,2\n", "Path"])
    made = [drawing.draw(rng, domain, words, []) for _ in range(300)]
    texts = {recipe[2] for recipe in made if isinstance(recipe[2], str)}
    assert all(recipe[0] == "file" and recipe[3] in ("Path", "str") for recipe in made)
    assert {"name,count\nb,2\n", "name,count\na,1\nb,2"} <= texts
    assert len(texts) > 100


def test_what_a_probe_opens_is_no_descriptor_of_the_process(guest):
    made = function(
        "def size(source):\n    with open(source) as stream:\n        return len(stream.read())\n", "size"
    )
    low = [number for number in range(4) if _is_open(number)]
    uses = guest("guest.probe").watch(made, ["source"])
    assert list(uses) == ["source"]
    assert [number for number in range(4) if _is_open(number)] == low


def _is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


THERE = '''import os


def there(name: str) -> bool:
    """Whether there is such a file.

    >>> there("x" * 300)
    False
    """
    return os.path.exists(name)
'''
TRIED = """try:
        os.stat(name)
    except FileNotFoundError:
        return False
    return True"""


def test_a_text_that_is_no_name_of_a_file_is_no_difference(tmp_path):
    """More than 255 letters are an error where a file is opened, and none where one is looked for."""
    context = compared(tmp_path, THERE, THERE.replace("return os.path.exists(name)", TRIED))
    assert context.drafts == []


def test_a_name_of_usual_length_that_is_refused_is_one(tmp_path):
    before = THERE.replace("300", "30")
    after = before.replace("return", "if name == 'x' * 30:\n        raise OSError(name)\n    return")
    (draft,) = compared(tmp_path, before, after).drafts
    assert draft.title == "there() raises OSError where base answered"
