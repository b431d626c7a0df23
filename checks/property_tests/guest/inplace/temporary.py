"""One folder for all temporary files of a run of tests: new each time, at the same place, with the same names.

Base and head, and one run and the next, then see equal paths, so that a call with the name of a
file is known to be the same call.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import random
import shutil
import tempfile
import typing

MAX_PATH = 1000
_place: list[str] = []


class _Names(tempfile._RandomNameSequence):  # type: ignore[name-defined, misc]
    """Names of temporary files, the same ones in every run."""

    rng = random.Random()

    def __init__(self) -> None:
        self.rng = random.Random(0)


def prepare(tree: str) -> str:
    """Make the folder anew and send everything that is temporary there. Gives its path."""
    name = "calls-" + hashlib.sha256(tree.encode()).hexdigest()[:8]
    place = os.path.join(os.path.realpath(tempfile.gettempdir()), name)
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place, exist_ok=True)
    tempfile.tempdir = os.environ["TMPDIR"] = place
    tempfile._name_sequence = _Names()  # type: ignore[attr-defined]
    _place[:] = [place]
    return place


def is_temporary(value: typing.Any) -> bool:
    """Whether a value is a path in the folder: what lies there does so only while its test runs."""
    if not _place or not (type(value) is str or isinstance(value, pathlib.PurePath)):
        return False
    text = str(value)
    return len(text) < MAX_PATH and "\n" not in text and text.startswith(_place[0] + os.sep)


def without_place(text: str) -> str:
    """The text without the folder's own path."""
    return text.replace(_place[0], "<temporary>") if _place else text
