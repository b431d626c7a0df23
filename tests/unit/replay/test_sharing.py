"""Several findings shown by one and the same replay, each by its own predicate."""

import dataclasses
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.check.interface import BudgetExhausted, Ended, Limits, Probe, ProofPlan, Reply, Side
from harness.model.finding import ProofStatus
from harness.replay.confirm import Runner, judge, replay
from harness.replay.proofs import Origin, proof_folder, read_proof
from harness.replay.sharing import Sharing

PROBE = Probe(entry="prove.py", request={"addresses": ["a", "b"]})


def plan(about: str, probe: Probe = PROBE) -> ProofPlan:
    return ProofPlan(probe, "plan", "stays", "goes", about=about)


def verdicts(**passed: object) -> Reply:
    messages = tuple(
        {"type": "verdict", "about": about, "passed": one, "observed": "o"} for about, one in passed.items()
    )
    return Reply(Ended(0), messages, closed=True)


class Sandboxes:
    """Gives the replies of a side in turn and counts."""

    def __init__(self, base: Reply, *head: Reply) -> None:
        self.base, self.head = base, head
        self.count = {Side.BASE: 0, Side.HEAD: 0}

    def __call__(self, side: Side) -> Reply:
        number = self.count[side]
        self.count[side] += 1
        return self.base if side is Side.BASE else self.head[min(number, len(self.head) - 1)]


def confirmed(plans: Mapping[str, ProofPlan], run: Runner) -> dict[str, ProofStatus]:
    sharing = Sharing()
    with ThreadPoolExecutor(len(plans)) as pool:
        found = {
            name: pool.submit(lambda one=one: replay(one, sharing.runner(one, run))[0])  # type: ignore[misc]
            for name, one in plans.items()
        }
        return {name: one.result() for name, one in found.items()}


def test_three_fresh_sandboxes_a_side_serve_every_finding() -> None:
    run = Sandboxes(verdicts(a=True, b=True), verdicts(a=False, b=False))
    assert confirmed({"a": plan("a"), "b": plan("b")}, run) == {"a": "confirmed", "b": "confirmed"}
    assert run.count == {Side.BASE: 3, Side.HEAD: 3}


def test_each_finding_is_judged_by_its_own_predicate() -> None:
    run = Sandboxes(verdicts(a=True, b=True), verdicts(a=False, b=False), verdicts(a=False, b=True))
    assert confirmed({"a": plan("a"), "b": plan("b")}, run) == {"a": "confirmed", "b": "unconfirmed"}


def test_a_proof_that_shares_nothing_has_its_own_sandboxes() -> None:
    run = Sandboxes(verdicts(a=True), verdicts(a=False))
    other = dataclasses.replace(PROBE, label="another")
    assert set(confirmed({"a": plan("a"), "b": plan("a", other)}, run).values()) == {"confirmed"}
    assert run.count == {Side.BASE: 6, Side.HEAD: 6}


def test_what_ends_a_round_ends_it_for_all() -> None:
    def run(_side: Side) -> Reply:
        raise BudgetExhausted

    sharing = Sharing()
    for about in ("a", "b"):
        with pytest.raises(BudgetExhausted):
            replay(plan(about), sharing.runner(plan(about), run))


@pytest.mark.parametrize(
    "reply",
    [
        verdicts(b=False),
        Reply(
            Ended(0),
            ({"type": "verdict", "about": "a", "passed": False, "observed": ""},) * 2,
            closed=True,
        ),
        Reply(Ended(0), ({"type": "verdict", "passed": False, "observed": ""},), closed=True),
    ],
)
def test_a_verdict_on_something_else_or_said_twice_is_none(reply: Reply) -> None:
    assert judge(plan("a"), reply)[0] == "error"


def test_a_stored_proof_says_which_finding_it_shows(tmp_path: Path) -> None:
    origin = Origin(("c" * 40, "d" * 40))
    for name, content in proof_folder("F1", "infra_plan", plan("b"), Limits(), origin).items():
        (tmp_path / name).write_bytes(content)
    _stored, read = read_proof(tmp_path)
    assert (read.about, read.probe.request) == ("b", PROBE.request)
    assert judge(read, verdicts(a=True, b=False)) == ("fail", "o")
