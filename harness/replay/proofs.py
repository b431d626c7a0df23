"""Proofs on disk: what ``proofs/FINDING_ID/`` holds, and reading it back to replay it.

``proof.json`` beside the files for people holds the probe. A stored proof is hostile input
(a report travels through CI artifacts): reading it back decodes strictly, and what it names
is run in a sandbox only, by the pack of that id that is installed here.
"""

import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.check.interface import Limits, Probe, ProofPlan, Side
from harness.errors import ReportError
from harness.model.change import BASE_MARK, HEAD_MARK

PROOF_FILE = "proof.json"
FILES_FOLDER = "input"
MAX_PROOF_BYTES = 64 << 20
MAX_PROOF_FILES = 5000
_NAME = re.compile(r"[\w.@+-][\w .@+-]*(/[\w.@+-][\w .@+-]*)*")


@dataclass(frozen=True)
class Origin:
    """Ids of the trees that a proof runs in, base and head, of which part of which whole trees they are, and of
    the commits."""

    trees: tuple[str, str]
    project: str = ""
    whole: tuple[str, str] = ("", "")
    commits: tuple[str, str] = ("", "")


class StoredProof(msgspec.Struct, frozen=True):
    """proof.json: the probe of a proof and what its replays are expected to show."""

    finding: str
    check: str
    sides: tuple[Side, ...]
    input: str
    base: str | None
    head: str
    base_tree: str
    head_tree: str
    project: str = ""
    whole_base_tree: str = ""
    """Where the trees are those of a project: the repository's trees that they were made from."""
    whole_head_tree: str = ""
    entry: str | None = None
    command: tuple[str, ...] = ()
    request: dict[str, Any] = {}
    tree: bool = True
    also: tuple[Side, ...] = ()
    files: tuple[str, ...] = ()
    mounts: dict[str, str] = {}
    tools: tuple[str, ...] = ()
    env: dict[str, str] = {}
    limits: dict[str, float] = {}
    about: str = ""


def fill_ids(text: str, finding_id: str) -> str:
    """``@ID@`` and ``@id@`` replaced by the finding's id."""
    return text.replace("@ID@", finding_id).replace("@id@", finding_id.lower())


def proof_folder(
    finding_id: str, check: str, plan: ProofPlan, limits: Limits, origin: Origin
) -> dict[str, bytes]:
    """All files of a proof's folder, the script for people first, ``proof.json`` last."""
    files = {
        fill_ids(name, finding_id): _filled(content, finding_id, origin)
        for name, content in plan.files.items()
    }
    probe = plan.probe
    whole = origin.whole if origin.whole != origin.trees else ("", "")
    files |= {f"{FILES_FOLDER}/{name}": content for name, content in probe.files.items()}
    stored = StoredProof(
        finding=finding_id, check=check, sides=plan.sides, input=plan.input, base=plan.base, head=plan.head,
        base_tree=origin.trees[0], head_tree=origin.trees[1], project=origin.project,
        whole_base_tree=whole[0], whole_head_tree=whole[1], entry=probe.entry, command=tuple(probe.command),
        request=dict(probe.request), tree=probe.tree, also=tuple(probe.also), files=tuple(probe.files),
        mounts={name: str(path) for name, path in probe.mounts.items()},
        tools=tuple(str(path) for path in probe.tools), env=dict(probe.env), limits=asdict(probe.limits or limits),
        about=plan.about,
    )  # fmt: skip
    return files | {PROOF_FILE: msgspec.json.format(msgspec.json.encode(stored), indent=2)}


def _filled(content: bytes, finding_id: str, origin: Origin) -> bytes:
    base, head = (commit.encode() for commit in origin.commits)
    content = content.replace(b"@ID@", finding_id.encode()).replace(b"@id@", finding_id.lower().encode())
    return content.replace(BASE_MARK.encode(), base).replace(HEAD_MARK.encode(), head)


def read_proof(folder: Path) -> tuple[StoredProof, ProofPlan]:
    """A stored proof and its plan. Raises ReportError with the file and what is wrong."""
    file = folder / PROOF_FILE
    if not file.is_file():
        raise ReportError(f"{folder} holds no {PROOF_FILE}; this finding has no proof that can be replayed.")
    if file.stat().st_size > MAX_PROOF_BYTES:
        raise ReportError(
            f"{file} is larger than {MAX_PROOF_BYTES >> 20} MiB; it was not written by this harness."
        )
    try:
        stored = msgspec.json.decode(file.read_bytes(), type=StoredProof)
        values: dict[str, Any] = {name: _like(name, value) for name, value in stored.limits.items()}
        limits = Limits(**values)
    except (msgspec.DecodeError, RecursionError, TypeError) as problem:
        raise ReportError(f"{file} is damaged: {problem}.") from None
    probe = Probe(
        entry=stored.entry,
        command=stored.command,
        request=stored.request,
        tree=stored.tree,
        also=stored.also,
        files={name: _content(folder, name) for name in stored.files},
        mounts={name: _mount(path) for name, path in stored.mounts.items()},
        tools=[_tool(path) for path in stored.tools],
        env=stored.env,
        limits=limits,
        label="reproduce",
    )
    return stored, ProofPlan(probe, stored.input, stored.base, stored.head, stored.sides, about=stored.about)


def read_files(folder: Path) -> dict[str, bytes]:
    """The regular files of a proof's folder by relative name, links left out. Raises ReportError."""
    found: dict[str, bytes] = {}
    total = 0
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not (Path(root) / name).is_symlink()]
        for name in names:
            place = Path(root) / name
            relative = place.relative_to(folder).as_posix()
            if place.is_symlink() or not place.is_file() or not _NAME.fullmatch(relative):
                continue
            total += place.stat().st_size
            if total > MAX_PROOF_BYTES or len(found) >= MAX_PROOF_FILES:
                raise ReportError(
                    f"{folder} holds more than a proof does; it was not written by this harness."
                )
            found[relative] = place.read_bytes()
    return found


def _like(name: str, value: float) -> float | int:
    return int(value) if isinstance(getattr(Limits(), name, 0.0), int) else float(value)


def _content(folder: Path, name: str) -> bytes:
    place = folder / FILES_FOLDER / name
    if not _NAME.fullmatch(name) or ".." in name.split("/") or place.is_symlink() or not place.is_file():
        raise ReportError(f"{place} is missing or is no regular file; the report folder is damaged.")
    return place.read_bytes()


def _mount(path: str) -> Path:
    place = Path(path)
    if not place.is_dir():
        raise ReportError(f"The proof needs the folder {path}, which is not on this machine.")
    return place


def _tool(path: str) -> Path:
    place = Path(path)
    found = path if place.is_file() else shutil.which(place.name)
    if found is None:
        raise ReportError(f"The proof needs the program {place.name}; install it or put it on the PATH.")
    return Path(found)
