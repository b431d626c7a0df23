# ruff: noqa: E501 - whole configurations stand on one line
"""Replays with a provider that speaks the real protocol and reaches no cloud."""

import json
import shutil

import pytest

from harness.check.interface import Limits
from tests.packs.infra_plan.provider.mirror import HEADER, mirror, plan
from tests.packs.two_trees import TwoTrees, part, verdicts

pytestmark = [
    pytest.mark.terraform,
    pytest.mark.skipif(not (shutil.which("terraform") or shutil.which("tofu")), reason="no terraform"),
]


def db(name="d", more="", label="d", version="14"):
    return f'resource "acme_database" "{label}" {{\n  name = "{name}"\n  engine_version = "{version}"\n  storage_gb = 10\n  {more}\n}}\n'


DB = db()
NET = 'resource "acme_network" "n" {\n  cidr = "10.0.0.0/16"\n}\n'
RECORD = 'resource "acme_dns_record" "r" {\n  name = acme_database.d.endpoint\n  value = "x"\n}\n'
IMAGE = 'data "acme_image" "i" {\n  filter = "u22"\n}\nresource "acme_server" "s" {\n  image = data.acme_image.i.id\n  anything = { a = [1, "b"], z = data.acme_image.i.zones }\n}\n'
MODULE = 'variable "name" {\n  type = string\n}\nterraform {\n  required_providers {\n    acme = { source = "registry.acme.test/acme/acme" }\n  }\n}\nresource "acme_bucket" "b" {\n  name = var.name\n}\n'
GROUP = 'variable "open" {\n  type = list(string)\n  default = ["10.0.0.0/8"]\n}\nresource "aws_security_group" "g" {\n  name = "g"\n  dynamic "ingress" {\n    for_each = { for c in var.open : c => 5432 }\n    content {\n      from_port = ingress.value\n      to_port = ingress.value\n      protocol = "tcp"\n      cidr_blocks = [ingress.key]\n    }\n  }\n}\n'


def found(outcome):
    return sorted(
        (one.rule.removeprefix("infra-"), one.location.symbol, one.certainty) for one in outcome.findings
    )


def replayed(outcome):
    return any("plan-on-plan replay" in note for note in outcome.notes)


def with_module(calls, module=MODULE):
    return {"infra/main.tf": HEADER + calls, "infra/m/main.tf": module}


