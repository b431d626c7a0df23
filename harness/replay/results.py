"""Results of earlier runs: what a check found, and what a probe answered, under what they depend on.

A key holds everything that a result is a function of: the code of the harness and of the pack, the
trees, what the change says of itself, configuration and limits, and the environment inside the
sandbox. Only what ran to its end is kept; a verdict is never kept, it is decided anew each time.
"""

import functools
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

import harness
from harness.cache.interface import Store
from harness.cache.keys import digest, folder_digest, program_mark
from harness.check.interface import (
    Declaration,
    DeclaringTests,
    Draft,
    Ended,
    Limits,
    Message,
    Outcome,
    Probe,
    Reply,
    Side,
)
from harness.check.loader import Pack, builtin_folder
from harness.config.schema import Config
from harness.model.change import Change
from harness.model.finding import Finding
from harness.model.report import CheckResult, Figure, RiskWeight, Unverified
from harness.model.snapshot import Snapshot
from harness.sandbox.interface import Driver
from harness.sandbox.support import closure

_NO_MATTER = ("policy", "provenance", "roles", "suppress", "run", "cache")
"""Parts of the configuration that decide what is done with results, not what they are."""
_PACKAGES = ("change-harness", "grpcio", "protobuf", "zizmor", "squawk-cli", "cfn-lint", "detect-secrets")
"""Distributions whose versions, with those of all that they require, are part of every key."""


class KeptItem(msgspec.Struct, frozen=True):
    """One draft with the finding that its proof made of it."""

    limits: Limits
    draft: Draft
    finding: Finding


