"""The one who asks: finds fit workers, sends them the trees, hands each check to one of them.

Dask's scheduler gives a check to a worker with a free ``sandbox`` resource, and to another one
when that worker is lost. A worker that cannot do its work is left out for the rest of the run.
"""

import importlib
import threading
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from harness.check.interface import Side
from harness.check.loader import Pack
from harness.cluster import worker
from harness.cluster.messages import Answer, Hello, Unit, pack_message, read_message
from harness.cluster.trees import pieces, sender_name
from harness.config.schema import Config
from harness.errors import SandboxUnavailableError, UsageError
from harness.model.report import CheckResult
from harness.model.snapshot import Snapshot
from harness.replay.context import Workbench
from harness.replay.results import KeptCheck, code_digest, pack_digest
from harness.replay.slots import Stopped

RESOURCE = "sandbox"
CONNECT_SECONDS = 15
TRIES = 4
"""Workers that one check is given to, one after another, before it counts as failed."""
ABSENT_SECONDS = 5
_GRACE = 30.0


class DaskExecutor:
    """Implements Executor on the cluster at ``dask://HOST:PORT``. Close it at the end.

    Raises UsageError when nobody answers there, SandboxUnavailableError when no worker is fit.
    """

    def __init__(self, url: str, driver: str, config: Config) -> None:
        self._client, self._lost = _connect(url)
        self._driver = driver
        self._lock = threading.Lock()
        self._sent: set[tuple[str, str]] = set()
        self._left_out: dict[str, str] = {}
        self._futures: set[Any] = set()
        self._sender = sender_name()
        try:
            self.hello, self._fit = self._choose_fit(config)
        except BaseException:
            self.close()
            raise

    def run(self, pack: Pack, bench: Workbench, *, required: bool) -> KeptCheck:
        """See Executor.run."""
        trees = [*bench.trees.values(), bench.repository[Side.BASE]]
        problem = "no worker is left"
        for _ in range(TRIES):
            fit = self._now_fit()
            if not fit:
                break
            self._send(trees, fit)
            answer = self._ask(pack, bench, required, self._now_fit())
            if answer is None:
                return _failed(pack, required, "timed_out", "no worker answered before the budget ended")
            if answer.kept is not None:
                return answer.kept
            problem = answer.unfit or "a worker lost the trees"
            with self._lock:
                self._sent -= {(answer.worker, tree) for tree in answer.missing}
                if answer.unfit and answer.worker:
                    self._left_out[answer.worker] = answer.unfit
        return _failed(pack, required, "failed", f"no worker could run it: {problem}")

    def notes(self) -> Sequence[str]:
        """See Executor.notes."""
        with self._lock:
            return [
                f"the worker {name} was left out: {reason}" for name, reason in sorted(self._left_out.items())
            ]

    def close(self) -> None:
        """Give up what still runs, and the connection."""
        with self._lock:
            futures = list(self._futures)
        try:
            if futures:
                self._client.cancel(futures, force=True)
            self._client.close(timeout=5)
        except (OSError, TimeoutError, RuntimeError):
            return

    def _ask(self, pack: Pack, bench: Workbench, required: bool, fit: Sequence[str]) -> Answer | None:
        seconds = bench.remaining()
        unit = Unit(
            pack.id,
            pack_digest(pack),
            bench.change,
            bench.config,
            self._driver,
            max(1.0, seconds),
            required,
            bench.repository[Side.BASE].digest,
        )
        future = self._client.submit(
            worker.run_unit,
            pack_message(unit),
            workers=list(fit),
            resources={RESOURCE: 1},
            pure=False,
            retries=0,
        )
        with self._lock:
            self._futures.add(future)
        try:
            data = self._wait(future, bench, seconds + _GRACE, fit)
        except TimeoutError:
            return None
        finally:
            with self._lock:
                self._futures.discard(future)
        if isinstance(data, bytes):
            try:
                answer: Answer = read_message(data, Answer)
            except ValueError:
                return Answer(self._where(future), unfit="it has another version of the harness")
            return answer
        return Answer(self._where(future), unfit=data)

    def _wait(self, future: Any, bench: Workbench, seconds: float, fit: Sequence[str]) -> bytes | str:
        """The answer, or what happened to those who could have given it."""
        end = time.monotonic() + seconds
        absent = 0
        while time.monotonic() < end:
            if bench.slots.stopped:
                raise Stopped
            try:
                answer: bytes = future.result(timeout=1)
            except TimeoutError:
                absent = absent + 1 if set(fit).isdisjoint(self._now_fit()) else 0
                if absent < ABSENT_SECONDS:
                    continue
                self._client.cancel([future], force=True)
                return (
                    "every worker that could run it is gone"  # the scheduler would wait for them to come back
                )
            except self._lost as problem:
                return f"it was lost while it worked ({type(problem).__name__})"
            except Exception as problem:
                return f"{type(problem).__name__}: {problem}"[:300]
            return answer
        self._client.cancel([future], force=True)
        raise TimeoutError

    def _where(self, future: Any) -> str:
        """The worker that a failed task was last given to, empty when nobody knows."""
        try:
            found = self._client.run_on_scheduler(_last_worker, key=future.key)
        except Exception:
            return ""
        return str(found or "")

    def _now_fit(self) -> list[str]:
        """Fit workers that still are there."""
        here = self._client.scheduler_info(n_workers=-1)["workers"]
        with self._lock:
            return [name for name in self._fit if name in here and name not in self._left_out]

    def _choose_fit(self, config: Config) -> tuple[Hello, list[str]]:
        """(what the fit workers are, their addresses): one version, one environment, the largest group."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        offering = [name for name, one in workers.items() if one.get("resources", {}).get(RESOURCE)]
        if not offering:
            raise UsageError(
                f"The cluster has {len(workers)} workers and none offers the resource {RESOURCE!r}; start them with "
                f"`dask worker … --resources {RESOURCE}=1`."
            )
        answers = self._client.run(
            worker.hello, self._driver, pack_message(config), workers=offering, on_error="return"
        )
        groups: dict[Any, list[str]] = {}
        hellos: dict[str, Hello] = {}
        for name, data in answers.items():
            hello = _hello(data)
            problem = hello.problem or ("" if hello.code == code_digest() else "it has another harness")
            if problem:
                self._left_out[name] = problem
                continue
            hellos[name] = hello
            groups.setdefault((hello.driver, hello.identity), []).append(name)
        if not groups:
            said = "; ".join(f"{name}: {reason}" for name, reason in sorted(self._left_out.items())[:3])
            raise SandboxUnavailableError(f"No worker of the cluster is fit. {said}.")
        fit = max(groups.values(), key=len)
        for name in hellos:
            if name not in fit:
                self._left_out[name] = "its sandboxes are not those of most workers"
        return hellos[fit[0]], fit

    def _send(self, trees: Sequence[Snapshot], fit: Sequence[str]) -> None:
        """Give each worker the trees that it lacks, once."""
        with self._lock:
            asked = [name for name in fit if any((name, tree.digest) not in self._sent for tree in trees)]
            if not asked:
                return
            digests = list(dict.fromkeys(tree.digest for tree in trees))
            lacking = self._client.run(worker.lacking, digests, workers=asked, on_error="return")
            for tree in {tree.digest: tree for tree in trees}.values():
                names = [
                    name
                    for name in asked
                    if isinstance(lacking.get(name), list) and tree.digest in lacking[name]
                ]
                self._send_one(tree, names)
                self._sent |= {(name, tree.digest) for name in asked}

    def _send_one(self, tree: Snapshot, names: list[str]) -> None:
        if not names:
            return
        waiting, number = b"", -1
        for number, piece in enumerate(pieces(tree)):
            if number:
                self._piece(tree, number - 1, waiting, names, last=False)
            waiting = piece
        self._piece(tree, number, waiting, names, last=True)

    def _piece(self, tree: Snapshot, number: int, piece: bytes, names: list[str], *, last: bool) -> None:
        said = self._client.run(
            worker.take, tree.digest, self._sender, number, piece, last, workers=names, on_error="return"
        )
        for name, problem in said.items():
            if problem and name in names:
                self._left_out[name] = f"it cannot keep a tree ({problem})"
                names.remove(name)


def _connect(url: str) -> tuple[Any, tuple[type[BaseException], ...]]:
    """(client, exceptions that mean that the one who worked is gone)."""
    parts = urlsplit(url)
    if parts.scheme != "dask" or not parts.netloc:
        raise UsageError(f"--executor {url!r} is no cluster; write dask://HOST:PORT.")
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise UsageError(
            "A cluster needs the extra 'cluster': pip install 'change-harness[cluster]'."
        ) from None
    try:
        client = distributed.Client(f"tcp://{parts.netloc}", timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as problem:
        raise UsageError(
            f"No scheduler answers at {parts.netloc} ({type(problem).__name__}); start one with `dask scheduler`, or "
            "leave --executor out."
        ) from None
    lost = [
        getattr(importlib.import_module(f"distributed.{module}"), name)
        for module, name in (
            ("scheduler", "KilledWorker"), ("client", "FutureCancelledError"), ("client", "FuturesCancelledError"),
        )
    ]  # fmt: skip
    return client, tuple(lost)


def _hello(data: object) -> Hello:
    if isinstance(data, bytes):
        try:
            found: Hello = read_message(data, Hello)
        except ValueError:
            return Hello("", problem="it has another version of the harness")
        return found
    return Hello("", problem=f"it cannot run the harness ({type(data).__name__}: {data})"[:300])


def _last_worker(key: str, dask_scheduler: Any = None) -> str:
    task = dask_scheduler.tasks.get(key)
    blamed = getattr(task, "erred_on", None) or getattr(task, "last_worker", None)
    return next(iter(blamed), "") if isinstance(blamed, set) else str(getattr(blamed, "address", "") or "")


def _failed(pack: Pack, required: bool, status: Any, reason: str) -> KeptCheck:
    return KeptCheck("", CheckResult(pack.id, status, reason, 0.0, pack.manifest.version, required), cut=True)
