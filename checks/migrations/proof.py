"""The executed proof of a loss, and a script that shows it with nothing but Python."""

from dataclasses import replace

from harness.check.interface import ProofPlan

from .engines import SQLITE_ENGINE
from .findings import Loss
from .trial import Trial

SCRIPT_SQLITE = '''\
"""Shows what head's migrations do to rows. Usage: python show.py (standard library only)."""

import pathlib
import sqlite3

here = pathlib.Path(__file__).parent
connection = sqlite3.connect(":memory:", isolation_level=None)


def run(folder):
    for path in sorted((here / folder).glob("*.sql")):
        connection.executescript(path.read_text(encoding="utf-8"))


def show(title):
    print(f"--- {title}")
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    for (name,) in names.fetchall():
        cursor = connection.execute(f'SELECT * FROM "{name}"')
        print(name, [column[0] for column in cursor.description])
        for row in cursor:
            print("   ", [value if len(str(value)) < 60 else str(value)[:57] + "..." for value in row])


run("base")
connection.executescript((here / "rows.sql").read_text(encoding="utf-8"))
show("rows that base's schema holds")
run("head")
show("the same database after head's migrations")
'''


SCRIPT_POSTGRESQL = """\
#!/bin/sh
# Shows what head's migrations do to rows, on a server of its own: sh show.sh (needs PostgreSQL's programs).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1):$PATH"
place=$(mktemp -d)
trap 'pg_ctl -D "$place/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$place"' EXIT
initdb -D "$place/data" -A trust -U app --no-sync >/dev/null
pg_ctl -D "$place/data" -w -o "-k $place -c listen_addresses=" -l "$place/log" start >/dev/null
run() { psql -X -q -h "$place" -U app -d postgres "$@"; }
show() {
  echo "--- $1"
  run -A -t -c "SELECT format('SELECT %L, * FROM %I.%I;', tablename, schemaname, tablename) FROM pg_tables \
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')" | run -f -
}
for file in "$here"/base/*.sql; do run -v ON_ERROR_STOP=1 -f "$file"; done
run -c "SET session_replication_role = replica" -f "$here/rows.sql"
show "rows that base's schema holds"
for file in "$here"/head/*.sql; do run -v ON_ERROR_STOP=1 -f "$file" || exit 1; done
show "the same database after head's migrations"
"""


def plan_for(loss: Loss, trial: Trial) -> ProofPlan:
    """The proof of one loss on the database of the trial."""
    wanted = {"what": loss.what, "table": loss.table, "column": loss.column}
    names = ", ".join(script.name for script in trial.pair.new)
    fails = loss.what == "fails"
    own = trial.engine is SQLITE_ENGINE
    files = {"show.py" if own else "show.sh": (SCRIPT_SQLITE if own else SCRIPT_POSTGRESQL).encode()}
    files["rows.sql"] = "\n".join(trial.rows).encode()
    for folder, scripts in (("base", trial.pair.base), ("head", trial.pair.new)):
        for index, script in enumerate(scripts, 1):
            name = script.name.replace("/", "-").removesuffix(".sql").replace(" ", "-")
            files[f"{folder}/{index:04d}-{name}.sql"] = script.text.encode("utf-8", "replace")
    where = f"{loss.script} line {loss.line}"
    return ProofPlan(
        probe=replace(
            trial.probe,
            entry=trial.engine.verdict,
            request={**trial.probe.request, "loss": wanted},
            label=f"proof {loss.name or where}",
        ),
        input=f"rows in {'every table' if fails else loss.table}, then {names}",
        base="every migration passes" if fails else f"{loss.name} keeps every value",
        head=f"{where} is refused: {loss.example}"
        if fails
        else f"{loss.name}: lost after {where}, for instance {loss.example}",
        files=files,
    )
