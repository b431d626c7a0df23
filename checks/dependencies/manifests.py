"""Which files are manifests, and reading all of one side."""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from harness.check.interface import Snapshot

from .entries import Manifest
from .requirements import read_commands, read_requirements
from .tables import (
    read_go_mod,
    read_package_json,
    read_package_lock,
    read_pipfile,
    read_pipfile_lock,
    read_pyproject,
    read_python_lock,
    read_settings,
    read_setup_cfg,
)

Reader = Callable[[str, str], Manifest]
MAX_BYTES = 8_000_000
MAX_MANIFESTS = 400
_READERS: dict[str, Reader] = {
    "pyproject.toml": read_pyproject,
    "setup.cfg": read_setup_cfg,
    "Pipfile": read_pipfile,
    "Pipfile.lock": read_pipfile_lock,
    "poetry.lock": read_python_lock,
    "uv.lock": read_python_lock,
    "pdm.lock": read_python_lock,
    "package.json": read_package_json,
    "package-lock.json": read_package_lock,
    "npm-shrinkwrap.json": read_package_lock,
    "go.mod": read_go_mod,
    "pip.conf": read_settings,
    ".npmrc": read_settings,
    "Makefile": read_commands,
    ".gitlab-ci.yml": read_commands,
}
_REQUIREMENTS = re.compile(r"(.*[-_.])?(requirements|constraints)([-_.].*)?\.(txt|in)", re.IGNORECASE)
_COMMANDS = re.compile(r"(Dockerfile|Containerfile)([.-].*)?|.*\.(dockerfile|sh|bash)", re.IGNORECASE)


def reader_of(path: str) -> Reader | None:
    """How a file is read, None when it is no manifest."""
    pure = PurePosixPath(path)
    if "node_modules" in pure.parts:
        return None
    if pure.name in _READERS:
        return _READERS[pure.name]
    if _REQUIREMENTS.fullmatch(pure.name):
        return read_requirements
    if pure.parent.name == "requirements" and pure.suffix in (".txt", ".in"):
        return read_requirements
    if _COMMANDS.fullmatch(pure.name):
        return read_commands
    if pure.parent.as_posix().endswith(".github/workflows") and pure.suffix in (".yml", ".yaml"):
        return read_commands
    return None


def read_all(snapshot: Snapshot, paths: Iterable[str]) -> dict[str, Manifest]:
    """The manifests among the paths, at most ``MAX_MANIFESTS``, by path."""
    manifests: dict[str, Manifest] = {}
    for path in paths:
        reader = reader_of(path)
        text = snapshot.read_text(path, MAX_BYTES) if reader and len(manifests) < MAX_MANIFESTS else None
        if reader and text is not None:
            manifests[path] = reader(path, text)
    return manifests
