"""Tests that notice less than base's did, with no failure that would show it."""

from pathlib import Path

import pytest

from tests.packs.test_replay.local import LocalContext, part

CODE = '''
LIMIT = 40


def wage(hours, rate):
    """Cents; hours above 40 count one and a half times."""
    if hours < 0:
        raise ValueError("negative hours")
    normal = min(hours, LIMIT)
    return normal * rate + (hours - normal) * rate * 3 // 2
'''
TESTS = """
import pytest

from wages.core import wage


def test_normal():
    assert wage(10, 2000) == 20000


def test_overtime():
    assert wage(48, 2000) == 104000


def test_negative():
    with pytest.raises(ValueError):
        wage(-1, 2000)
"""
BASE = {"wages/__init__.py": "", "wages/core.py": CODE, "tests/test_core.py": TESTS}
OVERTIME = "    assert wage(48, 2000) == 104000\n"
WITHOUT = TESTS[: TESTS.index("\n\ndef test_overtime")] + "\n"
PARAMETRISED = """
import pytest

from wages.core import wage


@pytest.mark.parametrize("hours, cents", [(10, 20000), (48, 104000)])
def test_wage(hours, cents):
    assert wage(hours, 2000) == cents


@pytest.mark.parametrize("hours", [-1, -0.5])
def test_hours_are_not_negative(hours):
    with pytest.raises(ValueError, match="negative"):
        wage(hours, 2000)
"""

AS_UNITTEST = """
import unittest

from wages.core import wage


class Wage(unittest.TestCase):
    def test_wage(self):
        for hours, cents in [(10, 20000), (48, 104000)]:
            with self.subTest(hours=hours):
                self.assertEqual(wage(hours, 2000), cents)

    def test_negative(self):
        with self.assertRaises(ValueError):
            wage(-1, 2000)
"""


def found(place: Path, head: dict[str, str]):
    context = LocalContext(place, BASE, {**BASE, **head})
    context.settings = {}
    outcome = part("check").check(context)
    drafts = [*context.drafts, *outcome.findings]
    return [one for one in drafts if one.category in ("test-tampering", "test-failure")]


@pytest.mark.parametrize(
    ("tests", "line", "said"),
    [
        (WITHOUT, 11, "test_overtime (gone)"),
        (TESTS.replace(OVERTIME, OVERTIME.replace("== 104000", ">= 0")), 11, "test_overtime (altered)"),
        (TESTS.replace("def test_overtime", "def check_overtime"), 11, "test_overtime (gone)"),
        (TESTS.replace(OVERTIME, "    return\n" + OVERTIME), 11, "test_overtime (altered)"),
    ],
    ids=["deleted", "loosened", "renamed away", "ended early"],
)
def test_what_is_noticed_no_more_asks_for_a_person(tmp_path: Path, tests: str, line: int, said: str):
    (finding,) = found(tmp_path, {"tests/test_core.py": tests})
    assert (finding.rule, finding.category, finding.severity) == (
        "tests-notice-less",
        "test-tampering",
        "medium",
    )
    assert (finding.location.path, finding.location.line) == ("tests/test_core.py", line)
    assert said in finding.message
    assert "wages/core.py" in finding.message


@pytest.mark.parametrize(
    "head",
    [
        {"tests/test_core.py": PARAMETRISED},
        {"tests/test_core.py": AS_UNITTEST},
        {"tests/test_core.py": "", "tests/test_wage.py": TESTS.replace("2000) == 20000", "1000) == 10000")},
        {
            "tests/test_core.py": TESTS.replace(
                "    assert wage(10", '    """Ten hours."""\n    assert wage(10'
            )
        },
        {"tests/test_core.py": TESTS.replace("wage(-1", "wage(-5")},
    ],
    ids=["parametrised", "as unittest", "moved and altered", "documented", "another value"],
)
def test_tests_that_notice_as_much_are_silent(tmp_path: Path, head: dict[str, str]):
    assert found(tmp_path, head) == []


