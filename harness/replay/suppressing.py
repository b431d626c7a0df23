"""Suppressions of a change: its texts read from the snapshots, judged by :mod:`harness.risk.suppress`."""

import datetime
import hashlib
from collections.abc import Sequence

import msgspec

from harness.config.load import FILE_NAME, parse_config
from harness.config.schema import Config, SuppressConfig
from harness.errors import ConfigError
from harness.model.change import Change
from harness.model.finding import Finding
from harness.model.snapshot import Snapshot
from harness.risk import suppress
from harness.risk.suppress import Judged, Texts

MAX_BYTES = 2_000_000
_MARK = "harness:"


def judged(
    findings: Sequence[Finding], change: Change, base: Snapshot, head: Snapshot, config: Config, source: str
) -> Judged:
    """Findings held against the suppressions of base, as of today (UTC)."""
    texts = {one.path: one for one in read_texts(change, base, head)}
    today = datetime.datetime.now(datetime.UTC).date()
    return suppress.judge(findings, config.suppress, source, texts, today)


def additions(change: Change, base: Snapshot, head: Snapshot) -> list[Finding]:
    """Findings about suppressions that the change adds, in code and in the policy."""
    texts = read_texts(change, base, head)
    found = []
    counts: dict[str, int] = {}
    for one in suppress.added(texts, _of_policy(base), _of_policy(head), FILE_NAME):
        key = f"{one.rule} {one.location.path} {one.title}"
        counts[key] = counts.get(key, 0) + 1
        mark = hashlib.sha256(f"{key}#{counts[key]}".encode("utf-8", "replace")).hexdigest()[:32]
        found.append(msgspec.structs.replace(one, fingerprint=mark))
    return found


def read_texts(change: Change, base: Snapshot, head: Snapshot) -> list[Texts]:
    """The changed files that hold a suppression on either side."""
    found = []
    for file in change.files:
        if file.binary:
            continue
        before = base.read_text(file.old_path or file.path, MAX_BYTES) if file.status != "added" else None
        after = head.read_text(file.path, MAX_BYTES) if file.status != "deleted" else None
        if _MARK in (before or "") or _MARK in (after or ""):
            found.append(Texts(file.path, before, after))
    return found


def _of_policy(side: Snapshot) -> tuple[SuppressConfig, ...]:
    """What the side's harness.toml suppresses; nothing where it is no valid configuration."""
    try:
        return parse_config(side.read_text(FILE_NAME) or "", FILE_NAME).suppress
    except ConfigError:
        return ()