HARM = {
    "replaced": (DB, db("e"), [("replace", "acme_database.d", "certain")]),
    "with what depends on it": (DB + RECORD, db("e") + RECORD, [("replace", "acme_database.d", "certain")]),
    "create before destroy": (db(more="lifecycle {\n create_before_destroy = true\n}"), db("e", "lifecycle {\n create_before_destroy = true\n}"), [("replace", "acme_database.d", "certain")]),
    "a value that only the cloud knows is set": (DB, db(more='allocated_zone = "b"'), [("replace", "acme_database.d", "conditional")]),
    "a list with an unknown becomes known": (NET + db(more="subnets = [acme_network.n.id]"), NET + db(more='subnets = ["s-1"]'), [("replace", "acme_database.d", "conditional")]),
    "a list with an unknown loses a known one": (NET + db(more='subnets = [acme_network.n.id, "s-1"]'), NET + db(more='subnets = [acme_network.n.id, "s-2"]'), [("replace", "acme_database.d", "certain")]),
    "a data source reads another object": (IMAGE, IMAGE.replace("u22", "u24"), [("replace", "acme_server.s", "conditional")]),
    "the type of a dynamic value": (IMAGE, IMAGE.replace('"b"]', '"c"]'), [("replace", "acme_server.s", "certain")]),
    "count shrinks": (DB.replace("{\n", "{\n  count = 2\n", 1), DB.replace("{\n", "{\n  count = 1\n", 1), [("destroy", "acme_database.d[1]", "certain")]),
    "a key of for_each": (
        'resource "acme_bucket" "b" {\n  for_each = toset(["a", "b.c"])\n  name = each.key\n}\n', 'resource "acme_bucket" "b" {\n  for_each = toset(["a"])\n  name = each.key\n}\n',
        [("destroy", 'acme_bucket.b["b.c"]', "certain")],
    ),
    "a name inside a module": (with_module('module "m" {\n  source = "./m"\n  name = "a"\n}\n'), with_module('module "m" {\n  source = "./m"\n  name = "b"\n}\n'), [("replace", "module.m.acme_bucket.b", "certain")]),
    "one of several modules": (
        with_module('module "m" {\n  source = "./m"\n  for_each = toset(["x", "y"])\n  name = each.key\n}\n'), with_module('module "m" {\n  source = "./m"\n  for_each = toset(["x"])\n  name = each.key\n}\n'),
        [("destroy", 'module.m["y"].acme_bucket.b', "certain")],
    ),
    "a module removed": (with_module('module "m" {\n  source = "./m"\n  name = "a"\n}\n' + DB), with_module(DB), [("destroy", "module.m.acme_bucket.b", "certain")]),
    "renamed without moved": (DB, db(label="main"), [("destroy", "acme_database.d", "certain")]),
    "replace_triggered_by": (NET + db(more="lifecycle {\n replace_triggered_by = [acme_network.n]\n}"), NET.replace("10.0", "10.1") + db(more="lifecycle {\n replace_triggered_by = [acme_network.n]\n}"), [("replace", "acme_network.n", "certain")]),
    "through a dynamic block": (GROUP, GROUP.replace("10.0.0.0/8", "0.0.0.0/0"), [("open-port", "aws_security_group.g", "certain")]),
    "a guard through a function": (db(more='deletion_protection = tobool(lower("TRUE"))'), db(more='deletion_protection = tobool(lower("FALSE"))'), [("guard-dropped", "acme_database.d", "certain")]),
    "with a backend of its own": ('terraform {\n  backend "s3" {\n    bucket = "b"\n  }\n}\n' + DB, 'terraform {\n  backend "s3" {\n    bucket = "b"\n  }\n}\n' + db("e"), [("replace", "acme_database.d", "certain")]),
    "with a cloud block": ('terraform {\n  cloud {\n    organization = "o"\n  }\n}\n' + DB, 'terraform {\n  cloud {\n    organization = "o"\n  }\n}\n' + db("e"), [("replace", "acme_database.d", "certain")]),
    "of the second configuration of a provider": (
        'provider "acme" {\n  alias = "eu"\n  region = "eu"\n}\n' + db(more="provider = acme.eu"), 'provider "acme" {\n  alias = "eu"\n  region = "eu"\n}\n' + db("e", "provider = acme.eu"),
        [("replace", "acme_database.d", "certain")],
    ),
    "keys that another resource tells": (
        DB + 'resource "acme_bucket" "b" {\n  for_each = toset([acme_database.d.endpoint])\n  name = "b"\n}\n', DB + 'resource "acme_bucket" "b" {\n  for_each = toset([acme_database.d.endpoint])\n  name = "c"\n}\n',
        [("replace", 'acme_bucket.b["harness-', "certain")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HARM)
def test_harm_is_found(tmp_path, case):
    base, head, expected = HARM[case]
    outcome, context = plan(tmp_path, base, head)
    assert replayed(outcome), outcome.unverified
    said = found(outcome)
    assert [(r, s[: len(e[1])], c) for (r, s, c), e in zip(said, expected, strict=True)] == expected
    (draft,) = outcome.findings
    if draft.certainty == "conditional":
        assert draft.severity in ("medium", "low")
    if draft.proof is not None:
        assert verdicts(context, draft) == {"base": True, "head": False}


CLEAN = {
    "a version and tags": (DB + RECORD, db(version="16", more='tags = { a = "b" }') + RECORD),
    "another resource": (DB, DB + NET),
    "moved": (DB, db(label="main") + "moved {\n  from = acme_database.d\n  to = acme_database.main\n}\n"),
    "moved into a module": (
        with_module('resource "acme_bucket" "b" {\n  name = "a"\n}\n'),
        with_module('module "m" {\n  source = "./m"\n  name = "a"\n}\nmoved {\n  from = acme_bucket.b\n  to = module.m.acme_bucket.b\n}\n'),
    ),
    "moved to a key": (
        'resource "acme_bucket" "b" {\n  count = 1\n  name = "a"\n}\n',
        'resource "acme_bucket" "b" {\n  for_each = toset(["a"])\n  name = each.key\n}\nmoved {\n  from = acme_bucket.b[0]\n  to = acme_bucket.b["a"]\n}\n',
    ),
    "forgotten, not destroyed": (DB + NET, DB + "removed {\n  from = acme_network.n\n  lifecycle {\n    destroy = false\n  }\n}\n"),
    "values behind locals and functions": (DB + IMAGE, 'locals {\n  n = lower("D")\n}\n' + DB.replace('"d"\n  engine', "local.n\n  engine") + IMAGE),
    "a longer count": (DB.replace("{\n", "{\n  count = 1\n", 1), DB.replace("{\n", "{\n  count = 3\n", 1)),
    "collections that the provider fills": (
        'resource "acme_bucket" "b" {\n  name = "a"\n}\n' + DB, 'resource "acme_bucket" "b" {\n  name = "a"\n  acl = "private"\n}\n' + DB,
    ),
    "a private range more": (GROUP, GROUP.replace('["10.0.0.0/8"]', '["10.0.0.0/8", "192.168.0.0/16"]')),
    "an unknown that stays": (NET + db(more="network_id = acme_network.n.id"), NET + db(more="network_id = acme_network.n.id", version="15")),
}  # fmt: skip


@pytest.mark.parametrize("case", CLEAN)
def test_a_clean_change_is_silent(tmp_path, case):
    outcome, _ = plan(tmp_path, *CLEAN[case])
    assert replayed(outcome), outcome.unverified
    assert found(outcome) == []


def test_protocol_5_is_spoken_too(tmp_path):
    outcome, _ = plan(tmp_path, DB + RECORD + IMAGE, db("e") + RECORD + IMAGE, marks=("ACME_FIVE",))
    assert replayed(outcome), outcome.unverified
    assert found(outcome) == [("replace", "acme_database.d", "certain")]
    assert "With name left as it is, the plan leaves it in place" in outcome.findings[0].message
    assert "acme_dns_record.r" in outcome.findings[0].message


def test_the_proof_holds_state_counterfactual_and_script(tmp_path):
    bound = 'resource "acme_bucket" "b" {\n  name = "%s"\n  acl = "%s"\n}\n'
    outcome, _ = plan(tmp_path, DB + bound % ("a", "p"), db("e") + bound % ("b", "q"))
    assert {one.location.symbol for one in outcome.findings} == {"acme_database.d", "acme_bucket.b"}
    for draft in outcome.findings:
        assert "With name left as it is" in draft.message
        assert "counterfactual.json" in draft.proof.files
        assert draft.proof.probe.request["seed"]["state"]["resources"]
        assert "harness reproduce" in draft.proof.files["replay.sh"].decode()


def test_each_side_has_its_own_version_of_the_provider(tmp_path):
    mirror(tmp_path / "mirror", "1.0.0")
    mirror(tmp_path / "mirror", "2.0.0")
    sides = [
        HEADER.replace('acme/acme" }\n    aws', f'acme/acme", version = "{v}" }}\n    aws')
        for v in ("~> 1.0", "~> 2.0")
    ]
    outcome, context = plan(tmp_path, {"infra/main.tf": sides[0] + DB}, {"infra/main.tf": sides[1] + db("e")})
    assert found(outcome) == [("replace", "acme_database.d", "certain")]
    request = next(one.request for one in context.probes if one.entry == "plan.py")
    programs = [request["providers"][side][0]["program"] for side in ("base", "head")]
    assert [program.rsplit("_", 1)[1] for program in programs] == ["v1.0.0", "v2.0.0"]


def test_a_lock_that_names_another_version_is_said(tmp_path):
    lock = 'provider "registry.acme.test/acme/acme" {\n  version = "9.0.0"\n}\n'
    sides = [{"infra/main.tf": HEADER + code, "infra/.terraform.lock.hcl": lock} for code in (DB, db("e"))]
    outcome, _ = plan(tmp_path, *sides)
    assert found(outcome) == [("replace", "acme_database.d", "certain")]
    assert any("9.0.0 is locked, 1.0.0 is at hand and was used" in note for note in outcome.notes)


def test_a_provider_that_crashes_leaves_the_files_and_says_so(tmp_path):
    outcome, _ = plan(tmp_path, DB + NET, DB, marks=("ACME_CRASH",))
    assert not replayed(outcome)
    assert any("crashed" in one.why and "files alone" in one.why for one in outcome.unverified)
    assert not outcome.failed


def test_a_provider_that_hangs_ends_with_the_time(tmp_path):
    place = mirror(tmp_path / "mirror", marks=("ACME_HANG",))
    sides = [{"infra/main.tf": HEADER + code} for code in (DB, db("e"))]
    context = TwoTrees("infra_plan", tmp_path / "trees", *sides, {"mirror": str(place)})
    context.limits = Limits(wall_seconds=25)
    outcome = part("infra_plan", "check").check(context)
    assert any("files alone" in one.why for one in outcome.unverified)


def test_nothing_reaches_the_cloud_and_nothing_is_applied(tmp_path):
    outcome, _ = plan(tmp_path, DB + IMAGE, db("e") + IMAGE)
    assert not list((tmp_path / "mirror").rglob("APPLIED"))
    assert any("acme_image can only be read in the cloud" in one.why for one in outcome.unverified)
    assert any("without its cloud the provider says: no network" in note for note in outcome.notes)


def test_commands_of_the_change_do_not_run(tmp_path):
    mark = tmp_path / "ran"
    evil = f'resource "terraform_data" "t" {{\n  provisioner "local-exec" {{\n    command = "touch {mark}"\n  }}\n}}\ndata "external" "x" {{\n  program = ["touch", "{mark}"]\n}}\n'
    outcome, _ = plan(tmp_path, DB, db("e") + evil)
    assert not mark.exists()
    assert any("hashicorp/external" in one.why for one in outcome.unverified)


def test_an_import_is_undetermined_and_no_finding(tmp_path):
    head = (
        DB
        + 'import {\n  to = acme_bucket.b\n  id = "there"\n}\nresource "acme_bucket" "b" {\n  name = "there"\n}\n'
    )
    outcome, _ = plan(tmp_path, DB, head)
    assert found(outcome) == []
    assert any(one.what == "acme_bucket.b" and "imported" in one.why for one in outcome.unverified)


def test_a_variable_without_value_is_named(tmp_path):
    code = 'variable "size" {\n  type = number\n}\n' + DB.replace("storage_gb = 10", "storage_gb = var.size")
    outcome, _ = plan(tmp_path, code, code.replace('"14"', '"15"'))
    assert found(outcome) == []
    assert any("needs_input: size" in one.why for one in outcome.unverified)


def test_secrets_are_nowhere(tmp_path):
    base = db(more='password = "hunter2hunter2"')
    outcome, _ = plan(tmp_path, base, base.replace("hunter2hunter2", "correct-horse"))
    (draft,) = outcome.findings
    assert "password: (sensitive) → (sensitive)" in draft.message
    texts = [draft.message, draft.detail or "", *(f.svg for f in outcome.figures), *outcome.notes]
    texts += [content.decode() for content in draft.proof.files.values()]
    assert not [text for text in texts if "hunter2" in text or "correct-horse" in text]


def state(password="s3cr3t-in-state", zone="a"):
    attributes = {"name": "d", "engine_version": "14", "storage_gb": 10, "allocated_zone": zone, "password": password,
                  "id": "db-1", "endpoint": "db.acme.test", "port": 5432, "replica_ids": []}  # fmt: skip
    resource = {"mode": "managed", "type": "acme_database", "name": "d", "provider": 'provider["registry.acme.test/acme/acme"]',
                "instances": [{"schema_version": 1, "attributes": attributes}]}  # fmt: skip
    return json.dumps(
        {
            "version": 4,
            "terraform_version": "9.9.9",
            "serial": 1,
            "lineage": "l",
            "outputs": {},
            "resources": [resource],
        }
    )


@pytest.mark.parametrize(
    ("zone", "expected"), [("b", []), ("a", [("replace", "acme_database.d", "certain")])]
)
def test_a_real_state_answers_the_question(tmp_path, monkeypatch, zone, expected):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "real.tfstate").write_text(state(zone=zone))
    keep = 'password = "s3cr3t-in-state"\n'
    outcome, context = plan(
        tmp_path,
        db(more=keep),
        db(more=keep + 'allocated_zone = "b"'),
        {"state": str(tmp_path / "real.tfstate")},
    )
    assert found(outcome) == expected
    assert any("on the given state" in note for note in outcome.notes)
    for draft in outcome.findings:
        assert verdicts(context, draft) == {"base": True, "head": False}
        assert "state.json" not in draft.proof.files
        assert not [name for name, content in draft.proof.files.items() if b"s3cr3t" in content]


def test_what_base_itself_would_destroy_is_undetermined(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "real.tfstate").write_text(state(password=None))
    outcome, _ = plan(
        tmp_path, db("other"), db("other", version="15"), {"state": str(tmp_path / "real.tfstate")}
    )
    assert found(outcome) == []
    assert any("undetermined" in one.why and one.what == "acme_database.d" for one in outcome.unverified)


def test_a_schema_that_base_was_told_serves_every_later_replay_that_needs_no_other_type(tmp_path):
    outcome, context = plan(tmp_path, DB, db("e"))
    (draft,) = outcome.findings
    (kept,) = draft.proof.probe.request["seed"]["schemas"].values()
    assert "acme_unused_7" in kept["left"]
    assert "acme_database" not in kept["left"]
    assert verdicts(context, draft) == {"base": True, "head": False}


def test_a_type_that_base_does_not_use_is_asked_for(tmp_path):
    outcome, _ = plan(tmp_path, DB, db("e") + 'resource "acme_bucket" "b" {\n  name = "a"\n}\n')
    assert found(outcome) == [("replace", "acme_database.d", "certain")]


def test_a_provider_that_does_not_say_so_is_always_asked_first():
    schema, protobuf = part("infra_plan", "guest.provider.schema"), part("infra_plan", "guest.wire.protobuf")
    assert not schema.is_optional(protobuf.encode([(1, b"")]))
    assert not schema.is_optional(protobuf.encode([(6, protobuf.encode([(1, 1)]))]))
    assert schema.is_optional(protobuf.encode([(6, protobuf.encode([(2, 1)]))]))
