"""The place of one replay: a working copy with stand-ins in the way of every dangerous program."""

import json
import os
import re
import shutil
import stat
import sys
from typing import Any, Dict, Iterator, List, Set

from .parse import emptied

PLACE = "/tmp/replay"
ELSEWHERE = "elsewhere"
# Folders that are not in the sandbox are entered all the same, below a place of their own: what a script does in
# /opt/app would else not be reached. Relative paths from there are judged as if they lay in the real one.
CD = """() {
  builtin cd "$@" 2>/dev/null && return 0
  local to=
  for to; do :; done
  case "$to" in
    /*) to="@PLACE@${to#@PLACE@}" ;;
    *) case "$PWD" in @PLACE@*) to="$PWD/$to" ;; *) builtin cd "$@"; return ;; esac ;;
  esac
  mkdir -p "$to" 2>/dev/null && builtin cd "$to"
}"""
MAX_COPY_BYTES = 48 << 20
MAX_COPY_FILES = 5000
MAX_TEXT = 1 << 20
MAX_EXTRA = 400
FOLDERS = r"(?:/usr/local/sbin|/usr/local/bin|/usr/sbin|/usr/bin|/sbin|/bin|/snap/bin|/opt/[\w./-]*bin)"
WORD = re.compile(r"(?<![\w./$-])([a-z][a-z0-9]*(?:[._-][a-z0-9]+)*)(?![\w(=])")
SHELL_PATH = re.compile(r"(?m)(^|[\s;(&|`])PATH=([\"']?)")
SCRIPT_NAMES = (".sh", ".bash", ".ksh", ".py", ".mk", ".env", "Makefile", "makefile", "GNUmakefile")


class Stage:
    """Prepares ``PLACE`` once and a fresh working copy for each run. ``tree`` is the side's tree."""

    def __init__(
        self, tree: str, table: Dict[str, Any], answers: List[Dict[str, Any]], place: str = PLACE
    ) -> None:
        self.tree = tree
        self.place = place
        self.work = os.path.join(place, "work")
        self.table = table
        self.answers = answers
        self.tools: Set[str] = set(table["tools"])
        self.real = {
            name: found for name in (*table["local"], *table["interpreters"]) if (found := shutil.which(name))
        }
        self.copies = _small(tree)
        os.makedirs(os.path.join(place, "bin"), exist_ok=True)
        _copy_guest(place)

    def prepare(self, words: Set[str]) -> None:
        """Make the stand-ins: the table's, and one for each word that no program here answers to."""
        unknown = sorted(word for word in words if word not in self.tools and not shutil.which(word))
        self.tools |= set(unknown[:MAX_EXTRA])
        for name in sorted(self.tools):
            link = os.path.join(self.place, "bin", name)
            if not os.path.lexists(link):
                os.symlink(os.path.join(self.place, "record"), link)

    def fresh(self, world: Dict[str, Any]) -> str:
        """A new working copy and the world's answers: the folder that scripts start in."""
        if self.copies:
            shutil.rmtree(self.work, ignore_errors=True)
            shutil.copytree(self.tree, self.work, symlinks=True)
        else:
            self.work = self.tree
        for path in _scripts(self.work):
            self._redirect(path)
        log = os.path.join(self.place, "calls.jsonl")
        if os.path.exists(log):
            os.unlink(log)
        shutil.rmtree(os.path.join(self.place, ELSEWHERE), ignore_errors=True)
        self._write_world(world)
        return self.work

    def _write_world(self, world: Dict[str, Any]) -> None:
        told = {
            "instant": self.table["instant"], "wrappers": self.table["wrappers"], "local": self.table["local"],
            "sql": self.table["sql"], "libraries": self.table["libraries"],
            "interpreters": self.table["interpreters"], "interpreted": self.table["interpreted"], "real": self.real,
            "answers": self.answers, "status": world["status"], "lists": world["lists"], "stage": world["stage"],
            "private": [self.work, "/tmp", "/var/tmp", "/dev/shm", "/out"], "place": self.place + "/bin",
            "elsewhere": os.path.join(self.place, ELSEWHERE),
        }  # fmt: skip
        with open(os.path.join(self.place, "world.json"), "w", encoding="utf-8") as stream:
            json.dump(told, stream)

    def _redirect(self, path: str) -> None:
        """Absolute paths of programs lead to the stand-ins, a new PATH begins with them."""
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as stream:
                text = stream.read(MAX_TEXT)
        except OSError:
            return
        if text.count("\0"):
            return
        lines = text.split("\n", 1) if text.startswith("#!") else ["", text]
        shim = os.path.join(self.place, "bin")
        pattern = re.compile(
            r"(?<![\w.-])" + FOLDERS + r"/(" + "|".join(map(re.escape, sorted(self.tools))) + r")(?![\w./-])"
        )
        body = lines[1] if len(lines) > 1 else ""
        changed = pattern.sub(lambda match: shim + "/" + match.group(1), body)
        changed = changed if path.endswith((".py", ".env")) else emptied(changed)
        changed = SHELL_PATH.sub(
            lambda match: match.group(1) + "PATH=" + match.group(2) + shim + ":", changed
        )
        if changed != body:
            os.chmod(path, os.stat(path).st_mode | stat.S_IWUSR)
            with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
                stream.write((lines[0] + "\n" if lines[0] else "") + changed)

    def environment(self, given: Dict[str, str]) -> Dict[str, str]:
        """Of scripts: the stand-ins first on the PATH, in Python, and as functions of bash."""
        base = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        shim = os.path.join(self.place, "bin")
        home = os.path.join(self.place, "home")
        os.makedirs(home, exist_ok=True)
        base.update({
            "PATH": shim + ":" + base.get("PATH", "/usr/bin:/bin"), "HOME": home, "LANG": "C.UTF-8", "TERM": "dumb",
            "PYTHONPATH": os.path.join(self.place, "site"), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0",
            "PYTHONSAFEPATH": "", "USER": "root", "LOGNAME": "root",
            "BASH_FUNC_cd%%": CD.replace("@PLACE@", os.path.join(self.place, ELSEWHERE)),
        })  # fmt: skip
        base.update(given)
        return {name: value for name, value in base.items() if value or name not in ("PYTHONSAFEPATH",)}


def _copy_guest(place: str) -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "record.py"), encoding="utf-8") as stream:
        text = "#!%s -ISB\n" % sys.executable + stream.read()
    target = os.path.join(place, "record")
    with open(target, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.chmod(target, 0o755)
    shutil.rmtree(os.path.join(place, "site"), ignore_errors=True)
    shutil.copytree(os.path.join(here, "site"), os.path.join(place, "site"))


def _scripts(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".git", "node_modules", ".venv", "vendor")]
        for name in names:
            path = os.path.join(parent, name)
            if os.path.islink(path) or os.path.getsize(path) > MAX_TEXT:
                continue
            if name.endswith(SCRIPT_NAMES) or _shebang(path):
                yield path


def _shebang(path: str) -> bool:
    try:
        with open(path, "rb") as stream:
            return stream.read(2) == b"#!"
    except OSError:
        return False


def _small(tree: str) -> bool:
    files = size = 0
    for parent, _folders, names in os.walk(tree):
        for name in names:
            files += 1
            size += os.lstat(os.path.join(parent, name)).st_size
        if files > MAX_COPY_FILES or size > MAX_COPY_BYTES:
            return False
    return True


def words_of(text: str) -> Set[str]:
    """Words of a script that may be commands."""
    return {word for word in WORD.findall(text[:MAX_TEXT]) if len(word) < 40}
