"""Removal of ended containers beside the work: a job's result does not wait for the engine's tidying."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

_AT_ONCE = 4
_MOST_WAITING = 16
"""Ended containers still in the engine; beyond it, ending a job waits for the removal of another."""


class Removals:
    """Removes in threads, which the end of the process waits for."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="docker-sandbox-removal")
        self._places = threading.BoundedSemaphore(_MOST_WAITING)
        self._lock = threading.Lock()
        self._pending: set[Future[None]] = set()
        self._problem = ""

    def later(self, remove: Callable[[], str], afterwards: Callable[[], None]) -> None:
        """Call ``remove``, which says what went wrong if anything did, then ``afterwards`` in any case."""
        self._places.acquire()
        try:
            future = self._pool.submit(self._work, remove, afterwards)
        except RuntimeError:  # the interpreter is ending: no more threads
            self._work(remove, afterwards)
            return
        with self._lock:
            self._pending.add(future)
        future.add_done_callback(self._done)

    def take_problem(self) -> str:
        """What went wrong since the last time this was asked; empty when nothing did."""
        with self._lock:
            problem, self._problem = self._problem, ""
        return problem

    def settle(self) -> None:
        """Wait until everything that was handed over so far is removed."""
        with self._lock:
            pending = list(self._pending)
        for future in pending:
            while not future.done():
                try:  # a wait without timeout cannot be interrupted by Ctrl-C
                    future.exception(0.5)
                except TimeoutError:
                    continue

    def _work(self, remove: Callable[[], str], afterwards: Callable[[], None]) -> None:
        try:
            problem = remove()
        except Exception as error:
            problem = f"a container could not be removed: {type(error).__name__}: {error}"
        finally:
            try:
                afterwards()
            finally:
                self._places.release()
        if problem:
            with self._lock:
                self._problem = self._problem or problem

    def _done(self, future: Future[None]) -> None:
        with self._lock:
            self._pending.discard(future)
