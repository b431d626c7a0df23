# ruff: noqa: E501, E731, UP031 - one change a line
"""Further small changes by the files alone: policies, public access, instances, functions, moves."""

import pytest

from tests.packs.infra_plan.aws_changes import HEADER, MOVED, ROLE, bucket, group, policy, rds, resource
from tests.packs.two_trees import part, verify

R = resource


def docu(princ):
    return (
        'data "aws_iam_policy_document" "p" {\n  statement {\n    actions = ["s3:GetObject"]\n    resources = ["arn:aws:s3:::corp-a/*"]\n    principals {\n      type = "AWS"\n      identifiers = ["%s"]\n    }\n  }\n}\n'
        % princ
        + R("aws_s3_bucket_policy", "p", 'bucket = "corp-a"\npolicy = data.aws_iam_policy_document.p.json')
    )


GSQL = "google_sql_database_instance"
gs = lambda dp, loc="europe-west1": R(
    GSQL,
    "m",
    f'name = "m"\nregion = "{loc}"\ndatabase_version = "POSTGRES_15"\ndeletion_protection = {dp}\nsettings {{\n  tier = "db-f1-micro"\n}}',
)
kms = R(
    "aws_kms_key",
    "k",
    'policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })',
)
EACH_A = bucket("a") + bucket("b")
EACH_B = (
    'locals {\n  names = toset(["a", "b"])\n}\n'
    + 'resource "aws_s3_bucket" "this" {\n  for_each = local.names\n  bucket = "corp-${each.key}"\n}\n'
    + MOVED % ("aws_s3_bucket.a", 'aws_s3_bucket.this["a"]')
    + MOVED % ("aws_s3_bucket.b", 'aws_s3_bucket.this["b"]')
)
EACH = lambda ks: (
    'resource "aws_s3_bucket" "this" {\n  for_each = toset([%s])\n  bucket = "corp-${each.key}"\n}\n'
    % ", ".join(f'"{k}"' for k in ks)
)
CNT = lambda n: (
    'resource "aws_ebs_volume" "v" {\n  count = %d\n  availability_zone = "a"\n  size = 1\n}\n' % n
)
DYN = lambda c: (
    'variable "c" {\n  type = list(string)\n  default = ["%s"]\n}\n' % c
    + 'resource "aws_security_group" "g" {\n  name = "g"\n  dynamic "ingress" {\n    for_each = var.c\n    content {\n      from_port = 5432\n      to_port = 5432\n      protocol = "tcp"\n      cidr_blocks = [ingress.value]\n    }\n  }\n}\n'
)
door = lambda more: R("aws_security_group", "g", 'name = "g"\nvpc_id = "v"\n' + more)
key = lambda days: R("aws_kms_key", "k", "deletion_window_in_days = %d" % days)
FIRST = "\nlifecycle {\n  create_before_destroy = true\n}"
HARM = {
    "group described anew": (door('description = "web"'), door('description = "the web"')),
    "group described at last": (door(""), door('description = "the web"')),
    "port of a target group": (
        R("aws_lb_target_group", "t", 'name = "t"\nport = 80\nprotocol = "HTTP"'),
        R("aws_lb_target_group", "t", 'name = "t"\nport = 8080\nprotocol = "HTTP"'),
    ),
    "encryption added": (
        R("aws_db_instance", "d", 'identifier = "d"'),
        R("aws_db_instance", "d", 'identifier = "d"\nstorage_encrypted = true'),
    ),
    "key deleted sooner": (key(30), key(7)),
    "key deleted sooner than by default": (R("aws_kms_key", "k", ""), key(7)),
    "key removed": (key(30) + bucket("z"), bucket("z")),
    "secret without recovery": (
        R("aws_secretsmanager_secret", "s", 'name = "s"'),
        R("aws_secretsmanager_secret", "s", 'name = "s"\nrecovery_window_in_days = 0'),
    ),
    "tofu file in place of the other": (
        {"infra/main.tf": HEADER, "infra/db.tf": bucket("z"), "infra/db.tofu": bucket("z")},
        {"infra/main.tf": HEADER, "infra/db.tf": bucket("z"), "infra/db.tofu": "# none\n"},
    ),
    "gsql guard": (gs("true"), gs("false")),
    "gsql region": (gs("true"), gs("true", "us-east1")),
    "doc principal": (docu("arn:aws:iam::1:root"), docu("*")),
    "heredoc policy": (
        R(
            "aws_iam_role_policy",
            "p",
            'role = "r"\npolicy = <<EOF\n{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}\nEOF',
        ),
        R(
            "aws_iam_role_policy",
            "p",
            'role = "r"\npolicy = <<EOF\n{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}\nEOF',
        ),
    ),
    "admin attach": (
        R("aws_iam_role", "r", 'name = "r"\n' + ROLE),
        R("aws_iam_role", "r", 'name = "r"\n' + ROLE)
        + R(
            "aws_iam_role_policy_attachment",
            "a",
            'role = aws_iam_role.r.name\npolicy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"',
        ),
    ),
    "trust star": (
        R("aws_iam_role", "r", 'name = "r"\n' + ROLE),
        R(
            "aws_iam_role",
            "r",
            'name = "r"\n' + ROLE.replace('{ Service = "ecs.amazonaws.com" }', '{ AWS = "*" }'),
        ),
    ),
    "lost key": (EACH("ab"), EACH("a")),
    "lost count": (CNT(3), CNT(2)),
    "dynamic static": (DYN("10.0.0.0/8"), DYN("0.0.0.0/0")),
    "force_destroy": (bucket("z", "force_destroy = false"), bucket("z", "force_destroy = true")),
    "removed with destroy": (
        bucket("z") + bucket("y"),
        bucket("y") + "removed {\n  from = aws_s3_bucket.z\n}\n",
    ),
    "azure storage renamed": (
        R("azurerm_storage_account", "s", 'name = "a"\nresource_group_name = "g"\nlocation = "w"'),
        R("azurerm_storage_account", "s", 'name = "b"\nresource_group_name = "g"\nlocation = "w"'),
    ),
    "azure public sql": (
        R(
            "azurerm_mssql_server",
            "s",
            'name = "a"\nresource_group_name = "g"\nlocation = "w"\nversion = "12.0"\npublic_network_access_enabled = false',
        ),
        R(
            "azurerm_mssql_server",
            "s",
            'name = "a"\nresource_group_name = "g"\nlocation = "w"\nversion = "12.0"\npublic_network_access_enabled = true',
        ),
    ),
    "lambda url": (
        R("aws_lambda_function_url", "u", 'function_name = "f"\nauthorization_type = "AWS_IAM"'),
        R("aws_lambda_function_url", "u", 'function_name = "f"\nauthorization_type = "NONE"'),
    ),
    "eks public": (
        R(
            "aws_eks_cluster",
            "c",
            'name = "c"\nrole_arn = "r"\nvpc_config {\n  subnet_ids = ["s"]\n  endpoint_public_access = false\n}',
        ),
        R(
            "aws_eks_cluster",
            "c",
            'name = "c"\nrole_arn = "r"\nvpc_config {\n  subnet_ids = ["s"]\n  endpoint_public_access = true\n  public_access_cidrs = ["0.0.0.0/0"]\n}',
        ),
    ),
    "gsql public": (
        R(
            GSQL,
            "m",
            'name = "m"\nregion = "r"\nsettings {\n  tier = "t"\n  ip_configuration {\n    ipv4_enabled = false\n  }\n}',
        ),
        R(
            GSQL,
            "m",
            'name = "m"\nregion = "r"\nsettings {\n  tier = "t"\n  ip_configuration {\n    ipv4_enabled = true\n    authorized_networks {\n      value = "0.0.0.0/0"\n    }\n  }\n}',
        ),
    ),
    "kms principal star": (kms, kms.replace("arn:aws:iam::123456789012:root", "*")),
    "sse removed": (
        bucket("z")
        + R(
            "aws_s3_bucket_server_side_encryption_configuration",
            "e",
            'bucket = aws_s3_bucket.z.id\nrule {\n  apply_server_side_encryption_by_default {\n    sse_algorithm = "aws:kms"\n  }\n}',
        ),
        bucket("z"),
    ),
    "redshift public": (
        R(
            "aws_redshift_cluster",
            "r",
            'cluster_identifier = "r"\nnode_type = "n"\npublicly_accessible = false',
        ),
        R(
            "aws_redshift_cluster",
            "r",
            'cluster_identifier = "r"\nnode_type = "n"\npublicly_accessible = true',
        ),
    ),
    "aurora engine": (
        R(
            "aws_rds_cluster",
            "c",
            'cluster_identifier = "c"\nengine = "aurora-mysql"\nskip_final_snapshot = false',
        ),
        R(
            "aws_rds_cluster",
            "c",
            'cluster_identifier = "c"\nengine = "aurora-postgresql"\nskip_final_snapshot = false',
        ),
    ),
    "final snapshot": (
        R(
            "aws_rds_cluster",
            "c",
            'cluster_identifier = "c"\nengine = "aurora-mysql"\nskip_final_snapshot = false',
        ),
        R(
            "aws_rds_cluster",
            "c",
            'cluster_identifier = "c"\nengine = "aurora-mysql"\nskip_final_snapshot = true',
        ),
    ),
    "module removed": (
        {"infra/main.tf": 'module "m" {\n  source = "./m"\n}\n', "infra/m/main.tf": bucket("q")},
        {"infra/main.tf": "# none\n"},
    ),
    "module renamed": (
        {"infra/main.tf": 'module "m" {\n  source = "./m"\n}\n', "infra/m/main.tf": bucket("q")},
        {"infra/main.tf": 'module "n" {\n  source = "./m"\n}\n', "infra/m/main.tf": bucket("q")},
    ),
    "format name": (
        'variable "e" {\n  default = "prod"\n}\n'
        + bucket("f").replace('"corp-f"', 'format("%s-%s", var.e, "f")'),
        'variable "e" {\n  default = "live"\n}\n'
        + bucket("f").replace('"corp-f"', 'format("%s-%s", var.e, "f")'),
    ),
    "sg all": (
        group("g", "10.0.0.0/8"),
        R(
            "aws_security_group",
            "g",
            'name = "g"\ningress {\n  from_port = 0\n  to_port = 0\n  protocol = "-1"\n  cidr_blocks = ["0.0.0.0/0"]\n}',
        ),
    ),
    "ssh rule resource": (
        group("g", "10.0.0.0/8"),
        group("g", "10.0.0.0/8")
        + R(
            "aws_security_group_rule",
            "r",
            'type = "ingress"\nfrom_port = 22\nto_port = 22\nprotocol = "tcp"\ncidr_blocks = ["0.0.0.0/0"]\nsecurity_group_id = aws_security_group.g.id',
        ),
    ),
}
CLEAN = {
    "default description written": (door(""), door('description = "Managed by Terraform"')),
    "key deleted later": (key(7), key(30)),
    "default window written": (R("aws_kms_key", "k", ""), key(30)),
    "encryption off written": (
        R("aws_db_instance", "d", 'identifier = "d"'),
        R("aws_db_instance", "d", 'identifier = "d"\nstorage_encrypted = false'),
    ),
    "tf file that OpenTofu leaves out": (
        {"infra/main.tf": HEADER, "infra/db.tf": bucket("z"), "infra/db.tofu": bucket("z")},
        {"infra/main.tf": HEADER, "infra/db.tf": "# none\n", "infra/db.tofu": bucket("z")},
    ),
    "state encrypted": (
        {"infra/main.tofu": HEADER + bucket("z")},
        {
            "infra/main.tofu": HEADER
            + 'terraform {\n  encryption {\n    key_provider "pbkdf2" "k" {\n      passphrase = var.p\n    }\n'
            + '    method "aes_gcm" "m" {\n      keys = key_provider.pbkdf2.k\n    }\n'
            + "    state {\n      method = method.aes_gcm.m\n    }\n  }\n}\n"
            + 'variable "p" {\n  sensitive = true\n}\n'
            + bucket("z")
        },
    ),
    "each refactor": (EACH_A, EACH_B),
    "format refactor": (
        bucket("f"),
        'locals {\n  org = "corp"\n}\n' + bucket("f").replace('"corp-f"', 'format("%s-f", local.org)'),
    ),
    "join lower refactor": (
        bucket("f"),
        'locals {\n  org = "CORP"\n}\n'
        + bucket("f").replace('"corp-f"', 'lower(join("-", [local.org, "f"]))'),
    ),
    "merge tags": (
        bucket("f", 'tags = { a = "b" }'),
        'locals {\n  t = { c = "d" }\n}\n' + bucket("f", 'tags = merge(local.t, { a = "b" })'),
    ),
    "kms idiom": (kms, kms + R("aws_kms_alias", "a", 'name = "alias/k"\ntarget_key_id = aws_kms_key.k.id')),
    "new kms": (bucket("f"), bucket("f") + kms),
    "count added": (bucket("f"), bucket("f", "count = 1")),
    "enabled flag": (
        bucket("f"),
        'variable "on" {\n  type = bool\n  default = true\n}\n' + bucket("f", "count = var.on ? 1 : 0"),
    ),
    "two moves": (
        bucket("f"),
        bucket("f").replace('"f"', '"h"')
        + MOVED % ("aws_s3_bucket.f", "aws_s3_bucket.g")
        + MOVED % ("aws_s3_bucket.g", "aws_s3_bucket.h"),
    ),
    "module move": (
        {"infra/main.tf": 'module "m" {\n  source = "./m"\n}\n', "infra/m/main.tf": bucket("q")},
        {
            "infra/main.tf": 'module "n" {\n  source = "./m"\n}\n' + MOVED % ("module.m", "module.n"),
            "infra/m/main.tf": bucket("q"),
        },
    ),
    "guard by variable": (
        rds("o"),
        'variable "dp" {\n  default = true\n}\n'
        + rds("o").replace("deletion_protection = true", "deletion_protection = var.dp"),
    ),
    "alb": (
        bucket("f"),
        bucket("f")
        + R("aws_lb", "w", 'name = "w"\ninternal = false\nload_balancer_type = "application"')
        + group("w", "0.0.0.0/0", 443)
        + group("x", "0.0.0.0/0", 80),
    ),
    "describe policy": (bucket("f"), bucket("f") + policy("d", "ec2:Describe*", "*")),
    "heredoc to jsonencode": (
        R(
            "aws_iam_role_policy",
            "p",
            'role = "r"\npolicy = <<EOF\n{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}\nEOF',
        ),
        R(
            "aws_iam_role_policy",
            "p",
            'role = "r"\npolicy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })',
        ),
    ),
    "new database": (
        bucket("f"),
        bucket("f")
        + rds("new", "skip_final_snapshot = true")
        .replace("skip_final_snapshot = false\n", "")
        .replace("deletion_protection = true", "deletion_protection = false"),
    ),
    "backup longer": (rds("o"), rds("o").replace("period = 7", "period = 14")),
    "key added": (EACH("a"), EACH("ab")),
    "count up": (CNT(2), CNT(3)),
    "variables file": (
        {"infra/main.tf": rds("o")},
        {
            "infra/main.tf": rds("o").replace('"db.t4g.medium"', "var.c"),
            "infra/variables.tf": 'variable "c" {\n  default = "db.t4g.medium"\n}\n',
        },
    ),
    "engine by local map": (
        rds("o"),
        'locals {\n  db = { engine = "postgres", v = ["16.3"] }\n}\n'
        + rds("o").replace('"postgres"', "local.db.engine").replace('"16.3"', "local.db.v[0]"),
    ),
    "role attach readonly": (
        bucket("f"),
        bucket("f")
        + R(
            "aws_iam_role_policy_attachment",
            "a",
            'role = "r"\npolicy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"',
        ),
    ),
    "doc through data": (docu("arn:aws:iam::1:root"), docu("arn:aws:iam::2:root")),
    "identifier lookup": (
        rds("o"),
        'variable "n" {\n  default = { db = "o" }\n}\n'
        + rds("o").replace('identifier = "o"', 'identifier = lookup(var.n, "db", "x")'),
    ),
    "kms key var": (
        R("aws_ebs_volume", "v", 'availability_zone = "eu-west-1a"\nsize = 1'),
        'variable "az" {\n  default = "eu-west-1"\n}\n'
        + R("aws_ebs_volume", "v", 'availability_zone = "${var.az}a"\nsize = 1'),
    ),
}


