"""Guest code runs on the project's own interpreter: CPython 3.9 and later, whatever runs these tests."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUEST_FILES = sorted(
    path
    for top in ("harness", "checks", "sandboxes")
    for path in (ROOT / top).rglob("*.py")
    if "guest" in path.parts and "samples" not in path.parts
)
GUARDED = {"sys.monitoring"}
"""What newer versions alone have, and is used behind a question for the version."""


@pytest.mark.parametrize("path", GUEST_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_guest_code_has_no_syntax_of_later_versions(path):
    ast.parse(path.read_text(), feature_version=(3, 9))


def test_guest_code_uses_nothing_that_came_after_its_oldest_version():
    command = [
        sys.executable,
        "-c",
        "from vermin.main import main; main()",
        "--quiet",
        "--no-tips",
        "--violations",
        "--target=3.9-",
    ]
    done = subprocess.run([*command, *map(str, GUEST_FILES)], capture_output=True, text=True)
    told = [line.strip() for line in done.stdout.splitlines() if "require" in line]
    assert not done.stderr, done.stderr
    newer = [line for line in told if not any(f"'{name}'" in line for name in GUARDED)]
    assert newer == [], newer


def test_the_list_of_files_is_not_empty():
    assert len(GUEST_FILES) > 50
