import os
import subprocess
from pathlib import Path

import pytest

from harness.check.expectations import read_samples
from harness.errors import PackError
from harness.replay.samples import make_repository, patched


def test_an_edit_of_equal_size_and_time_is_a_change(tmp_path: Path) -> None:
    for side, text in (("base", "a < b\n"), ("head", "a > b\n")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "rule.py").write_text(text)
        os.utime(tmp_path / side / "rule.py", (1_000_000_000, 1_000_000_000))
    base, head = make_repository(tmp_path / "repo", tmp_path / "base", tmp_path / "head", "Turn it around")
    command = ["git", "diff", "--name-only", base, head]
    done = subprocess.run(command, cwd=tmp_path / "repo", capture_output=True, text=True, check=True)
    assert done.stdout == "rule.py\n"


def sample_folder(pack: Path, patch: str) -> Path:
    (pack / "samples" / "base").mkdir(parents=True)
    (pack / "samples" / "base" / "a.py").write_text("x = 1\n")
    folder = pack / "samples" / "catches" / "one"
    folder.mkdir(parents=True)
    (folder / "case.json").write_text('{"title": "t", "message": "m"}')
    (folder / "head.patch").write_text(patch)
    return folder


def test_a_sample_may_be_a_patch_on_a_shared_base(tmp_path: Path) -> None:
    sample_folder(tmp_path / "pack", "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n")
    [sample] = read_samples(tmp_path / "pack")
    assert (patched(sample, tmp_path / "head") / "a.py").read_text() == "x = 2\n"
    assert (sample.base / "a.py").read_text() == "x = 1\n"


def test_a_patch_that_does_not_fit_is_a_sentence(tmp_path: Path) -> None:
    sample_folder(tmp_path / "pack", "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-y = 1\n+y = 2\n")
    [sample] = read_samples(tmp_path / "pack")
    with pytest.raises(PackError, match=r"head\.patch does not fit"):
        patched(sample, tmp_path / "head")


def test_a_sample_without_head_is_refused(tmp_path: Path) -> None:
    folder = sample_folder(tmp_path / "pack", "")
    (folder / "head.patch").unlink()
    with pytest.raises(PackError, match=r"neither a folder head/ nor head\.patch"):
        read_samples(tmp_path / "pack")
