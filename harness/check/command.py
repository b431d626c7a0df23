"""Packs of kind ``command``: a program run inside on base and on head, its outputs compared.

The program's output is hostile input: strictly decoded, size-capped, and a program that
failed, hung or printed something else makes the check fail, never pass.
"""

import re
import xml.etree.ElementTree as Xml
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import msgspec

from harness.check.interface import (
    Check,
    CheckFailed,
    Context,
    Draft,
    Ended,
    Location,
    Outcome,
    Probe,
    Reply,
    Severity,
    Side,
)  # fmt: skip
from harness.check.manifest import CommandSpec, Manifest

MAX_OUTPUT = 16 << 20
MAX_HITS = 5000
LEVELS: Mapping[str, Severity] = {"error": "high", "warning": "medium", "note": "low", "none": "info"}
_WRONG_SHAPE = (TypeError, AttributeError, KeyError, ValueError)
_NUMBERS = re.compile(r"\d+")


class Hit(msgspec.Struct, frozen=True):
    """One thing that the program said. As a JSON line: ``{"path": …, "line": …, "message": …}``."""

    message: str
    path: str = "."
    line: int = 1
    rule: str = "command"
    severity: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What is equal on base and head when a line has moved: numbers in the message do not count."""
        return self.rule, self.path, _NUMBERS.sub("#", self.message)


def command_check(manifest: Manifest) -> Check:
    """The check of a pack of kind ``command``."""
    spec = manifest.command
    assert spec is not None

    def check(context: Context) -> Outcome:
        probe = Probe(command=spec.argv, label=spec.argv[0])
        replies = context.run_all((Side.BASE, probe), (Side.HEAD, probe))
        base, head = (read_hits(spec, reply, side) for reply, side in zip(replies, Side, strict=True))
        return Outcome([_draft(manifest, hit) for hit in new_hits(base, head)])

    return check


def new_hits(base: Sequence[Hit], head: Sequence[Hit]) -> list[Hit]:
    """The hits of head that base lacks; a second instance of the same is new."""
    known = Counter(hit.identity for hit in base)
    found = []
    for hit in head:
        known[hit.identity] -= 1
        if known[hit.identity] < 0:
            found.append(hit)
    return found


def read_hits(spec: CommandSpec, reply: Reply, side: Side) -> list[Hit]:
    """What the program said. Raises CheckFailed when it did not end or its output is damaged."""
    if not isinstance(reply.end, Ended) or reply.end.status not in (0, 1):
        raise CheckFailed(
            f"{spec.argv[0]} did not complete on {side}: {reply.end}; {reply.stderr[-300:].strip()}"
        )
    output = reply.files.get(spec.output, b"") if spec.output else reply.stdout
    if len(output) > MAX_OUTPUT:
        raise CheckFailed(f"{spec.argv[0]} printed more than {MAX_OUTPUT >> 20} MiB on {side}")
    try:
        hits = READERS[spec.format](output)
    except (
        msgspec.DecodeError,
        Xml.ParseError,
        RecursionError,
        TypeError,
        AttributeError,
        KeyError,
        ValueError,
    ) as bad:
        raise CheckFailed(f"{spec.argv[0]} printed no valid {spec.format} on {side}: {bad}") from None
    if len(hits) > MAX_HITS:
        raise CheckFailed(f"{spec.argv[0]} said more than {MAX_HITS} things on {side}")
    return hits


def _jsonl(output: bytes) -> list[Hit]:
    return [msgspec.json.decode(line, type=Hit) for line in output.splitlines() if line.strip()]


def _sarif(output: bytes) -> list[Hit]:
    document: dict[str, Any] = msgspec.json.decode(output, type=dict[str, Any])
    hits = []
    for run in document["runs"]:
        for result in run.get("results") or []:
            place = (result.get("locations") or [{}])[0].get("physicalLocation", {})
            line = place.get("region", {}).get("startLine", 1)
            path = str(place.get("artifactLocation", {}).get("uri", ".")).removeprefix("file:///tree/")
            message = str(result["message"].get("text", ""))
            hits.append(
                Hit(
                    message,
                    path,
                    int(line),
                    str(result.get("ruleId", "command")),
                    str(result.get("level", "")),
                )
            )
    return hits


def _junit(output: bytes) -> list[Hit]:
    if b"<!DOCTYPE" in output or b"<!ENTITY" in output:
        raise ValueError("it declares entities")
    hits = []
    for case in Xml.fromstring(output).iter("testcase"):  # noqa: S314 - entities are refused above
        for kind in ("failure", "error"):
            for problem in case.iter(kind):
                name = f"{case.get('classname', '')}.{case.get('name', '')}".strip(".")
                line = int(case.get("line") or 1)
                hits.append(
                    Hit(
                        f"{name}: {problem.get('message', kind)}",
                        case.get("file") or ".",
                        line,
                        "test",
                        "error",
                    )
                )
    return hits


READERS: Mapping[str, Callable[[bytes], list[Hit]]] = {"jsonl": _jsonl, "sarif": _sarif, "junit": _junit}


def _draft(manifest: Manifest, hit: Hit) -> Draft:
    severity: Severity = LEVELS.get(hit.severity, manifest.severity)
    if hit.severity in get_args(Severity):
        severity = hit.severity  # type: ignore[assignment]
    return Draft(
        rule=hit.rule[:100],
        category=manifest.categories[0] if manifest.categories else "static",
        severity=severity,
        title=hit.message.partition("\n")[0][:200],
        message=hit.message[:5000],
        location=Location(hit.path.removeprefix("/tree/")[:1000], max(1, hit.line)),
        key=_NUMBERS.sub("#", hit.message)[:1000],
    )
