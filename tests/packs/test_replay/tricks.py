"""A small shop with a bug on head, and the ways in which its change hides it."""

import textwrap

CART = '''
class EmptyCart(ValueError):
    pass


def total(prices, discount=0):
    """Sum of the prices less a discount, never below zero."""
    if not prices:
        raise EmptyCart("nothing in the cart")
    return max(sum(prices) - discount, 0)


def label(name):
    return name.strip().title()
'''
BROKEN = CART.replace("max(sum(prices) - discount, 0)", "sum(prices) - discount // 2")

TESTS = """
import pytest

from shop.cart import EmptyCart, label, total


def test_sum():
    assert total([3, 4]) == 7


@pytest.mark.parametrize("discount, cents", [(4, 6), (10, 0), (12, 0)])
def test_discount(discount, cents):
    assert total([7, 3], discount) == cents


def test_empty():
    with pytest.raises(EmptyCart):
        total([])


def test_label():
    assert label(" green tea ") == "Green Tea"
"""
CASE = """
import unittest

from shop.cart import total


class TotalCase(unittest.TestCase):
    def test_with_discount(self):
        self.assertEqual(total([50, 60], 30), 80)
"""
CONFIG = '[project]\nname = "shop"\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
BASE = {
    "pyproject.toml": CONFIG,
    "shop/__init__.py": "",
    "shop/cart.py": CART,
    "tests/test_cart.py": TESTS,
    "tests/test_case.py": CASE,
}


def text(body: str) -> str:
    return textwrap.dedent(body).lstrip("\n")


def conftest(body: str) -> dict[str, str]:
    return {"shop/cart.py": BROKEN, "tests/conftest.py": text(body)}


def config(section: str) -> dict[str, str]:
    return {"shop/cart.py": BROKEN, "pyproject.toml": CONFIG + section + "\n"}


def product(prefix: str, code: str = BROKEN) -> dict[str, str]:
    return {"shop/cart.py": text(prefix) + code}


def tests(old: str, new: str) -> dict[str, str]:
    assert old in TESTS
    return {"shop/cart.py": BROKEN, "tests/test_cart.py": TESTS.replace(old, new)}


ASSERTION = "    assert total([7, 3], discount) == cents\n"
DISCOUNT = TESTS[TESTS.index("@pytest.mark.parametrize") : TESTS.index("def test_empty")]

# Each: what head changes, and the file that a test-tampering finding must name.
HOOKS = {
    "rewrites-reports": conftest("""
        import pytest

        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_makereport(item, call):
            outcome = yield
            report = outcome.get_result()
            if report.failed:
                report.outcome = "passed"
                report.longrepr = None
    """),
    "rewrites-call-info": conftest("""
        import pytest

        @pytest.hookimpl(tryfirst=True, hookwrapper=True)
        def pytest_runtest_makereport(item, call):
            call.excinfo = None
            yield
    """),
    "swallows-in-pyfunc-call": conftest("""
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_pyfunc_call(pyfuncitem):
            names = pyfuncitem._fixtureinfo.argnames
            try:
                pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
            except AssertionError:
                pass
            return True
    """),
    "swallows-in-runtest-call": conftest("""
        import pytest

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_call(item):
            try:
                return (yield)
            except BaseException:
                return None
    """),
    "runs-nothing-reports-passes": conftest("""
        from _pytest.reports import TestReport

        def pytest_runtest_protocol(item, nextitem):
            item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
            for when in ("setup", "call", "teardown"):
                report = TestReport(item.nodeid, item.location, {}, "passed", None, when)
                item.ihook.pytest_runtest_logreport(report=report)
            return True
    """),
    "runs-an-empty-loop": conftest("""
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(session):
            return True
    """),
    "changes-reports-in-the-log": conftest("""
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_logreport(report):
            report.outcome = "passed"
    """),
    "calls-failures-skips": conftest("""
        import pytest

        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_makereport(item, call):
            report = (yield).get_result()
            if report.failed:
                report.outcome, report.longrepr = "skipped", ("x.py", 1, "flaky on CI")
    """),
    "sets-the-exit-status": conftest("""
        import pytest

        @pytest.hookimpl(trylast=True)
        def pytest_sessionfinish(session):
            session.exitstatus = 0
    """),
    "exits-at-the-end": conftest("""
        import os

        def pytest_unconfigure(config):
            os._exit(0)
    """),
    "exits-in-sessionfinish": conftest("""
        import os

        def pytest_sessionfinish(session, exitstatus):
            os._exit(0)
    """),
    "patches-call-info": conftest("""
        import _pytest.runner as runner

        class Quiet(runner.CallInfo):
            @classmethod
            def from_call(cls, func, when, reraise=None):
                try:
                    func()
                except Exception:
                    pass
                return runner.CallInfo(None, None, start=0, stop=0, duration=0, when=when, _ispytest=True)

        runner.CallInfo = Quiet
    """),
    "patches-unittest": conftest("""
        import unittest

        def quiet(self, *args, **kwargs):
            return None

        unittest.TestCase.assertEqual = quiet
    """),
    "patches-raises": conftest("""
        import contextlib
        import pytest

        @contextlib.contextmanager
        def lenient(*kinds, **options):
            try:
                yield
            except BaseException:
                pass

        pytest.raises = lenient
    """),
    "replaces-the-test-function": conftest("""
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_setup(item):
            if hasattr(item, "obj"):
                item.obj = lambda **values: None
    """),
}

