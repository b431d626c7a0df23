"""Keeps pytest out of folders that hold no test, so that looking for tests costs what the tests cost.

pytest asks its hooks about every file below the root: some 0.1 ms each, ten seconds and more in a tree of
100,000 files, again in every run. A folder is bare when nothing below it can be collected by pytest's own
collectors and no conftest.py lies in it. Where any other plugin collects files or folders, none is left out.

Hypothesis's plugin imports all of Hypothesis for its summary, which takes longer than a small run, also where no
test uses it: then the plugin goes before the summary.
"""

from __future__ import annotations

import fnmatch
import os
import sys
import typing

OWN = frozenset({"python", "doctest", "main", "session", "unittest"})
HYPOTHESIS = "hypothesispytest"
DOCTESTS = ("test*.txt",)
"""pytest's default of ``--doctest-glob``."""


def plugins() -> list[typing.Any]:
    """The plugin to hand to ``pytest.main``; none for versions before 7.0, whose hook has other arguments."""
    import pytest

    pytest.hookimpl(trylast=True)(Bare.pytest_ignore_collect)  # a project's own answer goes first
    pytest.hookimpl(tryfirst=True)(Bare.pytest_sessionfinish)  # the terminal's own one writes the summary
    return [Bare()] if getattr(pytest, "version_tuple", (0,))[0] >= 7 else []


class Bare:
    """A pytest plugin. What it learns of a folder holds for the rest of the run."""

    def __init__(self) -> None:
        self.known: dict[str, bool] = {}
        self.patterns: typing.Optional[list[str]] = None

    def pytest_ignore_collect(self, collection_path: typing.Any, config: typing.Any) -> typing.Optional[bool]:
        """True for a bare folder, else no opinion. Arguments of the command line are never left out."""
        path = os.fspath(collection_path)
        if not os.path.isdir(path) or os.path.islink(path) or _foreign(config):
            return None
        if self.patterns is None:
            self.patterns = _patterns(config)
        if config.getoption("pyargs", default=False) or any(
            _within(config, one, path) for one in config.args
        ):
            return None
        return True if self.bare(path) else None

    def pytest_sessionfinish(self, session: typing.Any) -> None:
        """Take out the plugin of a Hypothesis that nothing has imported: it has nothing to tell."""
        manager = session.config.pluginmanager
        if "hypothesis" not in sys.modules and manager.has_plugin(HYPOTHESIS):
            manager.unregister(name=HYPOTHESIS)

    def bare(self, path: str) -> bool:
        """Whether nothing below the folder can be a test; what cannot be read may hold one."""
        if path not in self.known:
            try:
                self.known[path] = self._bare(path)
            except (OSError, RecursionError):
                self.known[path] = False
        return self.known[path]

    def _bare(self, path: str) -> bool:
        with os.scandir(path) as entries:
            listed = list(entries)
        if any(entry.is_symlink() or self._wanted(entry.name) for entry in listed):
            return False
        return all(self.bare(entry.path) for entry in listed if entry.is_dir(follow_symlinks=False))

    def _wanted(self, name: str) -> bool:
        return any(fnmatch.fnmatch(name, pattern) for pattern in self.patterns or ("*",))


def _foreign(config: typing.Any) -> bool:
    """Whether anything but pytest itself collects files or folders."""
    hooks = [config.hook.pytest_collect_file, getattr(config.hook, "pytest_collect_directory", None)]
    return any(one.plugin_name not in OWN for hook in hooks if hook for one in hook.get_hookimpls())


def _patterns(config: typing.Any) -> list[str]:
    """Patterns of names that pytest itself may collect or load: of a path's, the last part."""
    modules = config.getoption("doctestmodules", default=False)
    wanted = ["conftest.py", *config.getini("python_files"), *(("*.py",) if modules else ())]
    wanted += config.getoption("doctestglob", default=None) or DOCTESTS
    return [str(pattern).replace(os.sep, "/").rstrip("/").rpartition("/")[2] or "*" for pattern in wanted]


def _within(config: typing.Any, given: str, folder: str) -> bool:
    """Whether an argument of the command line is the folder or lies below it."""
    path = os.path.abspath(os.path.join(config.invocation_params.dir, given.partition("::")[0]))
    return path == folder or path.startswith(folder + os.sep)
