"""Splitting scripts into statements, and finding the scripts of a tree."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs.two_trees import part, snapshot

split = part("migrations", "guest.split")
sequences = part("migrations", "sequences")

PIECES = st.sampled_from([
    "CREATE TABLE t (a TEXT DEFAULT ';');", "-- a; b\n", "/* c; \n d */", "\n\n", "INSERT INTO t VALUES ('x;\ny');",
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;", "SELECT \";\";", "  ",
])  # fmt: skip


@given(st.lists(PIECES, max_size=8))
def test_every_statement_begins_on_its_line_and_ends_whole(pieces):
    script = "".join(pieces)
    lines = script.split("\n")
    found = list(split.statements(script))
    assert len(found) == sum(piece.endswith(";") for piece in pieces)
    for line, statement in found:
        assert sqlite3.complete_statement(statement)
        assert statement.split("\n")[0] in lines[line - 1]


@given(st.text(max_size=200))
def test_any_text_is_split_without_losing_words(text):
    joined = "".join(statement for _, statement in split.statements(text))
    assert sum(character.isalnum() for character in joined) <= sum(character.isalnum() for character in text)


def test_scripts_are_found_by_the_usual_conventions(tmp_path):
    tree = snapshot(tmp_path, {
        "db/V2__b.sql": "b", "db/V10__c.sql": "c", "db/V1_1__a.sql": "a", "db/U2__b.sql": "undo",
        "m/001_x.up.sql": "x", "m/001_x.down.sql": "down", "d/20240101_one/up.sql": "one",
        "d/20240101_one/down.sql": "no",
        "p/20240102_two/migration.sql": "two", "queries/report.sql": "SELECT 1",
    })  # fmt: skip
    found = {key: [script.text for script in scripts] for key, scripts in sequences.find(tree).items()}
    assert found == {"db": ["a", "b", "c"], "m": ["x"], "d": ["one"], "p": ["two"]}


@pytest.mark.parametrize(
    ("text", "up"),
    [
        ("-- migrate:up\nA;\n-- migrate:down\nB;\n", "-- migrate:up\nA;\n"),
        ("-- +goose Down\nB;\n-- +goose Up\nA;\n", "\n\n-- +goose Up\nA;\n"),
        ("A;\n", "A;\n"),
    ],
)
def test_only_the_upward_part_counts_and_keeps_its_lines(text, up):
    assert sequences.upward(text) == up
