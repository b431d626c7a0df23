"""A small project of tax and bookkeeping, and three bugs that a change to it may hide."""

import textwrap

Files = dict[str, str]
Edit = dict[str, str | None]
"""Files by path, as a change leaves them; None for a file that it deletes."""


def text(body: str) -> str:
    return textwrap.dedent(body).lstrip("\n")


CODE = text('''
    import json


    def parse_rate(text):
        """'12.5%' -> 0.125; raises ValueError for anything else."""
        if not text.endswith("%"):
            raise ValueError("no percent sign: " + text)
        return float(text[:-1]) / 100


    def apply_rate(amount, rate, rounding=2):
        """Amount with the rate added, rounded half away from zero."""
        return round(amount * (1 + rate) + 1e-9, rounding)


    def bracket(income):
        if income <= 1000:
            return "low"
        if income <= 5000:
            return "mid"
        return "high"


    class Ledger:
        def __init__(self):
            self.rows = []

        def add(self, name, amount):
            if amount <= 0:
                raise ValueError("amount must be positive")
            self.rows.append((name, amount))

        def total(self):
            return sum(amount for _, amount in self.rows)
    ''')
TESTS = text("""
    import pytest

    from tax.core import Ledger, apply_rate, bracket, parse_rate


    @pytest.mark.parametrize("text, rate", [("12.5%", 0.125), ("0%", 0.0), ("100%", 1.0)])
    def test_parse_rate(text, rate):
        assert parse_rate(text) == rate


    def test_parse_rate_needs_percent():
        with pytest.raises(ValueError, match="percent"):
            parse_rate("12")


    def test_apply_rate():
        assert apply_rate(100, 0.2) == 120.0
        assert apply_rate(10.5, 0.1) == 11.55


    @pytest.mark.parametrize("income, name", [(1000, "low"), (1001, "mid"), (5000, "mid"), (5001, "high")])
    def test_bracket(income, name):
        assert bracket(income) == name


    class TestLedger:
        def test_total(self):
            ledger = Ledger()
            ledger.add("rent", 10)
            ledger.add("food", 5)
            assert ledger.total() == 15

        def test_refuses(self):
            with pytest.raises(ValueError):
                Ledger().add("rent", 0)
    """)
CONFIG = '[project]\nname="tax"\nversion="1"\n[tool.pytest.ini_options]\ntestpaths=["tests"]\n'
BASE: Files = {
    "pyproject.toml": CONFIG,
    "tax/__init__.py": "",
    "tax/core.py": CODE,
    "tests/test_core.py": TESTS,
    "tests/__init__.py": "",
}
TESTED, CONFTEST = "tests/test_core.py", "tests/conftest.py"

LIMITS_EXCLUSIVE = CODE.replace("income <= 1000", "income < 1000").replace("income <= 5000", "income < 5000")
ZERO_ACCEPTED = CODE.replace("amount <= 0", "amount < 0")

ASSERTION = "    assert bracket(income) == name\n"
CASES = '[(1000, "low"), (1001, "mid"), (5000, "mid"), (5001, "high")]'
MARK = '@pytest.mark.parametrize("income'


def replaced(source: str, *pairs: tuple[str, str]) -> str:
    """The source with each first text, which must be there, replaced by the second."""
    for old, new in pairs:
        assert old in source, old
        source = source.replace(old, new)
    return source


def edited(*pairs: tuple[str, str], code: str = LIMITS_EXCLUSIVE) -> Edit:
    """A change that breaks the code and edits its tests."""
    return {"tax/core.py": code, TESTED: replaced(TESTS, *pairs)}


def importing(line: str) -> tuple[str, str]:
    """An import more at the head of the tests."""
    return "import pytest\n\nfrom tax", f"{line}\n\nimport pytest\n\nfrom tax"


def applied(base: Files, edit: Edit) -> Files:
    """Head's files."""
    return {path: body for path, body in {**base, **edit}.items() if body is not None}
