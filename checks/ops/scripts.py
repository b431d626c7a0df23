"""Which files of a tree are operations scripts, and which of them a change concerns."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from harness.check.interface import Change, Snapshot

MAX_BYTES = 400_000
MAX_SCANNED = 3000
MAX_SCRIPTS = 12
FOLDERS = re.compile(
    r"(?:^|/)(?:scripts?|ops|bin|sbin|deploy\w*|tools?|hack|ci|\.ci|infra\w*|operations|runbooks?|cron\w*|jobs|maintenance|"
    r"automation|admin|devops|provision\w*)/"
)
SHELL_NAME = re.compile(r"\.(?:sh|bash|ksh|zsh)$|(?:^|/)(?:deploy|entrypoint|rollback|release)$")
PYTHON_OPS = re.compile(
    r"\bsubprocess\b|\bos\.(?:system|popen|remove|unlink|rmdir|exec\w+|spawn\w+)\b|\bshutil\.rmtree\b|^\s*(?:import|from)\s+"
    r"(?:boto3|google|azure|kubernetes|docker|paramiko|fabric|redis|pymongo|psycopg2?|pymysql|MySQLdb|requests|httpx)\b",
    re.M,
)
PYTHON_COMMANDS = re.compile(
    r"\bsubprocess\b|\bos\.(?:system|popen|exec\w+|spawn\w+)\b|\bshutil\.rmtree\b|^\s*(?:import|from)\s+"
    r"(?:boto3|google\.cloud|azure|kubernetes|docker|paramiko|fabric)\b",
    re.M,
)
CODE = (
    ".py",
    ".md",
    ".rst",
    ".txt",
    ".toml",
    ".lock",
    ".css",
    ".html",
    ".js",
    ".ts",
    ".go",
    ".java",
    ".rs",
    ".cfg",
    ".ini",
)
MAKEFILE = re.compile(r"(?:^|/)(?:Makefile|makefile|GNUmakefile)$|\.mk$")
TESTS = re.compile(r"(?:^|/)tests?/|(?:^|/)test_[^/]*$|(?:^|/)conftest\.py$")
SHELLS = {"sh": "sh", "bash": "bash", "dash": "sh", "ash": "sh", "ksh": "bash", "zsh": "bash"}
Kind = Literal["sh", "bash", "python", "make"]


@dataclass(frozen=True)
class Script:
    """A script of the change. ``path`` is head's, ``base`` its path on base (None when it is new there)."""

    path: str
    base: str | None
    kind: Kind
    texts: tuple[str, str]
    direct: bool = True


def kind_of(path: str, text: str) -> Kind | None:
    """How a file is run as an operations script, None when it is none."""
    if TESTS.search(path):
        return None
    if MAKEFILE.search(path):
        return "make"
    first = text.partition("\n")[0]
    shebang = re.match(r"#!\s*(\S+)(?:\s+(?:-S\s+)?(\S+))?", first)
    if shebang:
        name = posixpath.basename(shebang.group(1))
        name = posixpath.basename(shebang.group(2) or "") if name == "env" else name
        if name in SHELLS:
            return "bash" if SHELLS[name] == "bash" else "sh"
        if not name.startswith("python"):
            return None
    if SHELL_NAME.search(path):
        return "bash"
    is_python = path.endswith(".py") or (shebang is not None and "python" in first)
    meant = shebang is not None or bool(FOLDERS.search(path))
    if not is_python or not (meant or "__main__" in text):
        return None
    # A program of the application speaks to databases and services too; that alone makes it no operations script.
    return "python" if (PYTHON_OPS if meant else PYTHON_COMMANDS).search(text) else None


def concerned(change: Change, base: Snapshot, head: Snapshot) -> list[Script]:
    """Changed scripts first, then unchanged ones that name a changed file. At most ``MAX_SCRIPTS``."""
    found: dict[str, Script] = {}
    names: set[str] = set()
    for file in change.files:
        if file.status == "deleted":
            continue
        if FOLDERS.search(file.path) or not file.path.endswith(CODE):
            names.add(posixpath.basename(file.path))
        script = _script(file.path, file.old_path or file.path, base, head)
        if script:
            found[file.path] = script
    told = [name for name in names if len(name) > 4]
    for path in _others(head, found) if told else ():
        text = head.read_text(path, MAX_BYTES) or ""
        if any(name in text for name in told) and kind_of(path, text):
            script = _script(path, path, base, head)
            if script:
                found[path] = Script(script.path, script.base, script.kind, script.texts, direct=False)
    return list(found.values())


def _script(path: str, old: str, base: Snapshot, head: Snapshot) -> Script | None:
    text = head.read_text(path, MAX_BYTES)
    kind = kind_of(path, text) if text is not None and "\0" not in text else None
    if text is None or kind is None:
        return None
    before = base.read_text(old, MAX_BYTES)
    return Script(path, old if before is not None else None, kind, (before or "", text))


def _others(head: Snapshot, known: dict[str, Script]) -> Iterator[str]:
    count = 0
    for entry in head.entries:
        likely = SHELL_NAME.search(entry.path) or FOLDERS.search(entry.path) or MAKEFILE.search(entry.path)
        if entry.kind == "file" and likely and entry.path not in known and entry.size < MAX_BYTES:
            count += 1
            if count > MAX_SCANNED:
                return
            yield entry.path
