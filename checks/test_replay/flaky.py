"""Results that do not hold when they are run again: said, and never counted."""

import dataclasses
from collections.abc import Callable, Sequence

from harness.check.interface import Context, Side, Unverified

from .matrix import SCOPES, Failure, Scope, broke, chosen, declares
from .runs import Four, Run, decode, probe
from .suite import Suite

MAX_AGAIN = 300


def steady(
    context: Context, suite: Suite, broken: Sequence[Failure]
) -> tuple[list[Failure], list[Unverified]]:
    """(failures that are there again, tests that are not steady).

    Base's tests that contradict each other are run once more on the code of both sides, by
    themselves; those that then agree with their whole file, and at last with all tests: what one
    test leaves behind may fail the next. What is not run again, for there are too many, stays as
    it is: its proof is replayed anyway.
    """
    ids = [nodeid for failure in broken for nodeid in failure.ids]
    unsteady = _unsteady(context, suite, Side.BASE, ids, _contradiction) or {}
    scopes: dict[str, Scope] = {}
    for scope in SCOPES[1:] if unsteady else ():
        told = _unsteady(context, suite, Side.BASE, list(unsteady), _contradiction, scope)
        if told is None:
            break
        scopes |= {nodeid: scope for nodeid in unsteady if nodeid not in told}
        unsteady = {nodeid: text for nodeid, text in unsteady.items() if nodeid not in scopes}
    kept = []
    for failure in broken:
        left = tuple(nodeid for nodeid in failure.ids if nodeid not in unsteady)
        if left:
            widest = max((scopes.get(nodeid, "alone") for nodeid in left), key=SCOPES.index)
            kept.append(dataclasses.replace(failure, ids=left, scope=widest))
    return kept, [Unverified(nodeid, text) for nodeid, text in unsteady.items()]


def steadily_declaring(
    context: Context, suite: Suite, shown: Sequence[str]
) -> tuple[list[str], list[Unverified]]:
    """(head's tests that declare again, tests that are not steady).

    ``shown`` failed on base's code and passed on head's. A test that does so by chance would
    declare whatever it calls, so each is run once more on the code of both sides.
    """
    unsteady = _unsteady(context, suite, Side.HEAD, shown, _undeclared) or {}
    kept = [nodeid for nodeid in shown if nodeid not in unsteady]
    return kept, [Unverified(nodeid, text) for nodeid, text in unsteady.items()]


def _unsteady(
    context: Context,
    suite: Suite,
    tests: Side,
    ids: Sequence[str],
    contradiction: Callable[..., str],
    scope: Scope = "alone",
) -> dict[str, str] | None:
    """What another run on both codes contradicts, by test id; None where it gives no result."""
    ids = ids[:MAX_AGAIN]
    if not ids:
        return {}
    label = f"{tests.value}'s telling tests again"
    again = probe(context, suite, tests, label=label, **chosen(ids, scope))
    runs = [decode(reply) for reply in context.run_all((Side.BASE, again), (Side.HEAD, again))]
    if any(run.problem for run in runs):
        return None
    return {nodeid: text for nodeid in ids if (text := contradiction(nodeid, *runs))}


def _contradiction(nodeid: str, base: Run, head: Run) -> str:
    """How a second run differs from the first: base passed and head failed. Empty when it does not."""
    four = Four(base, head, base, head)
    if broke(four, nodeid):
        return ""
    before = base.result(nodeid)
    if before.failed or before.outcome == "missing":
        return f"flaky: on base's code it passed, and run again by itself it did not: {before.text}"
    return "flaky: on head's code it failed, and passed when it was run again"


def _undeclared(nodeid: str, base: Run, head: Run) -> str:
    """How a second run differs from the first: base failed and head passed. Empty when it does not."""
    if declares(base.result(nodeid), head.result(nodeid)):
        return ""
    after = head.result(nodeid)
    if not after.passed:
        why = f"on head's code it passed, and run again by itself it did not: {after.text or after.outcome}"
    else:
        why = "on base's code it failed, and did not when it was run again"
    return f"flaky, so it declares nothing: {why}"
