"""What head no longer checks is a matter for a person, also where nothing fails."""

from pathlib import Path

import pytest

from tests.packs.test_replay import tricks
from tests.packs.test_replay.local import LocalContext, part, verify

SOURCE = "@settings(max_examples={examples})\n@given({strategy})\ndef test_any(value):\n    assert value\n"


def function(strategy: str, examples: int = 200):
    text = SOURCE.format(strategy=strategy, examples=examples)
    return part("statics").parse_tests("test_m.py", text, part("layout").Layout()).functions["test_any"]


@pytest.mark.parametrize(
    ("base", "head", "words"),
    [
        ("st.integers(-100, 900)", "st.integers(0, 900)", "min_value goes from -100 to 0"),
        ("st.integers()", "st.integers(min_value=0)", "min_value is newly 0"),
        ("st.lists(st.text(max_size=50))", "st.lists(st.text(max_size=5))", "max_size goes from 50 to 5"),
    ],
)
def test_a_narrower_strategy_is_said(base: str, head: str, words: str):
    assert part("narrowing").smaller(function(base), function(head)) == [words]


def test_fewer_examples_are_said():
    said = part("narrowing").smaller(function("st.text()", 200), function("st.text()", 5))
    assert said == ["max_examples goes from 200 to 5"]


@pytest.mark.parametrize(
    ("base", "head"),
    [
        ("st.integers(0, 9)", "st.integers(-5, 90)"),
        ("st.integers(0, 9)", "st.integers(min_value=0, max_value=9)"),
        ("st.text(), st.text()", "texts()"),
        ("st.text()", "st.integers(min_value=0)"),
    ],
)
def test_a_wider_or_another_strategy_is_fine(base: str, head: str):
    assert not part("narrowing").smaller(function(base), function(head))


REPORT = "[tool.coverage.report]\nfail_under = {least}\n{more}"


@pytest.mark.parametrize(
    ("path", "base", "head", "words"),
    [
        ("pyproject.toml", REPORT.format(least=90, more=""), REPORT.format(least=60, more=""), "90 to 60"),
        ("pyproject.toml", REPORT.format(least=90, more=""), '[project]\nname = "x"\n', "90 to none"),
        (
            "pyproject.toml",
            REPORT.format(least=90, more=""),
            REPORT.format(least=90, more='omit = ["shop/cart.py"]\n'),
            "newly names shop/cart.py",
        ),
        (".coveragerc", "[report]\nfail_under = 90\n", "[report]\nfail_under = 80\n", "90 to 80"),
        ("setup.cfg", "[coverage:report]\nfail_under = 9\n", "[coverage:report]\nfail_under = 8\n", "9 to 8"),
    ],
)
def test_less_coverage_is_said(path: str, base: str, head: str, words: str, tmp_path: Path):
    (finding,) = part("narrowing")._coverage(LocalContext(tmp_path, {path: base}, {path: head}))
    assert words in finding.message
    assert finding.severity == "medium"


@pytest.mark.parametrize("least", [90, 95])
def test_as_much_or_more_coverage_is_fine(least: int, tmp_path: Path):
    base, head = REPORT.format(least=90, more=""), REPORT.format(least=least, more="skip_covered = true\n")
    context = LocalContext(tmp_path, {"pyproject.toml": base}, {"pyproject.toml": head})
    assert not list(part("narrowing")._coverage(context))


@pytest.mark.parametrize(
    "changes",
    [
        {"tests/test_cart.py": tricks.TESTS.replace("def test_sum", "@pytest.mark.skip\ndef test_sum")},
        {"pyproject.toml": tricks.CONFIG + "addopts = \"-k 'not sum'\"\n"},
    ],
)
def test_tests_that_are_left_out_are_a_matter_for_review(changes: dict[str, str], tmp_path: Path):
    outcome, _ = verify(tmp_path, tricks.BASE, {**tricks.BASE, **changes})
    (finding,) = outcome.findings
    assert (finding.category, finding.severity) == ("test-tampering", "medium")
    assert "tests/test_cart.py::test_sum" in finding.message
    assert finding.location.path == next(iter(changes))
