"""Layers out of hostile archives."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from harness.sandbox.layer import LayerError, unpack

Entry = tuple[str, bytes, str | bytes]


def archive(*entries: Entry) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as content:
        for name, kind, what in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.mtime = kind, 0o6755, 1000
            if isinstance(what, bytes):
                entry.size = len(what)
                content.addfile(entry, io.BytesIO(what))
            else:
                entry.linkname = what
                content.addfile(entry)
    stream.seek(0)
    return stream


def test_files_folders_and_links_are_taken_over(tmp_path: Path) -> None:
    unpack(
        archive(
            (".", tarfile.DIRTYPE, ""),
            ("./bin", tarfile.DIRTYPE, ""),
            ("./bin/a", tarfile.REGTYPE, b"content"),
            ("./bin/b", tarfile.SYMTYPE, "/usr/bin/python3"),
        ),
        tmp_path / "layer",
    )
    made = tmp_path / "layer/bin/a"
    assert made.read_bytes() == b"content"
    assert made.stat().st_mode & 0o7777 == 0o755
    assert made.stat().st_mtime == 1000
    assert os.readlink(tmp_path / "layer/bin/b") == "/usr/bin/python3"


@pytest.mark.parametrize(
    "entries",
    [
        [("../x", tarfile.REGTYPE, b"")],
        [("/x", tarfile.REGTYPE, b"")],
        [("a/../../x", tarfile.REGTYPE, b"")],
        [("a", tarfile.SYMTYPE, "{outside}"), ("a/x", tarfile.REGTYPE, b"")],
        [("a", tarfile.REGTYPE, b""), ("a", tarfile.REGTYPE, b"")],
        [("a", tarfile.REGTYPE, b""), ("a", tarfile.SYMTYPE, "b")],
        [("a", tarfile.LNKTYPE, "/etc/passwd")],
        [("a", tarfile.FIFOTYPE, "")],
        [("a", tarfile.CHRTYPE, "")],
        [("/".join("d" * 50), tarfile.REGTYPE, b"")],
    ],
)
def test_what_would_lead_outside_is_refused(tmp_path: Path, entries: list[Entry]) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    filled = [
        (n, k, w.replace("{outside}", str(outside)) if isinstance(w, str) else w) for n, k, w in entries
    ]
    with pytest.raises(LayerError):
        unpack(archive(*filled), tmp_path / "layer")
    assert not list(outside.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["layer", "outside"]


@pytest.mark.parametrize(
    "content", [b"", b"x" * 5000, b"\0" * 100, archive(("a", tarfile.REGTYPE, b"x" * 4000)).getvalue()[:2000]]
)
def test_what_is_no_whole_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(LayerError):
        unpack(io.BytesIO(content), tmp_path / "layer")
