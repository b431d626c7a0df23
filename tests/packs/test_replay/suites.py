"""Suites of all kinds for one small function, which head's code breaks."""

from tests.packs.test_replay.tricks import text

RIGHT = "def double(value):\n    return value * 2\n"
WRONG = "def double(value):\n    return value * 3\n"
TEST = "from pkg.core import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
PACKAGE = {"pkg/__init__.py": "", "pkg/core.py": RIGHT}


def ini(options: str) -> str:
    return f"[tool.pytest.ini_options]\n{options}\n"


LAYOUTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "src-layout": (
        "src/pkg/core.py",
        "tests/test_core.py::test_double",
        {"src/pkg/__init__.py": "", "src/pkg/core.py": RIGHT, "tests/test_core.py": TEST},
    ),
    "namespace-package": (
        "company/pkg/core.py",
        "tests/test_core.py::test_double",
        {"company/pkg/core.py": RIGHT, "tests/test_core.py": TEST.replace("pkg.core", "company.pkg.core")},
    ),
    "tests-beside-the-code": (
        "pkg/core.py",
        "pkg/test_core.py::test_double",
        {**PACKAGE, "pkg/test_core.py": TEST},
    ),
    "doctest-modules": (
        "pkg/core.py",
        "pkg/core.py::pkg.core.half",
        {
            **PACKAGE,
            "pyproject.toml": ini('addopts = "--doctest-modules"'),
            "pkg/core.py": f'{RIGHT}\n\ndef half(value):\n    """\n    >>> half(double(4))\n    4.0\n    """\n'
            "    return value / 2\n",
            "tests/test_nothing.py": "def test_nothing():\n    assert True\n",
        },
    ),
    "unittest-async": (
        "pkg/core.py",
        "tests/test_case.py::Case::test_double",
        {
            **PACKAGE,
            "tests/test_case.py": text("""
                import unittest

                from pkg.core import double


                class Case(unittest.IsolatedAsyncioTestCase):
                    async def test_double(self):
                        self.assertEqual(double(2), 4)
            """),
        },
    ),
    "unittest": (
        "pkg/core.py",
        "tests/test_case.py::Case::test_double",
        {
            **PACKAGE,
            "tests/test_case.py": text("""
                import unittest

                from pkg.core import double


                class Case(unittest.TestCase):
                    def setUp(self):
                        self.value = 2

                    def test_double(self):
                        self.assertEqual(double(self.value), 4)
            """),
        },
    ),
    "xdist-in-addopts": (
        "pkg/core.py",
        "tests/test_core.py::test_double",
        {**PACKAGE, "pyproject.toml": ini('addopts = "-n 4 --dist loadfile"'), "tests/test_core.py": TEST},
    ),
    "parametrised-3000-times": (
        "pkg/core.py",
        "tests/test_core.py::test_double[2999]",
        {
            **PACKAGE,
            "tests/test_core.py": text("""
                import pytest

                from pkg.core import double


                @pytest.mark.parametrize("value", range(3_000))
                def test_double(value):
                    assert double(value) == (value * 2 if value == 2999 else double(value))
            """),
        },
    ),
}
"""The file of the code, the test that fails on head's code, and base."""
