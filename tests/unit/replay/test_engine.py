import textwrap
import time
from pathlib import Path

import pytest

from harness.check.loader import Pack
from harness.check.manifest import read_manifest
from harness.config.load import parse_config
from harness.model.snapshot import Entry, Snapshot
from harness.replay.engine import Verified, verify
from harness.replay.events import Silent
from harness.replay.plan import Plan
from harness.sandbox.interface import Failed, Job, Limited, Result
from tests.support.scripted import ScriptedDriver, ScriptedRunning, says
from tests.support.values import change, pack_folder

IMPORTS = "from harness.check.interface import *\n"
PROVEN = """
def check(context):
    plan = ProofPlan(Probe(entry="main.py", label="proof"), "f(1)", "1", "2", files={"run_@id@.sh": b"echo @ID@"})
    where = Location("src/a.py", 3, symbol="a.f")
    return Outcome(
        [Draft(rule="r", category="regression", severity="high", title="t", message="m", location=where,
               difference=Difference("a.f", "value", "value"), proof=plan, drop_unconfirmed=True)],
        declarations=DECLARED,
    )
"""
UNDECLARED = IMPORTS + "DECLARED = ()\n"
DECLARED = IMPORTS + 'DECLARED = (Declaration(Difference("a.f", "value", "value"), "test_f"),)\n'


def run(
    root: Path, checks: dict[str, str], driver: ScriptedDriver, config: str = "", budget: float = 60
) -> Verified:
    packs = []
    for name, code in checks.items():
        folder = pack_folder(root, name, textwrap.dedent(code), guest="def main(request, channel): ...\n")
        packs.append(Pack(read_manifest(folder), folder, "test"))
    snapshot = Snapshot(
        "c" * 40, root, (Entry("src/a.py", "submodule", left_out="a submodule is not fetched"),)
    )
    plan = Plan(
        change("src/a.py"), snapshot, snapshot, packs, {"left": "not wanted"}, parse_config(config, "test"),
        "test", str(root), "report", jobs=2, budget=budget,
    )  # fmt: skip
    return verify(plan, driver, Silent())


def proof_holds(job: Job) -> Result:
    passed = b'"side":"base"' in job.stdin
    return says(b'{"type":"verdict","passed":%s,"observed":"o"}' % (b"true" if passed else b"false"))


def test_a_proof_is_confirmed_and_written(tmp_path: Path) -> None:
    done = run(tmp_path, {"eng_proven": UNDECLARED + PROVEN}, ScriptedDriver(proof_holds))
    [finding] = done.report.findings
    assert (finding.id, finding.proof.status, finding.declared) == ("F1", "confirmed", False)
    assert finding.proof.replays.base == ("pass",) * 3
    assert finding.proof.command == "harness reproduce report F1"
    assert done.report.outcome == "block"
    assert list(done.proofs["F1"]) == ["run_f1.sh", "proof.json"]
    assert done.proofs["F1"]["run_f1.sh"] == b"echo F1"
    assert [(item.what, item.why) for item in done.report.unverified] == [
        ("src/a.py", "a submodule is not fetched")
    ]


def test_a_declared_difference_asks_for_review_only(tmp_path: Path) -> None:
    done = run(tmp_path, {"eng_declared": DECLARED + PROVEN}, ScriptedDriver(proof_holds))
    assert done.report.findings[0].declared
    assert done.report.findings[0].declared_by == ("test_f",)
    assert done.report.outcome == "review"


def test_what_does_not_reproduce_is_dropped_and_counted(tmp_path: Path) -> None:
    driver = ScriptedDriver(lambda job: says(b'{"type":"verdict","passed":true,"observed":"o"}'))
    done = run(tmp_path, {"eng_flaky": UNDECLARED + PROVEN}, driver)
    assert done.report.findings == ()
    assert done.report.checks[0].status == "passed"
    assert "1 difference seen by eng_flaky" in [item.what for item in done.report.unverified]


