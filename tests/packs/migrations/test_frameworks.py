"""Alembic and Django migrations: destructive operations upwards are found, downwards are not."""

from tests.packs.two_trees import verify

ALEMBIC = """revision = "2"
down_revision = "1"


def upgrade():
    op.add_column("users", sa.Column("city", sa.String()))
    {upgrade}


def downgrade():
    op.drop_column("users", "city")
"""
DJANGO = """from django.db import migrations


class Migration(migrations.Migration):
    operations = [migrations.RemoveField(model_name="user", name="note")]
"""


def found(outcome):
    return [(one.rule, one.location.symbol, one.location.line, one.proof) for one in outcome.findings]


def test_a_column_dropped_by_alembic_is_found_and_said_to_be_unexecuted(tmp_path):
    head = {"a.py": "", "db/versions/2.py": ALEMBIC.format(upgrade='op.drop_column("users", "note")')}
    outcome, context = verify("migrations", tmp_path, {"a.py": ""}, head)
    assert found(outcome) == [("migration-drop-column", "users.note", 7, None)]
    assert "read, not applied" in outcome.unverified[0].why
    assert not context.probes


def test_a_field_removed_by_django_is_found(tmp_path):
    outcome, _ = verify(
        "migrations", tmp_path, {"a.py": ""}, {"a.py": "", "shop/migrations/0002_x.py": DJANGO}
    )
    assert found(outcome) == [("migration-removefield", "user.note", 5, None)]
