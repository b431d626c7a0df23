"""What the removal of a path would destroy: nothing of a working copy, everything of a disk."""

import os
import re
from typing import Any, Dict, Iterator, List, Optional, Sequence

SYSTEM = re.compile(
    r"^/(?:|bin|boot|dev|etc|home|lib\w*|media|mnt|opt|root|sbin|srv|sys|usr|var|data|var/lib|usr/\w+)$"
)
DISK = re.compile(r"^/dev/(?:sd|nvme|vd|xvd|hd|mapper|dm-|md|disk|loop)\S*")
NOTHING = re.compile(
    r"^/(?:tmp|var/tmp|dev/shm|out|run|var/run|var/cache|var/lock|proc|dev/null|dev/std\w+|tree|var/lib/apt/lists)(?:/|$)"
)
MADE = re.compile(
    r"/(?:dist|build|target|out|cache|\.cache|tmp|temp|logs?|node_modules|__pycache__|pids?|coverage|releases|\.venv|venv|"
    r"sessions|assets|public/build|generated|artifacts?)(?:/|$)"
)
DATA = re.compile(
    r"^/(?:var/(?:lib|backups?|www|spool|mail|opt)|data\w*|srv|mnt|media|home|backups?|etc|storage|volumes?|root|pgdata)(?:/|$)"
)

KEPT = re.compile(
    r"/(?:\w*data|uploads?|media|dbs?|databases?|storage|volumes?|backups?|mysql|postgres\w*|redis|documents|attachments)(?:/|$)"
)
ELSEWHERE = re.compile(r"^/tmp/replay/elsewhere(?=/|$)")


def path_effects(tool: str, argv: Sequence[str], cwd: str) -> Iterator[Dict[str, Any]]:
    """One effect a path that counts; a removal of many top-level folders is one."""
    if tool == "mv":
        yield from _moved(argv, cwd)
        return
    paths = [real(os.path.join(cwd, path)) for path in _targets(tool, argv) if path]
    recursive = tool != "rm" or any(re.match(r"-\w*[rR]|--recursive", word) for word in argv)
    roots = sorted({path for path in paths if path.count("/") == 1})
    if tool == "rm" and len(roots) >= 4:
        yield _effect(tool, "/*", "critical", "removes the whole file system")
        return
    for path in dict.fromkeys(paths):
        severity = weight(tool, path, recursive)
        if severity:
            yield _effect(tool, path, severity, "wipes a disk" if DISK.match(path) else "removes files")


def _moved(argv: Sequence[str], cwd: str) -> Iterator[Dict[str, Any]]:
    """Data of the server that is moved: into a temporary place it is as good as gone, elsewhere it is not found."""
    paths = [real(os.path.join(cwd, word)) for word in argv if word and not word.startswith("-")]
    for path in dict.fromkeys(paths[:-1]):
        if NOTHING.match(paths[-1]) and weight("mv", path, recursive=True):
            yield _effect(
                "mv", path, weight("mv", path, recursive=True) or "medium", "moves data to where it is lost"
            )
        elif DATA.match(path) and KEPT.search(path) and not MADE.search(path):
            yield _effect("mv", path, "medium", "moves data away")


def real(path: str) -> str:
    """A path as it is called where the script belongs: folders that are not here have a stand-in below one place."""
    return os.path.normpath(ELSEWHERE.sub("", path) or "/")


def _targets(tool: str, argv: Sequence[str]) -> List[str]:
    words = [word for word in argv if not word.startswith("-")]
    if tool == "dd":
        return [word[3:] for word in argv if word.startswith("of=")]
    if tool == "find":
        removes = "-delete" in argv or (
            "-exec" in argv and any(w.rsplit("/", 1)[-1] in ("rm", "shred") for w in argv)
        )
        chosen = re.search(
            r"-(mtime|mmin|newer|atime|ctime|older|name|iname|empty|path|regex)", " ".join(argv)
        )
        folders: List[str] = []
        for word in argv:
            if word.startswith(("-", "(", "!")):
                break
            folders.append(word)
        return folders if removes and not chosen else []
    if tool == "truncate":
        return [
            word
            for index, word in enumerate(argv)
            if not word.startswith("-") and argv[index - 1] not in ("-s", "--size")
        ]
    return words


def weight(tool: str, path: str, recursive: bool) -> Optional[str]:
    """critical: a system folder or a disk; high: below a place of data; medium: elsewhere; None: nothing of worth."""
    every = path.endswith("/*")
    path = re.sub(r"/\*+$", "", path) or "/"
    if DISK.match(path):
        return "critical" if tool != "rm" else "high"
    if NOTHING.match(path) or (tool == "truncate" and path.startswith("/etc/")):
        return None
    if SYSTEM.match(path):
        return "critical" if recursive else None
    if MADE.search(path):
        return None
    if DATA.match(path):
        return (
            "high"
            if recursive
            else "medium"
            if every or re.search(r"\.(db|sqlite3?|sql|dump|bak|gz|tar|key|pem)$", path)
            else None
        )
    return "medium" if recursive and path.count("/") > 1 else None


def _effect(tool: str, path: str, severity: str, what: str) -> Dict[str, Any]:
    return {
        "rule": "files: " + what,
        "severity": severity,
        "what": what,
        "tool": tool,
        "target": path,
        "scope": [],
    }
