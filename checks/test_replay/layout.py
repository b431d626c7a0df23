"""How a side configures its tests, and which of its files are tests.

Configuration is read as pytest finds it: the first of its files in the root folder that
has a section for it. Everything here is text of the change, read and never run.
"""

import configparser
import fnmatch
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.check.interface import Snapshot

CONFIG_FILES = (
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
)
STARTUP_FILES = ("sitecustomize.py", "usercustomize.py")
TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "testing_data", "testdata"})
DEFAULT_FILES = ("test_*.py", "*_test.py")
_NEVER_CODE = frozenset(
    {".git", ".hg", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".nox", ".eggs"}
)

# Options of addopts that take part in choosing tests; they are kept. The value says how many
# arguments follow when the option is written without "=".
SELECTING = {
    "-k": 1, "-m": 1, "--deselect": 1, "--ignore": 1, "--ignore-glob": 1, "--import-mode": 1,
    "--doctest-modules": 0, "--doctest-glob": 1, "--pyargs": 0, "-p": 1, "-W": 1, "-o": 1,
    "--override-ini": 1, "--strict-markers": 0, "--strict-config": 0, "--strict": 0, "--confcutdir": 1,
    "--noconftest": 0, "--runxfail": 0, "--collect-only": 0, "--co": 0, "--setup-only": 0,
    "--keep-duplicates": 0, "--pythonwarnings": 1, "--doctest-continue-on-failure": 0,
}  # fmt: skip
# Options that only concern output, speed or measurement; they are dropped.
PRESENTING = {
    "-v": 0, "-vv": 0, "-q": 0, "-qq": 0, "-s": 0, "-x": 0, "-l": 0, "-ra": 0, "-rA": 0, "-r": 1, "-n": 1,
    "--verbose": 0, "--quiet": 0, "--exitfirst": 0, "--showlocals": 0, "--tb": 1, "--color": 1,
    "--maxfail": 1, "--durations": 1, "--durations-min": 1, "--capture": 1, "--junitxml": 1, "--junit-xml": 1,
    "--html": 1, "--self-contained-html": 0, "--numprocesses": 1, "--dist": 1, "--maxprocesses": 1,
    "--cov": 0, "--cov-report": 1, "--cov-config": 1, "--cov-fail-under": 1, "--cov-branch": 0,
    "--cov-append": 0, "--no-cov": 0, "--no-cov-on-fail": 0, "--cov-context": 1, "--reruns": 1,
    "--reruns-delay": 1, "--basetemp": 1, "--cache-clear": 0, "--ff": 0, "--lf": 0, "--nf": 0, "--sw": 0,
    "--failed-first": 0, "--last-failed": 0, "--new-first": 0, "--stepwise": 0, "--assert": 1,
    "--no-header": 0, "--no-summary": 0, "--full-trace": 0, "--log-level": 1, "--log-cli-level": 1,
    "--disable-warnings": 0, "--disable-pytest-warnings": 0, "--benchmark-disable": 0, "--timeout": 1,
    "--instafail": 0, "--random-order": 0, "--forked": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Test configuration of one side. ``config`` is the file that holds it, if any."""

    config: str | None = None
    python_files: tuple[str, ...] = DEFAULT_FILES
    python_functions: tuple[str, ...] = ("test",)
    python_classes: tuple[str, ...] = ("Test",)
    testpaths: tuple[str, ...] = ()
    addopts: tuple[str, ...] = ()

    def kept_options(self) -> list[list[str]]:
        """Option lists to try in turn: with the options of unknown plugins, and without."""
        known = _filter_options(self.addopts, keep_unknown=False)
        every = _filter_options(self.addopts, keep_unknown=True)
        return [every] if every == known else [every, known]

    def matches(self, name: str) -> bool:
        """Whether a file of this name holds tests (without respect to its folder)."""
        return any(fnmatch.fnmatch(name, pattern) for pattern in self.python_files)


def read_layout(snapshot: Snapshot) -> Layout:
    """The layout of one side; defaults where nothing readable is configured."""
    for name in CONFIG_FILES:
        text = snapshot.read_text(name)
        section = None if text is None else _section(name, text)
        if section is not None:
            return Layout(
                name,
                _words(section.get("python_files")) or DEFAULT_FILES,
                _words(section.get("python_functions")) or ("test",),
                _words(section.get("python_classes")) or ("Test",),
                _words(section.get("testpaths")),
                _options(section.get("addopts")),
            )
    return Layout()


def _section(name: str, text: str) -> Mapping[str, Any] | None:
    """pytest's section of a file. None when the file has none or cannot be read."""
    try:
        if name.endswith(".toml"):
            return _toml_section(name, tomllib.loads(text))
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.read_string(text)
    except (tomllib.TOMLDecodeError, configparser.Error, RecursionError):
        return None
    wanted = "tool:pytest" if name == "setup.cfg" else "pytest"
    if parser.has_section(wanted):
        return dict(parser.items(wanted))
    return {} if name in ("pytest.ini", ".pytest.ini") else None


def _toml_section(name: str, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if name != "pyproject.toml":
        section = data.get("pytest", {})
        return section if isinstance(section, dict) else {}
    tool = data.get("tool")
    pytest = tool.get("pytest") if isinstance(tool, dict) else None
    if not isinstance(pytest, dict):
        return None
    options = pytest.get("ini_options", pytest)
    return options if isinstance(options, dict) else None


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _options(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        try:
            return tuple(shlex.split(value, comments=False))
        except ValueError:
            return tuple(value.split())
    return _words(value)


def _filter_options(options: Iterable[str], keep_unknown: bool) -> list[str]:
    """The options that choose tests, with their arguments, and the positional ones."""
    kept: list[str] = []
    rest = list(options)
    while rest:
        option = rest.pop(0)
        name, equals, _ = option.partition("=")
        table = SELECTING if name in SELECTING else PRESENTING
        count = 0 if equals else table.get(name, 0)
        following, rest = rest[:count], rest[count:]
        if name in SELECTING or not option.startswith("-"):
            kept += [option, *following]
        elif keep_unknown and not _presents(name):
            kept.append(option)
    return kept


def _presents(name: str) -> bool:
    """Whether an option is one of output, written in a joined form such as ``-vvs`` or ``-n4``."""
    if name in PRESENTING:
        return True
    return not name.startswith("--") and name[1:2] in set("vqsxlrn")


def is_test_path(path: str, layouts: Iterable[Layout]) -> bool:
    """Whether a path belongs to the tests: test files, their support, their configuration."""
    *folders, name = path.split("/")
    if name == "conftest.py" or any(folder in TEST_FOLDERS for folder in folders):
        return True
    if not folders and (name in CONFIG_FILES or name in STARTUP_FILES or name.endswith(".pth")):
        return True
    if any(layout.matches(name) for layout in layouts):
        return True
    return any(_below(path, place) for layout in layouts for place in layout.testpaths)


def _below(path: str, place: str) -> bool:
    """Whether a path lies in a folder of ``testpaths`` that holds nothing but tests."""
    place = place.strip("/").removeprefix("./")
    return place not in ("", ".", "src", "lib") and place.startswith("test") and path.startswith(place + "/")


def is_code_path(path: str) -> bool:
    """Whether a path is Python code outside folders that are never part of a project.

    Hidden folders are not: pytest does not look for tests in them either (``norecursedirs``).
    """
    if not path.endswith(".py"):
        return False
    *folders, _name = path.split("/")
    return not any(part in _NEVER_CODE or part.startswith(".") for part in folders)
