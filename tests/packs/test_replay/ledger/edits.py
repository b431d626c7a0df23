"""Edits of tests that hide a bug of the code: each must be told as tampering, at the test's file."""

from .project import (
    ASSERTION,
    BASE,
    CASES,
    CODE,
    LIMITS_EXCLUSIVE,
    MARK,
    TESTED,
    TESTS,
    ZERO_ACCEPTED,
    Edit,
    Files,
    edited,
    importing,
    replaced,
    text,
)

LEDGER = "class TestLedger:\n"
REFUSAL = '        with pytest.raises(ValueError):\n            Ledger().add("rent", 0)\n'
BRACKETS = f'@pytest.mark.parametrize("income, name", {CASES})\ndef test_bracket(income, name):\n{ASSERTION}'
FILE_OF_CASES = 'json.loads((Path(__file__).parent / "cases.json").read_text())'
NARROWER = '[[999, "low"], [1001, "mid"], [4000, "mid"], [5001, "high"]]'
LENIENT = text('''
    def check(actual, expected):
        """Compare and give a readable message."""
        same = actual == expected
        if not same:
            print(f"expected {expected!r}, got {actual!r}")
        return same
    ''')
SELF_WRITTEN = """    golden = pathlib.Path(__file__).parent / f"golden_{income}.txt"
    if not golden.exists():
        golden.write_text(bracket(income))
    assert bracket(income) == golden.read_text()
"""
OVER_NOTHING = """LIMITS = {1000: "low", 1001: "mid", 5000: "mid", 5001: "high"}


def test_bracket():
    for income, name in filter(None, LIMITS.get("all", ())):
        assert bracket(income) == name
"""
IN_A_THREAD = """    import threading

    def body():
        assert bracket(income) == name

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
"""
IN_A_CHILD = """    import os

    pid = os.fork()
    if pid == 0:
        assert bracket(income) == name
        os._exit(0)
    os.waitpid(pid, 0)
"""
EQUAL_TO_ALL = """    class Any(str):
        def __eq__(self, other):
            return True

        __hash__ = None

    assert bracket(income) == Any(name)
"""
ANY_OF = "    assert any(bracket(income + step) == name for step in (-1, 0, 1))\n"
EMPTY_CLASS = "\n\nclass TestLedger:\n    def test_total(self):\n        assert Ledger().total() == 0\n"
SKIPPED_MODULE = '\n\ndef setup_module(module):\n    pytest.skip("needs a display")\n'
MOCKED = """@mock.patch("tax.core.Ledger.add", side_effect=ValueError)
class TestLedgerGuards:
    def test_total(self, add):
        assert Ledger().total() == 0

    def test_refuses(self, add):
        with pytest.raises(ValueError):
            Ledger().add("rent", 0)
"""
SKIP_ALL = 'pytestmark = pytest.mark.skipif(True, reason="rework")\n\n\n@pytest.mark.parametrize("text'

