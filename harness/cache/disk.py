"""Results in files below one folder: written whole, verified on read, the least used removed first."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cache.entry import pack, unpack
from harness.cache.interface import MAX_ENTRY, is_key

DEFAULT_BYTES = 2 << 30
_HALF_MADE = ".new-"
_HALF_MADE_AGE = 3600.0
_KEEP = 0.8
"""Share of the cap that pruning leaves, so that it need not run again at once."""


@dataclass(frozen=True)
class Usage:
    """How much is kept: entries, and their bytes on disk."""

    entries: int
    bytes: int


class DiskStore:
    """Implements Store in ``root``, which may be shared by several runs and lost at any time.

    ``root`` must be a place that nothing under test can write. An entry's modification time is
    that of its last use.
    """

    def __init__(self, root: Path, max_bytes: int = DEFAULT_BYTES) -> None:
        self.root = root
        self.max_bytes = max_bytes
        self._problems: dict[str, None] = {}
        self._written = 0

    def get(self, key: str) -> bytes | None:
        """See Store.get."""
        if not is_key(key):
            return None
        place = self._place(key)
        try:
            with place.open("rb") as stream:
                entry = stream.read(MAX_ENTRY + 4096)
        except OSError:
            return None
        content = unpack(entry)
        with contextlib.suppress(OSError):  # a cache that may only be read serves as well
            if content is None:
                place.unlink()
            else:
                os.utime(place)
        return content

    def put(self, key: str, content: bytes) -> None:
        """See Store.put."""
        if not is_key(key) or len(content) > MAX_ENTRY:
            return
        place = self._place(key)
        if place.exists():
            return
        entry = pack(content)
        try:
            self._write(place, entry)
        except OSError as problem:
            reason = problem.strerror or str(problem)
            self._problems[f"results cannot be kept in {self.root}: {reason}"] = None
            return
        self._written += len(entry)
        if self._written > self.max_bytes // 20:
            self._written = 0
            self.prune(self.max_bytes)

    def problems(self) -> Sequence[str]:
        """See Store.problems."""
        return tuple(self._problems)

    def usage(self) -> Usage:
        """How much is kept now."""
        found = list(self._entries())
        return Usage(len(found), sum(size for _, size, _ in found))

    def prune(self, max_bytes: int) -> Usage:
        """Remove the least recently used entries until the rest fits well; what was removed."""
        found = sorted(self._entries(), key=lambda entry: entry[2])
        total = sum(size for _, size, _ in found)
        removed, freed = 0, 0
        self._remove_half_made()
        if total <= max_bytes:
            return Usage(0, 0)
        for place, size, _used in found:
            if total - freed <= max_bytes * _KEEP:
                break
            with contextlib.suppress(OSError):  # another run may have removed it
                place.unlink()
                removed, freed = removed + 1, freed + size
        return Usage(removed, freed)

    def _place(self, key: str) -> Path:
        return self.root / key[:2] / key

    def _write(self, place: Path, entry: bytes) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=_HALF_MADE, dir=place.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(entry)
            Path(name).replace(place)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise

    def _entries(self) -> Iterator[tuple[Path, int, float]]:
        """(file, bytes, last use) of every entry; links and strangers are left alone."""
        for folder in self._folders():
            with contextlib.suppress(OSError), os.scandir(folder) as found:
                for one in found:
                    if is_key(one.name) and one.is_file(follow_symlinks=False):
                        status = one.stat(follow_symlinks=False)
                        yield Path(one.path), status.st_size, status.st_mtime

    def _remove_half_made(self) -> None:
        """What runs that were killed left behind; a run that still writes is younger than that."""
        oldest = time.time() - _HALF_MADE_AGE
        for folder in self._folders():
            for place in folder.glob(f"{_HALF_MADE}*"):
                with contextlib.suppress(OSError):
                    if place.lstat().st_mtime < oldest:
                        place.unlink()

    def _folders(self) -> Iterator[Path]:
        with contextlib.suppress(OSError):
            yield from [place for place in self.root.iterdir() if len(place.name) == 2 and place.is_dir()]
