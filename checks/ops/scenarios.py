"""Under which arguments, answers and circumstances a script is run: the same on base and on head."""

import posixpath
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from harness.check.interface import Snapshot

from .scripts import Kind, Script

MAX_ARGUMENTS = 7
MAX_CALLERS = 400
AFFIRMATIVE = re.compile(
    r"^--?(?:y|yes|f|force|confirm\w*|apply|execute|delete|purge|destroy|prune|really|no-dry-run|commit|wipe|reset|clean)(?:=.*)?$"
    r"|^(?:destroy|delete|teardown|purge|wipe|nuke|down|remove|drop|reset|clean|cleanup|uninstall)$|=(?:destroy|delete)$"
)
CASE_LABEL = re.compile(r"^\s*\(?([\w|. \"'*-]+)\)\s*(?:$|[^)\s])", re.M)
OPTION = re.compile(r"add_argument\(\s*((?:['\"]-{0,2}[\w-]+['\"]\s*,?\s*)+)([^)]*)\)")
SUBCOMMAND = re.compile(r"add_parser\(\s*['\"]([\w-]+)['\"]|\.command\(\s*['\"]([\w-]+)['\"]")
ANSWER = re.compile(r"""(?:==?|!=|=~|\bin\b)\s*\(?\[?["'^]*\(?([A-Za-z][\w -]{0,30}?)["'$)|\]]""")
ENV_SHELL = re.compile(r"\$\{?([A-Z][A-Z0-9_]{1,40})\b")
ENV_PYTHON = re.compile(r"environ(?:\.get\(|\[)\s*['\"](\w+)|getenv\(\s*['\"](\w+)")
ASSIGNED = re.compile(r"(?m)(?:^|[;&|(\s])(?:export\s+|readonly\s+|local\s+)?([A-Z][A-Z0-9_]*)=")
OWN = frozenset(
    re.findall(
        r"\w+",
        "PATH HOME PWD USER LANG IFS RANDOM SECONDS UID EUID REPLY BASH BASH_SOURCE PYTHONPATH LINENO FUNCNAME "
        "PIPESTATUS OLDPWD TMPDIR SHELL HOSTNAME PPID OPTARG OPTIND",
    )
)
STAGE_NAME = re.compile(r"(?:^|_)(?:ENV|ENVIRONMENT|STAGE|TIER)(?:$|_)")
PATH_NAME = re.compile(
    r"(?:^|_)(?:DIR|DIRECTORY|PATH|FOLDER|ROOT|WORKSPACE|TMP|TEMP|FILE|HOME)$|(?:DIR|PATH|FILE)$"
)
Scenario = dict[str, Any]


def scenarios(script: Script, base: Snapshot, head: Snapshot) -> list[Scenario]:
    """For each set of arguments the worlds that it is run in. Every argv begins with the interpreter.

    A scenario names its ``script`` as ``@SCRIPT@``: the path may differ between the sides.
    """
    both = "\n".join(script.texts)
    found = []
    for number, arguments in enumerate(_arguments(script, both, base, head)):
        for name, world in _worlds(both, small=number > 2):
            found.append({
                "name": f"{' '.join(arguments) or '(no arguments)'} · {name}", "argv": _argv(script.kind, arguments),
                "world": world, "arguments": list(arguments), "circumstances": name,
            })  # fmt: skip
    return found


def for_side(found: Sequence[Scenario], path: str) -> list[Scenario]:
    """The scenarios with the script's path on one side."""
    return [{**one, "argv": [word.replace("@SCRIPT@", path) for word in one["argv"]]} for one in found]


def _argv(kind: Kind, arguments: Sequence[str]) -> list[str]:
    if kind == "make":
        return ["make", "-f", "@SCRIPT@", *arguments]
    return [{"python": "python3"}.get(kind, kind), "@SCRIPT@", *arguments]


