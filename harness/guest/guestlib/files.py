"""Files and folders that stand in the arguments of a call.

A recipe ``["file", name, content, kind]`` is the path of a file or folder, relative to a folder of the
scenario's own that is the working directory meanwhile: ``content`` is its text, ``["bytes", hex]``, the files
of a folder as ``["dict", [[name, content], …]]``, or null where there is nothing yet; ``kind`` is ``str`` or
``Path``. What lies in that folder after a call is part of what the call did.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shutil
import stat
import tempfile
import typing

from guestlib.canon import attributes, canon

Recipe = typing.Any
MAX_CONTENT = 4000
MAX_READ = 64_000
MAX_FILES = 12
MAX_PATH = 300
MAX_LISTED = 40
NAME = re.compile(r"[\w. @+=,-]+(/[\w. @+=,-]+)*\Z")
OWN = re.compile(r"^(pytest-of-[^/]+/pytest-\d+/(popen-[^/]+/)?[^/]+|tmp\w{8}|[^/]+)(/|\Z)")
"""The part of a temporary path that its test does not choose."""
_scratch: list[str] = []


def wanted(recipe: Recipe) -> bool:
    """Whether a scenario or recipe holds files."""
    if not isinstance(recipe, list):
        return False
    return (len(recipe) == 4 and recipe[0] == "file") or any(map(wanted, recipe))


@contextlib.contextmanager
def apart() -> typing.Iterator[None]:
    """Work in a new and empty folder; it goes with all that is in it."""
    before = os.getcwd()
    place = tempfile.mkdtemp(prefix="given-")
    _scratch.append(place)
    try:
        os.chdir(place)
        yield
    finally:
        _scratch.remove(place)
        os.chdir(before)
        shutil.rmtree(place, ignore_errors=True)


def build(name: str, content: Recipe, kind: str) -> typing.Any:
    """Put the file or folder there; gives its path. Raises ValueError outside of :func:`apart` or for a bad name."""
    if not _scratch or not NAME.match(name) or ".." in name.split("/"):
        raise ValueError("no file can be made there")
    if isinstance(content, list) and content[0] == "dict":
        os.makedirs(name, exist_ok=True)
        for inner, text in content[1]:
            if NAME.match(inner) and ".." not in inner.split("/"):
                _write(os.path.join(name, inner), text)
    else:
        _write(name, content)
    return pathlib.Path(name) if kind == "Path" else name


def _write(name: str, content: Recipe) -> None:
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    if content is None:
        return
    data = bytes.fromhex(content[1]) if isinstance(content, list) else content.encode("utf-8", "replace")
    with open(name, "wb") as stream:
        stream.write(data)


def state() -> dict[str, object]:
    """What lies in the scenario's folder: path → text, bytes of what is no text, None for a folder."""
    return _listed(_scratch[-1]) if _scratch else {}


def named(values: typing.Iterable[object]) -> dict[str, object]:
    """What lies at temporary paths that are among the values or attributes of one; names as tests choose them."""
    found: dict[str, object] = {}
    for value in values:
        for item in (value, *attributes(value, private=True).values()):
            path = _temporary(item)
            if path is None or len(found) >= MAX_FILES:
                continue
            name = _own_name(path)
            if os.path.isdir(path):
                found.update({name + "/" + inner: content for inner, content in _listed(path).items()})
            elif os.path.lexists(path):
                found[name] = _content(path)
    return found


def changes(before: dict[str, object]) -> dict[str, object]:
    """What is new or different in the scenario's folder, and ``...`` for what is gone."""
    return changed(before, state())


def changed(before: dict[str, object], after: dict[str, object]) -> dict[str, object]:
    """What is new or different in ``after``, and ``...`` for what is gone."""
    found = {
        name: content for name, content in after.items() if name not in before or before[name] != content
    }
    return {**found, **{name: ... for name in before if name not in after}}


def told(found: dict[str, object]) -> str:
    """Canonical text of such changes."""
    gone = sorted(name for name, content in found.items() if content is ...)
    text = canon({name: content for name, content in found.items() if content is not ...}, loose=True)
    return (
        text
        if not gone
        else (text + " and removes " if len(gone) < len(found) else "removes ") + ", ".join(gone)
    )


def _listed(top: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for folder, folders, names in os.walk(top):
        folders.sort()
        for name in [*folders, *sorted(names)]:
            path = os.path.join(folder, name)
            if len(found) >= MAX_LISTED:
                return found
            found[os.path.relpath(path, top)] = None if name in folders else _content(path)
    return found


def _content(path: str) -> object:
    """Text of a regular file of a usual size, the bytes of what is no text, an empty tuple for anything else."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                return ()
            data = stream.read(MAX_READ)
    except OSError:
        return ()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def recipe_of(value: typing.Any) -> Recipe:
    """The recipe of a path below the folder for temporary files; None for any other value."""
    path = _temporary(value)
    content = False if path is None else _recorded(path)
    if path is None or content is False:
        return None
    name = _own_name(path)
    if name == "":  # the temporary file or folder itself
        folder = isinstance(content, list) and content[0] == "dict"
        name = "folder" if folder else "given" + os.path.splitext(path)[1]
    if not NAME.match(name) or ".." in name.split("/"):
        return None
    return ["file", name, content, "str" if type(value) is str else "Path"]


def _temporary(value: object) -> str | None:
    """The path as text, where the value is one below the folder for temporary files."""
    if not (type(value) is str or isinstance(value, pathlib.PurePosixPath)):
        return None
    text = str(value)
    inside = text.startswith(tempfile.gettempdir().rstrip("/") + "/")
    return text.rstrip("/") if inside and len(text) <= MAX_PATH and "\n" not in text else None


def _own_name(path: str) -> str:
    """The part of a temporary path that its test chooses."""
    inside = path[len(tempfile.gettempdir().rstrip("/")) + 1 :]
    own = OWN.match(inside)
    return inside[own.end() :] if own else ""


def _recorded(path: str) -> Recipe:
    """The content of a path; None where nothing is there, False for what cannot be written down."""
    try:
        if not os.path.lexists(path):
            return None if os.path.isdir(os.path.dirname(path)) else False
        if not os.path.isdir(path):
            return _small(path)
    except OSError:
        return False
    listed = _listed(path)
    names = [name for name, content in listed.items() if content is not None]
    if len(names) > MAX_FILES or not all(map(NAME.match, names)):
        return False
    contents = [[name, _small(os.path.join(path, name))] for name in names]
    return False if any(content is False for _, content in contents) else ["dict", contents]


def _small(path: str) -> Recipe:
    content = _content(path)
    if isinstance(content, bytes) and len(content) <= MAX_CONTENT // 4:
        return ["bytes", content.hex()]
    return content if isinstance(content, str) and len(content) <= MAX_CONTENT else False
