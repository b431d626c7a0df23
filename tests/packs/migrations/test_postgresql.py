"""The same on PostgreSQL, in real sandboxes: needs the server's programs on this machine."""

import glob
import shutil
import sys
from pathlib import Path

import pytest

from tests.packs.sandboxed import PROVEN, verdicts, verify

SERVER = bool(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
SQUAWK = shutil.which("squawk") or (Path(sys.executable).parent / "squawk").exists()
pytestmark = [
    pytest.mark.bubblewrap,
    pytest.mark.skipif(
        not SERVER, reason="PostgreSQL's server is not installed (apt-get install postgresql)"
    ),
]
BASE = """CREATE TYPE state AS ENUM ('open', 'closed');
CREATE TABLE customer (
  id BIGSERIAL PRIMARY KEY, email VARCHAR(200) NOT NULL UNIQUE, name TEXT NOT NULL, joined TIMESTAMPTZ NOT NULL
);
CREATE TABLE invoice (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(), customer_id BIGINT NOT NULL REFERENCES customer (id),
  amount NUMERIC(12, 4) NOT NULL CHECK (amount > 0), state state NOT NULL,
  kind TEXT NOT NULL DEFAULT 'normal' CHECK (kind IN ('normal', 'credit')), note TEXT
);
CREATE FUNCTION one() RETURNS int AS $$ BEGIN RETURN 1; END; $$ LANGUAGE plpgsql;
"""
CODE = "QUERY = 'SELECT email, name, joined, amount, state, kind, note FROM customer, invoice'\n"
LOSSES = {
    "column": ("ALTER TABLE invoice DROP COLUMN note;", {("migration-loses-column", "invoice.note")}),
    "types narrowed": (
        (
            "BEGIN;\n"
            "ALTER TABLE customer ALTER COLUMN joined TYPE date;\n"
            "ALTER TABLE invoice ALTER amount TYPE integer;\n"
            "COMMIT;"
        ),
        {("migration-loses-precision", "customer.joined"), ("migration-loses-precision", "invoice.amount")},
    ),
    "table": ("DROP TABLE invoice CASCADE;", {("migration-loses-table", "invoice")}),
    "rows": ("DELETE FROM invoice;", {("migration-loses-rows", "invoice")}),
    "values overwritten": (
        "UPDATE invoice SET kind = 'normal';",
        {("migration-loses-column", "invoice.kind")},
    ),
    "enumeration folded": (
        "ALTER TABLE invoice ADD COLUMN done boolean;\nALTER TABLE invoice DROP COLUMN state;",
        {("migration-loses-column", "invoice.state")},
    ),
}
SILENT = {
    "rename, index": (
        "ALTER TABLE invoice RENAME note TO remark;\n"
        "CREATE INDEX CONCURRENTLY i ON invoice (remark);\n"
        "ALTER TABLE customer RENAME TO client;"
    ),
    "new column, new table": (
        "ALTER TABLE invoice ADD COLUMN due date NOT NULL DEFAULT now();\n"
        "CREATE TABLE t (id SERIAL PRIMARY KEY);"
    ),
    "split": (
        "ALTER TABLE customer ADD COLUMN first TEXT, ADD COLUMN last TEXT;\n"
        "UPDATE customer SET first = split_part(name, ' ', 1), "
        "last = substr(name, length(split_part(name, ' ', 1)) + 1);\nALTER TABLE customer DROP COLUMN name;"
    ),
    "moved to another table": (
        "CREATE TABLE remark (invoice_id UUID, body TEXT);\nINSERT INTO remark SELECT id, note FROM invoice;\n"
        "ALTER TABLE invoice DROP COLUMN note;"
    ),
    "enumeration to text": "ALTER TABLE invoice ALTER COLUMN state TYPE text USING state::text;",
    "wider": (
        "ALTER TABLE customer ALTER COLUMN email TYPE text;\n"
        "ALTER TABLE invoice ALTER amount TYPE numeric(20, 4);"
    ),
    "block with a function": "DO $$ BEGIN UPDATE invoice SET note = 'none; at all' WHERE note IS NULL; END; $$;",
    "constraint": (
        "ALTER TABLE invoice ADD CONSTRAINT c CHECK (amount < 100000) NOT VALID;\n"
        "ALTER TABLE invoice VALIDATE CONSTRAINT c;"
    ),
}


def run(place, second, first=BASE, **more):
    base = {"migrations/0001_first.sql": first, "app/store.py": CODE}
    return verify("migrations", place, base, {**base, "migrations/0002_second.sql": second}, **more)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_found_and_proven(name, tmp_path):
    second, expected = LOSSES[name]
    outcome, context = run(tmp_path, second)
    assert {(f.rule, f.location.symbol) for f in outcome.findings if "loses" in f.rule} == expected
    assert verdicts(context, outcome.findings[0]) == PROVEN
    assert outcome.unverified == []


@pytest.mark.parametrize("name", SILENT)
def test_a_legitimate_migration_is_silent(name, tmp_path):
    outcome, _ = run(tmp_path, SILENT[name])
    # An enumeration turned into text loses nothing, and makes the server write the table anew.
    locks = ["migration-lock-changing-column-type"] if name == "enumeration to text" and SQUAWK else []
    assert [one.rule for one in outcome.findings] == locks
    assert "PostgreSQL" in outcome.notes[0]


def test_a_required_column_without_default_fails_on_any_row(tmp_path):
    outcome, context = run(tmp_path, "\nALTER TABLE invoice ADD COLUMN due date NOT NULL;")
    (found,) = outcome.findings
    assert (found.rule, found.severity, found.location.line) == ("migration-fails-on-rows", "high", 2)
    assert verdicts(context, found) == PROVEN


def test_a_constraint_that_some_rows_break_is_a_question(tmp_path):
    outcome, _ = run(tmp_path, "ALTER TABLE invoice ALTER COLUMN note SET NOT NULL;")
    assert outcome.findings == []
    assert any("fails on some rows" in one.why for one in outcome.unverified)


def test_commands_of_the_client_are_not_obeyed(tmp_path):
    outcome, _ = run(tmp_path, "\\! touch /out/pwned\nSELECT 1;\n\\copy invoice TO PROGRAM 'touch /out/x'\n")
    assert outcome.findings == []


def test_an_endless_migration_ends(tmp_path):
    outcome, _ = run(tmp_path, "DO $$ BEGIN LOOP END LOOP; END; $$;")
    assert outcome.findings == []
    assert outcome.unverified


def test_a_type_that_rewrites_the_table_locks_it(tmp_path):
    outcome, _ = run(tmp_path, "\nALTER TABLE invoice ALTER amount TYPE numeric(20, 8);")
    (found,) = outcome.findings
    assert (found.rule, found.severity, found.location.line) == (
        "migration-lock-changing-column-type",
        "medium",
        2,
    )
