"""What travels between the one who asks and a worker, as MessagePack: no code, no pickled objects."""

from typing import Any

import msgspec

from harness.config.schema import Config
from harness.model.change import Change
from harness.replay.results import KeptCheck, decode, encode


class Unit(msgspec.Struct, frozen=True):
    """One check of a change, for a worker that has both trees. ``seconds`` is what is left of the budget."""

    check: str
    pack_digest: str
    change: Change
    config: Config
    driver: str
    seconds: float
    required: bool
    policy_tree: str
    """Tree of the repository on base: packs that the policy names by relative folders lie in it."""


class Hello(msgspec.Struct, frozen=True):
    """What a worker is: the digest of its code, its driver and what is inside its sandboxes."""

    code: str
    driver: str = ""
    identity: str = ""
    isolation: tuple[str, ...] = ()
    python: tuple[int, int] = (0, 0)
    image: str | None = None
    problem: str = ""


class Answer(msgspec.Struct, frozen=True):
    """A worker's answer: the result, or why it has none.

    ``unfit`` says what is wrong with the worker itself: another one may do better.
    """

    worker: str
    kept: KeptCheck | None = None
    missing: tuple[str, ...] = ()
    unfit: str = ""


def pack_message(value: Any) -> bytes:
    """A message as bytes."""
    return encode(value)


def read_message(data: bytes, kind: type[Any]) -> Any:
    """The message in ``data``. Raises ValueError when it is of another version's form."""
    found = decode(data, kind)
    if found is None:
        raise ValueError(f"no {kind.__name__} of this version")
    return found
