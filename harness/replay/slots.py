"""How many sandboxes run at a time, who goes first, and stopping them all."""

import heapq
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(Exception):  # noqa: N818 - an outcome, not an error
    """The run was interrupted; nothing new is started."""


PROOF = 0
SEARCH = 1


class Slots:
    """A counting semaphore with priorities; several slots are taken at once or not at all.

    Taking several one by one could leave two checks each holding one and waiting for ever.
    A request for more slots than there are takes all of them.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = count
        self._changed = threading.Condition()
        self._queue: list[tuple[int, int]] = []
        self._numbers = itertools.count()
        self._stopped = False

    @contextmanager
    def take(self, wanted: int, priority: int = SEARCH, timeout: float | None = None) -> Iterator[None]:
        """Hold ``wanted`` slots. Raises TimeoutError after ``timeout`` seconds, Stopped on a stop."""
        wanted = self.acquire(wanted, priority, timeout)
        try:
            yield
        finally:
            self.release(wanted)

    def acquire(self, wanted: int, priority: int = SEARCH, timeout: float | None = None) -> int:
        """Take slots, return how many were taken."""
        wanted = min(wanted, self.count)
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            ticket = (priority, next(self._numbers))
            heapq.heappush(self._queue, ticket)
            try:
                while self._queue[0] != ticket or self._free < wanted:
                    self._raise_if_stopped()
                    left = None if deadline is None else deadline - time.monotonic()
                    if left is not None and left <= 0:
                        raise TimeoutError
                    self._changed.wait(left)
                self._raise_if_stopped()
                self._free -= wanted
            finally:
                self._queue.remove(ticket)
                heapq.heapify(self._queue)
                self._changed.notify_all()
        return wanted

    def release(self, taken: int) -> None:
        """Give slots back."""
        with self._changed:
            self._free += taken
            self._changed.notify_all()

    def stop(self) -> None:
        """Wake everybody who waits with Stopped; so does every later request."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    @property
    def stopped(self) -> bool:
        return self._stopped

    def _raise_if_stopped(self) -> None:
        if self._stopped:
            raise Stopped
