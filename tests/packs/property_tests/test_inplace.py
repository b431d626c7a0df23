"""Differences on objects that only live inside of the tests: connections, closures, fixtures."""

import pytest

from .local import LocalContext, check

STORE = """
import sqlite3


class Store:
    def __init__(self, connection):
        self._connection = connection
        self._connection.execute("create table if not exists note (id integer primary key, text text, mark int)")

    def add(self, text: str, mark: int = 0) -> int:
        return self._connection.execute("insert into note (text, mark) values (?, ?)", (text, mark)).lastrowid

    def remove(self, number: int) -> bool:
        return self._connection.execute("delete from note where id = ?", (number,)).rowcount == 1

    def count(self) -> int:
        return self._connection.execute("select count(*) from note").fetchone()[0]

    def above(self, mark: int) -> list:
        rows = self._connection.execute("select text from note where mark >= ? order by id", (mark,))
        return [text for (text,) in rows]
"""
STORE_TEST = """
import sqlite3

import pytest

from store import Store


@pytest.fixture
def store():
    connection = sqlite3.connect(":memory:")
    made = Store(connection)
    made.add("first", 1)
    made.add("second", 5)
    yield made
    assert made.count() == 2
    connection.close()


def test_above(store):
    assert store.above(3) == ["second"]
    assert store.above(0) == ["first", "second"]


def test_file(tmp_path):
    connection = sqlite3.connect(tmp_path / "notes.db")
    store = Store(connection)
    number = store.add("only")
    assert store.above(0) == ["only"]
    assert store.count() == 1
    assert store.remove(number)
    assert store.count() == 0
"""
CLOSURE = """
def counter(connection, limit):
    connection.execute("create table step (size int)")

    def count(step):
        connection.execute("insert into step values (?)", (step,))
        seen = [size for (size,) in connection.execute("select size from step")]
        return min(sum(seen), limit)

    return count
"""
CLOSURE_TEST = """
import sqlite3

from counting import counter


def test_count():
    count = counter(sqlite3.connect(":memory:"), 10)
    assert count(4) == 4
    assert count(5) == 9
"""
CATALOG = """
class Catalog:
    def __init__(self, connection):
        self._connection = connection

    def not_from(self, supplier: str, most: int = 10) -> list:
        rows = self._connection.execute(
            "select sku from product where supplier is null or supplier <> ? order by sku", (supplier,)
        )
        return [sku for (sku,) in rows][:most]

    def label(self, supplier) -> str:
        return supplier or "own"
"""
CATALOG_TEST = """
import sqlite3

import pytest

from catalog import Catalog


@pytest.fixture
def catalog():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table product (sku text, supplier text)")
    connection.execute("insert into product values ('A1', 'Berg'), ('B1', null), ('C1', 'Thal')")
    return Catalog(connection)


def test_not_from(catalog):
    assert catalog.not_from("Berg") == ["B1", "C1"]
"""
OWN = CATALOG.replace("supplier is null or supplier <> ?", "coalesce(supplier, 'own') not in (?)")
DIFFERENT = {
    "word-of-a-query": (
        {"catalog.py": CATALOG},
        {"catalog.py": OWN},
        {"test_catalog.py": CATALOG_TEST},
        "catalog.Catalog.not_from",
    ),
    "parameter-that-no-test-gives": (
        {"catalog.py": CATALOG},
        {"catalog.py": CATALOG.replace("[:most]", "[: most or None]")},
        {"test_catalog.py": CATALOG_TEST},
        "catalog.Catalog.not_from",
    ),
    "connection": (
        {"store.py": STORE},
        {"store.py": STORE.replace("mark >= ?", "mark > ?")},
        {"test_store.py": STORE_TEST},
        "store.Store.above",
    ),
    "sequence-on-a-connection": (
        {"store.py": STORE},
        {
            "store.py": STORE.replace(
                "self._connection.execute(\"create", "self._size = 0\n        self._connection.execute(\"create"
            )
            .replace("        return self._connection.execute(\"insert", "        self._size += 1\n"
                     "        return self._connection.execute(\"insert")
            .replace(
                "        return self._connection.execute(\"delete",
                "        self._size -= 1\n        return self._connection.execute(\"delete",
            )
            .replace("self._connection.execute(\"select count(*) from note\").fetchone()[0]", "self._size")
        },
        {"test_store.py": STORE_TEST},
        "store.Store.count",
    ),
    "closure": (
        {"counting.py": CLOSURE},
        {"counting.py": CLOSURE.replace("min(sum(seen), limit)", "sum(seen) if sum(seen) <= limit else 0")},
        {"test_counting.py": CLOSURE_TEST},
        "counting.counter.<locals>.count",
    ),
}  # fmt: skip

SAME = {
    "connection": (
        {"store.py": STORE},
        {
            "store.py": STORE.replace("select count(*) from note", "select count(id) from note").replace(
                "return [text for (text,) in rows]", "return [row[0] for row in rows.fetchall()]"
            )
        },
        {"test_store.py": STORE_TEST},
    ),
    "closure": (
        {"counting.py": CLOSURE},
        {"counting.py": CLOSURE.replace("min(sum(seen), limit)", "limit if sum(seen) > limit else sum(seen)")},
        {"test_counting.py": CLOSURE_TEST},
    ),
}  # fmt: skip


def run(place, base, head, tests):
    context = LocalContext(place, {**base, **tests}, {**head, **tests})
    return context, check(context)


@pytest.mark.parametrize("name", DIFFERENT)
def test_finds_a_difference_of_a_live_object(name, tmp_path):
    base, head, tests, symbol = DIFFERENT[name]
    context, outcome = run(tmp_path, base, head, tests)
    found = [one for one in context.drafts if one.location.symbol == symbol]
    assert found, (context.drafts, outcome)
    assert {one.category for one in context.drafts} == {"regression"}
    assert context.verdicts(found[0]) == (True, False)


@pytest.mark.parametrize("name", SAME)
def test_stays_silent_on_live_objects_that_do_the_same(name, tmp_path):
    context, outcome = run(tmp_path, *SAME[name])
    assert context.drafts == []
    assert any("inside of running tests" in note for note in outcome.notes), outcome