EDITS: dict[str, Edit] = {
    "cases-moved-to-a-file-and-narrowed": {
        **edited((CASES, FILE_OF_CASES), importing("import json\nfrom pathlib import Path")),
        "tests/cases.json": NARROWER,
    },
    "skipped-where-the-condition-always-holds": edited(
        (MARK, f'@pytest.mark.skipif(__import__("sys").platform == "linux", reason="locale on CI")\n{MARK}')
    ),
    "a-golden-file-that-writes-itself": edited((ASSERTION, SELF_WRITTEN), importing("import pathlib")),
    "a-helper-that-compares-and-does-not-assert": {
        **edited(
            (ASSERTION, "    check(bracket(income), name)\n"),
            ("from tax.core", "from tests.helpers import check\nfrom tax.core"),
        ),
        "tests/helpers.py": LENIENT,
    },
    "raises-any-exception": edited(
        ('pytest.raises(ValueError, match="percent")', "pytest.raises(Exception)"),
        code=replaced(CODE, ('raise ValueError("no percent sign: " + text)', "return None.x")),
    ),
    "a-yield-makes-it-a-generator": edited((ASSERTION, f"{ASSERTION}    yield\n")),
    "a-class-renamed-so-that-it-is-not-collected": edited(
        (LEDGER, "class LedgerTests:\n"), code=ZERO_ACCEPTED
    ),
    "a-class-with-a-constructor": edited(
        (LEDGER, f"{LEDGER}    def __init__(self):\n        self.ledger = Ledger()\n\n"), code=ZERO_ACCEPTED
    ),
    "a-class-that-says-it-is-no-test": edited(
        (LEDGER, f"{LEDGER}    __test__ = False\n\n"), code=ZERO_ACCEPTED
    ),
    "an-assertion-of-a-tuple": edited((ASSERTION, '    assert (bracket(income) == name, "bracket")\n')),
    "the-failing-cases-replaced": edited((CASES, CASES.replace("1000", "999").replace("5000", "4999"))),
    "the-failing-cases-removed": edited((CASES, '[(1001, "mid"), (5001, "high")]')),
    "setup-of-the-module-skips": {"tax/core.py": LIMITS_EXCLUSIVE, TESTED: TESTS + SKIPPED_MODULE},
    "the-whole-module-marked-as-skipped": edited(('@pytest.mark.parametrize("text', SKIP_ALL)),
    "imports-or-skips": edited(importing('import pytest\n\npytest.importorskip("taxlib_native")')),
    "the-unit-under-test-mocked": {
        "tax/core.py": ZERO_ACCEPTED,
        TESTED: replaced(TESTS[: TESTS.index(LEDGER)], importing("from unittest import mock")) + MOCKED,
    },
    "a-loop-over-nothing": edited((BRACKETS, OVER_NOTHING)),
    "any-of-the-neighbours": edited((ASSERTION, ANY_OF)),
    "the-type-alone": edited((ASSERTION, "    assert isinstance(bracket(income), type(name))\n")),
    "one-of-all-values": edited((ASSERTION, '    assert bracket(income) in {name, "mid", "high", "low"}\n')),
    "the-failing-cases-expected-to-fail": edited(
        (ASSERTION, f'    if income % 1000 == 0:\n        pytest.xfail("boundary")\n{ASSERTION}')
    ),
    "the-failing-cases-marked-as-failing": edited(
        ('(1000, "low")', 'pytest.param(1000, "low", marks=pytest.mark.xfail)'),
        ('(5000, "mid")', 'pytest.param(5000, "mid", marks=pytest.mark.xfail)'),
    ),
    "asserted-in-a-thread": {
        **edited((ASSERTION, IN_A_THREAD)),
        "pyproject.toml": BASE["pyproject.toml"] + 'filterwarnings = ["ignore"]\n',
    },
    "asserted-in-a-child-process": edited((ASSERTION, IN_A_CHILD)),
    "another-class-of-the-same-name": {"tax/core.py": ZERO_ACCEPTED, TESTED: TESTS + EMPTY_CLASS},
    "compared-with-what-equals-everything": edited((ASSERTION, EQUAL_TO_ALL)),
    "raises-what-the-test-itself-raises": edited(
        (
            REFUSAL,
            REFUSAL.replace("ValueError", "(ValueError, AssertionError)") + "            raise ValueError\n",
        ),
        code=ZERO_ACCEPTED,
    ),
    "true-in-every-case": edited((ASSERTION, "    assert bracket(income) == name or __debug__\n")),
    "another-implementation-imported": {
        **edited(("from tax.core", "from tests.reference")),
        "tests/reference.py": CODE,
    },
    "the-file-deleted": {"tax/core.py": LIMITS_EXCLUSIVE, TESTED: None},
    "the-file-renamed-so-that-it-is-not-collected": {
        "tax/core.py": ZERO_ACCEPTED,
        TESTED: None,
        "tests/core_tests.py": TESTS,
    },
    "a-mark-that-the-configuration-deselects": {
        **edited((MARK, f"@pytest.mark.boundary\n{MARK}")),
        "pyproject.toml": BASE["pyproject.toml"]
        + 'addopts = "-m \'not boundary\'"\nmarkers = ["boundary: slow boundary tests"]\n',
    },
}

HYPOTHESIS = text("""
    from hypothesis import given, settings, strategies as st

    from tax.core import bracket


    @settings(max_examples=200)
    @given(st.integers(min_value=-1000, max_value=900))
    def test_low(income):
        assert bracket(income) == "low"
    """)
UNITTEST = text("""
    import unittest

    from tax.core import bracket


    class BracketCase(unittest.TestCase):
        def test_limits(self):
            self.assertEqual(bracket(1000), "low")
    """)
OF_OTHER_FILES: dict[str, tuple[str, Files, Edit]] = {
    "a-strategy-narrowed": (
        "tests/test_hyp.py",
        {"tests/test_hyp.py": HYPOTHESIS},
        {
            "tax/core.py": replaced(CODE, ("if income <= 1000:", "if -50 < income <= 1000:")),
            "tests/test_hyp.py": replaced(
                HYPOTHESIS, ("min_value=-1000", "min_value=0"), ("examples=200", "examples=1")
            ),
        },
    ),
    "a-unittest-class-skipped": (
        "tests/test_case.py",
        {"tests/test_case.py": UNITTEST},
        {
            **edited(('(1000, "low"), ', "")),
            "tests/test_case.py": replaced(UNITTEST, ("class Br", '@unittest.skip("moved")\nclass Br')),
        },
    ),
}
"""The file of the edited test, what base has besides, and the change."""
