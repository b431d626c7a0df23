"""The stand-in of one command: records the call, answers as the world says, destroys nothing.

Started under the name of the command through a link in ``PLACE/bin``. Programs that work on
files (rm, find …) go on for real with the paths below the working copy or a temporary folder.
"""

import itertools
import json
import os
import re
import sys
from typing import Any, Dict, List

MAX_TEXT = 20_000
MAX_LOG = 4 << 20
FAILED = 1
PICKS = r"-(\w*time|\w*min|newer\w*|i?name|i?path|regex|empty|size|delete|exec\w*|ok\w*)\b"


def main() -> int:
    name = os.path.basename(sys.argv[0])
    place = os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[0])))
    argv = sys.argv[1:]
    with open(os.path.join(place, "world.json"), encoding="utf-8") as stream:
        world = json.load(stream)
    if name in world["instant"]:
        return 0
    if name in world["wrappers"]:
        return wrapped(name, argv)
    if name in world["interpreters"]:
        told = re.match(world["interpreted"], " ".join(argv))
        if not told:
            return interpreter(name, argv, world)
        name, argv = told.group(1), argv[len(told.group(0).split()) :]
    stdin = given() if wants_input(name, argv, world) else ""
    record(place, name, argv, stdin)
    if name in world["local"]:
        return local(name, argv, world)
    return answer(name, argv, world)


def record(place: str, name: str, argv: List[str], stdin: str) -> None:
    """Append the call with the beginning of the files that it is given."""
    files = {}
    for word in argv:
        for path in (word, word.partition("=")[2], word[1:] if word.startswith("@") else ""):
            if path and path not in files and os.path.isfile(path):
                files[path] = head_of(path)
    call = {"tool": name, "argv": argv, "stdin": stdin, "files": files, "cwd": os.getcwd()}
    log = os.path.join(place, "calls.jsonl")
    if not os.path.exists(log) or os.path.getsize(log) < MAX_LOG:
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, json.dumps(call).encode() + b"\n")
        os.close(descriptor)


def head_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(MAX_TEXT)
    except OSError:
        return ""


def wants_input(name: str, argv: List[str], world: Dict[str, Any]) -> bool:
    """Whether the command would read its input. One that would not must not: a loop may be reading it."""
    if os.isatty(0) or name in world["local"]:
        return False
    joined = " ".join(argv)
    if re.search(r"(^|\s)(-|-f ?-|--filename[= ]-|/dev/stdin|@-)(\s|$)", joined) or re.search(
        r"\bbash -s\b", joined
    ):
        return True
    if name in world["sql"]:
        return not re.search(r"(^|\s)(-c|-f|-e|--command|--file|--execute|--eval)", joined)
    return name in ("ssh", "tee") and len([w for w in argv if not w.startswith("-")]) == 1


def given() -> str:
    try:
        return sys.stdin.read(MAX_TEXT)
    except (OSError, ValueError):
        return ""


def wrapped(name: str, argv: List[str]) -> int:
    """sudo and doas: what comes after their own options is run, under its own stand-in."""
    index = 0
    while index < len(argv) and (argv[index].startswith("-") or re.match(r"\w+=", argv[index])):
        takes = argv[index] in ("-u", "-g", "-h", "-p", "-C", "-U", "--user", "--group")
        index += 2 if takes else 1
    rest = argv[index:]
    if name == "su":
        rest = ["sh", "-c", argv[argv.index("-c") + 1]] if "-c" in argv[:-1] else []
    if not rest:
        return 0
    try:
        os.execvp(rest[0], rest)
    except OSError:
        return 127


def interpreter(name: str, argv: List[str], world: Dict[str, Any]) -> int:
    """The real interpreter, for everything that is no tool of its own."""
    real = world["real"].get(name, sys.executable)
    try:
        os.execv(real, [real, *argv])
    except OSError:
        return 127


