"""``[project.NAME]``: the projects of a repository that holds several."""

import itertools
import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from harness.config.setup import SetupConfig, check_setup
from harness.errors import ConfigError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


class TestsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[tests]``: how a project whose tests are not pytest's runs them."""

    __test__ = False  # the name is ours, not pytest's

    command: str = ""
    """Shell command, run in the root of the tree; empty: the tests are pytest's or unittest's."""
    format: Literal["auto", "junit", "tap"] = "auto"
    """What the command reports: JUnit XML or the Test Anything Protocol; ``auto`` looks at the text."""
    report: str | None = None
    """Glob of the report files that the command writes below the tree; default: its standard output."""
    paths: tuple[str, ...] = ()
    """Globs of the files that belong to the tests; default: the usual names of tests."""


class ProjectConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[project.NAME]``: a folder that is tested by itself, and what else its tests import."""

    root: str
    """Its folder, relative to the repository. In sandboxes it is the whole tree."""
    needs: tuple[str, ...] = ()
    """Names of projects that it imports. A change of one of them replays the tests of this one too."""
    tests: TestsConfig | None = None
    """Its own ``[tests]``; default: those of the repository."""
    setup: SetupConfig | None = None
    """Its own ``[sandbox.setup]``, paths relative to ``root``; default: that of the repository."""


def check_tests(tests: TestsConfig, place: str) -> None:
    """Raise ConfigError when a report could lie outside of the tree; ``place`` names the table."""
    report = tests.report
    if report and (report.startswith("/") or ".." in report.split("/")):
        raise ConfigError(f"{place}.report {report!r} must lie below the tree; give a relative glob.")


def check_projects(projects: Mapping[str, ProjectConfig], source: str) -> None:
    """Raise ConfigError when the projects do not agree with each other."""
    for name, project in projects.items():
        place = f"{source}: project.{name}"
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{place}: a name has letters, digits, - and _, at most 40.")
        parts = project.root.split("/")
        if not project.root or any(part in ("", ".", "..") for part in parts) or parts[0] == ".git":
            raise ConfigError(
                f"{place}.root: {project.root!r} is no folder below the repository; write it as services/billing."
            )
        for need in project.needs:
            if need not in projects or need == name:
                raise ConfigError(f"{place}.needs: there is no other project {need!r}; give it a table too.")
        if project.tests:
            check_tests(project.tests, f"{place}.tests")
        if project.setup:
            check_setup(project.setup, f"{place}.setup")
    _check_apart(projects, source)


def _check_apart(projects: Mapping[str, ProjectConfig], source: str) -> None:
    """No project lies in another one: a file belongs to one project or to none."""
    places = sorted((f"{project.root}/", name) for name, project in projects.items())
    for (outer, first), (inner, second) in itertools.pairwise(places):
        if inner.startswith(outer):
            raise ConfigError(
                f"{source}: project.{second} lies in project.{first}; give projects folders beside each other."
            )


def all_needs(projects: Mapping[str, ProjectConfig], name: str) -> tuple[str, ...]:
    """Names of all projects that one needs, directly or through others, sorted; it is not among them."""
    found: set[str] = set()
    waiting = [*projects[name].needs]
    while waiting:
        need = waiting.pop()
        if need not in found:
            found.add(need)
            waiting += projects[need].needs
    return tuple(sorted(found - {name}))
