# ruff: noqa: E501 - one change a line
"""Small changes to AWS resources, each alone on its resource: (base, head, what must be said of it).

``None`` stands for nothing; else a rule and the address that the finding must name.
"""

HEADER = """terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
  backend "s3" {
    bucket = "state"
    key    = "prod"
    region = "eu-west-1"
  }
}
provider "aws" {
  region = "eu-west-1"
}
"""


def resource(kind: str, name: str, body: str) -> str:
    lines = "\n".join("  " + line for line in body.strip().splitlines())
    return f'resource "{kind}" "{name}" {{\n{lines}\n}}\n'


def rds(name: str, body: str = "") -> str:
    return resource("aws_db_instance", name, f"""identifier = "{name}"
engine = "postgres"
engine_version = "16.3"
instance_class = "db.t4g.medium"
allocated_storage = 50
username = "app"
manage_master_user_password = true
storage_encrypted = true
skip_final_snapshot = false
final_snapshot_identifier = "{name}-final"
backup_retention_period = 7
deletion_protection = true
{body}""")  # fmt: skip


def table(name: str, key: str = "id", body: str = "") -> str:
    return resource("aws_dynamodb_table", name, f"""name = "{name}"
billing_mode = "PAY_PER_REQUEST"
hash_key = "{key}"
attribute {{
  name = "{key}"
  type = "S"
}}
{body}""")  # fmt: skip


def group(name: str, cidr: str, port: int = 5432) -> str:
    return resource("aws_security_group", name, f"""name = "{name}"
ingress {{
  from_port = {port}
  to_port = {port}
  protocol = "tcp"
  cidr_blocks = ["{cidr}"]
}}""")  # fmt: skip


def policy(name: str, action: str, target: str) -> str:
    return resource(
        "aws_iam_policy",
        name,
        f"""name = "{name}"
policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "{action}", Resource = "{target}" }}] }})""",
    )


def bucket(name: str, body: str = "") -> str:
    return resource("aws_s3_bucket", name, f'bucket = "corp-{name.replace("_", "-")}"\n{body}')


def cache(name: str, body: str = "") -> str:
    return resource("aws_elasticache_replication_group", name, f"""replication_group_id = "{name}"
description = "sessions"
node_type = "cache.t4g.small"
num_cache_clusters = 2
at_rest_encryption_enabled = true
snapshot_retention_limit = 5
{body}""")  # fmt: skip


MOVED = "moved {\n  from = %s\n  to   = %s\n}\n"
ROLE = 'assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs.amazonaws.com" } }] })'
GUARD = "lifecycle {\n  prevent_destroy = true\n}"

