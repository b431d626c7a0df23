"""Honest work on the project's tests, configuration and code: none of it is an alarm."""

from .project import CODE, CONFIG, TESTED, TESTS, Edit, replaced, text

ADDING = """        ledger = Ledger()
        ledger.add("rent", 10)
        ledger.add("food", 5)
        assert ledger.total() == 15
"""
REFUSAL = "        with pytest.raises(ValueError):\n            Ledger()"
RATES = """

def test_apply_rate():
    assert apply_rate(100, 0.2) == 120.0
    assert apply_rate(10.5, 0.1) == 11.55
"""
AS_UNITTEST = text("""
    import unittest

    from tax.core import Ledger, apply_rate, bracket, parse_rate


    class ParseRate(unittest.TestCase):
        def test_parse_rate(self):
            for text, rate in [("12.5%", 0.125), ("0%", 0.0), ("100%", 1.0)]:
                with self.subTest(text):
                    self.assertEqual(parse_rate(text), rate)

        def test_parse_rate_needs_percent(self):
            with self.assertRaisesRegex(ValueError, "percent"):
                parse_rate("12")

        def test_apply_rate(self):
            self.assertEqual(apply_rate(100, 0.2), 120.0)
            self.assertEqual(apply_rate(10.5, 0.1), 11.55)

        def test_bracket(self):
            for income, name in [(1000, "low"), (1001, "mid"), (5000, "mid"), (5001, "high")]:
                self.assertEqual(bracket(income), name)


    class TestLedger(unittest.TestCase):
        def test_total(self):
            ledger = Ledger()
            ledger.add("rent", 10)
            ledger.add("food", 5)
            self.assertEqual(ledger.total(), 15)

        def test_refuses(self):
            with self.assertRaises(ValueError):
                Ledger().add("rent", 0)
    """)
HELPER = text("""
    from tax.core import Ledger


    def filled(*rows):
        ledger = Ledger()
        for name, amount in rows:
            ledger.add(name, amount)
        return ledger
    """)
NO_NETWORK = text("""
    import socket

    import pytest


    @pytest.fixture(autouse=True)
    def no_network(monkeypatch):
        def refuse(*args, **kwargs):
            raise RuntimeError("no network in tests")

        monkeypatch.setattr(socket.socket, "connect", refuse)
    """)
SLOW_ON_REQUEST = text("""
    import pytest


    def pytest_addoption(parser):
        parser.addoption("--slow", action="store_true", help="run slow tests")


    def pytest_configure(config):
        config.addinivalue_line("markers", "slow: takes long")


    def pytest_collection_modifyitems(config, items):
        if config.getoption("--slow"):
            return
        skip = pytest.mark.skip(reason="needs --slow")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)
    """)
SLOW_TEST = text("""
    import pytest

    from tax.core import Ledger


    @pytest.mark.slow
    def test_many():
        ledger = Ledger()
        for n in range(1, 1000):
            ledger.add(str(n), n)
        assert ledger.total() == 499500
    """)
PROPERTY = text("""
    from hypothesis import given, strategies as st

    from tax.core import bracket


    @given(st.integers())
    def test_known(income):
        assert bracket(income) in ("low", "mid", "high")
    """)
FETCH = '\n\ndef fetch(client, name):\n    return parse_rate(client.get("/rates/" + name).text)\n'
FETCHED = """

def test_fetch():
    client = Mock()
    client.get.return_value.text = "5%"
    assert fetch(client, "x") == 0.05
    client.get.assert_called_once_with("/rates/x")
"""
OTHER_PLATFORM = text("""
    import sys

    import pytest


    @pytest.mark.skipif(sys.platform != "win32", reason="paths of Windows")
    def test_win():
        assert False
    """)
BRACKET = CODE[CODE.index("def bracket") : CODE.index("\n\n\nclass Ledger")]
TABLE = text("""
    LIMITS = {1000: "low", 5000: "mid"}


    def bracket(income):
        for limit, name in LIMITS.items():
            if income <= limit:
                return name
        return "high\"""").rstrip()


