"""Override files in the reading of files alone: merged as Terraform does, not read as blocks of their own."""

import pytest

from tests.packs.two_trees import verify

DB = """resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  storage_encrypted       = true
  deletion_protection     = true
  backup_retention_period = 7
  lifecycle {
    prevent_destroy = true
  }
}
"""
OVER = 'resource "aws_db_instance" "orders" {\n  %s\n}\n'


def findings(place, base, head):
    outcome = verify("infra_plan", place, base, head)[0]
    return {one.rule for one in outcome.findings}, outcome


@pytest.mark.parametrize("name", ["override.tf", "zz_override.tf"])
@pytest.mark.parametrize("body", ['instance_class = "db.t3.large"', "backup_retention_period = 14"])
def test_a_harmless_override_is_silent(tmp_path, name, body):
    rules, _ = findings(tmp_path, {"main.tf": DB}, {"main.tf": DB, name: OVER % body})
    assert rules == set()


def test_an_override_may_stay_or_go(tmp_path):
    tags = {"main.tf": DB, "a_override.tf": OVER % 'instance_class = "a"'}
    assert findings(tmp_path / "a", tags, {"main.tf": DB})[0] == set()
    life = {"main.tf": DB, "a_override.tf": OVER % "lifecycle {\n    create_before_destroy = true\n  }"}
    assert findings(tmp_path / "b", {"main.tf": DB}, life)[0] == set()


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("storage_encrypted = false", "infra-replace"),
        ("deletion_protection = false", "infra-guard-dropped"),
        ("lifecycle {\n    prevent_destroy = false\n  }", "infra-guard-dropped"),
    ],
)
def test_what_an_override_changes_is_found(tmp_path, body, rule):
    rules, outcome = findings(tmp_path, {"main.tf": DB}, {"main.tf": DB, "override.tf": OVER % body})
    assert rules == {rule}
    assert {one.location.path for one in outcome.findings} == {"main.tf"}


def test_nested_blocks_replace_those_of_their_type(tmp_path):
    group = 'resource "aws_security_group" "db" {\n  name = "db"\n%s}\n'
    rule = '  ingress {\n    from_port = 22\n    to_port = 22\n    protocol = "tcp"\n    cidr_blocks = ["%s"]\n  }\n'
    closed = {"main.tf": group % (rule % "10.0.0.0/8")}
    over = 'resource "aws_security_group" "db" {\n%s}\n'
    opened = {**closed, "override.tf": over % (rule % "0.0.0.0/0")}
    assert findings(tmp_path / "a", closed, opened)[0] == {"infra-open-port"}
    masked = {"main.tf": group % (rule % "0.0.0.0/0"), "override.tf": over % (rule % "10.0.0.0/8")}
    assert findings(tmp_path / "b", closed, masked)[0] == set()


def test_an_override_of_nothing_is_not_verified(tmp_path):
    outcome = findings(tmp_path, {"main.tf": ""}, {"main.tf": "", "override.tf": DB})[1]
    assert any("overrides no block" in one.why for one in outcome.unverified)
