"""Materialising trees: one read-only folder a tree id, written once and atomically.

No checkout and no archive: both run filters. The blobs come from ``cat-file --batch`` and
are written by the code below, which decides about every path by itself (paths.py).
"""

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from harness.change.git import OBJECT_ID, Shadow
from harness.change.paths import link_refusal, refusal
from harness.change.resolve import show_path
from harness.errors import UsageError, remedy_for
from harness.model.snapshot import Entry, EntryKind, Snapshot

MAX_FILE_BYTES = 256 << 20
MAX_TREE_BYTES = 8 << 30
_LFS = b"version https://git-lfs.github.com/spec/"
_INDEX = "entries.json"
_KINDS: dict[str, EntryKind] = {"160000": "submodule", "120000": "symlink"}
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class _Blob(NamedTuple):
    name: bytes
    mode: str
    object_id: str
    size: int


class SnapshotStore:
    """Snapshots below ``root``, shared by all runs of this user, found by tree id."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, tree: str) -> Snapshot | None:
        """The snapshot of a tree that is already on disk, None when it is not."""
        if not OBJECT_ID.fullmatch(tree):
            return None
        folder = self.root / tree
        index = folder / _INDEX
        if not index.is_file() or not (folder / "tree").is_dir():
            return None
        try:
            entries = msgspec.json.decode(index.read_bytes(), type=tuple[Entry, ...])
        except (msgspec.DecodeError, OSError):
            return None
        os.utime(index)  # the age of this file is the age of the last use
        return Snapshot(tree, folder / "tree", entries)

    def materialise(self, shadow: Shadow, tree: str, like: Snapshot | None = None) -> Snapshot:
        """The snapshot of a tree, written now if it is not there yet.

        Files that ``like`` has with the same path, mode and content are not written again: both
        snapshots share them, as hard links. Nobody may write to a snapshot.
        """
        known = self.get(tree)
        if known:
            return known
        folder = self._begin(tree)
        try:
            (folder / "tree").mkdir()
            entries = tuple(_write(shadow, tree, folder / "tree", like))
            (folder / _INDEX).write_bytes(msgspec.json.encode(entries))
            folder.chmod(0o755)
            self._publish(folder, tree)
        except OSError as problem:
            raise self._unwritable(tree, problem) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        found = self.get(tree)
        if found is None:
            raise UsageError(f"The snapshot of {tree[:10]} in {self.root} is damaged; remove that folder.")
        return found

    def _begin(self, tree: str) -> Path:
        """A new folder; its name says whose it is, so that one of a killed run can be removed."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=f".new-{os.getpid()}-", dir=self.root))
        except OSError as problem:
            raise self._unwritable(tree, problem) from None

    def _unwritable(self, tree: str, problem: OSError) -> UsageError:
        return UsageError(
            f"The snapshot of {tree[:10]} cannot be written to {self.root}: {problem.strerror or problem}. "
            f"{remedy_for(str(problem))}".rstrip()
        )

    def _publish(self, folder: Path, tree: str) -> None:
        """Rename into place; another run may have been faster, and its copy is as good."""
        target = self.root / tree
        if target.exists() and self.get(tree) is None:
            shutil.rmtree(target)
        try:
            folder.rename(target)
        except OSError:
            if self.get(tree) is None:
                raise


def _write(shadow: Shadow, tree: str, target: Path, like: Snapshot | None) -> Iterator[Entry]:
    blobs = list(_list(shadow, tree))
    total = sum(blob.size for blob in blobs)
    if total > MAX_TREE_BYTES:
        raise UsageError(
            f"Tree {tree[:10]} holds {total >> 20} MiB; more than {MAX_TREE_BYTES >> 20} are refused."
        )
    writer = _Writer(os.fspath(target))
    if like is not None:
        shared, blobs = _shared(blobs, shadow, like, tree, writer)
        yield from shared
    # Links last: a damaged tree can name one path twice, and nothing may be written through a link.
    blobs.sort(key=lambda blob: blob.mode == "120000")
    wanted = [blob for blob in blobs if _refused(blob) is None]
    with _contents(shadow, wanted) as contents:
        for blob in blobs:
            yield writer.write(contents, blob)


