"""Finds out what of the host an interpreter needs, and where it belongs inside the sandbox."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import SandboxUnavailableError

_QUERY = """
import importlib.util, json, sys, sysconfig
paths = [sysconfig.get_path(n) for n in ("stdlib", "platstdlib")]
print(json.dumps({
    "executable": sys.executable, "version": list(sys.version_info[:2]), "paths": paths,
    "prefixes": [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix],
    "lacks": [n for n in ("pytest", "hypothesis", "coverage") if importlib.util.find_spec(n) is None],
    "library": sysconfig.get_config_var("LIBDIR") if sysconfig.get_config_var("Py_ENABLE_SHARED") else None,
}))
"""
# What an installation consists of. A virtual environment may be a project's own folder: then
# nothing else of that folder may be seen.
_PARTS = ("bin", "lib", "lib32", "lib64", "libexec", "include", "share", "ssl", "pyvenv.cfg")
_HARMLESS = frozenset((*_PARTS, ".gitignore", "etc", "man", "doc", ".lock", "CACHEDIR.TAG"))
_RESERVED = ("/tree", "/in", "/out", "/guest", "/support", "/deps", "/proc", "/dev", "/etc")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")
_TIMEOUT = 60
# What Debian's, Alpine's and Red Hat's package managers rewrite whenever something is installed.
_PACKAGE_LISTS = ("/var/lib/dpkg/status", "/lib/apk/db/installed", "/var/lib/rpm", "/usr/lib/sysimage/rpm")


@dataclass(frozen=True)
class Interpreter:
    """``binds`` are (host path, path inside), ``links`` (target, path inside)."""

    executable: str
    version: tuple[int, int]
    binds: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...] = ()
    environment: str | None = None
    lacks: tuple[str, ...] = ()
    """Packages that guest code needs and this interpreter's environment does not have."""

    @property
    def folder(self) -> str:
        """The folder that holds the interpreter's programs."""
        return str(Path(self.executable).parent)


def default_interpreter() -> Path:
    """The active virtual environment's interpreter, else the one that runs the harness."""
    active = os.environ.get("VIRTUAL_ENV")
    if active and (Path(active) / "bin/python").exists():
        return Path(active) / "bin/python"
    return Path(sys.executable)


def resolve(python: Path) -> Interpreter:
    """Ask the interpreter where it lives. Raises SandboxUnavailableError with what to do."""
    answer = _ask(python)
    executable = str(answer["executable"] or python)
    roots = list(dict.fromkeys(os.path.normpath(p) for p in answer["prefixes"]))
    roots += [r for r in (os.path.realpath(root) for root in roots) if r not in roots]
    extra = [p for p in [*answer["paths"], answer["library"]] if p]
    binds: dict[str, str] = {}
    links: dict[str, str] = {}
    for root in roots:
        _add_root(root, binds, links)
    for path in extra:
        if not _covered(path, binds) and Path(path).is_dir():
            _bind(path, binds)
    for hop in _chain(executable):
        if not _covered(hop, binds) and hop not in links:
            _bind(hop, binds)
    prefix, base = answer["prefixes"][0], answer["prefixes"][2]
    return Interpreter(
        executable,
        (int(answer["version"][0]), int(answer["version"][1])),
        tuple(sorted((source, inside) for inside, source in binds.items())),
        tuple(sorted((target, inside) for inside, target in links.items())),
        prefix if prefix != base else None,
        tuple(str(name) for name in answer["lacks"]),
    )


def identity_of(interpreter: Interpreter) -> str:
    """A text that differs when the interpreter, its installed packages or the system's differ."""
    places = [Path(interpreter.executable).resolve(), *map(Path, _PACKAGE_LISTS)]
    for source, _inside in interpreter.binds:
        for pattern in ("lib*/python3*/site-packages", "python3*/site-packages"):
            places += sorted(Path(source).glob(pattern))
    marks = [f"bubblewrap {interpreter.version}"]
    for place in places:
        with contextlib.suppress(OSError):
            marks.append(_mark(place))
            if place.is_dir():
                marks += sorted(_mark(entry) for entry in place.iterdir())
    return "\n".join(marks)


def _mark(place: Path) -> str:
    status = place.stat()
    return f"{place} {status.st_size} {status.st_mtime_ns}"


def _ask(python: Path) -> dict[str, Any]:
    advice = "Name a working interpreter with [sandbox] python in harness.toml or with --python."
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", _QUERY], capture_output=True, timeout=_TIMEOUT, check=False, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxUnavailableError(f"The interpreter {python} does not run ({error}). {advice}") from error
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError) as error:
        raise SandboxUnavailableError(
            f"{python} does not answer like a Python interpreter. {advice}"
        ) from error
    if not isinstance(answer, dict):
        raise SandboxUnavailableError(f"{python} does not answer like a Python interpreter. {advice}")
    return answer


def _add_root(root: str, binds: dict[str, str], links: dict[str, str]) -> None:
    if _covered(root, binds) or not Path(root).is_dir():
        return
    if root == "/":
        raise SandboxUnavailableError(
            "The interpreter's prefix is the root folder, which cannot be shown to a sandbox. "
            "Use an interpreter below /usr or a virtual environment."
        )
    if {entry.name for entry in Path(root).iterdir()} <= _HARMLESS:
        _bind(root, binds)
        return
    for part in _PARTS:
        path = f"{root}/{part}"
        if Path(path).is_symlink():
            links[path] = str(Path(path).readlink())
        elif Path(path).exists():
            _bind(path, binds)


def _bind(path: str, binds: dict[str, str]) -> None:
    for reserved in _RESERVED:
        if path == reserved or path.startswith(reserved + "/"):
            raise SandboxUnavailableError(
                f"The interpreter needs {path}, but {reserved} has a meaning of its own in a sandbox. "
                "Put the interpreter or its virtual environment somewhere else."
            )
    binds[path] = os.path.realpath(path)


def _covered(path: str, binds: dict[str, str]) -> bool:
    return any(path == root or path.startswith(root + "/") for root in (*_SYSTEM, *binds))


def _chain(path: str) -> Iterator[str]:
    """The path and every path that its symbolic links lead over."""
    for _ in range(40):
        yield path
        if not Path(path).is_symlink():
            return
        path = os.path.normpath(Path(path).parent / Path(path).readlink())
