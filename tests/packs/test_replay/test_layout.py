"""Reading test configuration, and telling tests from code."""

from pathlib import Path

import pytest

from harness.check.interface import Snapshot
from tests.packs.test_replay.local import part, write

layout = part("layout")


def read(tmp_path: Path, files):
    return layout.read_layout(Snapshot("0" * 40, write(tmp_path, files)))


def test_pyproject_is_read(tmp_path):
    section = '[tool.pytest.ini_options]\npython_files = "check_*.py"\n'
    section += 'testpaths = ["checks"]\naddopts = "-q -k \'not slow\'"\n'
    found = read(tmp_path, {"pyproject.toml": section})
    assert found.config == "pyproject.toml"
    assert found.matches("check_cart.py")
    assert not found.matches("test_cart.py")
    assert found.testpaths == ("checks",)
    assert found.addopts == ("-q", "-k", "not slow")


def test_pytest_ini_goes_before_pyproject(tmp_path):
    files = {"pytest.ini": "", "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-k x"\n'}
    found = read(tmp_path, files)
    assert (found.config, found.addopts) == ("pytest.ini", ())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tox.ini", "[pytest]\npython_files = t_*.py\n"),
        ("setup.cfg", "[tool:pytest]\npython_files = t_*.py\n"),
    ],
)
def test_ini_files_are_read(tmp_path, name, text):
    found = read(tmp_path, {name: text})
    assert (found.config, found.python_files) == (name, ("t_*.py",))


@pytest.mark.parametrize(
    "text", ["", "[", "[tool]\npytest = 3\n", "a = [" * 2000, "[tool.pytest.ini_options]\naddopts = 3\n"]
)
def test_a_damaged_pyproject_gives_defaults(tmp_path, text):
    found = read(tmp_path, {"pyproject.toml": text})
    assert found.python_files == layout.DEFAULT_FILES
    assert found.addopts == ()


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (("-ra", "-q", "--tb", "short", "-x"), [[]]),
        (("-k", "not slow", "-n", "4", "--cov=shop", "--cov-report", "term"), [["-k", "not slow"]]),
        (("--deselect=tests/a.py::b", "-vv", "tests"), [["--deselect=tests/a.py::b", "tests"]]),
        (("--ds=settings", "-m", "fast"), [["--ds=settings", "-m", "fast"], ["-m", "fast"]]),
        (("--doctest-modules", "--junitxml=out.xml", "-n4", "-vvs"), [["--doctest-modules"]]),
    ],
)
def test_only_options_that_choose_tests_are_kept(options, kept):
    assert layout.Layout(addopts=options).kept_options() == kept


@pytest.mark.parametrize(
    "path",
    ["tests/data/rows.csv", "conftest.py", "shop/conftest.py", "shop/test_cart.py", "pkg/cart_test.py",
     "pyproject.toml", "pytest.ini", "sitecustomize.py", "evil.pth", "pkg/tests/helpers.py"],
)  # fmt: skip
def test_these_belong_to_the_tests(path):
    assert layout.is_test_path(path, [layout.Layout()])


@pytest.mark.parametrize(
    "path", ["shop/cart.py", "testing.py", "contest.py", "docs/pyproject.toml", "shop/latest.py"]
)
def test_these_are_code(path):
    assert not layout.is_test_path(path, [layout.Layout()])


def test_a_source_folder_among_the_test_paths_stays_code():
    found = layout.Layout(testpaths=("src", "tests_unit"))
    assert not layout.is_test_path("src/shop/cart.py", [found])
    assert layout.is_test_path("tests_unit/data.json", [found])
