"""What a recorded call would destroy, by the table of tools (``rules/tools.toml``)."""

import itertools
import os
import re
from typing import Any, Dict, Iterator, List, Optional, Sequence

from .parse import commands, options
from .paths import path_effects, real
from .sql import sql_effects

MAX_DEPTH = 3
Effect = Dict[str, Any]
RUNNERS = ("npx", "bunx", "poetry", "pipenv", "uv", "pdm", "bundle", "parallel")
SHELLS = ("docker", "podman", "kubectl", "oc", "docker-compose", "sh", "bash")
INNER = ("ssh", *SHELLS, *RUNNERS)
PATH_TOOLS = ("rm", "find", "dd", "shred", "truncate", "unlink", "mv")
REMOVERS = ("shutil.rmtree", "os.remove", "os.unlink", "os.rmdir", "os.removedirs", "os.truncate", "posix.")
NUMBERS = re.compile(r"\bv?\d+(?:[._]\d+)+\b|\d{3,}|\b[0-9a-f]{7,40}\b|(?<=\d)[.-](?=\d)")
TMP = re.compile(r"/tmp/replay/(?:work|home)/?|/tmp/tmp\.\w+|/tree/")
SCOPES = ("-n", "--namespace", "-l", "--selector")


class Judge:
    """Effects of calls. ``table`` is rules/tools.toml as plain data."""

    def __init__(self, table: Dict[str, Any]) -> None:
        self.table = table
        self.tools = {name: (kind, tool) for kind, tool in table["tool"].items() for name in tool["names"]}
        general = table["general"]
        self.verb = re.compile(r"^(?:batch-)?(?:%s)(?:$|[-_:])" % general["verbs"])
        self.plain_verb = re.compile(r"^(?:%s)$" % general["plain_verbs"])
        self.interpreted = re.compile(table["interpreted"])
        self.data, self.service, self.harmless = (
            re.compile(r"(?:^|[-_ :.])(?:%s)(?:$|[-_ :.])" % general[name])
            for name in ("data", "service", "harmless")
        )

    def of_call(self, call: Dict[str, Any], depth: int = 0) -> List[Effect]:
        """Effects of one call, most grave first, without repetition."""
        found: Dict[str, Effect] = {}
        for effect in self._effects(call, depth):
            effect["key"] = "|".join(
                [effect["rule"], steady(effect["target"]), *sorted(map(steady, effect["scope"]))]
            )
            effect["call"] = shown(call)
            found.setdefault(effect["key"], effect)
        return list(found.values())

    def _effects(self, call: Dict[str, Any], depth: int) -> Iterator[Effect]:
        name, argv = call["tool"], call["argv"]
        if name in PATH_TOOLS:
            yield from path_effects(name, argv, call["cwd"])
            return
        told = self.interpreted.match(" ".join(argv)) if name in self.table["interpreters"] else None
        if told:
            name, argv = told.group(1), argv[len(told.group(0).split()) :]
        elif name == "python":
            yield from self._library(argv)
            return
        yield from self._inner(call, depth)
        if name in self.table["sql"] or name in ("mongosh", "mongo"):
            texts = [*argv, call["stdin"], *call["files"].values()]
            yield from sql_effects(name, texts)
            return
        kind, tool = self.tools.get(name, ("", {}))
        words, flags = options(argv, tool)
        harmless = tool.get("harmless", "--dry-?run.*|--help|-h")
        if any(re.fullmatch(harmless, flag) for flag in flags) or "help" in words[-1:]:
            return
        scope = [
            flag
            for flag in flags
            if flag.partition("=")[0] in {tool.get("alias", {}).get(s, s) for s in tool.get("scope", ())}
        ]
        joined = " ".join(words)
        if kind == "kubectl":
            joined = joined.replace("/", " ", 1) if re.match(r"delete \w+/", joined) else joined
            joined += _kinds(words, call)
        if kind == "git":
            joined += _outside(flags, call)
        for rule in tool.get("rule", ()):
            match = re.match(rule["words"], joined)
            if match and ("flags" not in rule or any(re.fullmatch(rule["flags"], flag) for flag in flags)):
                wide = [
                    f for f in flags if f.startswith(("--all", "--recursive", "--filename", "--kustomize"))
                ]
                yield _effect("%s: %s" % (kind, rule["what"]), rule, name, joined, scope, wide)
                return
        if name not in (
            "git",
            "docker",
            "helm",
            "kubectl",
            "oc",
            "systemctl",
            "terraform",
            "tofu",
            "npm",
            "pip",
            "apt-get",
        ):
            yield from self._general(name, words, flags, scope)

    def _general(
        self, name: str, words: Sequence[str], flags: Sequence[str], scope: Sequence[str]
    ) -> Iterator[Effect]:
        """``rds delete-db-instance``, ``sql instances delete x``, ``apps:destroy``."""
        for index, word in enumerate(words[:5]):
            known = name in self.tools
            last = word.rpartition(":")[2]
            verb = self.verb.match(last) if known else self.plain_verb.match(last)
            if not verb or (not known and index > 2):
                continue
            noun = " ".join([*words[:index], word])
            severity = self._severity(noun)
            if severity:
                target = " ".join([*words[index + 1 :], *(f for f in flags if "=" in f and f not in scope)])
                what = "deletes (%s %s)" % (name, noun)
                yield _effect(
                    "%s %s" % (name, noun), {"severity": severity, "what": what}, name, target, scope, ()
                )
            return

    def _severity(self, noun: str) -> Optional[str]:
        if self.data.search(noun) and not self.harmless.search(noun):
            return "critical"
        if self.harmless.search(noun):
            return None
        return "high" if self.service.search(noun) else "medium"

    def _library(self, argv: Sequence[str]) -> Iterator[Effect]:
        """Calls of Python: removals, clients of clouds, statements of database drivers."""
        path, rest = argv[0], argv[1:]
        if path.startswith(REMOVERS):
            recursive = ["-r"] if "tree" in path else []
            yield from path_effects("rm", [*recursive, *rest], "/")
            return
        method = path.rpartition(".")[2]
        if method in ("execute", "executemany", "executescript", "query", "run", "exec_command", "text"):
            yield from sql_effects("python", rest)
            for _line, inner in commands("\n".join(rest)) if method in ("run", "exec_command") else ():
                yield from self._effects(
                    {"tool": inner[0], "argv": inner[1:], "stdin": "", "files": {}, "cwd": "/"}, 1
                )
            return
        if not self.verb.match(method) or method in ("remove", "reset", "flush", "rm"):
            return
        dashed = method.replace("_", "-")
        severity = self._severity(path.replace("(", " ").replace(")", " ").replace("_", "-"))
        severity = severity or self._severity(dashed)
        if severity:
            library = path.partition(".")[0]
            rule = {"severity": severity, "what": "deletes (%s %s)" % (library, method)}
            yield _effect("%s %s" % (library, method), rule, library, " ".join(rest), (), ())

    def _inner(self, call: Dict[str, Any], depth: int) -> Iterator[Effect]:
        """What a shell elsewhere is told to run: ``ssh host 'rm -rf /srv'``, ``kubectl exec … -- psql -c``."""
        name, argv = call["tool"], call["argv"]
        if depth >= MAX_DEPTH or name not in INNER:
            return
        words, _flags = options(
            argv,
            {
                "values": [
                    "-i",
                    "-p",
                    "-l",
                    "-o",
                    "-F",
                    "-n",
                    "-c",
                    "-u",
                    "-e",
                    "-w",
                    "--namespace",
                    "--container",
                ]
            },
        )
        text = ""
        if name == "ssh":
            text = " ".join(words[1:]) or call["stdin"]
            text = call["stdin"] if re.match(r"\s*(sudo )?(ba)?sh( -s)?\s*$", text) else text
        elif name in ("sh", "bash"):
            text = call["stdin"] if "-s" in argv else argv[argv.index("-c") + 1] if "-c" in argv[:-1] else ""
        elif name == "parallel":
            cut = argv.index(":::") if ":::" in argv else len(argv)
            rest = list(
                itertools.dropwhile(lambda word: word.startswith("-") or word.isdecimal(), argv[:cut])
            )
            yield from self._told([*rest, *argv[cut + 1 :]], call, depth)
        elif name in RUNNERS:
            rest = list(
                itertools.dropwhile(lambda word: word.startswith("-") or word in ("run", "exec"), argv)
            )
            yield from self._told(rest, call, depth)
        elif "exec" in argv or "run" in argv:
            after = argv[argv.index("--") + 1 :] if "--" in argv else _after_exec(argv)
            yield from self._told(after, call, depth)
        for _line, argv in commands(text):
            yield from self._effects(
                {"tool": argv[0], "argv": argv[1:], "stdin": "", "files": {}, "cwd": "/"}, depth + 1
            )

    def _told(self, words: Sequence[str], call: Dict[str, Any], depth: int) -> Iterator[Effect]:
        """Effects of the command that another one is told to run."""
        tool = words[0].rsplit("/", 1)[-1] if words else ""
        if tool:
            yield from self._effects({**call, "tool": tool, "argv": list(words[1:])}, depth + 1)


