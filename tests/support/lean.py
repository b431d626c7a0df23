"""An interpreter whose environment holds pytest, Hypothesis, coverage and xdist, and nothing else.

Guests that tests start outside of a sandbox load the pytest plugins of their interpreter. In the environment of
these tests anyio's imports all of Trio, which costs as much as the rest of a small run.
"""

import functools
import re
import shutil
import sysconfig
import tempfile
import venv
from atexit import register
from importlib import metadata
from pathlib import Path

PACKAGES = ("pytest", "hypothesis", "coverage", "pytest-xdist")


@functools.cache
def lean_python() -> str:
    """The path of its executable; made once a process, removed at the end of it."""
    place = Path(tempfile.mkdtemp(prefix="lean-"))
    register(shutil.rmtree, place, ignore_errors=True)
    venv.create(place, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(place)}))
    for name in _closure(PACKAGES):
        for entry in _entries(metadata.distribution(name)):
            target = packages / entry.name
            if not target.exists():
                target.symlink_to(entry)
    return str(place / "bin" / "python")


def _closure(names: tuple[str, ...]) -> set[str]:
    """The distributions that these need here, without what belongs to other systems, versions and extras."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another system or version
        found.add(name)
        waiting += [re.split(r"[^\w.-]", need)[0].lower() for need in needs if "extra ==" not in need]
    return found


def _entries(distribution: metadata.Distribution) -> set[Path]:
    """Its folders and files right below site-packages."""
    site = Path(sysconfig.get_path("purelib"))
    tops = {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}
    return {site / top for top in tops}
