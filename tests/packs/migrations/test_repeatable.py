"""A migration that cannot be applied twice is told only where base's can."""

import pytest

from tests.packs.two_trees import verify

GUARDED = {
    "migrations/0001_a.sql": "CREATE TABLE IF NOT EXISTS a (id INTEGER PRIMARY KEY, n INTEGER, t TEXT);",
    "migrations/0002_b.sql": "CREATE TABLE IF NOT EXISTS b (id INTEGER PRIMARY KEY, name TEXT UNIQUE);",
    "migrations/0003_i.sql": "CREATE INDEX IF NOT EXISTS a_n ON a (n);",
    "migrations/0004_s.sql": "INSERT OR IGNORE INTO b (id, name) VALUES (1, 'x');",
    "app.py": "SQL = 'SELECT id, n, t, name FROM a, b'\n",
}
PLAIN = {name: text.replace("IF NOT EXISTS ", "") for name, text in GUARDED.items()}


def found(place, base, new):
    outcome = verify("migrations", place, base, {**base, "migrations/0005_new.sql": new})[0]
    return [one for one in outcome.findings if one.rule == "migration-not-repeatable"]


@pytest.mark.parametrize(
    "new",
    [
        "CREATE TABLE c (id INTEGER PRIMARY KEY);",
        "CREATE INDEX b_name ON b (name);",
        "DROP INDEX a_n;",
        "INSERT INTO a (n, t) VALUES (7, 'seed');",
        "INSERT INTO b (name) VALUES ('seed');",
        "UPDATE a SET n = n + 1;",
    ],
)
def test_catches(tmp_path, new):
    (one,) = found(tmp_path, GUARDED, new)
    assert (one.severity, one.category, one.location.path) == ("low", "data-loss", "migrations/0005_new.sql")


@pytest.mark.parametrize(
    "new",
    [
        "CREATE TABLE IF NOT EXISTS c (id INTEGER PRIMARY KEY);",
        "ALTER TABLE a ADD COLUMN u TEXT;",
        "DROP INDEX IF EXISTS a_n;\nCREATE INDEX a_n ON a (n, t);",
        "DROP TABLE IF EXISTS tmp;\nCREATE TABLE tmp (id INTEGER PRIMARY KEY);\nINSERT INTO tmp SELECT id FROM a;",
        "INSERT OR IGNORE INTO b (id, name) VALUES (2, 'y');",
        "INSERT INTO b (name) SELECT 'y' WHERE NOT EXISTS (SELECT 1 FROM b WHERE name = 'y');",
        "UPDATE a SET n = 0 WHERE n IS NULL;",
        "UPDATE a SET t = datetime('now');",
        "CREATE TABLE n (id INTEGER PRIMARY KEY, n INTEGER, t TEXT NOT NULL DEFAULT '');\n"
        "INSERT INTO n SELECT id, n, coalesce(t, '') FROM a;\nDROP TABLE a;\nALTER TABLE n RENAME TO a;",
        "DELETE FROM b;\nINSERT INTO b (name) VALUES ('x');\nINSERT INTO b (name) VALUES ('y');",
        "UPDATE a SET n = 0;\nUPDATE a SET n = n + 1;",
        "BEGIN;\nCREATE TABLE IF NOT EXISTS c (id INTEGER PRIMARY KEY);\nCOMMIT;",
    ],
)
def test_passes(tmp_path, new):
    assert found(tmp_path, GUARDED, new) == []


def test_silent_where_base_has_no_such_convention(tmp_path):
    assert found(tmp_path, PLAIN, "CREATE TABLE c (id INTEGER PRIMARY KEY);") == []


def test_silent_with_too_few_guarded_migrations(tmp_path):
    few = {name: GUARDED[name] for name in list(GUARDED)[:2]}
    assert found(tmp_path, few, "CREATE TABLE c (id INTEGER PRIMARY KEY);") == []
