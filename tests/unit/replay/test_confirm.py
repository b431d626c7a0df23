from collections.abc import Callable
from itertools import count

import pytest

from harness.check.interface import End, Ended, Failed, Limited, Probe, ProofPlan, Reply, Side
from harness.replay.confirm import judge, replay

PLAN = ProofPlan(Probe(entry="prove.py"), "f(1)", "1", "2")


def verdict(passed: object, end: End = Ended(0), closed: bool = True, malformed: int = 0) -> Reply:  # noqa: B008
    message = {"type": "verdict", "passed": passed, "observed": "seen"}
    return Reply(end, (message,), closed=closed, malformed=malformed)


def runner(base: Callable[[int], Reply], head: Callable[[int], Reply]) -> Callable[[Side], Reply]:
    numbers = {Side.BASE: count(), Side.HEAD: count()}
    return lambda side: (base if side is Side.BASE else head)(next(numbers[side]))


def test_three_a_side_confirm() -> None:
    status, replays = replay(PLAN, runner(lambda _: verdict(True), lambda _: verdict(False)))
    assert status == "confirmed"
    assert replays.base == ("pass",) * 3
    assert replays.head == ("fail",) * 3


@pytest.mark.parametrize("odd", [0, 1, 2])
@pytest.mark.parametrize("side", [Side.BASE, Side.HEAD])
def test_one_contradicting_replay_is_enough_to_doubt(odd: int, side: Side) -> None:
    def base(number: int) -> Reply:
        return verdict(not (side is Side.BASE and number == odd))

    def head(number: int) -> Reply:
        return verdict(side is Side.HEAD and number == odd)

    status, replays = replay(PLAN, runner(base, head))
    assert status == "unconfirmed"
    assert len(replays.base) == odd + 1


@pytest.mark.parametrize(
    "reply",
    [
        verdict(False, Limited("wall")),
        verdict(False, Failed("no engine")),
        verdict(False, Ended(1)),
        verdict(False, closed=False),
        verdict(False, malformed=1),
        verdict("no"),
        Reply(Ended(0), (), closed=True),
        Reply(Ended(0), ({"type": "verdict", "passed": False},) * 2, closed=True),
    ],
)
def test_a_replay_that_did_not_complete_is_an_error_and_never_a_failure(reply: Reply) -> None:
    assert judge(PLAN, reply)[0] == "error"
    status, _replays = replay(PLAN, runner(lambda _: verdict(True), lambda _: reply))
    assert status == "unconfirmed"


def test_new_code_has_a_head_side_only() -> None:
    plan = ProofPlan(Probe(entry="prove.py"), "f(1)", None, "2", sides=(Side.HEAD,))
    status, replays = replay(plan, runner(lambda _: verdict(True), lambda _: verdict(False)))
    assert status == "confirmed"
    assert replays.base == ()
    only_base = ProofPlan(Probe(entry="prove.py"), "f(1)", None, "2", sides=(Side.BASE,))
    assert replay(only_base, runner(lambda _: verdict(True), lambda _: verdict(False)))[0] == "unconfirmed"


@pytest.mark.parametrize(("status", "result"), [(0, "pass"), (1, "fail"), (2, "error"), (-9, "error")])
def test_a_command_is_judged_by_its_status(status: int, result: str) -> None:
    plan = ProofPlan(Probe(command=("sh", "x.sh")), "x.sh", "", "")
    assert judge(plan, Reply(Ended(status)))[0] == result