class KeptCheck(msgspec.Struct, frozen=True):
    """All that one check gave. ``made`` is when, in ISO 8601."""

    made: str
    result: CheckResult
    items: tuple[KeptItem, ...] = ()
    unverified: tuple[Unverified, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    declaring: DeclaringTests | None = None
    notes: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    weights: tuple[RiskWeight, ...] = ()
    dropped: int = 0
    """Drafts whose proof did not hold."""
    cut: bool = False
    """Time ended before every proof was replayed."""

    @property
    def whole(self) -> bool:
        """Another run of the same would give the same."""
        return self.result.status in ("passed", "findings", "skipped") and not self.dropped and not self.cut

    @property
    def outcome(self) -> Outcome:
        """What the check returned, without the findings that ``items`` hold."""
        return Outcome(
            (), self.unverified, self.declarations, self.declaring, self.notes, self.figures, self.weights
        )


class _KeptReply(msgspec.Struct, frozen=True):
    status: int
    messages: tuple[Message, ...] = ()
    stdout: bytes = b""
    stderr: str = ""
    files: dict[str, bytes] = {}
    malformed: int = 0
    seconds: float = 0.0
    closed: bool = False


class Results:
    """Finds and keeps results of one run. Without ``environment`` (unknown) nothing is found or kept."""

    def __init__(
        self, store: Store, environment: str | None, change: Change, trees: Mapping[Side, Snapshot],
        config: Config, layers: Mapping[Side, Path], budget: float,
    ) -> None:  # fmt: skip
        self._store = store
        self._environment = environment
        self._trees = {side: tree.digest for side, tree in trees.items()}
        self._change = msgspec.to_builtins(change.content())
        settings = msgspec.to_builtins(config)
        self._settings = {name: value for name, value in settings.items() if name not in _NO_MATTER}
        self._layers = {side.value: str(path) for side, path in layers.items()}
        self._budget = budget
        self._code = code_digest()

    def check_key(self, pack: Pack, limits: Limits) -> str | None:
        """The key of a check of this change, None when nothing may be kept."""
        if self._environment is None or not pack.manifest.keeps:
            return None
        programs = [program_mark(shutil.which(name) or name) for name in pack.manifest.programs]
        return digest(
            "check", self._code, pack_digest(pack), self._environment, self._trees, self._change,
            self._settings, asdict(limits), self._layers, self._budget, programs,
        )  # fmt: skip

    def check(self, key: str | None) -> KeptCheck | None:
        """The kept result of a check; None when there is none, or none that this version can read."""
        found: KeptCheck | None = self._decoded(key, KeptCheck)
        return found

    def keep_check(self, key: str | None, kept: KeptCheck) -> None:
        """Keep what a check gave, if that is all of it."""
        if key is not None and kept.whole:
            self._encode(key, kept)

    def reply_key(self, pack: Pack, side: Side, probe: Probe, limits: Limits) -> str | None:
        """The key of a probe that says of itself that it gives the same answer again, else None."""
        if self._environment is None or not probe.keep:
            return None
        told = {
            name: value for name, value in asdict(probe).items() if name not in ("files", "limits", "tools")
        }
        files = {name: digest(content.hex()) for name, content in probe.files.items()}
        seen = {one.value: self._trees[one] for one in {side, *probe.also} if probe.tree or one in probe.also}
        return digest(
            "reply", self._code, pack_digest(pack), self._environment, side if probe.entry else "",
            told, files, [program_mark(tool) for tool in probe.tools], asdict(limits), seen,
            self._layers.get(side.value), [folder_digest(place) for place in probe.mounts.values()],
        )  # fmt: skip

    def reply(self, key: str | None) -> Reply | None:
        """The kept answer of a probe."""
        kept: _KeptReply | None = self._decoded(key, _KeptReply)
        if kept is None:
            return None
        return Reply(
            Ended(kept.status),
            kept.messages,
            kept.stdout,
            kept.stderr,
            kept.files,
            kept.malformed,
            kept.seconds,
            kept.closed,
        )

    def keep_reply(self, key: str | None, reply: Reply) -> None:
        """Keep an answer. One that a limit, the sandbox or the guest cut short may be another next time."""
        whole = isinstance(reply.end, Ended) and (reply.closed or not reply.messages)
        if key is not None and whole and isinstance(reply.end, Ended):
            kept = _KeptReply(
                reply.end.status, reply.messages, reply.stdout, reply.stderr, dict(reply.files),
                reply.malformed, reply.seconds, reply.closed,
            )  # fmt: skip
            self._encode(key, kept)

    def problems(self) -> Sequence[str]:
        """Sentences about what did not work."""
        return self._store.problems()

    def _encode(self, key: str, value: Any) -> None:
        try:
            self._store.put(key, encode(value))
        except (TypeError, ValueError, OverflowError, RecursionError):
            return  # a pack handed over values that have no plain form: they are not kept

    def _decoded(self, key: str | None, kind: Any) -> Any:
        content = self._store.get(key) if key is not None else None
        return decode(content, kind) if content is not None else None


def encode(value: Any) -> bytes:
    """A value of the model as MessagePack. Raises TypeError or ValueError for one that has no plain form."""
    return msgspec.msgpack.encode(value, enc_hook=str)


def decode(content: bytes, kind: Any) -> Any:
    """The value in ``content``, None when it is not of that kind."""
    try:
        return msgspec.msgpack.decode(content, type=kind, dec_hook=lambda wanted, value: wanted(value))
    except (msgspec.MsgspecError, RecursionError, TypeError, ValueError):
        return None


@functools.cache
def code_digest() -> str:
    """SHA-256 (hex) of the harness's own code, as it was first asked for, and of the versions of what it
    rests on."""
    versions = [(name, one.version) for name, one in sorted(closure(_PACKAGES).items())]
    own = folder_digest(Path(harness.__file__).parent, code_only=True)
    drivers = folder_digest(builtin_folder("sandboxes"), code_only=True)
    return digest(harness.__version__, own, drivers, versions)


def pack_digest(pack: Pack) -> str:
    """SHA-256 (hex) of a pack's files, its samples apart."""
    return folder_digest(pack.folder)


def environment_of(driver: Driver) -> str | None:
    """What is inside the sandboxes of a driver, as one text; None for a driver that cannot say."""
    identity = getattr(driver, "identity", None)
    said = identity() if callable(identity) else None
    return str(said) if said else None
