"""A repository of several projects, each verified in a tree of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Harness
from tests.support.repositories import Repository

pytestmark = pytest.mark.bubblewrap
BASE = {
    "harness.toml": """
[project.money]
root = "libs/money"

[project.billing]
root = "services/billing"
needs = ["money"]

[project.web]
root = "services/web"
""",
    "libs/money/src/money/__init__.py": '''def split(amount: int, people: int) -> list[int]:
    """Parts that add up to the amount."""
    share, left = divmod(amount, people)
    return [share + 1] * left + [share] * (people - left)
''',
    "libs/money/tests/test_app.py": "from money import split\n\n\ndef test_even():\n    assert split(4, 2) == [2, 2]\n",
    "services/billing/app/__init__.py": "",
    "services/billing/app/core.py": '''from money import split


def parts(prices: list[int], people: int) -> list[int]:
    """Who pays what."""
    return split(sum(prices), people)
''',
    "services/billing/tests/test_app.py": """from app.core import parts


def test_parts():
    assert sum(parts([3, 2], 2)) == 5
""",
    "services/web/app/__init__.py": "",
    "services/web/app/core.py": "def page(number: int) -> int:\n    return number + 1\n",
    "services/web/tests/test_app.py": """from app.core import page


def test_page():
    assert page(1) == 2
""",
}
ONLY = ("--only", "property_tests", "--only", "test_replay", "--only", "static_scan")


def verify(harness: Harness, repository: Repository, out: Path, base: str = "HEAD~1") -> dict[str, Any]:
    done = harness("verify", repository.path, "--base", base, "--sandbox", "bubblewrap", "--out", out, *ONLY)
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, Any] = json.loads((out / "report.json").read_text())
    return found


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    found = Repository(tmp_path / "repo")
    found.commit(BASE)
    return found


def test_a_library_is_verified_and_the_tests_of_who_needs_it(
    harness: Harness, repository: Repository, tmp_path: Path
) -> None:
    text = (
        BASE["libs/money/src/money/__init__.py"].replace("[share + 1] * left + ", "").replace(" - left", "")
    )
    repository.commit({"libs/money/src/money/__init__.py": text, "services/web/static.css": "p {}"})
    out = tmp_path / "out"
    report = verify(harness, repository, out)
    found = {(one["category"], one["project"], one["location"]["path"]): one for one in report["findings"]}
    regression = found["regression", "money", "libs/money/src/money/__init__.py"]
    broken = found["test-failure", "billing", "services/billing/tests/test_app.py"]
    assert regression["proof"]["status"] == broken["proof"]["status"] == "confirmed"
    assert report["outcome"] == "block"
    assert "projects verified: billing, money, web; 0 not touched" in report["notes"]
    [replay] = [one for one in report["checks"] if one["id"] == "test_replay"]
    assert replay["status"] == "findings"
    assert report["unverified"] == []
    # On a machine that has never seen these trees they are made anew from the repository's.
    for finding in (regression, broken):
        done = harness("reproduce", out, finding["id"], XDG_CACHE_HOME=str(tmp_path / "elsewhere"))
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_test_of_one_project_declares_nothing_of_another(
    harness: Harness, repository: Repository, tmp_path: Path
) -> None:
    """Both have ``app.core.page``; only one has a test that says so."""
    page = "def page(number: int) -> int:\n    return number + {}\n"
    repository.commit(
        {"services/billing/app/core.py": page.format(1), "services/billing/tests/test_app.py": ""}
    )
    test = BASE["services/web/tests/test_app.py"].replace("== 2", "== 3")
    repository.commit({
        "services/billing/app/core.py": page.format(2),
        "services/web/app/core.py": page.format(2),
        "services/web/tests/test_app.py": test,
    })  # fmt: skip
    report = verify(harness, repository, tmp_path / "out")
    declared = {
        one["project"]: (one["declared"], one["declared_by"])
        for one in report["findings"]
        if one["category"] == "regression"
    }
    assert declared["web"] == (True, ["services/web/tests/test_app.py::test_page"])
    assert declared["billing"] == (False, [])


def test_a_further_commit_of_texts_that_code_never_sees_runs_no_code(
    harness: Harness, tmp_path: Path
) -> None:
    made = Repository(tmp_path / "shop")
    tests = "from shop import page\n\n\ndef test_page():\n    assert page(1) == 2\n"
    policy = '[run]\nleave_out = ["**/*.md"]\n'
    page = "def page(number: int) -> int:\n    return number + {}\n"
    made.commit({"harness.toml": policy, "shop.py": page.format(1), "tests/test_shop.py": tests})
    made.commit({"shop.py": page.format(2)})
    verify(harness, made, tmp_path / "first")
    made.commit({"docs/page.md": "Pages\n"})
    report = verify(harness, made, tmp_path / "second", "HEAD~2")
    kept = {
        one["id"] for one in report["checks"] if "nothing that it depends on has changed" in one["reason"]
    }
    assert kept == {"property_tests", "test_replay"}
    assert report["outcome"] == "block"
    assert "code under test did not see **/*.md (leave_out of the policy)" in report["notes"]
    script = next((tmp_path / "second/proofs").glob("*/run.sh")).read_text()
    assert report["change"]["base"] in script
    [found] = [one for one in report["findings"] if one["category"] == "regression"]
    done = harness("reproduce", tmp_path / "second", found["id"], XDG_CACHE_HOME=str(tmp_path / "elsewhere"))
    assert done.returncode == 0, done.stdout + done.stderr
