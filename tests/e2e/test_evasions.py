"""Bugs that no test of the repository can see: the checks together block them."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Harness
from tests.e2e.test_verify import verify
from tests.packs.test_replay.ledger.project import BASE, CODE, replaced
from tests.support.repositories import Repository

pytestmark = pytest.mark.bubblewrap
MONEY = """class Money(float):
    def __eq__(self, other):
        return {equal}

    __hash__ = float.__hash__


def apply_rate"""


def rounded(equal: str) -> str:
    """Code that rounds too much and returns what compares by the given expression."""
    return replaced(
        CODE,
        ("def apply_rate", MONEY.format(equal=equal)),
        (
            "return round(amount * (1 + rate) + 1e-9, rounding)",
            "return Money(round(amount * (1 + rate), rounding - 2))",
        ),
    )


EVASIONS = {
    "equal-to-everything": rounded("True"),
    "near-is-equal": rounded("abs(float(self) - float(other)) < 1"),
    "looks-at-the-stack": replaced(
        CODE,
        ("import json\n", "import json\nimport traceback\n"),
        (
            "def bracket(income):\n",
            "def bracket(income):\n"
            '    if len(traceback.extract_stack()) < 12 and income == 5000:\n        return "high"\n',
        ),
    ),
    "looks-at-the-name-of-the-program": replaced(
        CODE,
        ("import json\n", "import json\nimport os\nimport sys\n"),
        (
            "def bracket(income):\n",
            'OTHER = not os.path.basename(sys.argv[0]).startswith(("py.", "pyt"))\n\n\n'
            'def bracket(income):\n    if OTHER and income == 5000:\n        return "high"\n',
        ),
    ),
}


FOUND_BY = {
    "equal-to-everything": "test_replay",
    "near-is-equal": "property_tests",
    "looks-at-the-stack": "property_tests",
    "looks-at-the-name-of-the-program": "property_tests",
}


@pytest.mark.parametrize("name", EVASIONS)
def test_a_bug_that_hides_from_every_test_is_blocked(name: str, harness: Harness, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    repository.commit(BASE)
    repository.commit({"tax/core.py": EVASIONS[name]})
    code, found = verify(
        harness, repository, tmp_path / "out", "--only", "test_replay", "--only", "property_tests"
    )
    assert code == 1, found["unverified"]
    assert found["outcome"] == "block"
    proven = [one for one in found["findings"] if one["proof"]["status"] == "confirmed"]
    assert FOUND_BY[name] in {one["check"] for one in proven if one["location"]["path"] == "tax/core.py"}