def _worlds(text: str, small: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    named = set(ENV_SHELL.findall(text)) | {a or b for a, b in ENV_PYTHON.findall(text)}
    defaulted = {name for name in re.findall(r"\$\{(\w+):?[-=]", text) if not STAGE_NAME.search(name)}
    outside = sorted(named - OWN - defaulted - (set(ASSIGNED.findall(text)) - _kept(text)))[:60]
    asks = bool(re.search(r"\bread\b|\binput\(|\bconfirm\(|\bprompt\(|\bselect\s+\w+\s+in\b", text))

    def world(answer: str, status: int, lists: bool, stage: str | None) -> dict[str, Any]:
        env = {} if stage is None else {name: _value(name, stage) for name in outside}
        return {
            "answer": answer,
            "status": status,
            "lists": lists,
            "stage": stage or "production",
            "env": env,
        }

    for answer in _answers(text) if asks else ["y"]:
        yield f"answered {answer!r}", world(answer, 0, True, "production")
    if asks:
        yield "declined", world("n", 0, True, "production")
    if small:
        return
    yield "every tool fails", world("y", 1, False, "production")
    yield "nothing is listed", world("y", 0, False, "production")
    if re.search(r"(?i)stag|\bdev\b", text):
        yield "staging", world("y", 0, True, "staging")
    if outside:
        yield "variables are not set", world("y", 0, True, None)


def _kept(text: str) -> set[str]:
    """Variables that are given a default only: ``X=${X:-…}``."""
    return set(re.findall(r"([A-Z][A-Z0-9_]*)=[\"']?\$\{\1", text))


def _value(name: str, stage: str) -> str:
    if re.search(r"DRY_?RUN|NOOP|CHECK_ONLY", name):
        return ""
    if STAGE_NAME.search(name):
        return stage
    if PATH_NAME.search(name):
        return "/tmp/given/example"  # noqa: S108 - inside the sandbox
    if name.endswith(("URL", "URI", "DSN", "ENDPOINT")):
        return "https://example.invalid/example"
    if name.endswith(("PORT", "COUNT", "REPLICAS", "DAYS", "RETENTION", "LIMIT", "KEEP", "TIMEOUT")):
        return "7"
    return (
        "" if re.search(r"^(?:CI|DEBUG|VERBOSE|FORCE|YES|CONFIRM\w*|SKIP\w*|ALLOW\w*)$", name) else "example"
    )


def _answers(text: str) -> list[str]:
    """What a prompt may want to hear: y, and the words that the script compares with."""
    compared = [word.strip() for word in ANSWER.findall(text)]
    words = [w for w in compared if re.match(r"(?i)y(es)?$|delete|destroy|confirm|proceed|i am sure|prod", w)]
    return list(dict.fromkeys(["y", *words]))[:3]


def _arguments(script: Script, text: str, base: Snapshot, head: Snapshot) -> list[tuple[str, ...]]:
    if script.kind == "make":
        return _targets(script)
    found: dict[tuple[str, ...], None] = {}
    for line in _documented(script.path, head):
        found.setdefault(line)
    positional = bool(re.search(r"\$\{?1\b|\$@|\$#|sys\.argv|argparse|click|typer", text))
    rest = ("example", "v1.2.3")
    if positional:
        for label in _labels(text):
            found.setdefault((label, *(() if label.startswith("-") else rest)))
            found.setdefault((label,)) if label.startswith("-") else None
        if re.search(r"\$\{?1\b|sys\.argv\[1", text):
            found.setdefault(("production", *rest))
    ordered = [(), *[one for one in found if one]]
    return ordered[:MAX_ARGUMENTS]


def _labels(text: str) -> list[str]:
    """Labels of case branches, subcommands and options that are switches."""
    labels: dict[str, None] = {}
    for group in CASE_LABEL.findall(text):
        for label in re.split(r"[|\s]+", group):
            label = label.strip("\"'")
            if re.fullmatch(r"-{0,2}[A-Za-z][\w-]*", label) and label not in ("-h", "--help", "help"):
                labels.setdefault(label)
    for pair in SUBCOMMAND.findall(text):
        labels.setdefault(pair[0] or pair[1])
    for names, more in OPTION.findall(text):
        longest = max(re.findall(r"[\w-]+", names), key=len)
        if longest.startswith("--") and "store_true" in more:
            labels.setdefault(longest)
        labels.update(
            dict.fromkeys(re.findall(r"['\"](\w+)['\"]", more.partition("choices")[2].partition("]")[0]))
        )
    return sorted(labels, key=lambda label: not AFFIRMATIVE.match(label))


def _documented(path: str, head: Snapshot) -> list[tuple[str, ...]]:
    """Arguments that a README, a Makefile or a pipeline calls the script with."""
    name = re.escape(posixpath.basename(path))
    pattern = re.compile(rf"(?:^|[\s`\"'./]){name}((?:[ \t]+[\w./:=@-]+)+)")
    found: dict[tuple[str, ...], None] = {}
    callers = (".md", ".yml", ".yaml", ".sh", "Makefile", ".mk", ".rst", ".txt", ".json", "crontab")
    entries = [e for e in head.entries if e.kind == "file" and e.path.endswith(callers) and e.size < 200_000]
    for entry in entries[:MAX_CALLERS]:
        for match in pattern.findall(head.read_text(entry.path, 200_000) or ""):
            words = tuple(shlex.split(match.split("  ")[0])[:6]) if match.count("'") % 2 == 0 else ()
            if words and all(re.fullmatch(r"-[\w=./-]*|[\w./:=@-]{1,40}", word) for word in words):
                found.setdefault(words)
    chosen = [words for words in found if words[0].startswith("-") or len(words) <= 3]
    return chosen[:3]


def _targets(script: Script) -> list[tuple[str, ...]]:
    """Targets whose rules differ between base and head; all are run with the default one's variables."""
    before, after = (_rules(text) for text in script.texts)
    if script.texts[0] == script.texts[1]:
        return []
    changed = [name for name, recipe in after.items() if before.get(name) != recipe]
    shared = _preamble(script.texts[0]) != _preamble(script.texts[1])
    names = list(after) if shared else changed
    chosen: list[tuple[str, ...]] = [
        (name,) for name in names if not name.startswith(".") and "%" not in name
    ]
    return chosen[: MAX_ARGUMENTS + 3]


def _rules(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    current: list[str] = []
    for line in text.splitlines():
        head = re.match(r"^([\w./%-]+(?:[ \t]+[\w./%-]+)*)[ \t]*::?(?!=)([^=].*)?$", line)
        if head:
            current = head.group(1).split()
            for name in current:
                found[name] = found.get(name, "") + line + "\n"
        elif line.startswith("\t"):
            for name in current:
                found[name] += line + "\n"
    return found


def _preamble(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"^(?:export\s+)?[\w.-]+\s*[:?+]?=", line)]
