"""Imports that nothing provides, and the many ordinary ways in which something does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs.two_trees import part, verify

PROJECT = """\
[project]
name = "my-shop"
version = "1"
dependencies = ["PyYAML>=6", "google-cloud-storage", "pytest-django"]
"""
imports = part("dependencies", "imports")


def found(tmp_path, code, more=None, base="x = 1\n", project=PROJECT):
    tree = {"pyproject.toml": project, **(more or {})}
    outcome, _ = verify("dependencies", tmp_path, {**tree, "shop/a.py": base}, {**tree, "shop/a.py": code})
    return [(one.rule, one.severity, one.location.line) for one in outcome.findings]


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("import os\nimport superfastjsonx\n", "medium"),
        ("import os\nfrom yamlplusplus.loader import Loader\n", "medium"),
        ("def f():\n    import reqeusts\n", "medium"),
        ("import os\nimport requests\n", "low"),
        ("import os\nfrom PIL import Image\n", "low"),
    ],
)
def test_what_nothing_provides(tmp_path, code, severity):
    assert found(tmp_path, code) == [("dependency-undeclared", severity, 2)]


@pytest.mark.parametrize(
    "code",
    [
        "import yaml, tomllib, __future__\n",
        "from google.cloud import storage\nimport pytest_django\nimport my_shop\n",
        "from . import b\nfrom shop import b\nimport tools, conftest\n",
        "try:\n    import orjson\nexcept ImportError:\n    orjson = None\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas\n",
        "import sys\nif sys.platform == 'win32':\n    import winreg, pywintypes\n",
        "import numpy\n",  # another file of base imports it already
        "import click\n",  # setup.py names it
        "def broken(:\n",
    ],
)
def test_what_something_provides(tmp_path, code):
    more = {
        "shop/b.py": "import numpy\n", "scripts/tools.py": "", "tests/conftest.py": "",
        "setup.py": "setup(install_requires=['Click'])\n",
    }  # fmt: skip
    assert found(tmp_path, code, more) == []


@pytest.mark.parametrize(("path", "told"), [("tests/test_a.py", []), ("shop/a.py", ["low"])])
def test_who_runs_the_tests_brings_what_runs_them(tmp_path, path, told):
    tree = {"pyproject.toml": PROJECT.replace(', "pytest-django"', ""), path: "x = 1\n"}
    outcome, _ = verify("dependencies", tmp_path, tree, {**tree, path: "import pytest\nx = 1\n"})
    assert [one.severity for one in outcome.findings] == told


def test_an_old_import_is_not_new(tmp_path):
    assert found(tmp_path, "import superfastjsonx\ny = 2\n", base="import superfastjsonx\n") == []


def test_nothing_is_said_where_nothing_is_declared(tmp_path):
    tree = {"shop/a.py": "x = 1\n", "package.json": "{}"}
    outcome, _ = verify("dependencies", tmp_path, tree, {**tree, "shop/a.py": "import superfastjsonx\n"})
    assert not outcome.findings


@given(st.text(max_size=200))
def test_any_text_is_read_or_left(text):
    for name, line in imports.imported("import a\n" + text):
        assert name
        assert line >= 1