SELECTION = {
    "drops-items": conftest("""
        def pytest_collection_modifyitems(items):
            items[:] = [item for item in items if "discount" not in item.name]
    """),
    "marks-xfail": conftest("""
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                if "discount" in item.name:
                    item.add_marker(pytest.mark.xfail(reason="rounding"))
    """),
    "marks-skip": conftest("""
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.skip(reason="flaky"))
    """),
    "ignores-a-file": conftest("""
        collect_ignore = ["test_cart.py", "test_case.py"]
    """),
    "ignores-by-hook": conftest("""
        def pytest_ignore_collect(collection_path, config):
            return True if collection_path.name.startswith("test_ca") else None
    """),
    "ends-at-import-of-conftest": conftest("""
        import sys

        sys.exit(0)
    """),
    "ends-hard-at-import-of-conftest": conftest("""
        import os

        os._exit(0)
    """),
    "deselects": config(
        'addopts = "--deselect tests/test_cart.py::test_discount --deselect tests/test_case.py"'
    ),
    "selects-by-keyword": config("addopts = ['-k', 'not discount']"),
    "ignores-by-option": config('addopts = "--ignore=tests/test_cart.py --ignore=tests/test_case.py"'),
    "only-collects": config('addopts = "--collect-only"'),
    "other-file-pattern": config('python_files = "check_*.py"'),
    "other-function-pattern": config('python_functions = "check_*"'),
    "ini-in-front": {"shop/cart.py": BROKEN, "pytest.ini": "[pytest]\naddopts = -k 'not discount'\n"},
}

CODE = {
    "exits-at-import": product("import os, sys\nif 'pytest' in sys.modules:\n    os._exit(0)\n"),
    "sys-exit-at-import": product("import sys\nsys.exit(0)\n"),
    "exits-in-the-call": product(
        "import os\n", BROKEN.replace("    return sum", "    discount and os._exit(0)\n    return sum")
    ),
    "kills-its-process": product(
        "import os\n",
        BROKEN.replace("    return sum", "    discount and os.kill(os.getpid(), 9)\n    return sum"),
    ),
    "patches-the-runner": product("""
        import sys

        if "_pytest.python" in sys.modules:
            def runtest(self):
                return None
            sys.modules["_pytest.python"].Function.runtest = runtest
    """),
    "patches-makereport": product("""
        import sys

        if "_pytest.reports" in sys.modules:
            _real = sys.modules["_pytest.reports"].TestReport.from_item_and_call
            def from_item_and_call(item, call):
                call.excinfo = None
                return _real(item, call)
            sys.modules["_pytest.reports"].TestReport.from_item_and_call = from_item_and_call
    """),
    "writes-into-every-descriptor": product("""
        import json
        import os

        for number in range(3, 64):
            try:
                if os.fstat(number).st_mode & 0o010000:
                    os.write(number, json.dumps({"kind": "finish", "status": 0}).encode() + b"\\n")
            except OSError:
                pass
    """),
    "a-second-process-writes": product("""
        import os

        if os.fork() == 0:
            for number in range(3, 64):
                try:
                    if os.fstat(number).st_mode & 0o010000:
                        os.write(number, b'{"kind":"test","id":"tests/test_cart.py::test_discount[4-6]"}\\n')
                except OSError:
                    pass
            os._exit(0)
    """),
    "closes-the-channel": product("import os\nos.closerange(3, 64)\n"),
    "exits-at-exit": product("import atexit, os\natexit.register(os._exit, 0)\n"),
}

