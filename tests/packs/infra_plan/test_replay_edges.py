# ruff: noqa: E501 - whole configurations stand on one line
"""Plan-on-plan replay with the real binary on the built-in provider: what is destroyed, what is not."""

import shutil

import pytest

from tests.packs.two_trees import verdicts, verify

pytestmark = [
    pytest.mark.terraform,
    pytest.mark.skipif(not (shutil.which("terraform") or shutil.which("tofu")), reason="no terraform"),
]

DB = 'resource "terraform_data" "db" {{\n  input = {{ name = "orders", size = {size} }}\n  triggers_replace = {trigger}\n}}\n'


def db(size="1", trigger='["postgres-14"]', name="db"):
    return DB.format(size=size, trigger=trigger).replace('"db"', f'"{name}"', 1)


def run(place, base, head, settings=None):
    return verify("infra_plan", place, _files(base), _files(head), settings)


def _files(code):
    return code if isinstance(code, dict) else {"infra/main.tf": code}


def found(outcome):
    return sorted((one.rule.removeprefix("infra-"), one.location.symbol) for one in outcome.findings)


VARS = 'variable "zones" {\n  type = list(string)\n  default = ["a", "b"]\n}\nvariable "labels" {\n  type = map(string)\n  default = { a = "1" }\n}\n'
TYPED = VARS + (
    'resource "terraform_data" "db" {\n  input = { zones = var.zones, labels = var.labels, tags = toset(["y", "x"]), n = null }\n'
    '  triggers_replace = [var.zones, var.labels, toset(["q"]), { deep = var.zones }]\n}\n'
    'resource "terraform_data" "user" {\n  input = terraform_data.db.output.labels\n'
    "  triggers_replace = terraform_data.db.id\n}\n"
)
MODULE = 'module "store" {\n  source = "%s"\n  size = 1\n}\n'
STORE = 'variable "size" {}\nresource "terraform_data" "bucket" {\n  input = var.size\n  triggers_replace = "v1"\n}\n'

