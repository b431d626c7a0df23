"""The three worked examples of docs/custom-checks.md, made from the page and run."""

import re
from pathlib import Path

import pytest

from tests.e2e.conftest import Harness

PAGE = Path(__file__).resolve().parents[2] / "docs" / "custom-checks.md"
EXAMPLES = ("float_money", "todo_owner", "settings_load")

pytestmark = pytest.mark.bubblewrap


def write_files(folder: Path) -> None:
    """Every block that follows a line with a file's name in backticks and a colon."""
    for name, text in re.findall(
        r"^`(own/[^`]+)`:\n\n```\w+\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_passes_its_own_samples(harness: Harness, tmp_path: Path, name: str) -> None:
    write_files(tmp_path)
    done = harness("check", "test", f"own/{name}", "--sandbox", "bubblewrap", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed, 0 failed" in done.stdout


def test_the_page_has_no_other_example(tmp_path: Path) -> None:
    write_files(tmp_path)
    assert sorted(path.name for path in (tmp_path / "own").iterdir()) == sorted(EXAMPLES)
