import os
import subprocess
from pathlib import Path

from harness.replay.samples import make_repository


def test_an_edit_of_equal_size_and_time_is_a_change(tmp_path: Path) -> None:
    for side, text in (("base", "a < b\n"), ("head", "a > b\n")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "rule.py").write_text(text)
        os.utime(tmp_path / side / "rule.py", (1_000_000_000, 1_000_000_000))
    base, head = make_repository(tmp_path / "repo", tmp_path / "base", tmp_path / "head", "Turn it around")
    command = ["git", "diff", "--name-only", base, head]
    done = subprocess.run(command, cwd=tmp_path / "repo", capture_output=True, text=True, check=True)
    assert done.stdout == "rule.py\n"
