"""Plans that were made elsewhere."""

import json

import pytest

from harness.check.interface import CheckFailed
from tests.packs.two_trees import verify

BUCKET = 'resource "aws_s3_bucket" "files" {\n  bucket = "corp-a"\n}\n'
HEAD = BUCKET.replace("corp-a", "corp-b")


def change(address, actions, before=None, after=None, **more):
    kind, name = address.split("[")[0].split(".")[-2:]
    inner = {"actions": actions, "before": before, "after": after, **more}
    return {"address": address, "mode": "managed", "type": kind, "name": name, "change": inner}


def given(place, changes, settings=None, base=BUCKET, head=HEAD):
    path = place / "plan.json"
    path.write_text(
        json.dumps({"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": changes})
    )
    sides = [{"infra/main.tf": code} for code in (base, head)]
    return verify("infra_plan", place / "trees", *sides, {"plan": str(path), **(settings or {})})[0]


def test_a_given_plan_is_the_best_evidence(tmp_path):
    replaced = change("aws_s3_bucket.files", ["delete", "create"], {"bucket": "a"}, {"bucket": "b"},
                      replace_paths=[["bucket"]])  # fmt: skip
    outcome = given(tmp_path, [replaced])
    (draft,) = outcome.findings
    assert (draft.rule, draft.certainty, draft.proof) == ("infra-replace", "certain", None)
    assert any("evidence from the given plan" in note for note in outcome.notes)


def test_five_thousand_resources_are_read(tmp_path):
    many = [
        change(f"aws_s3_bucket.files[{n}]", ["delete", "create"], {"bucket": "a"}, {"bucket": "b"},
               replace_paths=[["bucket"]])
        for n in range(5000)
    ]  # fmt: skip
    outcome = given(tmp_path, many)
    (draft,) = outcome.findings
    assert "(5000 instances)" in draft.title
    assert len(draft.message) < 4000


def test_exposure_in_the_planned_values_counts(tmp_path):
    after = {"ingress": [{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}]}
    outcome = given(
        tmp_path,
        [change("aws_s3_bucket.files", ["no-op"]), change("aws_security_group.g", ["create"], None, after)],
    )
    assert [one.rule for one in outcome.findings] == ["infra-open-port"]


def test_secrets_of_the_plan_are_left_out(tmp_path):
    marks = {"before_sensitive": {"bucket": True}, "after_sensitive": {"bucket": True}}
    replaced = change("aws_s3_bucket.files", ["delete", "create"], {"bucket": "t0p"}, {"bucket": "s3cret"},
                      replace_paths=[["bucket"]], **marks)  # fmt: skip
    outcome = given(tmp_path, [replaced])
    said = (
        outcome.findings[0].message
        + (outcome.findings[0].detail or "")
        + "".join(f.svg for f in outcome.figures)
    )
    assert "t0p" not in said
    assert "s3cret" not in said


def test_a_plan_of_something_else_is_not_used(tmp_path):
    outcome = given(tmp_path, [change("aws_vpc.other", ["delete"], {})])
    assert any("speaks of no root module" in one.why for one in outcome.unverified)


@pytest.mark.parametrize("text", ["PK\x03\x04", "[]", '{"resource_changes": 3}', "[" * 100000])
def test_what_is_no_plan_is_refused_with_a_sentence(tmp_path, text):
    (tmp_path / "p").write_text(text)
    sides = [{"infra/main.tf": code} for code in (BUCKET, BUCKET + "\n")]
    with pytest.raises(CheckFailed, match="plan file p"):
        verify("infra_plan", tmp_path / "trees", *sides, {"plan": str(tmp_path / "p")})


def test_a_plan_that_the_change_ships_proves_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.json").write_text("{}")
    sides = [{"infra/main.tf": code, "plan.json": "{}"} for code in (BUCKET, BUCKET + "\n")]
    with pytest.raises(CheckFailed, match="part of the change itself"):
        verify("infra_plan", tmp_path / "trees", *sides, {"plan": "plan.json"})
