"""Inside the sandbox: the pattern scanner over changed files, and Python's own parser.

Files lie at ``/in/scan/SIDE/INDEX.SUFFIX``; hostile names never reach the scanner.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import warnings
from collections.abc import Iterator
from typing import Any, Protocol

from .comparers import COMPARERS
from .flow import FLOW
from .matchers import MATCHERS

ROOT = "/in/scan"
# The scanner does not start on a system without any certificate of an authority, although it calls
# nobody here. This one's key was thrown away.
AUTHORITY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "no_authority.pem")
MAX_HITS = 20_000
MAX_SPANS = 2_000


class Channel(Protocol):
    """The part of the guest library's channel that is used here."""

    def send(self, message: dict[str, Any]) -> None: ...


def main(request: dict[str, Any], channel: Channel) -> None:
    """Send ``syntax``, ``symbols``, ``hit``, ``problem`` messages, ``scanned`` when all was seen."""
    root = request.get("root", ROOT)
    wrong = set(request["matchers"].values()) - {*MATCHERS, *FLOW, *COMPARERS}
    if wrong:
        raise SystemExit("there is no matcher " + ", ".join(sorted(wrong)))
    trees = _parse(root, request["python"], channel)
    _match(trees, request["matchers"], channel)
    _compare(trees, request["matchers"], channel)
    if request["scanner"]:
        _scan(root, request, channel)
    channel.send({"type": "scanned"})


def _parse(root: str, names: list[str], channel: Channel) -> dict[tuple[str, str], ast.Module]:
    trees: dict[tuple[str, str], ast.Module] = {}
    for name in names:
        for side in ("base", "head"):
            path = os.path.join(root, side, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as stream:
                source = stream.read()
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    trees[side, name] = ast.parse(source)
                state = {"valid": True, "line": 0, "text": ""}
            except SyntaxError as problem:
                state = {"valid": False, "line": problem.lineno or 1, "text": str(problem.msg)[:200]}
            except (ValueError, RecursionError, MemoryError) as problem:
                state = {"valid": False, "line": 1, "text": type(problem).__name__}
            channel.send({"type": "syntax", "side": side, "file": name, **state})
    return trees


def _match(trees: dict[tuple[str, str], ast.Module], matchers: dict[str, str], channel: Channel) -> None:
    for (side, name), tree in trees.items():
        for rule, matcher in matchers.items():
            find = MATCHERS.get(matcher) or FLOW.get(matcher)
            for node in find(tree) if find else ():
                _send_hit(channel, side, name, rule, node)
        _send_symbols(channel, side, name, tree)


def _compare(trees: dict[tuple[str, str], ast.Module], matchers: dict[str, str], channel: Channel) -> None:
    for (side, name), head in trees.items():
        base = trees.get(("base", name))
        if side == "head" and base is not None:
            for rule, matcher in matchers.items():
                for node in COMPARERS[matcher](base, head) if matcher in COMPARERS else ():
                    _send_hit(channel, side, name, rule, node)


def _send_hit(channel: Channel, side: str, name: str, rule: str, node: Any) -> None:
    channel.send(
        {
            "type": "hit",
            "side": side,
            "file": name,
            "rule": rule,
            "line": node.lineno,
            "col": node.col_offset + 1,
            "end_line": node.end_lineno or node.lineno,
            "end_col": (node.end_col_offset or 0) + 1,
        }
    )


def _send_symbols(channel: Channel, side: str, name: str, tree: ast.Module) -> None:
    spans = list(_spans(tree))[:MAX_SPANS]
    channel.send({"type": "symbols", "side": side, "file": name, "spans": spans})


def _scan(root: str, request: dict[str, Any], channel: Channel) -> None:
    scratch = os.environ.get("TMPDIR", "/tmp")
    argv = [
        "osemgrep", "scan", "--experimental", "--metrics=off", "--disable-version-check",
        "--no-git-ignore", "--quiet", "--json", "--timeout", "5", "--max-memory", "1000",
        "--max-target-bytes", "2000000", "--jobs", "1", "--config", os.path.join(root, "rules.json"),
    ]  # fmt: skip
    argv += [os.path.join(root, side) for side in ("base", "head") if os.path.isdir(os.path.join(root, side))]
    env = {
        "PATH": "/usr/bin:/bin", "HOME": scratch, "TMPDIR": scratch, "LC_ALL": "C.UTF-8",
        "SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off",
        "SSL_CERT_FILE": AUTHORITY, "SEMGREP_SETTINGS_FILE": os.path.join(scratch, "settings.yml"),
    }  # fmt: skip
    said = b""
    try:
        done = subprocess.run(
            argv, executable=request["scanner"], env=env, cwd=scratch, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
        said = done.stderr[-300:] or b"exit status %d" % done.returncode
        answer = json.loads(done.stdout)
        results = answer["results"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        channel.send({"type": "problem", "fatal": True, "file": "", "text": _why(problem, said)})
        return
    for result in results[:MAX_HITS]:
        _send_result(result, channel)
    if len(results) > MAX_HITS:
        text = "%d hits left out" % (len(results) - MAX_HITS)
        channel.send({"type": "problem", "fatal": False, "file": "", "text": text})
    for error in answer.get("errors", [])[:200]:
        _send_error(error, channel)


def _why(problem: Exception, said: bytes) -> str:
    return "%s: %s; %s" % (type(problem).__name__, str(problem)[:150], said.decode("utf-8", "replace"))


def _send_result(result: dict[str, Any], channel: Channel) -> None:
    side, name = result["path"].split("/")[-2:]
    channel.send(
        {
            "type": "hit",
            "side": side,
            "file": name,
            "rule": result["check_id"].rpartition(".")[2],
            "line": result["start"]["line"],
            "col": result["start"]["col"],
            "end_line": result["end"]["line"],
            "end_col": result["end"]["col"],
        }
    )


def _spans(tree: ast.Module) -> Iterator[list[Any]]:
    """(qualified name, first line, last line) of every function and class, outer ones first."""
    pending: list[tuple[ast.AST, str]] = [(node, "") for node in ast.iter_child_nodes(tree)]
    for node, prefix in pending:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            prefix = prefix + "." + node.name if prefix else node.name
            first = min([node.lineno] + [one.lineno for one in node.decorator_list])
            yield [prefix, first, node.end_lineno or node.lineno]
        pending.extend((child, prefix) for child in ast.iter_child_nodes(node))


def _send_error(error: dict[str, Any], channel: Channel) -> None:
    path = str(error.get("path") or "")
    name = "/".join(path.split("/")[-2:]) if path else ""
    text = str(error.get("message") or error.get("type") or "")
    rule = str(error.get("rule_id") or "").rpartition(".")[2]
    channel.send({"type": "problem", "fatal": not path, "file": name, "rule": rule, "text": text[:300]})