def _after_exec(argv: Sequence[str]) -> Sequence[str]:
    word = "exec" if "exec" in argv else "run"
    rest = list(argv[list(argv).index(word) + 1 :])
    while rest and rest[0].startswith("-"):
        takes = rest[0] in ("-e", "-u", "-w", "-v", "--name", "--network", "--user", "--env", "--index", "-p")
        rest = rest[2:] if takes else rest[1:]
    return rest[1:]


def _outside(flags: Sequence[str], call: Dict[str, Any]) -> str:
    """`` in /srv/app`` for a call of git on a working copy that is not the script's own."""
    told = [flag.partition("=")[2] for flag in flags if flag.startswith("-C=")]
    place = real(os.path.join(call["cwd"], *told))
    return "" if place.startswith(("/tmp/", "/tree")) else " in " + place


def _kinds(words: Sequence[str], call: Dict[str, Any]) -> str:
    """The kinds of the manifests that ``kubectl delete -f`` is given."""
    if not words or words[0] not in ("delete", "replace"):
        return ""
    texts = [*call["files"].values(), call["stdin"]]
    kinds = sorted({kind.lower() for text in texts for kind in re.findall(r"(?m)^kind:\s*(\w+)", text)})
    return " " + " ".join(kinds) if kinds else ""


def _effect(
    rule: str, found: Dict[str, Any], tool: str, target: str, scope: Sequence[str], wide: Sequence[str]
) -> Effect:
    return {
        "rule": rule, "severity": found["severity"], "what": found["what"], "tool": tool,
        "target": " ".join([target, *wide]).strip(), "scope": list(scope),
    }  # fmt: skip


def steady(text: str) -> str:
    """A target without what differs from run to run: numbers of versions and dates, commits, temporary names."""
    return " ".join(NUMBERS.sub("#", TMP.sub("", text)).split())


def shown(call: Dict[str, Any]) -> str:
    """A call as a person would type it, shortened."""
    words = [call["tool"], *call["argv"]]
    text = " ".join(word if word and not re.search(r"\s", word) else "'%s'" % word for word in words)
    text = TMP.sub("", text)
    return text[:300] + (" <<< " + " ".join(call["stdin"].split())[:200] if call["stdin"].strip() else "")
