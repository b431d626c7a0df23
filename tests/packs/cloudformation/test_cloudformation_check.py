"""Templates of base and head: harmful changes are found, look-alikes stay silent."""

import json

import pytest

from harness.check.interface import CheckSkipped
from tests.packs.two_trees import part, verify

DATABASE = """AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Class: {Type: String, Default: db.t3.small}
  Key: {Type: String, Default: alias/one}
Resources:
  Orders:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Retain
    UpdateReplacePolicy: Snapshot
    Properties:
      DBInstanceIdentifier: orders
      DBInstanceClass: !Ref Class
      Engine: postgres
      AllocatedStorage: '20'
      DeletionProtection: true
      BackupRetentionPeriod: 7
      MultiAZ: false
      KmsKeyId: !Ref Key
      MasterUsername: app
      MasterUserPassword: !Sub '{{resolve:secretsmanager:${Secret}:SecretString:password}}'
"""
TABLE = """Resources:
  Carts:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: carts
      BillingMode: PAY_PER_REQUEST
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
"""
BUCKET = """Resources:
  Files:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: shop-files
      VersioningConfiguration: {Status: Enabled}
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true}
"""
GROUP = """Resources:
  Door:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: door
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
        - {IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: 10.0.0.0/8}
"""
ROLE = """Resources:
  Worker:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: [{Effect: Allow, Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::shop/*'}]
"""
OTHER = "Resources:\n  Topic: {Type: 'AWS::SQS::Queue'}\n"
CERTAIN, QUESTION = "certain", "conditional"


def one(before, after, path="infra/stack.yaml"):
    """A change of one file; None on a side: it is not there."""
    base, head = {"README.md": "x"}, {"README.md": "x"}
    base.update({path: before} if before is not None else {})
    head.update({path: after} if after is not None else {})
    return base, head


def edited(text, old, new):
    assert old in text
    return one(text, text.replace(old, new))


def synthesized(text, edit=lambda resources: resources):
    resources = {"Orders8F": {"Type": "AWS::S3::Bucket", "UpdateReplacePolicy": "Delete", "DeletionPolicy": "Delete",
                              "Properties": {"BucketName": text}}}  # fmt: skip
    return json.dumps({"Resources": edit(resources)}, indent=1)