@pytest.mark.parametrize(
    ("code", "status", "reason", "outcome"),
    [
        (
            "def check(context): raise ValueError('boom')",
            "failed",
            "the check crashed: ValueError: boom",
            "inconclusive",
        ),
        ("def check(context): return None", "failed", "returned NoneType, not an Outcome", "inconclusive"),
        ("def check(context): return Outcome([3])", "failed", "findings that are no Drafts", "inconclusive"),
        ("def check(context): raise CheckSkipped('no Python here')", "skipped", "no Python here", "pass"),
        ("def check(context): raise CheckFailed('no suite')", "failed", "no suite", "inconclusive"),
        ("def check(context): return Outcome(failed='half done')", "failed", "half done", "inconclusive"),
        ("import nothing_like_it", "failed", "cannot be imported", "inconclusive"),
        ("def check(context): raise BudgetExhausted", "timed_out", "time budget ended", "review"),
    ],
)
def test_how_a_check_can_end(tmp_path: Path, code: str, status: str, reason: str, outcome: str) -> None:
    done = run(tmp_path, {"eng_end": IMPORTS + code}, ScriptedDriver(lambda job: says()))
    result = done.report.checks[0]
    assert result.status == status
    assert reason in result.reason
    assert done.report.outcome == outcome


def test_a_crashing_check_does_not_harm_the_others(tmp_path: Path) -> None:
    checks = {"eng_bad": "def check(context): raise ZeroDivisionError", "eng_good": UNDECLARED + PROVEN}
    done = run(tmp_path, checks, ScriptedDriver(proof_holds))
    assert {check.id: check.status for check in done.report.checks} == {
        "eng_bad": "failed", "eng_good": "findings", "left": "skipped",
    }  # fmt: skip
    assert done.report.outcome == "block"


def test_a_sandbox_that_fails_is_never_a_result(tmp_path: Path) -> None:
    code = (
        IMPORTS
        + 'def check(context):\n    context.run(Side.BASE, Probe(entry="main.py"))\n    return Outcome()\n'
    )
    done = run(tmp_path, {"eng_broken": code}, ScriptedDriver(lambda job: Result(Failed("the engine died"))))
    assert done.report.checks[0].status == "failed"
    assert "the engine died" in done.report.checks[0].reason
    assert done.report.outcome == "inconclusive"


def test_no_more_sandboxes_at_a_time_than_jobs(tmp_path: Path) -> None:
    code = IMPORTS + textwrap.dedent(
        """
        def check(context):
            context.run_all(*[(Side.BASE, Probe(entry="main.py"))] * 8)
            return Outcome()
        """
    )

    def slow(job: Job) -> Result:
        time.sleep(0.02)
        return says()

    driver = ScriptedDriver(slow)
    run(tmp_path, {"eng_many": code, "eng_more": code}, driver)
    assert len(driver.jobs) == 16
    assert driver.most == 2


def test_the_budget_ends_a_check_as_timed_out(tmp_path: Path) -> None:
    code = IMPORTS + textwrap.dedent(
        """
        def check(context):
            while True:
                context.run(Side.BASE, Probe(entry="main.py"))
        """
    )

    def slow(job: Job) -> Result:
        time.sleep(0.01)
        return says()

    done = run(tmp_path, {"eng_endless": code}, ScriptedDriver(slow), budget=0.2)
    assert done.report.checks[0].status == "timed_out"
    assert next(item.what for item in done.report.unverified) == "check eng_endless"


def test_early_drafts_and_repeated_ones(tmp_path: Path) -> None:
    code = IMPORTS + textwrap.dedent(
        """
        def check(context):
            def at(line):
                return Draft(rule="r", category="static", severity="low", title="t", message="m",
                             location=Location("a", line))
            context.draft(at(1))
            return Outcome([at(9)])
        """
    )
    done = run(tmp_path, {"eng_twice": code}, ScriptedDriver(lambda job: says()))
    assert len(done.report.findings) == 1
    assert done.report.checks[0].status == "findings"


def test_an_interruption_takes_the_sandboxes_down(tmp_path: Path) -> None:
    def interrupt(job: Job) -> Result:
        raise KeyboardInterrupt

    code = IMPORTS + 'def check(context):\n    context.run(Side.BASE, Probe(entry="main.py"))\n'
    driver = ScriptedDriver(interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, {"eng_interrupted": code}, driver)
    assert driver.down


