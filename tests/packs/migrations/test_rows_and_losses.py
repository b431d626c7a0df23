"""What head's migrations do to rows: losses are found, and legitimate migrations are silent."""

import pytest

from tests.packs.two_trees import verdicts, verify

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, note TEXT, score REAL);"
ORDERS = (
    USERS + "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), "
    "total REAL NOT NULL, state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'sent')));"
)
CODE = "def load(db):\n    return db.execute('SELECT name, email, note, score, total, state FROM users, orders')\n"


def run(place, first, second, code=CODE):
    base = {"migrations/0001_first.sql": first, "app/store.py": code}
    return verify("migrations", place, base, {**base, "migrations/0002_second.sql": second})


def found(outcome):
    return sorted((one.rule.removeprefix("migration-"), one.location.symbol) for one in outcome.findings)


MYSQL = "CREATE TABLE `users` (id INT PRIMARY KEY, email VARCHAR(200), age INT, note TEXT) ENGINE=InnoDB;"


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("ALTER TABLE users MODIFY COLUMN email VARCHAR(50);", [("narrower-type", "users.email")]),
        ("ALTER TABLE users MODIFY email VARCHAR(500);", []),
        ("ALTER TABLE users CHANGE `age` `years` SMALLINT;", [("narrower-type", "users.age")]),
        ("ALTER TABLE users CHANGE age years BIGINT;", []),
        ("ALTER TABLE users MODIFY age VARCHAR(20);", []),
        ("UPDATE `users` SET `note` = NULL;", [("update-all", "users.note")]),
        ("UPDATE users SET note = NULL WHERE age < 0;", []),
        ("UPDATE users SET email = lower(email);", []),
        ("ALTER TABLE users ADD active TINYINT;\nUPDATE users SET active = 1;", []),
        ("DROP SCHEMA elsewhere;", []),
    ],
)
def test_what_no_database_here_can_run_is_read_by_declared_types(tmp_path, second, expected):
    assert found(run(tmp_path, MYSQL, second)[0]) == expected


def test_rows_on_either_side_of_a_comparison_are_tried(tmp_path):
    table = "CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER);"
    assert found(run(tmp_path, table, "DELETE FROM people WHERE age < 18;")[0]) == [
        ("loses-some-rows", "people")
    ]


REBUILD = "CREATE TABLE n (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, {columns});"
SILENT = {
    "added column": (USERS, "ALTER TABLE users ADD COLUMN city TEXT NOT NULL DEFAULT '';"),
    "index": (USERS, "CREATE INDEX users_name ON users (name);"),
    "unique index on a column": (USERS, "CREATE UNIQUE INDEX users_name ON users (name);"),
    "renamed column": (USERS, "ALTER TABLE users RENAME COLUMN note TO remark;"),
    "renamed table": (USERS, "ALTER TABLE users RENAME TO people;"),
    "new table and trigger": (
        USERS,
        "CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT);\nCREATE TRIGGER t AFTER INSERT ON users BEGIN\n"
        "  INSERT INTO log (what) VALUES (new.name); DELETE FROM log WHERE id < 0;\nEND;",
    ),
    "rebuild with every column": (
        USERS,
        "BEGIN;" + REBUILD.format(columns="note TEXT, score REAL") + "INSERT INTO n SELECT * FROM users;"
        "DROP TABLE users; ALTER TABLE n RENAME TO users; COMMIT;",
    ),
    "rebuild with new checks on words that only the code knows": (
        "CREATE TABLE jobs (id INTEGER PRIMARY KEY, kind TEXT NOT NULL DEFAULT 'mail');",
        "CREATE TABLE n (id INTEGER PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('mail', 'sms')));"
        "INSERT INTO n SELECT id, kind FROM jobs; DROP TABLE jobs; ALTER TABLE n RENAME TO jobs;",
    ),
    "price in cents": (
        ORDERS,
        "ALTER TABLE orders ADD COLUMN cents INTEGER; UPDATE orders SET cents = CAST(round(total * 100) AS INTEGER);"
        "ALTER TABLE orders DROP COLUMN total;",
    ),
    "column moved to a table of its own": (
        USERS,
        "CREATE TABLE notes (user_id INTEGER PRIMARY KEY, body TEXT);"
        "INSERT INTO notes SELECT id, note FROM users; ALTER TABLE users DROP COLUMN note;",
    ),
    "columns packed into one": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL);",
        "ALTER TABLE p ADD COLUMN name TEXT; UPDATE p SET name = first || ' ' || last;"
        "ALTER TABLE p DROP COLUMN first; ALTER TABLE p DROP COLUMN last;",
    ),
    "words become a lookup table": (
        ORDERS,
        "CREATE TABLE states (id INTEGER PRIMARY KEY, word TEXT UNIQUE);"
        "INSERT INTO states (word) SELECT DISTINCT state FROM orders;"
        "ALTER TABLE orders ADD COLUMN state_id INTEGER;"
        "UPDATE orders SET state_id = (SELECT id FROM states WHERE word = state);"
        "CREATE TABLE n (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, total REAL NOT NULL, state_id INTEGER);"
        "INSERT INTO n SELECT id, user_id, total, state_id FROM orders; DROP TABLE orders;"
        "ALTER TABLE n RENAME TO orders;",
    ),
    "lower case addresses": (USERS, "UPDATE users SET email = lower(email);"),
    "empty text for NULL": (USERS, "UPDATE users SET note = '' WHERE note IS NULL;"),
    "orphans deleted": (ORDERS, "DELETE FROM orders WHERE user_id NOT IN (SELECT id FROM users);"),
    "time stamps of the migration": (
        USERS,
        "ALTER TABLE users ADD COLUMN seen TEXT; UPDATE users SET seen = strftime('%f', 'now') || random();",
    ),
    "view and bookkeeping": (
        USERS,
        "CREATE VIEW names AS SELECT name FROM users; CREATE TABLE schema_migrations (v INTEGER);"
        "DROP VIEW names; DROP TABLE schema_migrations;",
    ),
    "helper table of the migration itself": (
        USERS, "CREATE TEMP TABLE h AS SELECT * FROM users; DROP TABLE h;",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SILENT)