def _shared(
    blobs: list[_Blob], shadow: Shadow, like: Snapshot, tree: str, writer: "_Writer"
) -> tuple[list[Entry], list[_Blob]]:
    """(entries that were linked from ``like``, blobs that are still to be written)."""
    known = {entry.path: entry for entry in like.entries if entry.kind == "file" and entry.left_out is None}
    other = {name for name in shadow.run(*_DIFFERING, like.digest, tree).split(b"\0") if name}
    source = os.fspath(like.path)
    shared, left = [], []
    for blob in blobs:
        entry = known.get(show_path(blob.name)) if blob.name not in other else None
        if entry is not None and writer.link(source, blob):
            shared.append(entry)
        else:
            left.append(blob)
    return shared, left


_DIFFERING = ("diff-tree", "-r", "-z", "--name-only", "--no-renames")
"""Names of all paths that two trees do not have in common with the same mode and content."""


class _Writer:
    """Writes the files of one tree. Paths are texts, not Path objects: there are a hundred thousand."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._made = {target}

    def place(self, blob: _Blob) -> str:
        """Where a blob is written; its folder is there then."""
        place = f"{self._target}/{os.fsdecode(blob.name)}"
        folder = place.rpartition("/")[0]
        if folder not in self._made:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        return place

    def link(self, source: str, blob: _Blob) -> bool:
        """Share a file with another snapshot; False where it cannot be: too many links, another file system."""
        try:
            os.link(f"{source}/{os.fsdecode(blob.name)}", self.place(blob), follow_symlinks=False)
        except OSError:
            return False
        return True

    def write(self, answers: IO[bytes], blob: _Blob) -> Entry:
        """Write one blob with the next answer, unless there is a reason not to."""
        path, kind = show_path(blob.name), _KINDS.get(blob.mode, "file")
        why = _refused(blob)
        if why:
            return Entry(path, kind, blob.size, left_out=why)
        content = _read(answers)
        if content is None:
            return Entry(path, "unreadable", blob.size, left_out="its content is missing from the clone")
        place = self.place(blob)
        if kind == "symlink":
            why = link_refusal(blob.name, content)
            if why is None and os.path.lexists(place):
                why = "the tree names this path twice"
            if why is None:
                Path(place).symlink_to(os.fsdecode(content))
            return Entry(path, kind, blob.size, left_out=why)
        executable = blob.mode == "100755"
        _write_file(place, content, 0o755 if executable else 0o644)
        lfs = "only a pointer of Git LFS, its content is not fetched" if content.startswith(_LFS) else None
        return Entry(path, "file", blob.size, executable, lfs)


@contextlib.contextmanager
def _contents(shadow: Shadow, blobs: Sequence[_Blob]) -> Iterator[IO[bytes]]:
    """The answers of ``cat-file`` to the ids of the blobs, in their order.

    A thread asks, so that git need not wait for each answer to be read.
    """
    process = shadow.popen("cat-file", "--batch", "--buffer")
    assert process.stdin is not None
    assert process.stdout is not None
    asking, answers = process.stdin, process.stdout

    def ask() -> None:
        with contextlib.suppress(OSError, ValueError), asking:  # the reader may have given up
            for blob in blobs:
                asking.write(blob.object_id.encode() + b"\n")

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        process.kill()
        answers.close()
        process.wait()
        thread.join()


def _list(shadow: Shadow, tree: str) -> Iterator[_Blob]:
    for record in shadow.run("ls-tree", "-r", "-z", "-l", "--full-tree", tree).split(b"\0"):
        if not record:
            continue
        meta, name = record.split(b"\t", 1)
        mode, _kind, object_id, size = meta.split()
        yield _Blob(name, mode.decode(), object_id.decode(), int(size) if size.isdigit() else 0)


def _refused(blob: _Blob) -> str | None:
    """Why a path is left out without looking at its content, None when it is not."""
    why = refusal(blob.name)
    if blob.mode == "160000":
        why = why or "a submodule is not fetched"
    if blob.size > MAX_FILE_BYTES:
        why = why or f"the file is larger than {MAX_FILE_BYTES >> 20} MiB"
    return why


def _write_file(place: str, content: bytes, mode: int) -> None:
    """Always a new file: one that is there may be shared with another snapshot."""
    try:
        descriptor = os.open(place, _NEW, mode)
    except FileExistsError:
        Path(place).unlink()
        descriptor = os.open(place, _NEW, mode)
    try:
        os.fchmod(descriptor, mode)  # whatever the umask is
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)


def _read(answers: IO[bytes]) -> bytes | None:
    header = answers.readline().split()
    if len(header) != 3:
        return None
    content = answers.read(int(header[2]))
    answers.read(1)
    return content