KEY = "Resources:\n  Key: {Type: 'AWS::KMS::Key', Properties: {PendingWindowInDays: 30}}\n"
HARMFUL = {
    "only a snapshot is kept": (
        edited(DATABASE, "    DeletionPolicy: Retain\n", ""),
        "cloudformation-guard-removed",
        "medium",
        CERTAIN,
    ),
    "key deleted sooner": (edited(KEY, "30", "7"), "cloudformation-guard-removed", "medium", CERTAIN),
    "group described anew": (
        edited(GROUP, "GroupDescription: door", "GroupDescription: the door"),
        "cloudformation-replaced",
        "medium",
        CERTAIN,
    ),
    "deleted": (one(TABLE, OTHER), "cloudformation-deleted", "critical", CERTAIN),
    "logical id renamed": (
        edited(TABLE, "Carts:", "CartTable:"),
        "cloudformation-deleted",
        "critical",
        CERTAIN,
    ),
    "kept but no longer managed": (one(DATABASE, OTHER), "cloudformation-deleted", "medium", CERTAIN),
    "name of a table": (
        edited(TABLE, "TableName: carts", "TableName: carts-v2"),
        "cloudformation-replaced",
        "critical",
        CERTAIN,
    ),
    "key of a table": (
        edited(TABLE, "AttributeName: id", "AttributeName: cart"),
        "cloudformation-replaced",
        "critical",
        CERTAIN,
    ),
    "name around a parameter": (
        one(
            TABLE.replace("TableName: carts", "TableName: !Sub 'carts-${Stage}'"),
            TABLE.replace("TableName: carts", "TableName: !Sub 'carts-v2-${Stage}'"),
        ),
        "cloudformation-replaced",
        "critical",
        CERTAIN,
    ),
    "name around another parameter": (
        one(
            TABLE.replace("TableName: carts", "TableName: !Sub 'carts-${Stage}'"),
            TABLE.replace("TableName: carts", "TableName: !Sub 'carts-${Environment}'"),
        ),
        "cloudformation-replaced",
        "medium",
        QUESTION,
    ),
    "name of a bucket": (
        edited(BUCKET, "shop-files", "shop-files-eu"),
        "cloudformation-replaced",
        "critical",
        CERTAIN,
    ),
    "user of a database": (
        edited(DATABASE, "MasterUsername: app", "MasterUsername: admin"),
        "cloudformation-replaced",
        "medium",
        CERTAIN,
    ),
    "encryption of a database": (
        edited(DATABASE, "      MultiAZ", "      StorageEncrypted: true\n      MultiAZ"),
        "cloudformation-replaced",
        "medium",
        CERTAIN,
    ),
    "engine": (
        edited(DATABASE, "Engine: postgres", "Engine: mysql"),
        "cloudformation-replaced",
        "medium",
        QUESTION,
    ),
    "default of a parameter": (
        edited(DATABASE, "alias/one", "alias/two"),
        "cloudformation-replaced",
        "medium",
        QUESTION,
    ),
    "type": (
        edited(TABLE, "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"),
        "cloudformation-replaced",
        "critical",
        CERTAIN,
    ),
    "cdk": (
        one(synthesized("a"), synthesized("b"), "cdk.out/Shop.template.json"),
        "cloudformation-replaced",
        "critical",
        CERTAIN,
    ),
    "cdk construct renamed": (
        one(
            synthesized("a"),
            synthesized("a", lambda r: {"Files1A": r["Orders8F"]}),
            "cdk.out/Shop.template.json",
        ),
        "cloudformation-deleted",
        "critical",
        CERTAIN,
    ),
    "deletion policy dropped": (
        edited(DATABASE, "    UpdateReplacePolicy: Snapshot\n", ""),
        "cloudformation-guard-removed",
        "medium",
        CERTAIN,
    ),
    "deletion policy becomes delete": (
        edited(DATABASE, "DeletionPolicy: Retain", "DeletionPolicy: Delete"),
        "cloudformation-guard-removed",
        "medium",
        CERTAIN,
    ),
    "protection off": (
        edited(DATABASE, "DeletionProtection: true", "DeletionProtection: false"),
        "cloudformation-guard-removed",
        "medium",
        CERTAIN,
    ),
    "backups off": (
        edited(DATABASE, "Period: 7", "Period: 0"),
        "cloudformation-guard-removed",
        "medium",
        CERTAIN,
    ),
    "recovery off": (
        edited(TABLE, "Enabled: true", "Enabled: false"),
        "cloudformation-guard-removed",
        "medium",
        CERTAIN,
    ),
    "versioning suspended": (
        edited(BUCKET, "Status: Enabled", "Status: Suspended"),
        "cloudformation-guard-removed",
        "medium",
        CERTAIN,
    ),
    "database port to everyone": (
        edited(GROUP, "10.0.0.0/8", "0.0.0.0/0"),
        "cloudformation-open-port",
        "high",
        CERTAIN,
    ),
    "all ports": (
        edited(
            GROUP,
            "IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: 10.0.0.0/8",
            "IpProtocol: '-1', CidrIpv6: '::/0'",
        ),
        "cloudformation-open-port",
        "high",
        CERTAIN,
    ),
    "public address": (
        edited(DATABASE, "      MultiAZ", "      PubliclyAccessible: true\n      MultiAZ"),
        "cloudformation-exposed",
        "high",
        CERTAIN,
    ),
    "public bucket": (
        edited(BUCKET, "      Versioning", "      AccessControl: PublicRead\n      Versioning"),
        "cloudformation-exposed",
        "high",
        CERTAIN,
    ),
    "block off": (
        edited(BUCKET, "BlockPublicPolicy: true", "BlockPublicPolicy: false"),
        "cloudformation-exposed",
        "medium",
        CERTAIN,
    ),
    "block dropped": (
        edited(
            BUCKET,
            "      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true}\n",
            "",
        ),
        "cloudformation-exposed",
        "medium",
        CERTAIN,
    ),
    "everything on everything": (
        edited(ROLE, "['s3:GetObject'], Resource: 'arn:aws:s3:::shop/*'", "'*', Resource: '*'"),
        "cloudformation-wide-permission",
        "high",
        CERTAIN,
    ),
    "administrator": (
        edited(
            ROLE,
            "      Policies:",
            "      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']\n      Policies:",
        ),
        "cloudformation-wide-permission",
        "high",
        CERTAIN,
    ),
    "anyone": (
        edited(ROLE, "{Service: lambda.amazonaws.com}", "{AWS: '*'}"),
        "cloudformation-exposed",
        "high",
        CERTAIN,
    ),
    "password in clear": (
        edited(
            DATABASE, "!Sub '{{resolve:secretsmanager:${Secret}:SecretString:password}}'", "correct-horse"
        ),
        "cloudformation-clear-secret",
        "high",
        CERTAIN,
    ),
    "template deleted": (one(TABLE, None), "cloudformation-deleted", "critical", QUESTION),
}