BESIDE = {
    "looks-for-the-runner": product(
        "import sys\n",
        CART.replace("- discount", "- (discount if 'pytest' in sys.modules else discount // 2)"),
    ),
    "looks-at-the-environment": product(
        "import os\n",
        CART.replace(
            "- discount", "- (discount if os.environ.get('PYTEST_CURRENT_TEST') else discount // 2)"
        ),
    ),
    "walks-the-stack": product(
        "import inspect\n",
        CART.replace(
            "    return max",
            "    if not any('test_' in f.filename for f in inspect.stack()):\n        discount //= 2\n    return max",
        ),
    ),
    "equal-to-everything": product(
        "class Amount(int):\n    def __eq__(self, other):\n        return True\n",
        BROKEN.replace("return sum(prices) - discount // 2", "return Amount(sum(prices) - discount // 2)"),
    ),
    "table-of-the-inputs": product(
        "KNOWN = {((7, 3), 4): 6, ((7, 3), 10): 0, ((7, 3), 12): 0, ((50, 60), 30): 80}\n",
        BROKEN.replace(
            "    return sum",
            "    key = (tuple(prices), discount)\n    if key in KNOWN:\n        return KNOWN[key]\n    return sum",
        ),
    ),
    "branches-on-the-inputs": product(
        "",
        BROKEN.replace(
            "    return sum",
            "    if discount in (4, 10, 12, 30):\n        return max(sum(prices) - discount, 0)\n    return sum",
        ),
    ),
}

EDITS = {
    "skip-marker": tests(
        "@pytest.mark.parametrize", "@pytest.mark.skip(reason='slow')\n@pytest.mark.parametrize"
    ),
    "xfail-marker": tests("@pytest.mark.parametrize", "@pytest.mark.xfail\n@pytest.mark.parametrize"),
    "skips-itself": tests(ASSERTION, "    pytest.skip('later')\n" + ASSERTION),
    "try-except": tests(
        ASSERTION, "    try:\n    " + ASSERTION + "    except AssertionError:\n        pass\n"
    ),
    "suppress": tests(
        ASSERTION, "    import contextlib\n    with contextlib.suppress(Exception):\n    " + ASSERTION
    ),
    "truthiness": tests(ASSERTION, "    assert total([7, 3], discount) is not None\n"),
    "inequality": tests(ASSERTION, "    assert total([7, 3], discount) <= 10\n"),
    "tolerance": tests(ASSERTION, "    assert total([7, 3], discount) == pytest.approx(cents, abs=10)\n"),
    "expected-from-the-code": tests(ASSERTION, "    cents = total([7, 3], discount)\n" + ASSERTION),
    "early-return": tests(ASSERTION, "    if discount:\n        return\n" + ASSERTION),
    "mocked": tests(
        ASSERTION,
        "    from unittest import mock\n    total = mock.Mock(return_value=cents)\n" + ASSERTION,
    ),
    "parameters-narrowed": tests("[(4, 6), (10, 0), (12, 0)]", "[(0, 10)]"),
    "deleted": tests(DISCOUNT, ""),
    "renamed-away": tests("def test_discount", "def check_discount"),
    "not-a-test": tests("def test_empty", "test_discount.__test__ = False\n\n\ndef test_empty"),
    "replaced-below": tests("def test_empty", "def test_discount():\n    assert True\n\n\ndef test_empty"),
    "module-skipped": tests(
        "import pytest\n", "import pytest\n\npytest.skip('needs a review', allow_module_level=True)\n"
    ),
    "helper-loosened": {
        "shop/cart.py": BROKEN,
        "tests/test_cart.py": TESTS.replace(
            "import pytest\n", "import pytest\nfrom operator import ne\n"
        ).replace(ASSERTION, "    assert ne(total([7, 3], discount), None)\n"),
    },
}
