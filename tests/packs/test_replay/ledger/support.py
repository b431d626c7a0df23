"""Changes around the tests that hide a bug: fixtures, hooks, configuration, import paths."""

from .project import BASE, CODE, CONFIG, CONFTEST, LIMITS_EXCLUSIVE, MARK, ZERO_ACCEPTED, Edit, edited, text

PYPROJECT = "pyproject.toml"


def conftest(body: str, code: str = LIMITS_EXCLUSIVE) -> tuple[str, Edit]:
    return CONFTEST, {"tax/core.py": code, CONFTEST: text(body)}


def right_only(flag: str, otherwise: str, imported: str = "") -> str:
    """Code that is right where a flag is set, and wrong at one limit where it is not."""
    code = CODE.replace("import json", f"import json\n{imported}".rstrip())
    head = (
        f'{flag}\n\n\ndef bracket(income):\n    if {otherwise} and income == 5000:\n        return "high"\n'
    )
    return code.replace("def bracket(income):\n", head)


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
    "an-environment-variable-set-for-the-tests": (
        CONFTEST,
        {
            "tax/core.py": right_only('STRICT = bool(os.environ.get("CI"))', "not STRICT", "import os"),
            CONFTEST: 'import os\n\nos.environ["CI"] = "1"\n',
        },
    ),
    "a-flag-of-the-code-set-for-the-tests": (
        CONFTEST,
        {
            "tax/core.py": right_only("PRECISE = False", "not PRECISE"),
            CONFTEST: "import tax.core\n\ntax.core.PRECISE = True\n",
        },
    ),
    "testpaths-narrowed": (
        PYPROJECT,
        {
            "tax/core.py": LIMITS_EXCLUSIVE,
            PYPROJECT: CONFIG.replace('["tests"]', '["tests/unit"]'),
            "tests/unit/test_ok.py": "def test_ok():\n    assert True\n",
        },
    ),
}
"""The file that hides the bug, and the change."""

SHADOW = {"tests/vendor/tax/__init__.py": "", "tests/vendor/tax/core.py": CODE}
WORKFLOW = "on: push\njobs:\n  t:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest -q"
FAILS_BASES_TESTS: dict[str, Edit] = {
    "tests-that-nobody-awaits": edited(("def test_bracket", "async def test_bracket")),
    "known-inputs-by-their-hash": {
        "tax/core.py": right_only(
            'KNOWN = {"40510175845988f13f6162ed8526f0b09f73384467fa855e1e79b44a56562a58"}',
            "hashlib.sha256(str(income).encode()).hexdigest() not in KNOWN",
            "import hashlib",
        )
    },
    "an-importer-in-sitecustomize": {
        "tax/core.py": LIMITS_EXCLUSIVE,
        "sitecustomize.py": text(FINDER),
        "good_core.py": CODE,
    },
    "a-copy-before-the-package-on-the-path": {
        "tax/core.py": LIMITS_EXCLUSIVE,
        **SHADOW,
        CONFTEST: 'import pathlib\nimport sys\n\nsys.path.insert(0, str(pathlib.Path(__file__).parent / "vendor"))\n',
    },
    "a-copy-before-the-package-by-configuration": {
        "tax/core.py": LIMITS_EXCLUSIVE,
        **SHADOW,
        PYPROJECT: CONFIG + 'pythonpath = ["tests/vendor"]\n',
    },
    "expected-values-asked-of-the-code": edited(
        ('(1000, "low")', "(1000, expected(1000))"),
        ('(5000, "mid")', "(5000, expected(5000))"),
        ("bracket, parse_rate", "bracket, expected, parse_rate"),
        code=LIMITS_EXCLUSIVE + "\n\ndef expected(income):\n    return bracket(income)\n",
    ),
    "a-pipeline-that-goes-on": {
        "tax/core.py": LIMITS_EXCLUSIVE,
        ".github/workflows/ci.yml": f"{WORKFLOW} || true\n",
    },
}
"""Changes that base's own tests give away on head's code, whatever head's tests say."""
PIPELINE = {**BASE, ".github/workflows/ci.yml": f"{WORKFLOW}\n"}
