"""report.json: writing it, and reading a stored one as the hostile file that it may be."""

import re
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from harness.errors import ReportError
from harness.model.report import SCHEMA_VERSION, Report

NAME = "report.json"
MAX_BYTES = 64 << 20
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")


def render(report: Report) -> bytes:
    """The report as indented JSON; every field of the contract stands there, null where empty.

    Lone surrogates (from file names that are not UTF-8) become backslash escapes, because
    JSON cannot hold them.
    """
    return msgspec.json.format(msgspec.json.encode(_encodable(msgspec.to_builtins(report))), indent=2) + b"\n"


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value


def read_report(folder: Path) -> Report:
    """The report in ``folder`` (or the report.json itself).

    Raises ReportError when there is none, when it is larger than ``MAX_BYTES``, of a newer
    schema, not of the schema's shape, or when an id or a proof's path is unsafe.
    """
    path = folder / NAME if folder.is_dir() else folder
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ReportError(
            f"No report can be read at {path} ({error.strerror}); name the folder that `harness verify` wrote."
        ) from error
    if len(data) > MAX_BYTES:
        raise ReportError(
            f"{path} is larger than {MAX_BYTES >> 20} MiB, which no verification writes; run `harness verify` again."
        )
    return decode(data, str(path))


def decode(data: bytes, source: str = NAME) -> Report:
    """A report from JSON text. Raises ReportError as :func:`read_report` does."""
    _check_version(data, source)
    try:
        report = msgspec.json.decode(data, type=Report)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(
            f"{source} is not a report of this schema ({error}); run `harness verify` again."
        ) from error
    seen: set[str] = set()
    for finding in report.findings:
        if not _ID.fullmatch(finding.id) or finding.id in seen:
            raise ReportError(f"{source} holds the unusable finding id {finding.id[:40]!r}; it was altered.")
        seen.add(finding.id)
        if finding.proof.path is not None and not _is_inside(finding.proof.path):
            raise ReportError(f"{source} names a proof outside its folder for {finding.id}; it was altered.")
    return report


def looks_like_report(folder: Path) -> bool:
    """Whether ``folder`` holds a report.json of any version of the schema."""
    path = folder / NAME
    try:
        if path.is_symlink() or path.stat().st_size > MAX_BYTES:
            return False
        msgspec.json.decode(path.read_bytes(), type=_Marked)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


class _Versioned(msgspec.Struct):
    schema_version: str


class _Marked(_Versioned):
    outcome: str
    change: dict[str, Any]


def _check_version(data: bytes, source: str) -> None:
    try:
        version = msgspec.json.decode(data, type=_Versioned).schema_version
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(
            f"{source} is not a report ({error}); name a folder that `harness verify` wrote."
        ) from error
    if version != SCHEMA_VERSION:
        raise ReportError(
            f"{source} has schema version {version[:20]!r} and this harness reads {SCHEMA_VERSION!r}; "
            "use the harness that wrote it, or run `harness verify` again."
        )


def _is_inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts and "\0" not in path and bool(pure.parts)
