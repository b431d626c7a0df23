"""Which files are manifests, and reading all of one side."""

import re
from collections.abc import Callable, Iterable

from harness.check.interface import Snapshot

from .entries import Manifest
from .requirements import read_commands, read_requirements
from .scripts import read_pre_commit, read_setup_py
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
    "setup.py": read_setup_py,
    ".pre-commit-config.yaml": read_pre_commit,
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
_LIKELY = re.compile(r"requirements|constraints|dockerfile|containerfile|sh$|\.ya?ml$", re.IGNORECASE)
_COMMANDS = re.compile(r"(Dockerfile|Containerfile)([.-].*)?|.*\.(dockerfile|sh|bash)", re.IGNORECASE)


def reader_of(path: str) -> Reader | None:
    """How a file is read, None when it is no manifest."""
    folder, _, name = path.rpartition("/")  # no pathlib: this is asked of every file of the repository
    reader: Reader | None = _READERS.get(name)
    if reader is None and not _LIKELY.search(path):
        return None
    if reader is None and name.endswith((".txt", ".in")) and folder.rpartition("/")[2] == "requirements":
        reader = read_requirements
    if reader is None and _REQUIREMENTS.fullmatch(name):
        reader = read_requirements
    if reader is None and _COMMANDS.fullmatch(name):
        reader = read_commands
    if reader is None and name.endswith((".yml", ".yaml")) and folder.endswith(".github/workflows"):
        reader = read_commands
    return None if reader is None or "node_modules" in folder.split("/") else reader


def read_all(snapshot: Snapshot, paths: Iterable[str]) -> dict[str, Manifest]:
    """The manifests among the paths, at most ``MAX_MANIFESTS``, by path."""
    manifests: dict[str, Manifest] = {}
    for path in paths:
        reader = reader_of(path)
        text = snapshot.read_text(path, MAX_BYTES) if reader and len(manifests) < MAX_MANIFESTS else None
        if reader and text is not None:
            manifests[path] = reader(path, text)
    return manifests