SPEAKS = IMPORTS + (
    "def check(context):\n"
    "    with context.open((Side.HEAD, Probe(entry='main.py')))[0] as session:\n"
    "        answer = session.ask({'op': 'x'}, 5)\n"
    "    return Outcome(notes=[str(answer)])\n"
)


def test_a_session_whose_sandbox_failed_vouches_for_nothing(tmp_path: Path) -> None:
    driver = ScriptedDriver(lambda job: Result(Failed("the engine died")))
    done = run(tmp_path, {"eng_lost": SPEAKS}, driver)
    assert done.report.outcome == "inconclusive"
    assert done.report.checks[0].reason == "a sandbox failed: the engine died"


def test_a_session_that_is_given_up_is_no_failure_of_the_sandbox(tmp_path: Path) -> None:
    class Silent(ScriptedDriver):
        def start(self, job: Job) -> ScriptedRunning:
            running = super().start(job)
            running.read_line = lambda timeout=None: None  # type: ignore[method-assign]
            return running

    done = run(tmp_path, {"eng_silent": SPEAKS}, Silent(lambda job: Result(Failed("killed from here"))))
    assert done.report.outcome == "pass"
    assert done.report.notes == ("eng_silent: None",)


def test_a_proof_whose_sandbox_failed_is_not_a_difference_that_is_gone(tmp_path: Path) -> None:
    driver = ScriptedDriver(lambda job: Result(Failed("the engine died")))
    done = run(tmp_path, {"eng_proven": UNDECLARED + PROVEN}, driver)
    assert done.report.outcome == "inconclusive"
    [check] = [one for one in done.report.checks if one.id == "eng_proven"]
    assert check.status == "failed"
    assert check.reason == "a sandbox failed while a proof was replayed: the engine died"
    assert [item.what for item in done.report.unverified if item.check] == ["check eng_proven"]


def test_one_sandbox_that_fails_costs_a_replay_nothing(tmp_path: Path) -> None:
    failing = [True]

    def once(job: Job) -> Result:
        if failing:
            failing.clear()
            return Result(Failed("killed"))
        return proof_holds(job)

    done = run(tmp_path, {"eng_proven": UNDECLARED + PROVEN}, ScriptedDriver(once))
    assert done.report.findings[0].proof.status == "confirmed"
    assert done.report.outcome == "block"


def test_a_proof_that_time_was_too_short_for_is_not_a_difference_that_is_gone(tmp_path: Path) -> None:
    def slow(job: Job) -> Result:
        time.sleep(0.3)
        return proof_holds(job)

    done = run(tmp_path, {"eng_proven": UNDECLARED + PROVEN}, ScriptedDriver(slow), budget=0.4)
    [check] = [one for one in done.report.checks if one.id == "eng_proven"]
    assert check.status == "timed_out"
    assert "before the proof of a difference" in check.reason


def test_a_proof_whose_guest_is_killed_is_not_a_difference_that_is_gone(tmp_path: Path) -> None:
    driver = ScriptedDriver(lambda job: says(status=-9, closed=False))
    done = run(tmp_path, {"eng_proven": UNDECLARED + PROVEN}, driver)
    assert done.report.outcome == "inconclusive"
    [check] = [one for one in done.report.checks if one.id == "eng_proven"]
    assert check.reason == "a sandbox failed while a proof was replayed: signal 9 ended it"


def test_a_check_whose_sandbox_the_budget_cut_short_has_timed_out_and_not_failed(tmp_path: Path) -> None:
    code = (
        IMPORTS
        + 'def check(context):\n    reply = context.run(Side.BASE, Probe(entry="main.py"))\n'
        + "    raise CheckFailed(f'it did not complete ({reply.end})')\n"
    )

    def cut(job: Job) -> Result:
        time.sleep(job.limits.wall_seconds)
        return Result(Limited("wall"))

    done = run(tmp_path, {"eng_cut": code}, ScriptedDriver(cut), budget=0.3)
    assert done.report.checks[0].status == "timed_out"
    assert done.report.checks[0].reason == "the time budget ended before this check did"