def tests(*pairs: tuple[str, str]) -> Edit:
    return {TESTED: replaced(TESTS, *pairs)}


def config(more: str) -> Edit:
    return {"pyproject.toml": CONFIG + more}


UPDATES: dict[str, Edit] = {
    "a-match-added-to-raises": tests((REFUSAL, REFUSAL.replace("Error)", 'Error, match="positive")'))),
    "a-helper-extracted": {
        **tests(
            (ADDING, '        assert filled(("rent", 10), ("food", 5)).total() == 15\n'),
            ("import pytest\n", "import pytest\n\nfrom tests.helpers import filled\n"),
        ),
        "tests/helpers.py": HELPER,
    },
    "tests-moved-into-a-folder": {
        TESTED: None,
        "tests/unit/__init__.py": "",
        "tests/unit/test_core.py": TESTS,
    },
    "an-assertion-added": tests(
        (ADDING, ADDING + '        assert ledger.rows == [("rent", 10), ("food", 5)]\n'),
    ),
    "coverage-limit-raised": config("\n[tool.coverage.report]\nfail_under = 95\n"),
    "xdist-configured": config('addopts = "-n 2 --dist loadscope"\n'),
    "strict-markers": config('addopts = "-ra --strict-markers --strict-config"\nxfail_strict = true\n'),
    "tox-configured": {"tox.ini": "[tox]\nenvlist = py311\n\n[testenv]\ncommands = pytest\n"},
    "pytest-becomes-unittest": {TESTED: AS_UNITTEST},
    "a-value-declared": {
        **tests(('(5000, "mid"), (5001, "high")', '(6000, "mid"), (6001, "high")')),
        "tax/core.py": replaced(CODE, ("if income <= 5000:", "if income <= 6000:")),
        "CHANGELOG.md": "mid now ends at 6000\n",
    },
    "another-error-declared": {
        **tests((REFUSAL, REFUSAL.replace("ValueError", "TypeError"))),
        "tax/core.py": replaced(CODE, ('ValueError("amount', 'TypeError("amount')),
    },
    "a-class-renamed": {
        **tests(("Ledger", "Book")),
        "tax/core.py": replaced(CODE, ("Ledger", "Book")),
    },
    "an-attribute-renamed": {"tax/core.py": replaced(CODE, ("rows", "entries"))},
    "network-refused-in-tests": {"tests/conftest.py": NO_NETWORK},
    "slow-tests-on-request": {"tests/conftest.py": SLOW_ON_REQUEST, "tests/test_big.py": SLOW_TEST},
    "a-hypothesis-test-added": {"tests/test_props.py": PROPERTY},
    "a-mock-for-a-new-function": {
        "tax/core.py": CODE + FETCH,
        TESTED: replaced(
            TESTS,
            ("import pytest\n", "from unittest.mock import Mock\n\nimport pytest\n"),
            ("bracket, parse_rate", "bracket, fetch, parse_rate"),
        )
        + FETCHED,
    },
    "a-test-of-another-platform": {"tests/test_win.py": OTHER_PLATFORM},
    "a-test-deleted-whose-code-holds": tests((RATES, ""), ("Ledger, apply_rate, bracket", "Ledger, bracket")),
    "the-package-moved-into-src": {
        "tax/__init__.py": None,
        "tax/core.py": None,
        "src/tax/__init__.py": "",
        "src/tax/core.py": CODE,
        **config('pythonpath = ["src"]\n'),
    },
    "branches-become-a-table": {"tax/core.py": replaced(CODE, (BRACKET, TABLE))},
}
# The parameters of a method in another order break every caller that head does not know of.
BREAKS_CALLERS: Edit = {
    **tests(
        ('add("rent", 10)', 'add(10, "rent")'),
        ('add("food", 5)', 'add(5, "food")'),
        ('add("rent", 0)', 'add(0, "rent")'),
    ),
    "tax/core.py": replaced(CODE, ("def add(self, name, amount):", 'def add(self, amount, name=""):')),
}
