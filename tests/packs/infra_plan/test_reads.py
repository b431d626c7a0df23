# ruff: noqa: E501 - whole configurations stand on one line
"""Which files a plan can read: what it may be kept under."""

import shutil

import pytest

from harness.check.interface import Ended, Reply
from tests.packs.two_trees import TwoTrees, part, snapshot, verify

reads = part("infra_plan", "reads")
configuration = part("infra_plan", "configuration")

BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n}\n'
AROUND = {
    "README.md": "text", "src/app.py": "x = 1", "infra/policy.json": "{}", "infra/sub/one.json": "{}",
    "infra/user.tftpl": "${name}", "shared/s.json": "{}", "infra/notes.txt": "n",
}  # fmt: skip
OWN = {"infra/main.tf", "infra/policy.json", "infra/user.tftpl", "infra/notes.txt"}


def read(tmp_path, code, more=None, root="infra", values=()):
    files = {**AROUND, **(more or {})}
    files[f"{root}/main.tf".removeprefix("./")] = code
    tree = snapshot(tmp_path / "tree", files)
    found, _ = configuration.read_both(tree, tree)
    names = reads.reads(found, tree, root, values)
    return None if names is None else set(names)


MODULE = 'module "m" {\n  source = "../modules/m"\n}\n'
EXACT = {
    "the folder alone": (BUCKET, {}, set()),
    "a file by its name": (BUCKET + 'locals {\n  p = file("${path.module}/sub/one.json")\n}\n', {}, {"infra/sub/one.json"}),
    "relative to the root": (BUCKET + 'locals {\n  p = file("sub/one.json")\n}\n', {}, {"infra/sub/one.json"}),
    "out of the folder": (BUCKET + 'locals {\n  p = jsondecode(file("../shared/s.json"))\n}\n', {}, {"shared/s.json"}),
    "a file that is not there": (BUCKET + 'locals {\n  p = fileexists("gone.json")\n}\n', {}, set()),
    "a template": (BUCKET + 'locals {\n  p = templatefile("${path.module}/user.tftpl", { name = "n" })\n}\n', {}, set()),
    "a set of files": (BUCKET + 'locals {\n  p = fileset("${path.module}/sub", "*.json")\n}\n', {}, {"infra/sub/one.json"}),
    "an argument that names a file": (BUCKET + 'resource "aws_s3_object" "o" {\n  bucket = "x"\n  key = "k"\n  source = "../src/app.py"\n}\n', {}, {"src/app.py"}),
    "a folder and the rest computed": (BUCKET + 'locals {\n  p = "${path.module}/sub/${var.x}"\n}\n', {}, {"infra/sub/one.json"}),
    "a module": (
        MODULE, {"modules/m/main.tf": BUCKET, "modules/m/p.json": "{}", "modules/other/main.tf": BUCKET}, {"modules/m/main.tf", "modules/m/p.json"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EXACT)
def test_what_a_plan_can_read(tmp_path, case):
    code, more, also = EXACT[case]
    assert read(tmp_path, code, more) == OWN | also


WHOLE = {
    "a path that is computed": 'locals {\n  p = file(var.x)\n}\n',
    "a path in pieces": 'locals {\n  p = file("${var.x}/s.json")\n}\n',
    "a path behind a condition": 'locals {\n  p = var.x ? file("a") : file(local.b)\n}\n',
    "an escape in a path": 'locals {\n  p = file("\\u002e\\u002e/shared/s.json")\n}\n',
    "an absolute path": 'locals {\n  p = file("/tmp/replay/now/README.md")\n}\n',
    "a path of the home folder": 'locals {\n  p = file("~/now/README.md")\n}\n',
    "a comment before the parenthesis": 'locals {\n  p = file /* x */ (var.x)\n}\n',
    "a pattern that leaves the folder": 'locals {\n  p = fileset(path.module, "../**")\n}\n',
    "a set of files by a variable": 'locals {\n  p = fileset("sub", var.x)\n}\n',
    "out of the tree": 'locals {\n  p = file("../../x.json")\n}\n',
    "the folder above, and the rest computed": 'locals {\n  p = "../${var.x}"\n}\n',
    "the folder above by path.module": 'locals {\n  p = "${path.module}/../${var.x}"\n}\n',
    "a program": 'data "external" "e" {\n  program = ["sh", "-c", "cat ../README.md"]\n}\n',
    "a provisioner": 'resource "terraform_data" "t" {\n  provisioner "local-exec" {\n    command = "true"\n  }\n}\n',
    "a provider that reads": 'data "archive_file" "a" {\n  type = "zip"\n  source_dir = var.x\n  output_path = "x.zip"\n}\n',
    "a provider under another name": 'terraform {\n  required_providers {\n    aws = { source = "acme/aws" }\n  }\n}\n',
    "a template that reads": 'locals {\n  p = templatefile("${path.module}/reading.tftpl", {})\n}\n',
    "a function of a provider": 'locals {\n  p = provider::acme::read("x")\n}\n',
    "a template as text": 'locals {\n  p = templatestring(local.t, {})\n}\n',
    "a module that is not there": 'module "m" {\n  source = "../nowhere"\n}\n',
    "code that cannot be read": "resource {{{\n",
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE)
def test_what_the_text_does_not_tell_is_the_whole_tree(tmp_path, case):
    more = {"infra/reading.tftpl": '${file("../README.md")}'}
    assert read(tmp_path, BUCKET + WHOLE[case], more) is None


def test_links_and_values_files(tmp_path):
    values = {"envs/prod.tfvars": 'policy = "../shared/s.json"\n'}
    assert read(tmp_path / "a", BUCKET, values, values=("envs/prod.tfvars",)) == OWN | {
        "envs/prod.tfvars", "shared/s.json",
    }  # fmt: skip
    tree = snapshot(tmp_path / "b", {"infra/main.tf": BUCKET})
    link = part("infra_plan", "reads").Snapshot(
        tree.digest, tree.path, (*tree.entries, type(tree.entries[0])("infra/sub", "symlink"))
    )
    found, _ = configuration.read_both(link, link)
    assert reads.reads(found, link, "infra") is None


def test_a_root_in_the_top_folder_reads_what_it_names(tmp_path):
    assert read(tmp_path, BUCKET + 'locals {\n  p = file("shared/s.json")\n}\n', root=".") == {
        "main.tf", "README.md", "shared/s.json",
    }  # fmt: skip


DB = 'resource "terraform_data" "db" {\n  triggers_replace = ["%s"]\n}\n'


@pytest.mark.terraform
@pytest.mark.skipif(not (shutil.which("terraform") or shutil.which("tofu")), reason="no terraform")
def test_base_is_settled_alike_for_every_head_and_a_plan_is_one_for_what_it_reads(tmp_path):
    base = {"infra/main.tf": DB % "14", "README.md": "a"}
    runs = [
        verify("infra_plan", tmp_path / name, base, {"infra/main.tf": DB % version, "README.md": text})[
            1
        ].probes
        for name, version, text in (("a", "15", "a"), ("b", "16", "a"), ("c", "15", "another"))
    ]
    settled = [next(one for one in probes if one.entry == "settle.py") for probes in runs]
    plans = [next(one for one in probes if one.entry == "plan.py") for probes in runs]
    assert settled[0] == settled[1] == settled[2]
    assert plans[0] == plans[2] != plans[1]
    assert plans[0].also == ()
    assert set(plans[0].files) == {"base/infra/main.tf", "head/infra/main.tf"}
    assert plans[0].request["seed"]["state"]["resources"]


@pytest.mark.terraform
@pytest.mark.skipif(not (shutil.which("terraform") or shutil.which("tofu")), reason="no terraform")
def test_a_proof_sees_the_whole_trees(tmp_path):
    base, head = ({"infra/main.tf": DB % one, "README.md": "a"} for one in ("14", "15"))
    outcome, _ = verify("infra_plan", tmp_path, base, head)
    (draft,) = outcome.findings
    assert draft.proof.probe.files == {}
    assert [side.value for side in draft.proof.probe.also] == ["base", "head"]
    assert draft.proof.about == "terraform_data.db"


@pytest.mark.skipif(not (shutil.which("terraform") or shutil.which("tofu")), reason="no terraform")
def test_a_plan_that_fails_on_part_of_the_tree_is_made_on_all_of_it(tmp_path):
    failed = {"type": "failed", "side": "base", "stage": "plan", "error": "no file exists"}
    context = TwoTrees("infra_plan", tmp_path, {"infra/main.tf": DB % "14"}, {"infra/main.tf": DB % "15"})
    whole = context.run

    def run(side, probe):
        context.probes.append(probe)
        return Reply(Ended(0), (failed,), closed=True) if probe.files else whole(side, probe)

    context.run = run
    outcome = part("infra_plan", "check").check(context)
    assert [one.location.symbol for one in outcome.findings] == ["terraform_data.db"]
    assert next(bool(one.files) for one in context.probes if one.entry == "settle.py")
