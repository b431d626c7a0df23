"""One change a service by the files alone: what keeps data is found, what a provider updates is silent."""

import pytest

from tests.packs.infra_plan.aws_changes import resource
from tests.packs.two_trees import verify

HARM = [
    ("aws_dynamodb_table", 'hash_key = "a"', 'hash_key = "b"', "infra-replace"),
    ("aws_efs_file_system", "encrypted = false", "encrypted = true", "infra-replace"),
    ("azurerm_postgresql_flexible_server", 'location = "w"', 'location = "n"', "infra-replace"),
    ("google_bigquery_dataset", 'location = "EU"', 'location = "US"', "infra-replace"),
    ("google_container_cluster", "deletion_protection = true", "deletion_protection = false", "infra-guard-dropped"),
    ("aws_s3_bucket", "force_destroy = false", "force_destroy = true", "infra-guard-dropped"),
    (
        "azurerm_storage_account", "allow_nested_items_to_be_public = false", "allow_nested_items_to_be_public = true",
        "infra-public-bucket",
    ),
    ("google_storage_bucket_iam_member", 'member = "user:a@b"', 'member = "allUsers"', "infra-public-bucket"),
]  # fmt: skip
HONEST = [
    ("", "lifecycle {\n ignore_changes = [password]\n}"),
    ("", "lifecycle {\n create_before_destroy = true\n}"),
    ('tags = { a = "1" }', 'tags = { a = "2" }'),
    ('instance_class = "x"', 'instance_class = "y"'),
]


def rules(place, kind, before, after):
    sides = [{"i/main.tf": resource(kind, "m", f'name = "m"\n{text}')} for text in (before, after)]
    outcome, _ = verify("infra_plan", place, *sides, {"mirror": str(place / "none")})
    return [one.rule for one in outcome.findings]


@pytest.mark.parametrize(("kind", "before", "after", "rule"), HARM, ids=[f"{h[0]}-{h[3]}" for h in HARM])
def test_harm_is_found(kind, before, after, rule, tmp_path):
    assert rules(tmp_path, kind, before, after) == [rule]


@pytest.mark.parametrize(("before", "after"), HONEST)
def test_what_is_updated_in_place_is_silent(before, after, tmp_path):
    assert rules(tmp_path, "aws_db_instance", before, after) == []
