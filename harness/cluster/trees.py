"""Snapshots on their way to workers: each by its digest, in pieces, once a worker."""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.change.git import OBJECT_ID
from harness.change.snapshots import SnapshotStore
from harness.model.snapshot import Snapshot

PIECE = 16 << 20


def pieces(snapshot: Snapshot) -> Iterator[bytes]:
    """A snapshot's folder as an archive, in pieces of at most ``PIECE`` bytes."""
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name in ("entries.json", "tree"):
                archive.add(snapshot.path.parent / name, name)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


class Arriving:
    """Puts pieces together in a worker's store. One sender at a time for each ``sender`` name."""

    def __init__(self, state: Path) -> None:
        self._root = state / "snapshots"
        self._store = SnapshotStore(self._root)

    def lacking(self, trees: list[str]) -> list[str]:
        """Those of the trees that are not here."""
        return [tree for tree in trees if self._store.get(tree) is None]

    def take(self, tree: str, sender: str, number: int, piece: bytes, *, last: bool) -> None:
        """One piece, in order from 0. Raises ValueError or OSError when it cannot be kept."""
        if not OBJECT_ID.fullmatch(tree) or not sender.isalnum():
            raise ValueError("that is no tree")
        self._root.mkdir(parents=True, exist_ok=True)
        part = self._root / f".part-{tree}-{sender}"
        with part.open("ab" if number else "wb") as stream:
            stream.write(piece)
        if last:
            try:
                self._unpack(part, tree)
            finally:
                part.unlink()

    def _unpack(self, file: Path, tree: str) -> None:
        folder = Path(tempfile.mkdtemp(prefix=".new-", dir=self._root))
        try:
            with tarfile.open(file, mode="r:") as archive:
                archive.extractall(folder, filter="data")
            folder.chmod(0o755)
            try:
                folder.rename(self._root / tree)
            except OSError:
                if self._store.get(tree) is None:
                    raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sender_name() -> str:
    """A name of its own for this process's pieces."""
    return os.urandom(8).hex()