def test_a_migration_that_keeps_everything_is_silent(tmp_path, case):
    outcome, _ = run(tmp_path, *SILENT[case])
    assert found(outcome) == []


LOSING = {
    "dropped table": (ORDERS, "DROP TABLE orders;", [("loses-table", "orders")]),
    "dropped column": (USERS, "ALTER TABLE users DROP COLUMN note;", [("loses-column", "users.note")]),
    "emptied table": (ORDERS, "DELETE FROM orders;", [("loses-rows", "orders")]),
    "rebuild without a column": (
        USERS,
        REBUILD.format(columns="score REAL") + "INSERT INTO n SELECT id, name, email, score FROM users;"
        "DROP TABLE users; ALTER TABLE n RENAME TO users;",
        [("loses-column", "users.note")],
    ),
    "rebuild that copies nothing": (
        USERS,
        REBUILD.format(columns="note TEXT, score REAL") + "DROP TABLE users; ALTER TABLE n RENAME TO users;",
        [("loses-rows", "users")],
    ),
    "rebuild that copies a constant": (
        USERS,
        REBUILD.format(columns="note TEXT, score REAL")
        + "INSERT INTO n SELECT id, name, email, '', score FROM users;DROP TABLE users; ALTER TABLE n RENAME TO users;",
        [("loses-column", "users.note")],
    ),
    "values overwritten": (
        USERS, "UPDATE users SET note = NULL;", [("loses-column", "users.note")],
    ),
    "texts cut off": (
        USERS, "UPDATE users SET note = substr(note, 1, 255);", [("loses-precision", "users.note")],
    ),
    "fractions cut off": (
        ORDERS,
        "CREATE TABLE n (id INTEGER PRIMARY KEY, user_id INTEGER, total INTEGER, state TEXT);"
        "INSERT INTO n SELECT id, user_id, CAST(total AS INTEGER), state FROM orders;"
        "DROP TABLE orders; ALTER TABLE n RENAME TO orders;",
        [("loses-precision", "orders.total")],
    ),
    "rows of one kind deleted": (
        ORDERS, "DELETE FROM orders WHERE state = 'paid';", [("loses-some-rows", "orders")],
    ),
    "inner join forgets rows without a partner": (
        "CREATE TABLE a (id INTEGER PRIMARY KEY, word TEXT);"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a(id), extra TEXT);",
        "CREATE TABLE n (id INTEGER PRIMARY KEY, word TEXT, extra TEXT);"
        "INSERT INTO n SELECT b.id, a.word, b.extra FROM b JOIN a ON a.id = b.a_id;"
        "DROP TABLE b; ALTER TABLE n RENAME TO b; DROP TABLE a;",
        [("loses-some-rows", "b")],
    ),
    "columns swapped for a constant in a view of the code": (
        USERS, "UPDATE users SET score = 0;", [("loses-column", "users.score")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LOSING)
def test_a_loss_is_found_and_its_proof_holds_on_both_sides(tmp_path, case):
    first, second, expected = LOSING[case]
    outcome, context = run(tmp_path, first, second)
    assert set(expected) <= set(found(outcome))
    for draft in outcome.findings:
        assert verdicts(context, draft) == {"base": True, "head": False}
        assert draft.location.path == "migrations/0002_second.sql"


def test_the_statement_that_destroys_is_named_by_its_line(tmp_path):
    second = "-- tidy up\nCREATE INDEX i ON users (name);\n\n-- not needed\nALTER TABLE users\n  DROP COLUMN note;\n"
    outcome, _ = run(tmp_path, USERS, second)
    (draft,) = outcome.findings
    assert draft.location.line == 5
    assert draft.severity == "high"


def test_a_column_that_no_code_names_is_only_a_question(tmp_path):
    outcome, _ = run(
        tmp_path, USERS.replace("note", "legacy_flag"), "ALTER TABLE users DROP COLUMN legacy_flag;"
    )
    (draft,) = outcome.findings
    assert draft.severity == "medium"


def test_a_rebuild_that_forgets_a_column_is_grave_even_if_no_code_names_it(tmp_path):
    first = USERS.replace("note", "legacy_flag")
    outcome, _ = run(tmp_path, first, LOSING["rebuild without a column"][1])
    (draft,) = outcome.findings
    assert draft.severity == "high"


LOAD = "\n\ndef load(db):\n    return db.execute('SELECT note FROM users')\n"
LISTED = f'MIGRATIONS = [\n    (1, "users", """{USERS}"""),\n{{more}}]\n{LOAD}'
FUNCTIONS = f'def migrate_1(db):\n    db.execute("{USERS}")\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            LISTED.format(more=""),
            LISTED.format(more="    (2, 'tidy', 'ALTER TABLE users DROP COLUMN note'),\n"),
        ),
        (FUNCTIONS, FUNCTIONS + '\n\ndef migrate_2(db):\n    db.execute("UPDATE users SET note = NULL")\n'),
    ],
)
def test_migrations_inside_python_code_are_applied_too(tmp_path, before, after):
    outcome, context = verify("migrations", tmp_path, {"app/store.py": before}, {"app/store.py": after})
    (draft,) = outcome.findings
    assert (draft.rule, draft.location.path) == ("migration-loses-column", "app/store.py")
    assert draft.location.line in (3, 5)
    assert verdicts(context, draft) == {"base": True, "head": False}


