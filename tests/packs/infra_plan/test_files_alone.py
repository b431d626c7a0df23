# ruff: noqa: E501 - whole configurations stand on one line
"""Configurations whose provider is not at hand: guards, exposure, losses by reading both sides."""

import pytest

from tests.packs.two_trees import verify

DB = """resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  engine_version          = var.engine_version
  storage_encrypted       = true
  publicly_accessible     = false
  deletion_protection     = true
  skip_final_snapshot     = false
  backup_retention_period = 7
  tags                    = { team = "shop" }

  lifecycle {
    prevent_destroy = true
  }
}

variable "engine_version" {
  default = "14.9"
}
"""
GROUP = """resource "aws_security_group" "db" {
  name = "db"
  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
BUCKET = 'resource "aws_s3_bucket" "files" {\n  bucket = "corp-files"\n}\n'
POLICY = (
    'resource "aws_iam_policy" "p" {\n  policy = jsonencode({\n    Version = "2012-10-17"\n    Statement = [{\n'
    '      Effect = "Allow"\n      Action = %s\n      Resource = %s\n    }]\n  })\n}\n'
)
SSH = (
    'resource "aws_vpc_security_group_ingress_rule" "ssh" {\n  security_group_id = "sg"\n  from_port = %d\n  to_port = %d\n'
    '  ip_protocol = "tcp"\n  cidr_ipv4 = "%s"\n}\n'
)
GOOGLE = (
    'resource "google_compute_firewall" "f" {\n  name = "f"\n  network = "n"\n  source_ranges = ["%s"]\n'
    '  allow {\n    protocol = "tcp"\n    ports = ["%s"]\n  }\n}\n'
)
AZURE = (
    'resource "azurerm_network_security_group" "n" {\n  name = "n"\n  security_rule {\n    access = "Allow"\n'
    '    direction = "Inbound"\n    protocol = "Tcp"\n    source_address_prefix = "%s"\n    destination_port_range = "%s"\n  }\n}\n'
)


def run(place, base, head):
    wrapped = [code if isinstance(code, dict) else {"infra/main.tf": code} for code in (base, head)]
    return verify("infra_plan", place, *wrapped)[0]


def found(outcome):
    return sorted((one.rule.removeprefix("infra-"), one.location.symbol) for one in outcome.findings)


ORDERS = "aws_db_instance.orders"
HARM = {
    "engine change": (DB, DB.replace('"postgres"', '"mysql"'), [("replace", ORDERS)]),
    "encryption off": (DB, DB.replace("storage_encrypted       = true", "storage_encrypted = false"), [("replace", ORDERS)]),
    "public": (DB, DB.replace("publicly_accessible     = false", "publicly_accessible = true"), [("public-database", ORDERS)]),
    "protection off": (DB, DB.replace("deletion_protection     = true", "deletion_protection = false"), [("guard-dropped", ORDERS)]),
    "protection line deleted": (DB, DB.replace("  deletion_protection     = true\n", ""), [("guard-dropped", ORDERS)]),
    "no final snapshot": (DB, DB.replace("skip_final_snapshot     = false", "skip_final_snapshot = true"), [("guard-dropped", ORDERS)]),
    "no backups": (DB, DB.replace("period = 7", "period = 0"), [("guard-dropped", ORDERS)]),
    "no prevent_destroy": (DB, DB.replace("prevent_destroy = true", "ignore_changes = [tags]"), [("guard-dropped", ORDERS)]),
    "removed": (DB + BUCKET, DB, [("destroy", "aws_s3_bucket.files")]),
    "renamed": (BUCKET, BUCKET.replace('"files"', '"uploads"'), [("destroy", "aws_s3_bucket.files")]),
    "count zero": (BUCKET, BUCKET.replace("{\n", "{\n  count = 0\n", 1), [("destroy", "aws_s3_bucket.files")]),
    "bucket renamed by a variable": (
        'variable "env" {\n  default = "prod"\n}\n' + BUCKET.replace("corp-files", "corp-${var.env}"),
        'variable "env" {\n  default = "production"\n}\n' + BUCKET.replace("corp-files", "corp-${var.env}"),
        [("replace", "aws_s3_bucket.files")],
    ),
    "open port": (GROUP, GROUP.replace("10.0.0.0/8", "0.0.0.0/0"), [("open-port", "aws_security_group.db")]),
    "open port through a variable": (
        'variable "c" {\n  default = ["10.0.0.0/8"]\n}\n' + GROUP.replace('["10.0.0.0/8"]', "var.c"),
        'variable "c" {\n  default = ["::/0"]\n}\n' + GROUP.replace('["10.0.0.0/8"]', "var.c"),
        [("open-port", "aws_security_group.db")],
    ),
    "open ssh": (GROUP, GROUP + SSH % (22, 22, "0.0.0.0/0"), [("open-port", "aws_vpc_security_group_ingress_rule.ssh")]),
    "open range": (GROUP, GROUP + SSH % (0, 65535, "0.0.0.0/0"), [("open-port", "aws_vpc_security_group_ingress_rule.ssh")]),
    "open in a module by its caller": (
        {
            "infra/main.tf": 'module "m" {\n  source = "./m"\n  cidrs = ["10.0.0.0/8"]\n}\n',
            "infra/m/main.tf": 'variable "cidrs" {}\n' + GROUP.replace('["10.0.0.0/8"]', "var.cidrs"),
        },
        {
            "infra/main.tf": 'module "m" {\n  source = "./m"\n  cidrs = ["0.0.0.0/0"]\n}\n',
            "infra/m/main.tf": 'variable "cidrs" {}\n' + GROUP.replace('["10.0.0.0/8"]', "var.cidrs"),
        },
        [("open-port", "module.m.aws_security_group.db")],
    ),
    "google firewall": (GOOGLE % ("10.0.0.0/8", "3306"), GOOGLE % ("0.0.0.0/0", "3306"), [("open-port", "google_compute_firewall.f")]),
    "azure rule": (AZURE % ("VirtualNetwork", "1433"), AZURE % ("*", "1433"), [("open-port", "azurerm_network_security_group.n")]),
    "public acl": (BUCKET, BUCKET + 'resource "aws_s3_bucket_acl" "a" {\n  acl = "public-read"\n}\n', [("public-bucket", "aws_s3_bucket_acl.a")]),
    "block of public access off": (
        BUCKET + 'resource "aws_s3_bucket_public_access_block" "b" {\n  block_public_policy = true\n}\n',
        BUCKET + 'resource "aws_s3_bucket_public_access_block" "b" {\n  block_public_policy = false\n}\n',
        [("public-bucket", "aws_s3_bucket_public_access_block.b")],
    ),
    "all users": (
        'resource "google_storage_bucket" "b" {\n  name = "b"\n}\n',
        'resource "google_storage_bucket" "b" {\n  name = "b"\n}\nresource "google_storage_bucket_iam_member" "m" {\n'
        '  role = "roles/storage.objectViewer"\n  member = "allUsers"\n}\n',
        [("public-bucket", "google_storage_bucket_iam_member.m")],
    ),
    "no point in time recovery": (
        'resource "aws_dynamodb_table" "t" {\n  name = "t"\n  point_in_time_recovery {\n    enabled = true\n  }\n}\n',
        'resource "aws_dynamodb_table" "t" {\n  name = "t"\n}\n',
        [("guard-dropped", "aws_dynamodb_table.t")],
    ),
    "versioning suspended": (
        BUCKET + 'resource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.files.id\n  versioning_configuration {\n    status = "Enabled"\n  }\n}\n',
        BUCKET + 'resource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.files.id\n  versioning_configuration {\n    status = "Suspended"\n  }\n}\n',
        [("guard-dropped", "aws_s3_bucket_versioning.v")],
    ),
    "public access block removed": (
        BUCKET + 'resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = aws_s3_bucket.files.id\n  block_public_policy = true\n}\n',
        BUCKET,
        [("guard-dropped", "aws_s3_bucket_public_access_block.b")],
    ),
    "protection by environment": (
        'variable "env" {\n  default = "prod"\n}\n' + DB.replace("deletion_protection     = true", 'deletion_protection = var.env == "prod"'),
        'variable "env" {\n  default = "prod"\n}\n' + DB.replace("deletion_protection     = true", 'deletion_protection = var.env == "production" ? true : false'),
        [("guard-dropped", ORDERS)],
    ),
    "every action": (POLICY % ('["s3:GetObject"]', '"arn:x"'), POLICY % ('"*"', '"*"'), [("wide-permission", "aws_iam_policy.p")]),
    "every action in a document": (
        "", 'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["*"]\n    resources = ["*"]\n  }\n}\n',
        [("wide-permission", "data.aws_iam_policy_document.d")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HARM)
def test_harm_is_found(tmp_path, case):
    base, head, expected = HARM[case]
    outcome = run(tmp_path, base or "# nothing\n", head)
    assert found(outcome) == expected


CLEAN = {
    "tags": (DB, DB.replace('team = "shop"', 'team = "web", env = "prod"')),
    "bigger": (DB, DB.replace('"14.9"', '"14.12"')),
    "longer backups": (DB, DB.replace("period = 7", "period = 30")),
    "formatting": (DB + GROUP, DB.replace("  =", " =") + "\n# groups\n" + GROUP),
    "another bucket": (DB, DB + BUCKET),
    "values behind locals": (DB, 'locals {\n  engine = "postgres"\n}\n' + DB.replace('"postgres"', "local.engine")),
    "moved block": (
        BUCKET,
        BUCKET.replace('"files"', '"uploads"') + "moved {\n  from = aws_s3_bucket.files\n  to = aws_s3_bucket.uploads\n}\n",
    ),
    "moved into a module": (
        {"infra/main.tf": BUCKET},
        {
            "infra/main.tf": 'module "m" {\n  source = "./m"\n}\nmoved {\n  from = aws_s3_bucket.files\n  to = module.m.aws_s3_bucket.files\n}\n',
            "infra/m/main.tf": BUCKET,
        },
    ),
    "public web ports": (GROUP, GROUP + SSH % (443, 443, "0.0.0.0/0")),
    "private ssh": (GROUP, GROUP + SSH % (22, 22, "10.0.0.0/8")),
    "split over files": (
        {"infra/main.tf": DB + GROUP.replace("10.0.0.0/8", "0.0.0.0/0")},
        {"infra/db.tf": DB, "infra/network.tf": GROUP.replace("10.0.0.0/8", "0.0.0.0/0")},
    ),
    "an opening that base has too, renamed": (
        GROUP.replace("10.0.0.0/8", "0.0.0.0/0"),
        GROUP.replace("10.0.0.0/8", "0.0.0.0/0").replace('"db" {', '"database" {')
        + "moved {\n  from = aws_security_group.db\n  to = aws_security_group.database\n}\n",
    ),
    "an alarm and a rule less": (
        DB + SSH % (443, 443, "0.0.0.0/0") + 'resource "aws_cloudwatch_metric_alarm" "a" {\n  alarm_name = "a"\n}\n', DB,
    ),
    "narrower policy": (POLICY % ('"*"', '"*"'), POLICY % ('["s3:GetObject"]', '"arn:x"')),
    "a policy for one bucket": (DB, DB + POLICY % ('["s3:*"]', '"arn:aws:s3:::b/*"')),
    "egress stays open": (GROUP, GROUP.replace("5432", "5433")),
}  # fmt: skip


@pytest.mark.parametrize("case", CLEAN)
def test_a_harmless_change_is_silent(tmp_path, case):
    assert found(run(tmp_path, *CLEAN[case])) == []


def test_a_resource_that_is_handed_over_is_told_without_alarm(tmp_path):
    removed = "removed {\n  from = aws_s3_bucket.files\n%s}\n"
    kept = run(tmp_path / "kept", BUCKET, removed % "  lifecycle {\n    destroy = false\n  }\n")
    assert [(one.rule, one.severity) for one in kept.findings] == [("infra-forget", "info")]
    lost = run(tmp_path / "lost", BUCKET, removed % "")
    assert [(one.rule, one.severity) for one in lost.findings] == [("infra-destroy", "high")]


def test_the_mode_and_what_is_missing_are_told(tmp_path):
    outcome = run(tmp_path, DB, DB + BUCKET)
    assert any("static difference" in note for note in outcome.notes)
    assert any("registry.terraform.io/hashicorp/aws" in one.why for one in outcome.unverified)


def test_a_finding_points_at_the_argument(tmp_path):
    outcome = run(tmp_path, DB, DB.replace("publicly_accessible     = false", "publicly_accessible = true"))
    (draft,) = outcome.findings
    assert (draft.location.path, draft.location.line) == ("infra/main.tf", 6)