HARM: dict[str, tuple[str, str, tuple[str, str]]] = {
    "encryption off": (rds("orders"), rds("orders").replace("storage_encrypted = true", "storage_encrypted = false"), ("replace", "aws_db_instance.orders")),
    "engine of a database": (
        rds("shop"),
        rds("shop").replace('engine = "postgres"', 'engine = "mysql"').replace("16.3", "8.0.39"),
        ("replace", "aws_db_instance.shop"),
    ),
    "key of a table": (table("carts"), table("carts", "cart_id"), ("replace", "aws_dynamodb_table.carts")),
    "bucket name": (bucket("uploads"), bucket("uploads").replace("corp-uploads", "corp-files"), ("replace", "aws_s3_bucket.uploads")),
    "volume in another zone": (
        resource("aws_ebs_volume", "disk", 'availability_zone = "eu-west-1a"\nsize = 100\nencrypted = true'),
        resource("aws_ebs_volume", "disk", 'availability_zone = "eu-west-1b"\nsize = 100\nencrypted = true'), ("replace", "aws_ebs_volume.disk"),
    ),
    "file system's mode": (
        resource("aws_efs_file_system", "home", 'creation_token = "home"\nencrypted = true\nperformance_mode = "generalPurpose"'),
        resource("aws_efs_file_system", "home", 'creation_token = "home"\nencrypted = true\nperformance_mode = "maxIO"'), ("replace", "aws_efs_file_system.home"),
    ),
    "cache without encryption": (cache("sessions"), cache("sessions").replace("at_rest_encryption_enabled = true", "at_rest_encryption_enabled = false"), ("replace", "aws_elasticache_replication_group.sessions")),
    "zone's name": (resource("aws_route53_zone", "corp", 'name = "corp.test"'), resource("aws_route53_zone", "corp", 'name = "corp.example"'), ("replace", "aws_route53_zone.corp")),
    "key removed": (resource("aws_kms_key", "data", 'description = "data"'), "", ("destroy", "aws_kms_key.data")),
    "table renamed without moved": (table("events"), table("events").replace('"aws_dynamodb_table" "events"', '"aws_dynamodb_table" "event_log"'), ("destroy", "aws_dynamodb_table.events")),
    "database port open": (group("db", "10.0.0.0/8"), group("db", "0.0.0.0/0"), ("open-port", "aws_security_group.db")),
    "database public": (rds("crm", "publicly_accessible = false"), rds("crm", "publicly_accessible = true"), ("public-database", "aws_db_instance.crm")),
    "no backups": (rds("hr"), rds("hr").replace("backup_retention_period = 7", "backup_retention_period = 0"), ("guard-dropped", "aws_db_instance.hr")),
    "deletion protection off": (rds("tax"), rds("tax").replace("deletion_protection = true", "deletion_protection = false"), ("guard-dropped", "aws_db_instance.tax")),
    "prevent_destroy gone": (bucket("archive", GUARD), bucket("archive"), ("guard-dropped", "aws_s3_bucket.archive")),
    "every right": (policy("deploy", "s3:GetObject", "arn:aws:s3:::a/*"), policy("deploy", "*", "*"), ("wide-permission", "aws_iam_policy.deploy")),
}  # fmt: skip
CLEAN: dict[str, tuple[str, str]] = {
    "bigger class": (rds("orders2"), rds("orders2").replace("db.t4g.medium", "db.t4g.large")),
    "identifier, renamed in place": (rds("shop3"), rds("shop3").replace('identifier = "shop3"', 'identifier = "store3"')),
    "more storage and tags": (rds("shop2"), rds("shop2", 'tags = { team = "shop" }').replace("allocated_storage = 50", "allocated_storage = 100")),
    "another table": (table("carts2"), table("carts2") + table("orders3")),
    "recovery added": (table("pitr"), table("pitr", body="point_in_time_recovery {\n  enabled = true\n}")),
    "volume grows": (
        resource("aws_ebs_volume", "disk2", 'availability_zone = "eu-west-1a"\nsize = 100\nencrypted = true'),
        resource("aws_ebs_volume", "disk2", 'availability_zone = "eu-west-1a"\nsize = 200\nencrypted = true'),
    ),
    "file system's throughput": (
        resource("aws_efs_file_system", "home2", 'creation_token = "home2"\nencrypted = true'),
        resource("aws_efs_file_system", "home2", 'creation_token = "home2"\nencrypted = true\nthroughput_mode = "elastic"'),
    ),
    "cache's node type": (cache("sessions2"), cache("sessions2").replace("cache.t4g.small", "cache.t4g.medium")),
    "record's address": (
        resource("aws_route53_zone", "corp2", 'name = "corp2.test"') + resource("aws_route53_record", "www", 'zone_id = aws_route53_zone.corp2.zone_id\nname = "www"\ntype = "A"\nttl = 60\nrecords = ["192.0.2.1"]'),
        resource("aws_route53_zone", "corp2", 'name = "corp2.test"') + resource("aws_route53_record", "www", 'zone_id = aws_route53_zone.corp2.zone_id\nname = "www"\ntype = "A"\nttl = 300\nrecords = ["192.0.2.2"]'),
    ),
    "key's description and rotation": (
        resource("aws_kms_key", "data2", 'description = "data"'), resource("aws_kms_key", "data2", 'description = "data of the shop"\nenable_key_rotation = true'),
    ),
    "table renamed with moved": (
        table("events2"), table("events2").replace('"aws_dynamodb_table" "events2"', '"aws_dynamodb_table" "log2"') + MOVED % ("aws_dynamodb_table.events2", "aws_dynamodb_table.log2"),
    ),
    "public web port": (group("web2", "10.0.0.0/8", 443), group("web2", "0.0.0.0/0", 443)),
    "wider private range": (group("db2", "10.1.0.0/16"), group("db2", "10.0.0.0/8")),
    "role's description": (resource("aws_iam_role", "task2", 'name = "task2"\n' + ROLE), resource("aws_iam_role", "task2", 'name = "task2"\ndescription = "of the shop"\n' + ROLE)),
    "one more action": (policy("read2", "s3:GetObject", "arn:aws:s3:::a/*"), policy("read2", "s3:Get*", "arn:aws:s3:::a/*")),
    "name through a local": (bucket("logs2"), 'locals {\n  prefix = "corp"\n}\n' + bucket("logs2").replace("corp-logs2", "${local.prefix}-logs2")),
    "bucket's tags and a versioning": (
        bucket("media2"), bucket("media2", 'tags = { team = "media" }') + resource("aws_s3_bucket_versioning", "media2", 'bucket = aws_s3_bucket.media2.id\nversioning_configuration {\n  status = "Enabled"\n}'),
    ),
}  # fmt: skip
