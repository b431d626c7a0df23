"""Terraform's JSON syntax by the files alone: the same findings as for HCL."""

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.infra_plan.hcl import parse
from checks.infra_plan.json_syntax import JsonReader
from checks.infra_plan.proof import redact
from tests.packs.two_trees import verify

DB = {
    "identifier": "orders", "engine": "postgres", "deletion_protection": True, "allocated_storage": 20,
    "instance_class": "db.t3.small", "availability_zone": "a", "password": "${var.password}", "tags": {"team": "a"},
    "lifecycle": {"prevent_destroy": True},
}  # fmt: skip
GROUP = {
    "name": "g",
    "ingress": [{"from_port": 5432, "to_port": 5432, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]}],
}


def code(database=DB, group=GROUP, name="main", **more):
    content = {"resource": {"aws_db_instance": {name: database}, "aws_security_group": {"g": group}}, **more}
    return {"infra/main.tf.json": json.dumps(content, indent=2)}


def without(*names):
    return {key: value for key, value in DB.items() if key not in names}


OPEN = {**GROUP, "ingress": [{**GROUP["ingress"][0], "cidr_blocks": ["0.0.0.0/0"]}]}
HARM = {
    "renamed": (code(name="store"), "infra-destroy"),
    "guard of terraform": (code(without("lifecycle")), "infra-guard-dropped"),
    "guard of the cloud": (code({**DB, "deletion_protection": False}), "infra-guard-dropped"),
    "availability zone": (code({**DB, "availability_zone": "b"}), "infra-replace"),
    "open port": (code(group=OPEN), "infra-open-port"),
}
HONEST = {
    "tags": code({**DB, "tags": {"team": "b"}}),
    "moved": code(name="store", moved=[{"from": "aws_db_instance.main", "to": "aws_db_instance.store"}]),
    "in another order": code(dict(reversed(DB.items()))),
    "a comment": code(**{"//": "a note"}),
}


@pytest.mark.parametrize("name", HARM)
def test_harm_is_found(name, tmp_path):
    head, rule = HARM[name]
    outcome, _ = verify("infra_plan", tmp_path, code(), head, {"mirror": str(tmp_path)})
    assert [one.rule for one in outcome.findings] == [rule], (outcome.unverified, outcome.notes)
    assert outcome.findings[0].location.path == "infra/main.tf.json"
    assert outcome.findings[0].location.line > 1


@pytest.mark.parametrize("name", HONEST)
def test_look_alikes_are_silent(name, tmp_path):
    outcome, _ = verify("infra_plan", tmp_path, code(), HONEST[name], {"mirror": str(tmp_path)})
    assert list(outcome.findings) == []


def test_values_in_json_reach_the_resources(tmp_path):
    base = code({**DB, "availability_zone": "${var.name}"}, variable={"name": {"type": "string"}})
    sides = [{**base, "infra/terraform.tfvars.json": json.dumps({"name": name})} for name in ("a", "b")]
    outcome, _ = verify("infra_plan", tmp_path, *sides, {"mirror": str(tmp_path)})
    assert [one.rule for one in outcome.findings] == ["infra-replace"]


@pytest.mark.parametrize(
    "text", ["{", '{"resource": 3}', '{"resource": {"a": [{"b": [[1]]}]}}', "{}", '{"locals": "x"}']
)
def test_bad_input_is_an_error_or_nothing(text):
    parsed = parse({"x": text})
    assert set(parsed.files) | set(parsed.errors) == {"x"}


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
NAMES = st.sampled_from(["resource", "moved", "lifecycle", "dynamic", "a", "${b"]) | st.text(max_size=4)
ANYTHING = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(NAMES, x, max_size=3), max_leaves=8
)


@given(ANYTHING)
def test_no_json_is_too_odd(value):
    text = json.dumps({"resource": {"t": {"n": value}}, "locals": value})
    blocks = JsonReader(text, lambda source: {"kind": "other", "text": source}).blocks()
    assert all(block["line"] >= 1 for block in blocks)


def test_a_secret_in_json_is_in_no_proof():
    text = json.dumps({"resource": {"a": {"b": {"master_password": 'hu"nter', "name": "n"}}}})
    kept = redact(text)
    assert "nter" not in kept
    assert json.loads(kept)["resource"]["a"]["b"]["name"] == "n"


@pytest.mark.terraform
@pytest.mark.skipif(not shutil.which("terraform"), reason="no terraform")
def test_a_root_in_json_is_replayed(tmp_path):
    sides = [
        {
            "infra/main.tf.json": json.dumps(
                {"resource": {"terraform_data": {"d": {"triggers_replace": [mark]}}}}
            )
        }
        for mark in ("a", "b")
    ]
    outcome, _ = verify("infra_plan", tmp_path, *sides)
    assert [(one.rule, one.certainty) for one in outcome.findings] == [("infra-replace", "certain")]
    assert any("plan-on-plan replay" in note for note in outcome.notes)
