"""Loaded by every Python under replay: removals elsewhere and cloud libraries are recorded, not done."""

import importlib.abc
import importlib.machinery
import json
import os
import shutil
import sys
import types
from typing import Any, Iterator, List

_PLACE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LOG = os.path.join(_PLACE, "calls.jsonl")
with open(os.path.join(_PLACE, "world.json"), encoding="utf-8") as _stream:
    _WORLD = json.load(_stream)
_REMOVERS = [
    (shutil, "rmtree"),
    (os, "remove"),
    (os, "unlink"),
    (os, "rmdir"),
    (os, "removedirs"),
    (os, "truncate"),
]


class ReplayError(Exception):
    """What every call raises in a world where nothing can be reached."""


def _record(words: List[str]) -> None:
    call = {"tool": "python", "argv": words, "stdin": "", "files": {}, "cwd": os.getcwd()}
    if not os.path.exists(_LOG) or os.path.getsize(_LOG) < 4 << 20:
        descriptor = os.open(_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, json.dumps(call).encode() + b"\n")
        os.close(descriptor)


def _guard(module: Any, name: str) -> None:
    real = getattr(module, name)

    def guarded(path: Any, *more: Any, **named: Any) -> Any:
        if named.get("dir_fd") is None and isinstance(path, (str, bytes, os.PathLike)):
            full = os.path.abspath(os.fsdecode(path))
            if not any(full.startswith(folder + "/") for folder in _WORLD["private"]):
                _record([module.__name__ + "." + name, full])
                return None
        return real(path, *more, **named)

    setattr(guarded, "avoids_symlink_attacks", getattr(real, "avoids_symlink_attacks", False))  # noqa: B010
    setattr(module, name, guarded)


def _said(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text[:2000]


class Recorder:
    """An attribute, a result, a client of a library: everything goes, calls are recorded."""

    def __init__(self, path: str) -> None:
        self.__dict__["_path"] = path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return ReplayError if name.endswith(("Error", "Exception")) else Recorder(self._path + "." + name)

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __call__(self, *args: Any, **named: Any) -> "Recorder":
        words = [_said(value) for value in args] + ["%s=%s" % (k, _said(v)) for k, v in sorted(named.items())]
        _record([self._path, *words])
        if _WORLD["status"] and "." in self._path.partition("(")[2]:
            raise ReplayError(self._path + " cannot be reached")
        return Recorder(self._path + "(" + ", ".join(words)[:60] + ")")

    def __iter__(self) -> "Iterator[Recorder]":
        return iter([Recorder(self._path + "[0]")] if _WORLD["lists"] else [])

    def __getitem__(self, key: Any) -> "Recorder":
        if isinstance(key, int) and (key > 0 or not _WORLD["lists"]):
            raise IndexError(key)
        return Recorder(self._path + "[%s]" % _said(key)[:40])

    def __len__(self) -> int:
        return 1 if _WORLD["lists"] else 0

    def __contains__(self, item: Any) -> bool:
        return bool(_WORLD["lists"])

    def __bool__(self) -> bool:
        return bool(_WORLD["lists"])

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *ignored: Any) -> None:
        pass

    def __repr__(self) -> str:
        return "example"

    __str__ = __repr__

    def __fspath__(self) -> str:
        return "example"

    def __format__(self, spec: str) -> str:
        return "example"

    def __int__(self) -> int:
        return 1

    def __float__(self) -> float:
        return 1.0

    def __index__(self) -> int:
        return 1

    def __lt__(self, other: Any) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return ReplayError if name.endswith(("Error", "Exception")) else Recorder(self.__name__ + "." + name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        top = ".".join(name.split(".")[:2])
        if top.partition(".")[0] in _WORLD["libraries"] or top in _WORLD["libraries"]:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> Any:
        module = _Module(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: Any) -> None:
        pass


for _module, _name in _REMOVERS:
    _guard(_module, _name)
sys.meta_path.insert(0, _Finder())