HARMLESS = {
    "second zone": edited(DATABASE, "MultiAZ: false", "MultiAZ: true"),
    "longer backups": edited(DATABASE, "BackupRetentionPeriod: 7", "BackupRetentionPeriod: 14"),
    "key deleted later": edited(KEY, "PendingWindowInDays: 30", "Enabled: true"),
    "bigger": edited(DATABASE, "'20'", "'40'"),
    "default of the class": edited(DATABASE, "db.t3.small", "db.t3.large"),
    "long form of functions": edited(DATABASE, "!Ref Class", "{Ref: Class}"),
    "spelling of booleans": edited(DATABASE, "DeletionProtection: true", "DeletionProtection: 'True'"),
    "explicit default": edited(
        TABLE, "      BillingMode", "      DeletionProtectionEnabled: false\n      BillingMode"
    ),
    "order": one(
        BUCKET,
        "Resources:\n  Files:\n    Properties:\n"
        "      PublicAccessBlockConfiguration: {BlockPublicPolicy: true, BlockPublicAcls: true}\n"
        "      VersioningConfiguration: {Status: Enabled}\n      BucketName: shop-files\n    Type: AWS::S3::Bucket\n",
    ),
    "the same as JSON": one(
        TABLE,
        json.dumps(
            {
                "Resources": {
                    "Carts": {
                        "Type": "AWS::DynamoDB::Table",
                        "Properties": {
                            "TableName": "carts",
                            "BillingMode": "PAY_PER_REQUEST",
                            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                        },
                    }
                }
            }
        ),
    ),
    "guards added": edited(
        TABLE,
        "    Properties:",
        "    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n    Properties:",
    ),
    "another policy that keeps": edited(
        DATABASE, "UpdateReplacePolicy: Snapshot", "UpdateReplacePolicy: Retain"
    ),
    "tags": edited(TABLE, "      BillingMode", "      Tags: [{Key: team, Value: a}]\n      BillingMode"),
    "range narrowed": edited(GROUP, "10.0.0.0/8", "10.1.0.0/16"),
    "web port to everyone": edited(
        GROUP,
        "        - {IpProtocol: tcp, FromPort: 5432",
        "        - {IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}\n"
        "        - {IpProtocol: tcp, FromPort: 5432",
    ),
    "new resource": one(TABLE, TABLE + "  Jobs:\n    Type: AWS::SQS::Queue\n"),
    "narrow right": edited(ROLE, "['s3:GetObject']", "['s3:GetObject', 's3:ListBucket']"),
    "alarm deleted": one(TABLE + "  Alarm:\n    Type: AWS::CloudWatch::Alarm\n", TABLE),
    "password by reference": edited(
        DATABASE,
        "!Sub '{{resolve:secretsmanager:${Secret}:SecretString:password}}'",
        "'{{resolve:ssm-secure:db:1}}'",
    ),
    "statement of a key": one(
        OTHER,
        OTHER
        + "  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy:\n        Statement: [{Effect: Allow, "
        "Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}]\n",
    ),
    "logical name of a file": ({"a/stack.yaml": TABLE}, {"a/stack.yaml": TABLE, "b/other.yaml": OTHER}),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_change_is_found(name, tmp_path):
    (base, head), rule, severity, certainty = HARMFUL[name]
    findings = verify("cloudformation", tmp_path, base, head)[0].findings
    assert (rule, severity, certainty) in {(one.rule, one.severity, one.certainty) for one in findings}, (
        findings
    )
    assert "correct-horse" not in repr(findings)


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_change_stays_silent(name, tmp_path):
    findings = verify("cloudformation", tmp_path, *HARMLESS[name])[0].findings
    assert [(one.rule, one.title) for one in findings] == []


@pytest.mark.parametrize("name", HARMFUL)
def test_the_short_list_finds_what_the_schemas_find(name, tmp_path, monkeypatch):
    schemas = part("cloudformation", "schemas")
    monkeypatch.setattr(part("cloudformation", "check"), "find", lambda: schemas.Schemas(None))
    test_harmful_change_is_found(name, tmp_path)


def test_the_short_list_says_what_it_does_not_know(tmp_path, monkeypatch):
    schemas = part("cloudformation", "schemas")
    monkeypatch.setattr(part("cloudformation", "check"), "find", lambda: schemas.Schemas(None))
    text = "Resources:\n  W:\n    Type: AWS::Serverless::SimpleTable\n    Properties: {TableName: a}\n"
    outcome, _ = verify("cloudformation", tmp_path, *edited(text, "TableName: a", "TableName: b"))
    assert "cfn-lint" in outcome.unverified[0].why


def test_schemas_of_the_library_know_nested_properties():
    pytest.importorskip("cfnlint", reason="the extra cloudformation is not installed")
    found = part("cloudformation", "schemas").find().fixed("AWS::ECS::Service")
    assert ("ServiceName",) in found.always


def test_the_line_is_that_of_the_property(tmp_path):
    (found,) = verify("cloudformation", tmp_path, *edited(TABLE, "TableName: carts", "TableName: c"))[
        0
    ].findings
    assert (found.location.line, found.location.symbol) == (5, "Carts")


@pytest.mark.parametrize(
    "text", ["Resources: [" * 300, "Resources:\n\t- x: : y", "Resources: &r {A: {Type: 'A::B', X: *r}}"]
)
def test_what_cannot_be_read_is_said(text, tmp_path):
    outcome = verify("cloudformation", tmp_path, *one(TABLE, text))[0]
    assert [item.what for item in outcome.unverified] == ["infra/stack.yaml"]
    assert outcome.findings == []


@pytest.mark.parametrize(
    "text", ["Resources: none\n", "kind: Pod\n", '{"Resources": {"a": 1}}', "- Resources: {}\n"]
)
def test_other_documents_are_no_templates(text, tmp_path):
    with pytest.raises(CheckSkipped):
        verify("cloudformation", tmp_path, {"x.yaml": "a: 1\n"}, {"x.yaml": text})
