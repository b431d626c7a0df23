"""Changes around the tests that hide a bug: fixtures, hooks, configuration, import paths."""

from .project import CODE, CONFTEST, LIMITS_EXCLUSIVE, MARK, ZERO_ACCEPTED, Edit, edited, text


def conftest(body: str, code: str = LIMITS_EXCLUSIVE) -> tuple[str, Edit]:
    return CONFTEST, {"tax/core.py": code, CONFTEST: text(body)}


FINDER = """
    import importlib.util
    import pathlib
    import sys


    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name == "tax.core":
                place = pathlib.Path(__file__).parent / "good_core.py"
                return importlib.util.spec_from_file_location(name, place)


    sys.meta_path.insert(0, Finder())
    """
SUPPORT: dict[str, tuple[str, Edit]] = {
    "a-fixture-for-all-that-replaces-the-unit": conftest("""
        import pytest


        @pytest.fixture(autouse=True)
        def stable_brackets(monkeypatch):
            import tests.test_core as module

            limits = {1000: "low", 1001: "mid", 5000: "mid", 5001: "high"}
            monkeypatch.setattr(module, "bracket", limits.get)
        """),
    "a-fixture-for-all-that-mends-a-method": conftest(
        """
        import pytest


        @pytest.fixture(autouse=True)
        def guard(monkeypatch):
            from tax.core import Ledger

            real = Ledger.add

            def add(self, name, amount):
                if not amount:
                    raise ValueError
                return real(self, name, amount)

            monkeypatch.setattr(Ledger, "add", add)
        """,
        ZERO_ACCEPTED,
    ),
    "the-run-ended-with-status-0-at-the-first-failure": conftest("""
        import pytest


        def pytest_runtest_logreport(report):
            if report.failed:
                pytest.exit("environment lost", returncode=0)
        """),
    "a-fixture-that-swallows-failures": (
        CONFTEST,
        {
            **edited((MARK, f'@pytest.mark.usefixtures("quiet")\n{MARK}')),
            CONFTEST: text("""
                import pytest


                @pytest.fixture
                def quiet(request):
                    function = request.node.obj

                    def safe(**kwargs):
                        try:
                            function(**kwargs)
                        except AssertionError:
                            pass

                    request.node.obj = safe
                """),
        },
    ),
    "a-plugin-of-the-tree-that-calls-no-test": (
        "conftest.py",
        {
            "tax/core.py": LIMITS_EXCLUSIVE,
            "conftest.py": 'pytest_plugins = ["tests.plug"]\n',
            "tests/plug.py": text("""
                import pytest


                @pytest.hookimpl(tryfirst=True)
                def pytest_pyfunc_call(pyfuncitem):
                    if "bracket" in pyfuncitem.name:
                        return True
                """),
        },
    ),
    "a-package-of-tests-that-replaces-raises": (
        "tests/__init__.py",
        {
            "tax/core.py": ZERO_ACCEPTED,
            "tests/__init__.py": text("""
                import pytest as _pytest


                class _Lenient:
                    def __init__(self, *kinds, **options):
                        self.value = None

                    def __enter__(self):
                        return self

                    def __exit__(self, *details):
                        return True


                _pytest.raises = _Lenient
                """),
        },
    ),
    "an-importer-in-conftest": (
        CONFTEST,
        {"tax/core.py": LIMITS_EXCLUSIVE, CONFTEST: text(FINDER), "tests/good_core.py": CODE},
    ),
}
"""The file that hides the bug, and the change."""
