"""The executed proof of a loss, and a script that shows it with nothing but Python."""

from collections.abc import Sequence
from dataclasses import replace

from harness.check.interface import Probe, ProofPlan

from .findings import Loss
from .sequences import Script

SCRIPT = '''\
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


def plan_for(
    loss: Loss, probe: Probe, base: Sequence[Script], new: Sequence[Script], rows: Sequence[str]
) -> ProofPlan:
    """The proof of one loss. ``probe`` is the comparison's; ``rows`` its INSERT statements."""
    wanted = {"what": loss.what, "table": loss.table, "column": loss.column}
    names = ", ".join(script.name for script in new)
    files = {"show.py": SCRIPT.encode(), "rows.sql": "\n".join(rows).encode()}
    for folder, scripts in (("base", base), ("head", new)):
        for index, script in enumerate(scripts, 1):
            name = script.name.replace("/", "-").removesuffix(".sql").replace(" ", "-")
            files[f"{folder}/{index:04d}-{name}.sql"] = script.text.encode("utf-8", "replace")
    return ProofPlan(
        probe=replace(
            probe, entry="verdict.py", request={**probe.request, "loss": wanted}, label=f"proof {loss.name}"
        ),
        input=f"rows in {loss.table}, then {names}",
        base=f"{loss.name} keeps every value",
        head=f"{loss.name}: lost after {loss.script} line {loss.line}, for instance {loss.example}",
        files=files,
    )
