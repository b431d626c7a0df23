"""The way for an engine that does not see this machine's files: uploads into volumes.

A volume holds one folder (or the files of one job), is filled through a container that is
never started, and is read-only for jobs.
"""

import io
import stat
import tarfile
import tempfile
import threading
import uuid
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from harness.sandbox.interface import GUEST, INPUT, Job

from . import owner
from .engine import EngineError, told
from .options import SOURCE, TOOLS, Mount
from .placing import Measures, Placed, targets

if TYPE_CHECKING:
    from docker.api.client import APIClient

_KEPT_SECONDS = 24 * 3600
_IN_MEMORY = 32 << 20
_PLACE = "/upload"


class Volumes:
    """Uploads. ``image`` is only there to make a container of."""

    def __init__(self, client: "APIClient", image: str, measures: Measures) -> None:
        self._client = client
        self._image = image
        self._measures = measures
        self._lock = threading.Lock()
        self._kept: dict[tuple[Path, ...], str] = {}
        self._in_use: list[str] = []

    def place(self, job: Job, support: Path | None) -> Placed:
        """Upload what is not there yet."""
        placed = Placed()
        try:
            if job.files:
                places = {name: path.is_dir() for name, path in job.mounts.items()}
                volume = self._upload(_files_archive(job.files, places))
                placed.undo.append(partial(self._remove, volume))
                placed.mounts.append(Mount(INPUT, volume, volume=True))
            if job.tools:
                volume = self._kept_volume(tuple(job.tools))
                placed.mounts.append(Mount(TOOLS, volume, volume=True))
            for target, path in targets(job, support):
                if target.startswith(f"{TOOLS}/"):
                    continue
                if target == SOURCE:
                    placed.extent = self._measures.of(path).extent
                if target.startswith(GUEST) or self._measures.stable(path):
                    volume = self._kept_volume((path,))
                else:
                    volume = self._upload(_folders_archive((path,)))
                    placed.undo.append(partial(self._remove, volume))
                placed.mounts.append(Mount(target, volume, volume=True))
        except BaseException:
            placed.release()
            raise
        return placed

    def close(self) -> None:
        """Remove all volumes of this driver. Its containers are gone by now."""
        with self._lock:
            left, self._in_use = self._in_use, []
            for volume in (*self._kept.values(), *left):
                self._remove(volume)
            self._kept.clear()

    def _kept_volume(self, paths: tuple[Path, ...]) -> str:
        """The volume that holds a folder's content, or several files side by side."""
        with self._lock:
            if paths not in self._kept:
                self._kept[paths] = self._upload(_folders_archive(paths))
            return self._kept[paths]

    def _upload(self, archive: IO[bytes]) -> str:
        name = f"change-harness-{uuid.uuid4().hex[:12]}"
        marks = owner.labels("input", _KEPT_SECONDS)
        with archive, told():
            self._client.create_volume(name, labels=marks)
            helper = self._client.create_container_from_config(  # type: ignore[no-untyped-call]
                {
                    "Image": self._image, "Labels": marks, "NetworkDisabled": True, "Entrypoint": ["python3"],
                    "HostConfig": {"Mounts": [{"Type": "volume", "Source": name, "Target": _PLACE}]},
                }
            )["Id"]  # fmt: skip
            try:
                archive.seek(0)
                if not self._client.put_archive(helper, _PLACE, archive):
                    raise EngineError("the engine did not take the upload")
            finally:
                self._client.remove_container(helper, force=True)
        return name

    def _remove(self, volume: str) -> None:
        try:
            with told():
                self._client.remove_volume(volume, force=True)
        except EngineError:
            # Where a shutdown removes the same container, this can come before that has ended. What is left
            # after all, the next harness's clean-up finds by its labels.
            self._in_use.append(volume)


def _files_archive(files: Mapping[str, bytes], places: Mapping[str, bool]) -> IO[bytes]:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
        for name, is_folder in places.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = (tarfile.DIRTYPE, 0o755) if is_folder else (tarfile.REGTYPE, 0o644)
            archive.addfile(entry)
    return stream


def _folders_archive(paths: Iterable[Path]) -> IO[bytes]:
    stream: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by _upload
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in paths:
            _add(archive, path, "." if path.is_dir() else path.name)
    return stream


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    """Add a file or a folder; what this user may not read stays here."""
    entry = _open_up(archive.gettarinfo(path, name))
    if entry is None:
        return
    try:
        if entry.isfile():
            with path.open("rb") as content:
                archive.addfile(entry, content)
            return
        children = sorted(path.iterdir()) if entry.isdir() else []
    except PermissionError:
        return
    archive.addfile(entry)
    for child in children:
        _add(archive, child, child.name if name == "." else f"{name}/{child.name}")


def _open_up(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Any user may read what is uploaded; what is no file, folder or link stays here."""
    if not (entry.isfile() or entry.isdir() or entry.issym()):
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    executable = entry.mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    entry.mode = 0o755 if entry.isdir() or executable else 0o644
    return entry
