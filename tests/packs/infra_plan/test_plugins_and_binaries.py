"""OpenTofu by its name, and mirrors in the packed layout."""

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from checks.infra_plan.providers import OPENTOFU, TERRAFORM, find_plugins
from checks.infra_plan.tools import find_binary, platform, registry
from tests.packs.infra_plan.provider.mirror import ACME, HEADER, mirror, plan

needs_terraform = [
    pytest.mark.terraform,
    pytest.mark.skipif(not shutil.which("terraform"), reason="no terraform"),
]
DB = 'resource "acme_database" "d" {\n  name = "%s"\n  engine_version = "14"\n  storage_gb = 10\n}\n'


def program(folder: Path, name: str) -> Path:
    """A program that does nothing."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def packed(place: Path) -> Path:
    """A mirror of archives, as `terraform providers mirror` makes it."""
    unpacked = mirror(place / "unpacked")
    folder = place / "packed" / ACME
    folder.mkdir(parents=True)
    (source,) = (unpacked / ACME / "1.0.0" / platform()).iterdir()
    with zipfile.ZipFile(folder / f"terraform-provider-acme_1.0.0_{platform()}.zip", "w") as archive:
        archive.write(source, source.name)
    return place / "packed"


def test_tofu_comes_before_terraform_and_the_setting_before_both(tmp_path, monkeypatch):
    terraform = program(tmp_path / "a", "terraform")
    monkeypatch.setenv("PATH", str(tmp_path / "a"))
    assert find_binary({}) == terraform.resolve()
    tofu = program(tmp_path / "b", "tofu")
    monkeypatch.setenv("PATH", f"{tmp_path}/a{os.pathsep}{tmp_path}/b")
    assert find_binary({}) == tofu.resolve()
    assert find_binary({"binary": "terraform"}) == terraform.resolve()
    assert (registry(tofu), registry(terraform)) == (OPENTOFU, TERRAFORM)


@pytest.mark.parametrize(("held", "asked"), [(TERRAFORM, OPENTOFU), (OPENTOFU, TERRAFORM)])
def test_a_mirror_of_the_other_registry_serves(held, asked, tmp_path):
    program_folder = tmp_path / held / "hashicorp" / "aws" / "5.1.0" / platform()
    program_folder.mkdir(parents=True)
    program(program_folder, "terraform-provider-aws_v5.1.0")
    (found,), missing = find_plugins([f"{asked}/hashicorp/aws"], {}, {}, [tmp_path], platform())
    assert (found.version, missing) == ("5.1.0", [])


@pytest.mark.parametrize("other", ["windows_amd64", "linux_riscv64"])
def test_archives_of_another_platform_are_passed_over(other, tmp_path):
    folder = tmp_path / ACME
    folder.mkdir(parents=True)
    (folder / f"terraform-provider-acme_1.0.0_{other}.zip").touch()
    assert find_plugins([ACME], {}, {}, [tmp_path], platform()) == ([], [ACME])


class TestReplays:
    pytestmark = needs_terraform

    def test_files_that_terraform_does_not_read_are_not_planned_with_it(self, tmp_path):
        base, head = ({"infra/main.tf": HEADER + DB % "a", "infra/main.tofu": HEADER + DB % n} for n in "xy")
        outcome, context = plan(tmp_path, base, head)
        assert (outcome.findings, context.probes) == ([], [])
        assert any("only OpenTofu reads" in one.why for one in outcome.unverified)

    def test_with_a_program_named_tofu(self, tmp_path):
        bin_folder = tmp_path / "bin"
        bin_folder.mkdir()
        shutil.copy2(Path(shutil.which("terraform") or "").resolve(), bin_folder / "tofu")
        outcome, context = plan(tmp_path, DB % "a", DB % "b", {"binary": str(bin_folder / "tofu")})
        assert [(one.rule, one.certainty) for one in outcome.findings] == [("infra-replace", "certain")]
        assert context.probes[0].request["binary"] == "/opt/tools/tofu"

    def test_with_a_mirror_of_archives(self, tmp_path):
        outcome, _ = plan(tmp_path, DB % "a", DB % "b", {"mirror": str(packed(tmp_path))})
        assert [(one.rule, one.certainty) for one in outcome.findings] == [("infra-replace", "certain")]
        assert any("plan-on-plan replay" in note for note in outcome.notes)
