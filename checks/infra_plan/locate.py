"""From a resource address to the place in the code that a reader must look at."""

import re
from dataclasses import dataclass

from harness.check.interface import Location

from .expansion import Expansion, Placed
from .planned import Planned

REASONS = {"delete_because_count_index": "count", "delete_because_each_key": "for_each"}
INDEX = re.compile(r"\[(?:\"(?:[^\"\\]|\\.)*\"|[^\]\"]*)\]")


def bare(address: str) -> str:
    """An address without indexes: the address of the block."""
    return INDEX.sub("", address)


@dataclass(frozen=True)
class Atlas:
    """Both sides of one root module. ``fallback`` is a changed file of it."""

    base: Expansion
    head: Expansion
    fallback: str

    def before(self, change: Planned) -> Placed | None:
        """The block on base."""
        return self.base.resources.get(bare(change.previous or change.address))

    def after(self, change: Planned) -> Placed | None:
        """The block on head."""
        return self.head.resources.get(bare(change.address))

    def place(self, change: Planned) -> Location:
        """The argument that forces a replacement, the count that shrank, or the block that is gone."""
        head, base = self.after(change), self.before(change)
        if head is not None:
            step = change.forced[0].path[0] if change.forced and change.forced[0].path else None
            name = str(step) if step is not None else REASONS.get(change.reason, "")
            return self._location(head, head.line(name), change.address)
        if base is not None:
            return self._location(base, base.resource.block.line, change.address)
        return Location(self.fallback, symbol=change.address)

    def _location(self, placed: Placed, line: int, symbol: str) -> Location:
        return Location(placed.resource.path, line, symbol=symbol)

    def guard_dropped(self, change: Planned) -> bool:
        """Base forbids to destroy it and head no longer does."""
        base, head = self.before(change), self.after(change)
        return bool(base and base.resource.guarded() and not (head and head.resource.guarded()))
