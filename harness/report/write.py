"""The report folder: written whole, or not at all."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from harness.errors import UsageError
from harness.model.report import Figure, Report
from harness.report import html, json_report, junit, markdown, sarif

Proofs = Mapping[str, Mapping[str, bytes]]


def check_target(out: Path) -> None:
    """Refuse early what :func:`write_report` would refuse late. Raises UsageError."""
    if out.is_symlink():
        raise UsageError(f"{out} is a symbolic link; name the folder itself with --out.")
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is not a folder; name another one with --out.")
    try:
        occupied = out.is_dir() and any(out.iterdir()) and not _is_report(out)
    except OSError as error:
        raise _unwritable(out, error) from error
    if occupied:
        raise UsageError(
            f"{out} is not empty and holds no earlier report; name another folder with --out, or empty it yourself."
        )
    probe: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        probe = _beside(out)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        if probe is not None:
            probe.rmdir()


def _is_report(folder: Path) -> bool:
    """An earlier report of ours. A working copy that happens to hold a report.json is none."""
    return not (folder / ".git").exists() and json_report.looks_like_report(folder)


def write_report(
    out: Path,
    report: Report,
    proofs: Proofs | None = None,
    figures: Sequence[Figure] = (),
    diffs: Mapping[str, str] | None = None,
) -> None:
    """Write every format and the proofs, replacing an earlier report in ``out``.

    Everything goes to a sibling folder first, which then takes the name. ``proofs`` maps a
    finding's id to its files (relative names to contents). Raises UsageError when ``out``
    cannot be written or holds something that is no report; ``out`` is unchanged then.
    """
    check_target(out)
    try:
        temporary = _beside(out)
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        for name, content in _files(report, proofs or {}, figures, diffs):
            _write(temporary, name, content)
        temporary.chmod(0o755)
        _swap(temporary, out)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _files(
    report: Report, proofs: Proofs, figures: Sequence[Figure], diffs: Mapping[str, str] | None
) -> Iterator[tuple[str, bytes]]:
    names = {finding: tuple(files) for finding, files in proofs.items()}
    yield json_report.NAME, json_report.render(report)
    yield "report.html", html.render(report, figures=figures, diffs=diffs, proofs=names).encode()
    yield "report.md", markdown.render(report).encode()
    yield "report.sarif", sarif.render(report)
    yield "junit.xml", junit.render(report)
    known = {finding.id for finding in report.findings}
    for finding, files in proofs.items():
        if finding in known:
            for name, content in files.items():
                yield f"proofs/{_inside(finding)}/{_inside(name)}", content


def _inside(name: str) -> str:
    """The name itself, refused when it would lead out of its folder."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\0" in name or not pure.parts:
        raise UsageError(
            f"The proof file {name!r} would leave the report folder; mend the check that made it."
        )
    return name


def _write(root: Path, name: str, content: bytes) -> None:
    target = root / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    if content.startswith(b"#!"):
        target.chmod(0o755)


def _beside(out: Path) -> Path:
    # A sibling, because a rename is only atomic within one file system.
    return Path(tempfile.mkdtemp(prefix=f".{out.name[:40]}.", dir=out.resolve().parent))


def _swap(new: Path, out: Path) -> None:
    if not out.exists():
        new.rename(out)
        return
    old = _beside(out)
    out.rename(old)  # onto the empty folder that was just made
    try:
        new.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _unwritable(out: Path, error: OSError) -> UsageError:
    return UsageError(
        f"The report cannot be written to {out} ({error.strerror}); name another folder with --out."
    )