FOLDED = CODE.replace(
    "    normal = min(hours, LIMIT)\n    return normal * rate + (hours - normal) * rate * 3 // 2\n",
    "    over = max(0, hours - LIMIT)\n    return hours * rate + over * rate // 2\n",
)


@pytest.mark.parametrize(
    ("code", "tests", "rules"),
    [
        (FOLDED, TESTS, []),
        (FOLDED, PARAMETRISED, []),
        (FOLDED, TESTS.replace(OVERTIME, OVERTIME.replace("== 104000", ">= 0")), ["tests-notice-less"]),
        (FOLDED, WITHOUT, ["tests-notice-less"]),
    ],
    ids=["untouched", "parametrised", "loosened", "deleted"],
)
def test_tests_that_are_weakened_together_with_the_code(
    tmp_path: Path, code: str, tests: str, rules: list[str]
):
    assert FOLDED != CODE
    drafts = found(tmp_path, {"wages/core.py": code, "tests/test_core.py": tests})
    assert [one.rule for one in drafts] == rules


@pytest.mark.parametrize(
    ("mark", "rules"),
    [
        ('@pytest.mark.xfail(reason="later")', ["tests-not-run"]),
        ("@pytest.mark.xfail", ["tests-not-run"]),
        ("@pytest.mark.slow", []),
    ],
)
def test_a_passing_test_that_may_newly_fail_is_told(tmp_path: Path, mark: str, rules: list[str]):
    tests = TESTS.replace("def test_overtime", f"{mark}\ndef test_overtime")
    drafts = found(tmp_path, {"wages/core.py": FOLDED, "tests/test_core.py": tests})
    assert [one.rule for one in drafts if one.rule == "tests-not-run"] == rules


def test_code_that_goes_with_its_tests_is_no_loss(tmp_path: Path):
    assert found(tmp_path, {"wages/core.py": "LIMIT = 40\n", "tests/test_core.py": ""}) == []


SLIPS = {
    "pay/__init__.py": "",
    "pay/rates.py": "def tax(gross, year):\n    rate = 20 if year < 2020 else 22\n"
    "    return (gross * rate + 50) // 100\n",
    "pay/slips.py": "from pay.rates import tax\n\n\ndef net(gross, year):\n    return gross - tax(gross, year)\n",
    "tests/test_slips.py": "from pay.slips import net\n\n\ndef test_net():\n    assert net(1000, 2019) == 800\n"
    "    assert net(1000, 2021) == 780\n",
}
PATCHED = """from unittest.mock import patch

from pay.slips import net


@patch("pay.slips.tax", return_value=200)
def test_net(tax):
    assert net(1000, 2019) == 800
"""
SET = """from pay import slips


def test_net(monkeypatch):
    monkeypatch.setattr(slips, "tax", lambda gross, year: 200)
    assert slips.net(1000, 2019) == 800
"""
BESIDE = "from pay.rates import tax\n" + PATCHED + "\n\ndef test_tax():\n    assert tax(1000, 2019) == 200\n"


@pytest.mark.parametrize(
    ("tests", "rules"),
    [
        (PATCHED, ["tests-notice-less"]),
        (SET, ["tests-notice-less"]),
        (BESIDE + "    assert tax(1000, 2021) == 220\n    assert tax(1000, 2020) == 220\n", []),
    ],
    ids=["patch", "monkeypatch", "tested beside"],
)
def test_a_mock_in_place_of_what_base_s_tests_reached(tmp_path: Path, tests: str, rules: list[str]):
    context = LocalContext(tmp_path, SLIPS, {**SLIPS, "tests/test_slips.py": tests})
    context.settings = {}
    outcome = part("check").check(context)
    found = [one for one in (*context.drafts, *outcome.findings) if one.category == "test-tampering"]
    assert [one.rule for one in found] == rules
    assert all("tax" in one.title for one in found)