def local(name: str, argv: List[str], world: Dict[str, Any]) -> int:
    """The real program, without the paths that lie elsewhere; nothing at all if none is left."""
    real = world["real"].get(name)
    kept = [word for word in argv if word.startswith("-") or private(word, world)]
    if name == "find":
        if elsewhere(argv, world):
            return listed(argv, world)
        kept = argv
    elif name == "dd":
        kept = argv if all(private(w[3:], world) for w in argv if w.startswith("of=")) else []
    elif name == "mv":
        kept = argv if all(word.startswith("-") or private(word, world) for word in argv) else []
    elif name in ("truncate", "chmod", "chown"):
        kept = argv if any(private(word, world) for word in argv[1:]) else []
    if real and kept and any(not word.startswith("-") for word in kept):
        try:
            os.execv(real, [name, *kept])
        except OSError:
            return 127
    return 0


def elsewhere(argv: List[str], world: Dict[str, Any]) -> bool:
    """Whether find looks through folders only that are not here."""
    starts = list(itertools.takewhile(lambda word: not word.startswith(("-", "(", "!")), argv)) or ["."]
    full = [os.path.abspath(word) for word in starts]
    return all(not os.path.exists(path) or path.startswith(world["elsewhere"]) for path in full)


def listed(argv: List[str], world: Dict[str, Any]) -> int:
    """What find might say of them: everything in them, unless it picks some or deletes by itself."""
    picks = re.search(PICKS, " ".join(argv))
    if world["status"] or not world["lists"]:
        return FAILED if world["status"] else 0
    end = "\0" if "-print0" in argv else "\n"
    for word in (
        itertools.takewhile(lambda word: not word.startswith(("-", "(", "!")), argv) if not picks else ()
    ):
        sys.stdout.write(word.rstrip("/") + "/*" + end)
    return 0


def private(word: str, world: Dict[str, Any]) -> bool:
    full = os.path.realpath(word) if not os.path.islink(word) else os.path.abspath(word)
    return any(full.startswith(folder + "/") for folder in world["private"]) and not full.startswith(
        world["place"]
    )


def answer(name: str, argv: List[str], world: Dict[str, Any]) -> int:
    text = " ".join([name, *argv])
    for one in world["answers"]:
        if re.search(one["match"], text):
            sys.stdout.write(one.get("output", ""))
            return int(one.get("status", 0))
    if world["status"]:
        sys.stderr.write("%s: cannot be reached\n" % name)
        return FAILED
    if name == "curl":
        write_output(argv)
    if world["lists"]:
        sys.stdout.write(plausible(name, argv, text, world))
    return 0


def write_output(argv: List[str]) -> None:
    for flag in ("-o", "--output", "-O"):
        if flag in argv[:-1] and not argv[argv.index(flag) + 1].startswith("/dev/"):
            try:
                open(argv[argv.index(flag) + 1], "a").close()
            except OSError:
                pass


def plausible(name: str, argv: List[str], text: str, world: Dict[str, Any]) -> str:
    """What the command might print where something is there."""
    if name == "git":
        if "rev-parse HEAD" in text or "rev-parse --short" in text:
            return "0123456789abcdef0123456789abcdef01234567\n"
        if "--abbrev-ref" in text or "--show-current" in text:
            return "main\n"
        return "v1.2.3\n" if "describe" in text or " tag" in text else ""
    if name in ("hostname", "uname"):
        return "%s-1\n" % world["stage"]
    if name == "id":
        return "0\n" if "-u" in argv or "-g" in argv else "uid=0(root) gid=0(root)\n"
    if name == "whoami":
        return "root\n"
    if "current-context" in text or "workspace show" in text:
        return "%s\n" % world["stage"]
    if "http_code" in text:
        return "200"
    kind = re.search(r"\bget (\w+)\b.*-o[ =]?name\b", text)
    if name in ("kubectl", "oc") and kind:
        return "%s/example\n" % kind.group(1)
    if name == "jq" and argv:
        return "example\n"
    if re.search(r"(-o|--output|--format)[= ]?json\b|\bjson\(|output -json|--json", text):
        return '{"items": [{"metadata": {"name": "example"}, "name": "example", "id": "example"}], "name": "example"}\n'
    return "example\n"


if __name__ == "__main__":
    sys.exit(main())
