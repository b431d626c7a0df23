"""Replays that several proofs share.

Several findings may be shown by one and the same run: a plan tells of every resource. Their proofs hold
the same probe, each with its own predicate (:attr:`ProofPlan.about`), and round N of a side is run once, in
a fresh sandbox as ever. Every finding counts three rounds a side of its own predicate.
"""

import threading
from concurrent.futures import Future

from harness.check.interface import Probe, ProofPlan, Reply, Side
from harness.replay.confirm import Runner


class Sharing:
    """Rounds of shared probes, each run by the proof that asks for it first. For any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rounds: dict[int, tuple[Probe, dict[tuple[Side, int], Future[Reply]]]] = {}

    def runner(self, plan: ProofPlan, run: Runner) -> Runner:
        """``run``, with the rounds of the same probe in other proofs; ``run`` itself for a proof that shares none."""
        return _Rounds(self, plan.probe, run) if plan.about else run

    def reply(self, probe: Probe, side: Side, number: int, run: Runner) -> Reply:
        """The reply of a round, from whoever runs it. Raises what ``run`` raises, for all alike."""
        with self._lock:
            # The probe is held too, so that no other object gets its identity.
            _, rounds = self._rounds.setdefault(id(probe), (probe, {}))
            future = rounds.get((side, number))
            mine = future is None
            if future is None:
                future = rounds[side, number] = Future()
        if mine:
            try:
                future.set_result(run(side))
            except BaseException as error:
                future.set_exception(error)
        return future.result()


class _Rounds:
    """The runner of one proof: counts its own rounds."""

    def __init__(self, sharing: Sharing, probe: Probe, run: Runner) -> None:
        self._sharing = sharing
        self._probe = probe
        self._run = run
        self._counts = dict.fromkeys(Side, 0)

    def __call__(self, side: Side) -> Reply:
        number = self._counts[side]
        self._counts[side] = number + 1
        return self._sharing.reply(self._probe, side, number, self._run)
