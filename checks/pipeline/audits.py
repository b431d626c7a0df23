"""What zizmor says of the workflows of head and not of base's, where it is installed (extra ``pipeline``).

It reads hostile files, so it runs inside the sandbox, without a network and without the repository's
own configuration of it. Audits that this pack makes itself, that depend on a house style, or that
need the network are left out; what it finds by reading alone asks for a review and blocks nothing.
"""

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from harness.check.interface import Context, Ended, Probe, Severity, Side

from .dangers import Danger
from .reading import kind_of

AUDITS = {
    "bot-conditions": "A condition on the actor can be forged",
    "cache-poisoning": "A release may be built from a poisoned cache",
    "github-env": "A script of an outsider's pipeline writes the environment of later steps",
    "hardcoded-container-credentials": "A password of a registry stands in the workflow",
    "insecure-commands": "Commands that write the environment from the log are allowed",
    "obfuscation": "The workflow hides what it does",
    "template-injection": "A value becomes part of a script",
    "unredacted-secrets": "A secret is taken apart and shows in the log",
    "unsound-condition": "A condition is always true",
    "unsound-contains": "A condition can be met by a part of a word",
}
_SEVERITIES: Mapping[str, Severity] = {"High": "medium", "Medium": "medium", "Low": "low"}
MAX_OUTPUT = 8 << 20
MAX_FINDINGS = 50
FOLDER = "audit"
Files = Mapping[str, str]


def program() -> Path | None:
    """The installed zizmor: beside this interpreter, else on the PATH."""
    beside = Path(sys.executable).parent / "zizmor"
    found = str(beside) if beside.is_file() else shutil.which("zizmor")
    return Path(found).resolve() if found else None


def audits(context: Context, base: Files, head: Files) -> tuple[list[tuple[str, Danger]], str]:
    """((path, danger) of what only head has, why it did not work or an empty text).

    ``base`` and ``head`` map the changed files' paths on head to their texts.
    """
    tool = program()
    files = {side: _named(texts) for side, texts in (("base", base), ("head", head))}
    if tool is None:
        return (
            [],
            "zizmor is not installed (pip install 'change-harness[pipeline]'), so its audits were not made",
        )
    if not files["head"]:
        return [], ""
    inputs = {f"{FOLDER}/{side}/{name}": text.encode("utf-8", "replace") for side, named in files.items()
              for name, (_, text) in named.items()}  # fmt: skip
    command = [
        f"/opt/tools/{tool.name}", "--offline", "--no-progress", "--no-config", "--no-exit-codes", "--quiet",
        "--format", "json-v1", "--", *(f"/in/{name}" for name in sorted(inputs)),
    ]  # fmt: skip
    probe = Probe(
        command=command, tree=False, files=inputs, tools=(tool,), limits=context.limits, label="zizmor"
    )
    reply = context.run(Side.HEAD, probe)
    said = _decode(reply.stdout) if isinstance(reply.end, Ended) and reply.end.status == 0 else None
    if said is None:
        return [], f"zizmor gave no answer ({reply.end}): {reply.stderr.strip()[-200:]}"
    return list(_new(said, files))[:MAX_FINDINGS], ""


def _named(texts: Files) -> dict[str, tuple[str, str]]:
    """Name inside the sandbox to (path, text); hostile names never reach the program."""
    named = {}
    for number, (path, text) in enumerate(sorted(texts.items())):
        kind = kind_of(path)
        if kind == "github":
            named[f"{number}/.github/workflows/w.yml"] = (path, _heard(text))
        elif kind == "action":
            named[f"{number}/action.yml"] = (path, _heard(text))
    return named


def _heard(text: str) -> str:
    """Without the comments by which a file turns audits of itself off."""
    return text.replace("zizmor:", "zizmor ")


def _decode(output: bytes) -> Sequence[Any] | None:
    try:
        said = msgspec.json.decode(output[: MAX_OUTPUT + 1])
    except (msgspec.DecodeError, RecursionError):
        return None
    return said if isinstance(said, list) else None


def _new(
    said: Sequence[Any], files: Mapping[str, dict[str, tuple[str, str]]]
) -> Iterator[tuple[str, Danger]]:
    found = [one for one in map(_one, said) if one is not None]
    known = Counter((files["base"][name][0], audit, text) for side, name, audit, text, _, _ in found
                    if side == "base" and name in files["base"])  # fmt: skip
    for side, name, audit, text, line, severity in found:
        if side != "head" or name not in files["head"]:
            continue
        path = files["head"][name][0]
        known[path, audit, text] -= 1
        if known[path, audit, text] < 0:
            yield path, Danger(
                f"zizmor-{audit}", text[:300], line, severity, AUDITS[audit],
                f"zizmor ({audit}) reports this of head and not of base. https://docs.zizmor.sh/audits/#{audit}",
                "Read the page of this audit; it says what to write instead.", ("CWE-1357",),
            )  # fmt: skip


def _one(entry: Any) -> tuple[str, str, str, str, int, Severity] | None:
    """(side, name, audit, text, line, severity) of a result that counts; None for any other shape."""
    try:
        audit, judged = entry["ident"], entry["determinations"]
        if audit not in AUDITS or judged["confidence"] == "Low" or entry.get("ignored") is True:
            return None
        place = next(one for one in entry["locations"] if one["symbolic"]["kind"] == "Primary")
        path = str(place["symbolic"]["key"]["Local"]["verbatim_path"])
        side, _, name = path.rpartition(f"/in/{FOLDER}/")[2].partition("/")
        concrete = place["concrete"]
        line = int(concrete["location"]["start_point"]["row"]) + 1
        text = " ".join(str(concrete["feature"]).split())
        return side, name, audit, text, max(1, line), _SEVERITIES.get(str(judged["severity"]), "low")
    except (KeyError, TypeError, ValueError, StopIteration):
        return None
