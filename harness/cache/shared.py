"""Results in a place that several machines share: a folder, S3, GCS … through fsspec (an extra).

Untrusted jobs only read. What can write there can put any result there, so only jobs that no
author of a change controls may have the right to.
"""

import importlib
from collections.abc import Sequence
from typing import Any

from harness.cache.entry import pack, unpack
from harness.cache.interface import MAX_ENTRY, Store, is_key
from harness.errors import UsageError


class SharedStore:
    """Implements Store below an fsspec URL such as ``s3://bucket/results``. Raises UsageError when made."""

    def __init__(self, url: str, *, writes: bool) -> None:
        self._writes = writes
        self._problems: dict[str, None] = {}
        try:
            core = importlib.import_module("fsspec.core")
            self._files, self._root = core.url_to_fs(url)
        except ImportError as problem:
            raise UsageError(
                f"A shared cache at {url} needs {_missing(problem)}: pip install 'change-harness[cache]' and, for its "
                "kind of storage, s3fs, gcsfs or adlfs."
            ) from None
        except Exception as problem:  # each kind of storage raises its own
            raise UsageError(f"The shared cache {url} cannot be used: {_said(problem)}.") from None

    def get(self, key: str) -> bytes | None:
        """See Store.get."""
        if not is_key(key):
            return None
        try:
            entry = self._files.cat_file(self._place(key), start=0, end=MAX_ENTRY + 4096)
        except FileNotFoundError:
            return None
        except Exception as problem:
            self._problems[f"the shared cache was not read: {_said(problem)}"] = None
            return None
        return unpack(bytes(entry))

    def put(self, key: str, content: bytes) -> None:
        """See Store.put. Object stores write whole or not at all; elsewhere a cut entry is none on reading."""
        if not self._writes or not is_key(key) or len(content) > MAX_ENTRY:
            return
        place = self._place(key)
        try:
            if not self._files.exists(place):
                self._files.makedirs(place.rpartition("/")[0], exist_ok=True)
                self._files.pipe_file(place, pack(content))
        except Exception as problem:
            self._problems[f"the shared cache was not written: {_said(problem)}"] = None

    def problems(self) -> Sequence[str]:
        """See Store.problems."""
        return tuple(self._problems)

    def _place(self, key: str) -> str:
        return f"{self._root}/{key[:2]}/{key}"


class Layered:
    """Implements Store: the near one first; what the far one has is kept near as well."""

    def __init__(self, near: Store, far: Store) -> None:
        self._near, self._far = near, far

    def get(self, key: str) -> bytes | None:
        """See Store.get."""
        found = self._near.get(key)
        if found is None:
            found = self._far.get(key)
            if found is not None:
                self._near.put(key, found)
        return found

    def put(self, key: str, content: bytes) -> None:
        """See Store.put."""
        self._near.put(key, content)
        self._far.put(key, content)

    def problems(self) -> Sequence[str]:
        """See Store.problems."""
        return (*self._near.problems(), *self._far.problems())


def _said(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {' '.join(str(problem).split())[:200]}"


def _missing(problem: Any) -> str:
    return getattr(problem, "name", None) or "fsspec"
