"""Folders that hold no test are not looked through, and no test is ever lost by it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "harness" / "guest"))

from guestlib import bare

pytest_plugins = ("pytester",)
TEST = "def test_one():\n    assert True\n"


def collected(pytester: pytest.Pytester, files: dict[str, str], *arguments: str) -> tuple[set[str], set[str]]:
    """Ids that are collected, and the folders that were asked about and left out."""
    for path, text in files.items():
        place = pytester.path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    plugin = bare.Bare()
    ids: set[str] = set()

    class Noting:
        def pytest_collection_finish(self, session: pytest.Session) -> None:
            ids.update(item.nodeid for item in session.items)

    bare.plugins()
    status = pytester.inline_run(
        "-p", "no:cacheprovider", "--collect-only", *arguments, plugins=[plugin, Noting()]
    )
    assert status.ret in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    left_out = {
        str(Path(path).relative_to(pytester.path)) for path, is_bare in plugin.known.items() if is_bare
    }
    return ids, left_out


def test_data_and_code_are_left_out(pytester: pytest.Pytester) -> None:
    files = {"data/a/b.json": "{}", "shop/price.py": "", "tests/test_a.py": TEST}
    assert collected(pytester, files) == ({"tests/test_a.py::test_one"}, {"data", "data/a", "shop"})


def test_tests_below_data_are_found(pytester: pytest.Pytester) -> None:
    files = {"data/a/b.json": "{}", "data/deep/er/test_a.py": TEST, "data/deep/x.txt": ""}
    assert collected(pytester, files) == ({"data/deep/er/test_a.py::test_one"}, {"data/a"})


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("[pytest]\npython_files = check_*.py", "checks/check_a.py"),
        ("[pytest]\npython_files = *.py", "checks/a.py"),
        ("[pytest]\npython_files = checks/*.py", "checks/a.py"),
    ],
)
def test_names_as_configured(pytester: pytest.Pytester, setting: str, name: str) -> None:
    found, left_out = collected(pytester, {"pytest.ini": setting, name: TEST, "other/x.csv": ""})
    assert found == {f"{name}::test_one"}
    assert left_out == {"other"}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("guide/test_talk.txt", ()),
        ("guide/talk.rst", ("--doctest-glob=*.rst",)),
        ("guide/talk.rst", ("--doctest-glob=guide/*.rst",)),
    ],
)
def test_examples_in_texts(pytester: pytest.Pytester, name: str, arguments: tuple[str, ...]) -> None:
    found, _ = collected(pytester, {name: ">>> 1 + 1\n2\n"}, *arguments)
    assert found == {f"{name}::{name.rpartition('/')[2]}"}


def test_examples_in_modules(pytester: pytest.Pytester) -> None:
    code = '"""A shop.\n\n>>> 1 + 1\n2\n"""\n'
    found, left_out = collected(pytester, {"shop/price.py": code, "data/x.csv": ""}, "--doctest-modules")
    assert found == {"shop/price.py::price"}
    assert left_out == {"data"}


def test_a_collector_of_the_project_sees_everything(pytester: pytest.Pytester) -> None:
    conftest = (
        "import pytest\n\n\n"
        "class Item(pytest.Item):\n    def runtest(self):\n        pass\n\n\n"
        "class File(pytest.File):\n    def collect(self):\n"
        "        yield Item.from_parent(self, name='case')\n\n\n"
        "def pytest_collect_file(file_path, parent):\n"
        "    if file_path.suffix == '.yaml':\n"
        "        return File.from_parent(parent, path=file_path)\n"
    )
    files = {"tests/conftest.py": conftest, "tests/data/one.yaml": "", "alone/x.csv": ""}
    found, _ = collected(pytester, files)
    assert found == {"tests/data/one.yaml::case"}


def test_a_conftest_below_is_loaded(pytester: pytest.Pytester) -> None:
    _, left_out = collected(pytester, {"a/b/conftest.py": "", "a/c/x.txt": ""})
    assert "a" not in left_out
    assert "a/b" not in left_out
    assert "a/c" in left_out


def test_what_the_project_wants_kept_is_kept(pytester: pytest.Pytester) -> None:
    conftest = "def pytest_ignore_collect(collection_path, config):\n    return False\n"
    found, left_out = collected(pytester, {"conftest.py": conftest, "a/test_a.py": TEST, "b/x.txt": ""})
    assert found == {"a/test_a.py::test_one"}
    assert left_out == set()


def test_links_are_followed(pytester: pytest.Pytester) -> None:
    (pytester.path / "real").mkdir()
    (pytester.path / "real" / "test_a.py").write_text(TEST)
    (pytester.path / "linked").mkdir()
    (pytester.path / "linked" / "there").symlink_to(pytester.path / "real")
    found, left_out = collected(pytester, {"x.txt": ""})
    assert found == {"real/test_a.py::test_one", "linked/there/test_a.py::test_one"}
    assert not left_out


def test_folders_named_on_the_command_line(pytester: pytest.Pytester) -> None:
    files = {"a/b/test_a.py": TEST, "a/c/x.csv": "", "d/test_d.py": TEST}
    assert collected(pytester, files, "a")[0] == {"a/b/test_a.py::test_one"}
    assert collected(pytester, {}, "a/b/test_a.py::test_one")[0] == {"a/b/test_a.py::test_one"}
    assert collected(pytester, {}, "a/c")[0] == set()


def test_a_folder_that_cannot_be_read_may_hold_tests(tmp_path: Path) -> None:
    plugin = bare.Bare()
    plugin.patterns = ["test_*.py"]
    assert not plugin.bare(str(tmp_path / "absent"))


@pytest.mark.parametrize(("used", "loaded"), [("", False), ("import hypothesis\n", True)])
def test_hypothesis_is_not_loaded_for_a_summary_of_nothing(
    pytester: pytest.Pytester, used: str, loaded: bool
) -> None:
    pytester.makepyfile(test_a=used + TEST)
    code = (
        f"import sys; sys.path.insert(0, {str(Path(bare.__file__).parents[1])!r})\n"
        "import pytest\nfrom guestlib import bare\n"
        "status = pytest.main(['-p', 'no:cacheprovider'], bare.plugins())\n"
        "print('status', int(status), 'loaded', 'hypothesis' in sys.modules)\n"
    )
    said = pytester.run(sys.executable, "-B", "-c", code).stdout.str()
    assert "1 passed" in said
    assert f"status 0 loaded {loaded}" in said
