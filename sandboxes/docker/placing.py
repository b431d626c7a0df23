"""How a job's folders and files get into its container.

An engine that sees this machine's files gets them bound read-only. A remote one (or one
outside the container that the harness itself runs in) gets them uploaded into volumes, once
per folder and driver.
"""

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.sandbox.interface import DEPS, GUEST, INPUT, SUPPORT, TREE, Job

from . import overlays, owner
from .folders import Measure, copy_open, measure, remove_folder, write_inputs
from .options import SOURCE, TOOLS, Extent, Mount, inside

_TREES = "tree-"


@dataclass
class Placed:
    """Mounts of one job, the size of its tree, and what to do when the job is gone."""

    mounts: list[Mount] = field(default_factory=list)
    extent: Extent = field(default_factory=Extent)
    undo: list[Callable[[], object]] = field(default_factory=list)

    def release(self) -> None:
        """Remove what was made for this job alone."""
        for action in reversed(self.undo):
            action()
        self.undo.clear()


class Placing(Protocol):
    """One way of getting files in."""

    def place(self, job: Job, support: Path | None) -> Placed:
        """Prepare a job's inputs, and the support packages. Raises OSError, ValueError or EngineError."""

    def close(self) -> None:
        """Remove what was kept for further jobs."""


class Workspace:
    """This process's folder for temporary inputs, below the state folder.

    Its name tells the owner, so that another harness can tell whether it is abandoned.
    """

    def __init__(self, state: Path) -> None:
        self.root = state / "docker" / "live"
        self._folder = self.root / owner.identity().replace("/", "_")

    def fresh(self, kind: str = "") -> Path:
        """A new path in it; the folder itself is made, the path is not."""
        self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        return self._folder / f"{kind}{uuid.uuid4().hex[:12]}"

    def close(self) -> None:
        """Remove it with everything in it."""
        _remove(self._folder)

    def clean(self) -> list[str]:
        """Remove the folders of dead harnesses of this user."""
        removed: list[str] = []
        if not self.root.is_dir():
            return removed
        for folder in self.root.iterdir():
            marks = {owner.OWNER: folder.name.replace("_", "/"), owner.USER: str(os.getuid())}
            if owner.abandoned(marks, now=0):
                _remove(folder)
                removed.append(f"folder {folder}")
        return removed


def _remove(folder: Path) -> None:
    """Remove a workspace: first the private trees, which jobs wrote to, with their mounts."""
    for place in folder.glob(f"{_TREES}*"):
        if not overlays.remove(place):
            return
    remove_folder(folder)


class Measures:
    """What is known of folders. Only those below ``stable`` never change and are remembered."""

    def __init__(self, stable: Path) -> None:
        self._root = stable.resolve()
        self._known: dict[Path, Measure] = {}

    def of(self, path: Path) -> Measure:
        """Measure a folder, or remember it."""
        known = self._known.get(path)
        if known is None:
            known = measure(path)
            if self.stable(path):
                self._known[path] = known
        return known

    def stable(self, path: Path) -> bool:
        """Whether a folder's content cannot change while this driver lives."""
        return path.resolve().is_relative_to(self._root)


class Binds:
    """The way for an engine that sees this machine's files."""

    def __init__(
        self, workspace: Workspace, measures: Measures, trees: overlays.Overlays | None = None
    ) -> None:
        self._workspace = workspace
        self._measures = measures
        self._trees = trees
        self.copied = trees is None
        """Whether a job's tree had to be copied."""
        self._copies: dict[Path, Path] = {}
        self._copying = threading.Lock()

    def place(self, job: Job, support: Path | None) -> Placed:
        """Bind everything; what another user may not read is copied first."""
        placed = Placed()
        try:
            if job.files:
                folder = self._workspace.fresh()
                placed.undo.append(lambda: remove_folder(folder))
                places = [(name, path.is_dir()) for name, path in job.mounts.items()]
                write_inputs(folder, dict(job.files), places)
                placed.mounts.append(Mount(INPUT, str(folder)))
            for target, path in targets(job, support):
                source = path.resolve(strict=True)
                if target == SOURCE and self._overlaid(source, job, placed):
                    continue
                known = self._measures.of(source)
                if target == SOURCE:
                    placed.extent = known.extent
                kept = target.startswith(GUEST)
                source = source if known.open else self._copy(source, placed, kept=kept)
                placed.mounts.append(Mount(target, str(source)))
        except BaseException:
            placed.release()
            raise
        return placed

    def close(self) -> None:
        """Remove every temporary folder."""
        self._workspace.close()
        if self._trees is not None:
            self._trees.close()

    def _overlaid(self, source: Path, job: Job, placed: Placed) -> bool:
        """Make the job's tree an overlay; False where it has to be copied."""
        if self._trees is None:
            return False
        folder = self._workspace.fresh(_TREES)
        try:
            view = self._trees.make(source, folder, job.limits)
        except OSError:
            self.copied = True
            return False
        placed.undo.append(lambda: overlays.remove(folder))
        placed.mounts.append(Mount(TREE, str(view)))
        return True

    def _copy(self, source: Path, placed: Placed, *, kept: bool) -> Path:
        with self._copying:
            if kept and source in self._copies:
                return self._copies[source]
            copy = self._workspace.fresh()
            copy_open(source, copy)
            if kept:
                self._copies[source] = copy
            else:
                placed.undo.append(lambda: remove_folder(copy))
            return copy


def targets(job: Job, support: Path | None) -> Iterator[tuple[str, Path]]:
    """(place inside, path on the host) of everything that a job names by path."""
    if job.tree is not None:
        yield SOURCE, job.tree
    if support is not None:
        yield SUPPORT, support
    if job.deps is not None:
        yield DEPS, job.deps
    for name, path in job.guest.items():
        yield f"{GUEST}/{name}", path
    for name, path in job.mounts.items():
        yield inside(name), path
    for path in job.tools:
        yield f"{TOOLS}/{path.name}", path
