"""Where results are kept: bytes under a key, the key the digest of all that made them."""

import re
from collections.abc import Sequence
from typing import Protocol

MAX_ENTRY = 64 << 20
"""Largest entry in bytes; a larger one is not kept."""
_KEY = re.compile(r"[0-9a-f]{64}")


class Store(Protocol):
    """A place for results. Its methods never raise: a cache that fails only costs time.

    An entry that is damaged, or that cannot be read, is as if it were absent. All methods may be
    called from several threads and several processes at once.
    """

    def get(self, key: str) -> bytes | None:
        """What was put under ``key`` (64 hex digits), None when there is nothing sound."""

    def put(self, key: str, content: bytes) -> None:
        """Keep ``content``; an entry that is there already stays."""

    def problems(self) -> Sequence[str]:
        """Sentences about what did not work, each once."""


class Nowhere:
    """A store that keeps nothing."""

    def get(self, key: str) -> bytes | None:
        return None

    def put(self, key: str, content: bytes) -> None:
        pass

    def problems(self) -> Sequence[str]:
        return ()


def is_key(name: str) -> bool:
    """Whether ``name`` is a key, and so harmless as the name of a file."""
    return _KEY.fullmatch(name) is not None
