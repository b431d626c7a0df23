"""What is copied before it is dropped is no loss, in one migration or in two; what is not, is."""

import pytest

from tests.packs.migrations.test_frameworks import CODE, DJANGO, FIRST, ORDER, SECOND
from tests.packs.sandboxed import PROVEN, verdicts, verify

pytestmark = pytest.mark.bubblewrap
ADD = 'op.add_column("users", sa.Column("remark", sa.Text()))\n    '
DROP = '\n    op.drop_column("users", "note")'
ADD_FIELD = 'migrations.AddField("order", "remark", models.TextField(null=True)),\n        '
REMOVE = 'migrations.RemoveField("order", "note"),'
PYTHON = "migrations.RunPython(copy),\n        "
MODEL = 'Order = apps.get_model("shop", "Order")\n    '


def alembic(place, body):
    base = {**CODE, "alembic/versions/a1_first.py": FIRST}
    text = SECOND.replace("{}", ADD + body + DROP)
    return verify("migrations", place, base, {**base, "alembic/versions/b2_next.py": text})


def migration(after, operations, body=""):
    text = DJANGO.format(dependency=after and f'("shop", "{after}")', operations=operations)
    function = f"def copy(apps, schema_editor):\n    {MODEL}{body}\n\n\nclass Mig"
    return text.replace("class Mig", function) if body else text


def django(place, *later, base=()):
    files = {**CODE, "shop/migrations/0001_initial.py": migration("", ORDER)}
    names = ["0001_initial", "0002_next", "0003_last"]
    for number, arguments in enumerate((*base, *later), start=1):
        files[f"shop/migrations/{names[number]}.py"] = migration(names[number - 1], *arguments)
    before = dict(list(files.items())[: 2 + len(base)])
    return verify("migrations", place, before, files)


KEPT = {
    "SQL": (alembic, 'op.execute("UPDATE users SET remark = note")'),
    "SQL through a connection": (alembic, 'op.get_bind().execute(sa.text("UPDATE users SET remark = note"))'),
    "an expression": (
        alembic,
        'users = sa.table("users", sa.column("note"), sa.column("remark"))\n'
        "    op.execute(users.update().values(remark=users.c.note))",
    ),
    "row by row": (
        alembic,
        "bind = op.get_bind()\n"
        '    for row in bind.execute(sa.text("SELECT id, note FROM users")):\n'
        '        bind.execute(sa.text("UPDATE users SET remark = :r WHERE id = :i"), {"r": row.note, "i": row.id})',
    ),
    "into a table of its own": (
        alembic,
        'op.create_table("notes", sa.Column("user_id", sa.Integer), sa.Column("body", sa.Text))\n'
        '    op.execute("INSERT INTO notes (user_id, body) SELECT id, note FROM users WHERE note IS NOT NULL")',
    ),
    "RunSQL": (django, (ADD_FIELD + 'migrations.RunSQL("UPDATE shop_order SET remark = note"),\n        ' + REMOVE,)),
    "an update in Python": (django, (ADD_FIELD + PYTHON + REMOVE, 'Order.objects.update(remark=models.F("note"))')),
    "a loop in Python": (
        django,
        (
            ADD_FIELD + PYTHON + REMOVE,
            "for one in Order.objects.all():\n        one.remark = one.note\n        one.save()",
        ),
    ),
    "Python in a migration before": (
        django,
        (ADD_FIELD + PYTHON, 'Order.objects.update(remark=models.F("note"))'),
        (REMOVE,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", KEPT)
def test_what_is_copied_before_it_is_dropped_is_no_alarm(tmp_path, case):
    change, *arguments = KEPT[case]
    assert [(one.rule, one.title) for one in change(tmp_path, *arguments)[0].findings] == []


LOST = {
    "nothing is copied": (alembic, "pass"),
    "something else is copied": (alembic, 'op.execute("UPDATE users SET remark = name")'),
    "Python that does nothing": (django, (ADD_FIELD + PYTHON.replace("copy", "migrations.RunPython.noop") + REMOVE,)),
}  # fmt: skip


@pytest.mark.parametrize("case", LOST)
def test_what_is_not_copied_is_a_proven_loss(tmp_path, case):
    change, *arguments = LOST[case]
    outcome, context = change(tmp_path, *arguments)
    (found,) = outcome.findings
    assert (found.rule, found.severity) == ("migration-loses-column", "high")
    assert verdicts(context, found) == PROVEN


@pytest.mark.parametrize("later", [False, True])
def test_python_that_does_not_speak_of_a_field_does_not_keep_it(tmp_path, later):
    body = 'Order.objects.filter(remark=None).update(remark="")'
    steps = [(ADD_FIELD + PYTHON, body), (REMOVE,)] if later else [(ADD_FIELD + PYTHON + REMOVE, body)]
    (found,) = django(tmp_path, *steps)[0].findings
    assert (found.rule, found.severity) == ("migration-removefield", "medium")


TABLE = "CREATE TABLE users (id INTEGER PRIMARY KEY, note TEXT, name TEXT NOT NULL);"
COPY = "ALTER TABLE users ADD COLUMN remark TEXT;\nUPDATE users SET remark = note;"


@pytest.mark.parametrize(
    ("code", "copy", "severity"),
    [
        ({}, COPY, "low"),
        ({"app.py": "Q = 'SELECT note FROM users'\n"}, COPY, "medium"),
        ({"app.py": "Q = 'SELECT note FROM users'\n"}, COPY.replace("= note", "= name"), "high"),
    ],
)
def test_the_second_step_of_two_is_weighed_by_the_first(tmp_path, code, copy, severity):
    base = {**code, "db/001_a.sql": TABLE, "db/002_b.sql": copy}
    (found,) = verify(
        "migrations", tmp_path, base, {**base, "db/003_c.sql": "ALTER TABLE users DROP COLUMN note;"}
    )[0].findings
    assert (found.rule, found.severity) == ("migration-loses-column", severity)


def test_the_second_step_after_python_asks_for_a_review(tmp_path):
    copy = (ADD_FIELD + PYTHON, 'Order.objects.update(remark=models.F("note"))')
    (found,) = django(tmp_path, (REMOVE,), base=(copy,))[0].findings
    assert (found.rule, found.severity) == ("migration-loses-column", "medium")


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("class Order(models.Model):\n    note = models.TextField()\n", "medium"),
        (
            "class Order(models.Model):\n    pass\n\n\ndef total():\n    return Order.objects.count()\n",
            "critical",
        ),
    ],
)
def test_a_model_that_is_only_declared_is_perhaps_a_leftover(tmp_path, code, severity):
    base = {"shop/models.py": code, "shop/migrations/0001_initial.py": migration("", ORDER)}
    head = {
        **base,
        "shop/migrations/0002_next.py": migration("0001_initial", 'migrations.DeleteModel("Order"),'),
    }
    (found,) = verify("migrations", tmp_path, base, head)[0].findings
    assert (found.rule, found.severity) == ("migration-loses-table", severity)