CLEAN = {
    "changed in place": (db(), db(size="2")),
    "typed values and another resource": (TYPED, TYPED + 'resource "terraform_data" "new" {}\n'),
    "formatting and comments": (db(), "# the orders\n" + db().replace(" = ", "   =   ")),
    "moved block": (db(), db(name="orders") + "moved {\n  from = terraform_data.db\n  to = terraform_data.orders\n}\n"),
    "moved into a module": (
        {"infra/main.tf": db()},
        {
            "infra/main.tf": 'module "m" {\n  source = "./m"\n}\nmoved {\n  from = terraform_data.db\n  to = module.m.terraform_data.db\n}\n',
            "infra/m/main.tf": db(),
        },
    ),
    "module folder moved": (
        {"infra/main.tf": MODULE % "./store", "infra/store/main.tf": STORE},
        {"infra/main.tf": MODULE % "../modules/bucket", "modules/bucket/main.tf": STORE},
    ),
    "root folder moved": ({"infra/main.tf": db()}, {"deploy/terraform/main.tf": db()}),
    "renamed variable with the same value": (
        'variable "engine" {\n  default = "postgres-14"\n}\n' + db(trigger="[var.engine]"),
        'variable "db_engine" {\n  default = "postgres-14"\n}\n' + db(trigger="[var.db_engine]"),
    ),
    "value moved to tfvars": (
        db(),
        {
            "infra/main.tf": 'variable "engine" {\n  type = string\n}\n' + db(trigger="[var.engine]"),
            "infra/terraform.tfvars": 'engine = "postgres-14"\n',
        },
    ),
    "default moved into a values file by name": (
        {
            "infra/main.tf": 'variable "engine" {}\n' + db(trigger="[var.engine]"),
            "infra/env/prod.tfvars": 'engine = "postgres-14"\n',
            "infra/env/dev.tfvars": 'engine = "postgres-9"\n',
        },
        {
            "infra/main.tf": 'variable "engine" {\n  type = string\n}\n' + db(trigger="[var.engine]"),
            "infra/env/prod.tfvars": 'engine = "postgres-14"\n',
            "infra/env/dev.tfvars": 'engine = "postgres-9"\n',
        },
    ),
    "count grows": (
        'resource "terraform_data" "db" {\n  count = 2\n  input = count.index\n}\n',
        'resource "terraform_data" "db" {\n  count = 3\n  input = count.index\n}\n',
    ),
    "for_each gains a key": (
        'resource "terraform_data" "db" {\n  for_each = toset(["a[0].b", "c"])\n  input = each.key\n}\n',
        'resource "terraform_data" "db" {\n  for_each = toset(["a[0].b", "c", "d"])\n  input = each.key\n}\n',
    ),
    "variables without value": (
        'variable "net" {\n  type = object({ id = string, zones = list(string) })\n}\nvariable "env" {\n  type = string\n'
        '  validation {\n    condition = contains(["dev", "prod"], var.env)\n    error_message = "no"\n  }\n}\n'
        + db(trigger="[var.net, var.env]"),
        'variable "net" {\n  type = object({ id = string, zones = list(string) })\n}\nvariable "env" {\n  type = string\n'
        '  validation {\n    condition = contains(["dev", "prod"], var.env)\n    error_message = "no"\n  }\n}\n'
        + db(size="3", trigger="[var.net, var.env]"),
    ),
    "a new default where a placeholder stood": (
        'variable "env" {}\n' + db(trigger="[var.env]"),
        'variable "env" {\n  default = "prod"\n}\n' + db(trigger="[var.env]"),
    ),
    "backend, cloud and a version that is not here": (
        'terraform {\n  required_version = "> 99.0"\n  cloud {\n    organization = "x"\n    workspaces { name = "y" }\n  }\n}\n' + db(),
        'terraform {\n  required_version = "> 99.0"\n  backend "s3" {\n    bucket = "x"\n    key = "y"\n    region = "z"\n  }\n}\n'
        + db(size="2"),
    ),
    "remote state": (
        'data "terraform_remote_state" "net" {\n  backend = "s3"\n  config = { bucket = "b", key = "k", region = "r" }\n}\n'
        + db(trigger="[data.terraform_remote_state.net.outputs.id, data.terraform_remote_state.net.outputs.subnet_ids[0]]"),
        'data "terraform_remote_state" "net" {\n  backend = "s3"\n  config = { bucket = "b", key = "k", region = "r" }\n}\n'
        + db(size="2", trigger="[data.terraform_remote_state.net.outputs.id, data.terraform_remote_state.net.outputs.subnet_ids[0]]"),
    ),
    "a clock that replaces it on base too": (
        'resource "terraform_data" "db" {\n  triggers_replace = timestamp()\n}\n',
        'resource "terraform_data" "db" {\n  triggers_replace = timestamp()\n  input = 1\n}\n',
    ),
    "sensitive value": (
        'variable "password" {\n  default = "hunter2hunter2"\n  sensitive = true\n}\n'
        'resource "terraform_data" "db" {\n  input = { password = var.password }\n}\n',
        'variable "password" {\n  default = "hunter2hunter2"\n  sensitive = true\n}\n'
        'resource "terraform_data" "db" {\n  input = { password = var.password, size = 2 }\n}\n',
    ),
    "provisioner and connection": (
        'resource "terraform_data" "db" {\n  input = 1\n  provisioner "local-exec" {\n    command = "touch /tmp/ran"\n  }\n}\n',
        'resource "terraform_data" "db" {\n  input = 2\n  provisioner "local-exec" {\n    command = "touch /tmp/ran2"\n  }\n}\n',
    ),
    "handed over with a removed block": (
        db(), "removed {\n  from = terraform_data.db\n  lifecycle {\n    destroy = false\n  }\n}\n",
    ),
    "a trigger that runs a deployment again": (
        'resource "terraform_data" "deploy" {\n  triggers_replace = "1"\n}\n',
        'resource "terraform_data" "deploy" {\n  triggers_replace = "2"\n}\n',
    ),
    "the folder's own path": (
        'resource "terraform_data" "db" {\n  triggers_replace = [path.cwd, abspath(path.module), path.root]\n}\n',
        'resource "terraform_data" "db" {\n  triggers_replace = [path.cwd, abspath(path.module), path.root]\n  input = 1\n}\n',
    ),
    "ephemeral outputs and checks": (
        db() + 'check "c" {\n  assert {\n    condition = terraform_data.db.output.size > 5\n    error_message = "small"\n  }\n}\n',
        db() + 'check "c" {\n  assert {\n    condition = terraform_data.db.output.size > 6\n    error_message = "small"\n  }\n}\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CLEAN)
def test_a_change_that_destroys_nothing_is_silent(tmp_path, case):
    outcome, _ = run(tmp_path, *CLEAN[case])
    handed_over = [("forget", "terraform_data.db")] if "removed block" in case else []
    assert found(outcome) == handed_over
    assert all(one.severity == "info" for one in outcome.findings)
    assert any("plan-on-plan replay" in note for note in outcome.notes)


GUARD = "  lifecycle {\n    prevent_destroy = true\n  }\n}\n"
DESTRUCTIVE = {
    "replaced": (db(), db(trigger='["postgres-16"]'), [("replace", "terraform_data.db")]),
    "replaced through a values file": (
        {"infra/main.tf": 'variable "v" {}\n' + db(trigger="[var.v]"), "infra/terraform.tfvars": "v = 1\n"},
        {"infra/main.tf": 'variable "v" {}\n' + db(trigger="[var.v]"), "infra/terraform.tfvars": "v = 2\n"},
        [("replace", "terraform_data.db")],
    ),
    "replaced in production's values only": (
        {"infra/main.tf": 'variable "v" {}\n' + db(trigger="[var.v]"), "infra/prod.tfvars": "v = 1\n"},
        {"infra/main.tf": 'variable "v" {}\n' + db(trigger="[var.v]"), "infra/prod.tfvars": "v = 2\n"},
        [("replace", "terraform_data.db")],
    ),
    "removed": (db() + db(name="log_store"), db(), [("destroy", "terraform_data.log_store")]),
    "renamed without moved": (db(), db(name="orders_db"), [("destroy", "terraform_data.db")]),
    "moved with a typo": (
        db(), db(name="orders_db") + "moved {\n  from = terraform_data.dbs\n  to = terraform_data.orders_db\n}\n",
        [("destroy", "terraform_data.db")],
    ),
    "count shrinks": (
        'resource "terraform_data" "db" {\n  count = 3\n}\n', 'resource "terraform_data" "db" {\n  count = 2\n}\n',
        [("destroy", "terraform_data.db[2]")],
    ),
    "for_each loses a key": (
        'resource "terraform_data" "db" {\n  for_each = toset(["a", "b"])\n}\n',
        'resource "terraform_data" "db" {\n  for_each = toset(["a"])\n}\n',
        [("destroy", 'terraform_data.db["b"]')],
    ),
    "count becomes for_each": (
        'resource "terraform_data" "db" {\n  count = 1\n}\n',
        'resource "terraform_data" "db" {\n  for_each = toset(["a"])\n}\n',
        [("destroy", "terraform_data.db[0]")],
    ),
    "module call renamed": (
        {"infra/main.tf": MODULE % "./store", "infra/store/main.tf": STORE},
        {"infra/main.tf": (MODULE % "./store").replace('"store"', '"files"'), "infra/store/main.tf": STORE},
        [("destroy", "module.store.terraform_data.bucket")],
    ),
    "replaced inside a module": (
        {"infra/main.tf": MODULE % "./store", "infra/store/main.tf": STORE},
        {"infra/main.tf": MODULE % "./store", "infra/store/main.tf": STORE.replace("v1", "v2")},
        [("replace", "module.store.terraform_data.bucket")],
    ),
    "root module removed": ({"infra/main.tf": db()}, {"infra/README.md": "gone"}, [("destroy", "terraform_data.db")]),
    "create before destroy": (
        db().replace("}\n}\n", "}\n}\n") + "", db(trigger='["2"]').rstrip("}\n") + "\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n",
        [("replace", "terraform_data.db")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DESTRUCTIVE)
def test_a_destruction_is_found_and_its_proof_holds_on_both_sides(tmp_path, case):
    base, head, expected = DESTRUCTIVE[case]
    outcome, context = run(tmp_path, base, head)
    assert found(outcome) == expected
    (draft,) = outcome.findings
    assert draft.certainty == "certain"
    assert draft.severity in ("high", "critical")
    assert verdicts(context, draft) == {"base": True, "head": False}


def test_the_cascade_is_told_with_its_cause(tmp_path):
    more = (
        'resource "terraform_data" "server" {\n  triggers_replace = terraform_data.db.id\n}\n'
        'resource "terraform_data" "dns" {\n  triggers_replace = [terraform_data.server.id]\n}\n'
        'resource "terraform_data" "disk" {\n  lifecycle {\n    replace_triggered_by = [terraform_data.db]\n  }\n}\n'
    )
    outcome, _ = run(tmp_path, db() + more, db(trigger='["postgres-16"]') + more)
    (draft,) = outcome.findings
    assert draft.location.symbol == "terraform_data.db"
    for name in ("server", "dns", "disk"):
        assert f"terraform_data.{name}" in draft.message
    assert 'triggers_replace[0]: "postgres-14" → "postgres-16"' in draft.message
    assert draft.location.line == 3


def test_a_rename_is_answered_with_the_moved_block(tmp_path):
    outcome, _ = run(tmp_path, db(), db(name="orders_db"))
    (draft,) = outcome.findings
    assert "from = terraform_data.db" in draft.suggestion
    assert "to   = terraform_data.orders_db" in draft.suggestion


def test_a_guard_that_stands_makes_it_a_question(tmp_path):
    guarded = db()[:-2] + GUARD
    outcome, context = run(tmp_path, guarded, guarded.replace("postgres-14", "postgres-16"))
    (draft,) = outcome.findings
    assert draft.severity == "medium"
    assert "prevent_destroy" in draft.title
    assert verdicts(context, draft) == {"base": True, "head": False}


def test_a_dropped_guard_is_part_of_the_destruction_or_a_finding_of_its_own(tmp_path):
    guarded = db()[:-2] + GUARD
    lost, _ = run(tmp_path / "lost", guarded, db(trigger='["postgres-16"]'))
    assert found(lost) == [("replace", "terraform_data.db")]
    assert "also removes the prevent_destroy" in lost.findings[0].message
    kept, _ = run(tmp_path / "kept", guarded, db(size="2"))
    assert found(kept) == [("guard-dropped", "terraform_data.db")]


def test_secrets_are_in_no_output(tmp_path):
    base = (
        'variable "password" {\n  default = "hunter2hunter2"\n  sensitive = true\n}\n'
        'resource "terraform_data" "db" {\n  input = { password = var.password, token = "t0ps3cret" }\n'
        '  triggers_replace = [var.password, { api_key = "k3yk3y" }]\n}\n'
    )
    head = base.replace("hunter2hunter2", "correcthorse").replace("k3yk3y", "k4yk4y")
    outcome, _ = run(tmp_path, base, head)
    (draft,) = outcome.findings
    shown = (
        draft.message + draft.title + (draft.detail or "") + draft.proof.input + draft.proof.head
    ).encode()
    shown += b"".join(content for name, content in draft.proof.files.items() if not name.endswith(".tf"))
    for secret in (b"hunter2", b"correcthorse", b"t0ps3cret", b"k3yk3y", b"k4yk4y"):
        assert secret not in shown
    assert "(sensitive)" in draft.message


def test_a_plan_that_fails_falls_back_to_the_files_and_says_so(tmp_path):
    broken = db() + 'resource "terraform_data" "x" {\n  input = file("missing.txt")\n}\n'
    outcome, _ = run(tmp_path, broken, broken.replace('"db"', '"other_db"', 1))
    assert found(outcome) == [("destroy", "terraform_data.db")]
    assert outcome.findings[0].proof is None
    assert any("terraform plan fails on base" in one.why for one in outcome.unverified)


def test_a_module_out_of_reach_falls_back_to_the_files(tmp_path):
    remote = 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'
    outcome, _ = run(tmp_path, remote + db(), remote)
    assert found(outcome) == [("destroy", "terraform_data.db")]
    assert any("out of reach" in one.why for one in outcome.unverified)


def test_a_file_that_does_not_parse_is_said(tmp_path):
    outcome, _ = run(tmp_path, db(), db() + "resource {{{\n")
    assert any("does not parse" in one.why for one in outcome.unverified)


def test_an_import_is_undetermined(tmp_path):
    head = (
        db()
        + 'import {\n  to = terraform_data.b\n  id = "x"\n}\nresource "terraform_data" "b" {\n  triggers_replace = "1"\n}\n'
    )
    outcome, _ = run(tmp_path, db(), head)
    assert found(outcome) == []
    assert any(one.what == "terraform_data.b" for one in outcome.unverified)


def test_five_hundred_instances_are_one_finding(tmp_path):
    many = 'resource "terraform_data" "db" {\n  count = 500\n  triggers_replace = "%d"\n}\n'
    outcome, _ = run(tmp_path, many % 1, many % 2)
    (draft,) = outcome.findings
    assert "(500 instances)" in draft.title
    assert len(draft.message) < 3000