@pytest.fixture(autouse=True)
def no_provider(monkeypatch):
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)


def said(place, base, head):
    sides = [code if isinstance(code, dict) else {"infra/main.tf": HEADER + code} for code in (base, head)]
    return verify("infra_plan", place, *sides, {})[0]


@pytest.mark.parametrize("case", HARM)
def test_harm_is_found(tmp_path, case):
    outcome = said(tmp_path, *HARM[case])
    assert outcome.findings
    assert {one.severity for one in outcome.findings} <= {"medium", "high"}


@pytest.mark.parametrize("case", CLEAN)
def test_a_clean_change_is_silent(tmp_path, case):
    assert said(tmp_path, *CLEAN[case]).findings == []


def test_new_before_old_keeps_traffic_up(tmp_path):
    (draft,) = said(tmp_path, door('description = "a"' + FIRST), door('description = "b"' + FIRST)).findings
    assert draft.severity == "low"


def test_lost_instances_are_named(tmp_path):
    (draft,) = said(tmp_path, EACH("abc"), EACH("b")).findings
    assert draft.title == "aws_s3_bucket.this (2 instances) would be destroyed"


def test_what_the_files_do_not_tell_is_undetermined(tmp_path):
    outcome = said(tmp_path, bucket("f"), bucket("f").replace('"corp-f"', "uuidv5(1, 2)"))
    assert outcome.findings == []
    assert any("undetermined" in one.why and "bucket" in one.why for one in outcome.unverified)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("format", ["%s-%d%%", "a", 3], "a-3%"),
        ("join", ["-", ["a", 1, True]], "a-1-true"),
        ("element", [["a", "b"], 3], "b"),
        ("lookup", [{"a": 1}, "b", 2], 2),
        ("flatten", [[[1], [2, [3]]]], [1, 2, 3]),
        ("toset", [["b", "a", "b"]], ["b", "a"]),
        ("coalesce", [None, "", "x"], "x"),
    ],
)
def test_functions_give_what_terraform_gives(name, arguments, result):
    assert part("infra_plan", "functions").apply(name, arguments) == (result,)


@pytest.mark.parametrize(
    ("name", "arguments"), [("format", ["%x", 1]), ("uuid", []), ("lookup", [{}, "a"]), ("split", [1])]
)
def test_what_is_not_understood_stays_unknown(name, arguments):
    assert part("infra_plan", "functions").apply(name, arguments) is None