def test_an_edited_released_migration_is_reported_but_not_a_comment(tmp_path):
    base = {"migrations/0001_a.sql": USERS, "migrations/0002_b.sql": "CREATE INDEX i ON users (name);"}
    head = {
        "migrations/0001_a.sql": "-- users\n" + USERS,
        "migrations/0002_b.sql": "CREATE INDEX i ON users (email);",
    }
    outcome, _ = verify("migrations", tmp_path, base, head)
    assert [(one.rule, one.location.path) for one in outcome.findings] == [
        ("migration-edited", "migrations/0002_b.sql")
    ]


def test_a_script_that_sqlite_cannot_run_is_read_and_said_so(tmp_path):
    first = "CREATE TABLE users (id BIGSERIAL PRIMARY KEY, note TEXT, tags TEXT[]); CREATE EXTENSION citext;"
    second = "-- DROP TABLE users;\nALTER TABLE users DROP COLUMN note;\nTRUNCATE users;\nDROP TABLE helper;"
    outcome, _ = run(tmp_path, first, second)
    assert found(outcome) == [("drop-column", "users.note"), ("truncate", "users")]
    assert all(one.certainty == "conditional" and one.proof is None for one in outcome.findings)
    assert any("SQLite cannot run" in one.why for one in outcome.unverified)


def test_not_null_on_rows_that_the_code_writes_without_it_is_a_question(tmp_path):
    code = "def add(db, name):\n    db.execute('INSERT INTO users (name) VALUES (?)', (name,))\n"
    second = (
        REBUILD.format(columns="note TEXT NOT NULL, score REAL")
        + "INSERT INTO n SELECT * FROM users; DROP TABLE users; ALTER TABLE n RENAME TO users;"
    )
    outcome, _ = run(tmp_path, USERS, second, code)
    assert found(outcome) == [("fails-on-rows", "note")]
    silent, _ = run(tmp_path / "2", USERS, second)
    assert found(silent) == []
    assert any("fails on some rows" in one.why for one in silent.unverified)
