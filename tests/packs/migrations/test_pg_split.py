"""Statements of PostgreSQL scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs.guests import guest

split = guest("migrations", "pg_split")
PLAIN = st.lists(
    st.sampled_from(
        [
            "SELECT 1",
            "SELECT ';'",
            'SELECT "a;b"',
            "SELECT $$ a; b $$",
            "SELECT $x$ $$; $x$",
            "SELECT E'\\';'",
        ]
    ),
    max_size=6,
)


@given(PLAIN)
def test_every_statement_is_found_on_its_line(parts):
    text = "".join(f"{part};\n-- a note; with 'quotes\n" for part in parts)
    assert list(split.statements(text)) == [(2 * index + 1, part) for index, part in enumerate(parts)]


@given(st.text(alphabet="a;'\"$-/*\n \\EB", max_size=60))
def test_any_text_is_split_without_an_error_or_invention(text):
    for line, statement in split.statements(text):
        assert statement in text
        assert 1 <= line <= text.count("\n") + 1


@pytest.mark.parametrize("word", ["BEGIN", "commit", "START TRANSACTION", "END", "Begin Transaction"])
def test_transactions_of_a_script_are_left_out(word):
    assert list(split.statements(f"{word};\nSELECT 1;")) == [(2, "SELECT 1")]


def test_an_index_is_made_within_the_transaction():
    assert split.steps([("a", "CREATE INDEX CONCURRENTLY i ON t (a)")]) == [
        ("a", 1, "CREATE INDEX  i ON t (a)")
    ]
