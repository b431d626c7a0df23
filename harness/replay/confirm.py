"""Confirming proofs: three replays a side, each in a fresh sandbox.

Nothing else in the harness may call a finding confirmed.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from harness.check.interface import Ended, ProofPlan, Reply, Side
from harness.model.finding import ProofStatus, ReplayResult, Replays

REPLAYS = 3
OBSERVED_LIMIT = 20_000

Runner = Callable[[Side], Reply]


def judge(plan: ProofPlan, reply: Reply) -> tuple[ReplayResult, str]:
    """(result, what was observed) of one replay. A sandbox that failed is an ``error``."""
    if plan.probe.command:
        if isinstance(reply.end, Ended) and reply.end.status in (0, 1):
            return ("fail" if reply.end.status else "pass"), reply.stdout.decode("utf-8", "replace")[
                :OBSERVED_LIMIT
            ]
        return "error", f"the proof's command did not complete: {reply.end}"
    verdicts = reply.of("verdict")
    if plan.about:
        verdicts = tuple(verdict for verdict in verdicts if verdict.get("about") == plan.about)
    if len(verdicts) != 1 or not reply.completed or reply.malformed:
        return "error", f"the proof's guest did not complete: {reply.end}"
    passed, observed = verdicts[0].get("passed"), verdicts[0].get("observed", "")
    if not isinstance(passed, bool) or not isinstance(observed, str):
        return "error", "the proof's guest sent no usable verdict"
    return ("pass" if passed else "fail"), observed[:OBSERVED_LIMIT]


def expected(side: Side) -> ReplayResult:
    """What a replay must give for the proof to hold."""
    return "pass" if side is Side.BASE else "fail"


def replay(plan: ProofPlan, run: Runner, times: int = REPLAYS) -> tuple[ProofStatus, Replays]:
    """Replay a proof ``times`` on each of its sides, sides at the same time.

    Stops after the first round that contradicts: the proof is unconfirmed then, and the
    lists show the rounds that were run.
    """
    results: dict[Side, list[ReplayResult]] = {side: [] for side in plan.sides}
    holds = bool(plan.sides)
    with ThreadPoolExecutor(len(plan.sides) or 1, thread_name_prefix="proof") as pool:
        for _ in range(times):
            replies = pool.map(run, plan.sides)
            for side, reply in zip(plan.sides, replies, strict=True):
                result, _observed = judge(plan, reply)
                results[side].append(result)
                holds = holds and result == expected(side)
            if not holds:
                break
    replays = Replays(tuple(results.get(Side.BASE, ())), tuple(results.get(Side.HEAD, ())))
    return ("confirmed" if holds and is_confirmed(replays, plan.sides) else "unconfirmed"), replays


def is_confirmed(replays: Replays, sides: Sequence[Side]) -> bool:
    """The contract's words: three a side, every base replay passed, every head replay failed."""
    for side, results in ((Side.BASE, replays.base), (Side.HEAD, replays.head)):
        wanted = REPLAYS if side in sides else 0
        if len(results) < wanted or any(result != expected(side) for result in results):
            return False
    return Side.HEAD in sides
