"""Alembic and Django: their SQL is written down by stand-ins, then tried on rows like any other."""

import glob

import pytest

from harness.check.interface import CheckSkipped
from tests.packs.sandboxed import PROVEN, verdicts, verify

pytestmark = [
    pytest.mark.bubblewrap,
    pytest.mark.skipif(
        not glob.glob("/usr/lib/postgresql/*/bin/initdb"),
        reason="PostgreSQL's server is not installed (apt-get install postgresql)",
    ),
]
FIRST = """from alembic import op
import sqlalchemy as sa
revision = "a1"
down_revision = None

def upgrade():
    op.create_table(
        "users", sa.Column("id", sa.Integer(), nullable=False), sa.Column("name", sa.String(80), nullable=False),
        sa.Column("note", sa.Text()), sa.Column("joined", sa.DateTime(), server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("users_name", "users", ["name"])

def downgrade():
    op.drop_table("users")
"""
SECOND = """from alembic import op
import sqlalchemy as sa
revision = "b2"
down_revision = "a1"

def upgrade():
    {}

def downgrade():
    op.drop_column("users", "x")
"""
DJANGO = """from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [{dependency}]
    operations = [
        {operations}
    ]
"""
ORDER = """migrations.CreateModel(name="Order", fields=[
            ("id", models.BigAutoField(primary_key=True)), ("note", models.TextField(null=True)),
            ("total", models.DecimalField(max_digits=8, decimal_places=2)),
        ]),"""
CODE = {"app/store.py": "SELECT = 'SELECT note, total, joined FROM users, orders'\n"}


def alembic(place, body, name="b2_next.py"):
    base = {**CODE, "alembic/versions/a1_first.py": FIRST}
    return verify("migrations", place, base, {**base, f"alembic/versions/{name}": SECOND.format(body)})


def django(place, operations):
    base = {**CODE, "shop/migrations/0001_initial.py": DJANGO.format(dependency="", operations=ORDER)}
    text = DJANGO.format(dependency='("shop", "0001_initial")', operations=operations)
    return verify("migrations", place, base, {**base, "shop/migrations/0002_next.py": text})


LOSSES = {
    "column": (alembic, 'op.drop_column("users", "note")', "migration-loses-column", 7),
    "batch": (
        alembic,
        'with op.batch_alter_table("users") as batch:\n        batch.drop_column("note")',
        "migration-loses-column",
        8,
    ),
    "type": (alembic, 'op.alter_column("users", "joined", type_=sa.Date())', "migration-loses-precision", 7),
    "table": (alembic, 'op.drop_table("users")', "migration-loses-table", 7),
    "statement": (alembic, 'op.execute("DELETE FROM users")', "migration-loses-rows", 7),
    "required": (
        alembic,
        'op.add_column("users", sa.Column("city", sa.Text(), nullable=False))',
        "migration-fails-on-rows",
        7,
    ),
    "field": (
        django,
        'migrations.RemoveField(model_name="order", name="note"),',
        "migration-loses-column",
        6,
    ),
    "model": (django, 'migrations.DeleteModel(name="Order"),', "migration-loses-table", 6),
    "decimal to integer": (
        django,
        'migrations.AlterField("order", "total", models.IntegerField()),',
        "migration-loses-precision",
        6,
    ),
    "sql": (django, 'migrations.RunSQL("UPDATE shop_order SET note = NULL"),', "migration-loses-column", 6),
}
SILENT = {
    "column with a default": (
        alembic,
        'op.add_column("users", sa.Column("x", sa.Integer, server_default="0", nullable=False))',
    ),
    "renamed": (
        alembic,
        'op.alter_column("users", "note", new_column_name="remark")\n    op.rename_table("users", "people")',
    ),
    "index": (
        alembic,
        'op.create_index("i", "users", ["note"])\n    op.create_unique_constraint("u", "users", ["id", "name"])',
    ),
    "copied first": (
        alembic,
        'op.add_column("users", sa.Column("remark", sa.Text()))\n    op.execute("UPDATE users SET remark = note")\n'
        '    op.drop_column("users", "note")',
    ),
    "renamed field": (
        django,
        'migrations.RenameField("order", "note", "remark"), migrations.AddIndex("order", models.Index()),',
    ),
    "new field and model": (
        django,
        'migrations.AddField("order", "paid", models.BooleanField(defaul'
        't=False)),\n        migrations.CreateModel("Line", [("id", '
        "models.BigAutoField(primary_key=True))]),",
    ),
    "wider decimal": (
        django,
        'migrations.AlterField("order", "total", models.DecimalField(max_digits=12, decimal_places=2)),',
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_found_and_proven_on_its_line(name, tmp_path):
    change, text, rule, line = LOSSES[name]
    outcome, context = change(tmp_path, text)
    found = next(one for one in outcome.findings if one.rule == rule)
    assert found.location.line == line
    assert found.location.path.endswith(("b2_next.py", "0002_next.py"))
    assert verdicts(context, found) == PROVEN


@pytest.mark.parametrize("name", SILENT)
def test_a_legitimate_migration_is_silent(name, tmp_path):
    change, text = SILENT[name]
    outcome, _ = change(tmp_path, text)
    assert [(one.rule, one.title) for one in outcome.findings] == []
    assert outcome.unverified == []


def test_a_migration_whose_python_decides_is_only_read(tmp_path):
    copy = (
        'migrations.RunPython(lambda apps, schema: None),\n        migrations.RemoveField("order", "note"),'
    )
    outcome, _ = django(tmp_path, copy)
    assert [(one.rule, one.severity, one.certainty) for one in outcome.findings] == [
        ("migration-removefield", "medium", "conditional")
    ]
    assert "runs Python" in outcome.unverified[0].why


def test_a_migration_that_raises_exits_or_prints_is_said(tmp_path):
    outcome, _ = alembic(tmp_path, 'print("x")\n    raise SystemExit(0)')
    assert outcome.findings == []
    assert "SystemExit" in outcome.unverified[0].why


def test_only_the_edited_meaning_of_a_released_migration_counts(tmp_path):
    path = "alembic/versions/a1_first.py"
    same = FIRST.replace("sa.Column", "sa.Column").replace("def downgrade", "# a note\n\ndef downgrade")
    edited = FIRST.replace("sa.String(80)", "sa.String(40)")
    with pytest.raises(CheckSkipped):
        verify("migrations", tmp_path / "a", {**CODE, path: FIRST}, {**CODE, path: same})
    outcome, _ = verify("migrations", tmp_path / "b", {**CODE, path: FIRST}, {**CODE, path: edited})
    assert [one.rule for one in outcome.findings] == ["migration-edited"]
