"""Results that do not hold when they are run again: said, and never counted."""

import dataclasses
from collections.abc import Sequence

from harness.check.interface import Context, Side, Unverified

from .matrix import Failure, broke
from .runs import Four, Run, decode, probe
from .suite import Suite

MAX_AGAIN = 300


def steady(
    context: Context, suite: Suite, broken: Sequence[Failure]
) -> tuple[list[Failure], list[Unverified]]:
    """(failures that are there again, tests that are not steady).

    Base's tests that contradict each other are run once more on the code of both sides, by
    themselves. What is not run again, for there are too many, stays as it is: its proof is
    replayed anyway.
    """
    ids = [nodeid for failure in broken for nodeid in failure.ids][:MAX_AGAIN]
    if not ids:
        return list(broken), []
    files = sorted({nodeid.partition("::")[0] for nodeid in ids})
    again = probe(context, suite, Side.BASE, label="base's failing tests again", only=ids, paths=files)
    runs = [decode(reply) for reply in context.run_all((Side.BASE, again), (Side.HEAD, again))]
    if any(run.problem for run in runs):
        return list(broken), []
    unsteady = {nodeid: text for nodeid in ids if (text := _contradiction(nodeid, *runs))}
    kept = []
    for failure in broken:
        left = tuple(nodeid for nodeid in failure.ids if nodeid not in unsteady)
        if left:
            kept.append(dataclasses.replace(failure, ids=left))
    return kept, [Unverified(nodeid, text) for nodeid, text in unsteady.items()]


def _contradiction(nodeid: str, base: Run, head: Run) -> str:
    """How a second run differs from the first: base passed and head failed. Empty when it does not."""
    four = Four(base, head, base, head)
    if broke(four, nodeid):
        return ""
    before = base.result(nodeid)
    if before.failed or before.outcome == "missing":
        return f"flaky: on base's code it passed, and run again by itself it did not: {before.text}"
    return "flaky: on head's code it failed, and passed when it was run again"
