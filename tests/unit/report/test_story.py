"""The order and the words that all formats share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.finding import Proof
from harness.model.report import CheckResult, Decision
from harness.report import story
from tests.unit.report import samples


def test_what_blocks_comes_first():
    ids = [finding.id for finding in story.ranked(samples.ordinary())]
    assert ids == ["F3", "F2", "F1", "F4", "F6", "F5"]


def test_every_finding_has_exactly_one_section():
    shown = story.sections(samples.large(500).findings)
    parts = (shown.behaviour, shown.infrastructure, shown.others, shown.tests)
    assert sum(len(part) for part in parts) == 500


def test_behaviour_that_was_only_read_is_no_behaviour_section():
    shown = story.sections([samples.finding(proof=Proof())])
    assert not shown.behaviour
    assert len(shown.others) == 1


@given(st.integers(0, 3000), st.sampled_from(["finding", "check"]))
def test_count_agrees_with_its_number(number, noun):
    assert story.count(number, noun).endswith(noun if number == 1 else noun + "s" if number else "no " + noun)


@pytest.mark.parametrize(
    ("findings", "outcome", "said"),
    [
        ([], "pass", "2 checks completed and found nothing."),
        ([samples.finding()], "block", "1 finding blocks this change; confirmed by execution."),
        ([samples.STATIC], "review", "1 finding, none of which blocks; not confirmed by execution."),
        (
            [samples.DECLARED, samples.STATIC],
            "review",
            "2 findings, none of which blocks; 1 of them confirmed",
        ),
    ],
)
def test_sentence(findings, outcome, said):
    assert story.sentence(samples.report(findings, outcome)).startswith(said)


def test_sentence_of_an_inconclusive_run_names_the_required_check():
    checks = (CheckResult("a", "failed", "boom", required=True), CheckResult("b", "timed_out"))
    said = story.sentence(samples.report(checks=checks, outcome="inconclusive"))
    assert said == "The required check a was not completed: nothing is vouched for."


def test_replays():
    assert story.replays(samples.finding()) == "base 3 of 3 pass, head 3 of 3 fail"
    assert story.replays(samples.STATIC) == ""


def test_foremost_names_each_kind_of_what_blocks_once_first():
    twins = [samples.finding(n, title=f"title {n}") for n in (11, 12)]
    named = story.foremost(samples.report([*twins, samples.TAMPERED, samples.STATIC]), 4)
    assert [finding.id for finding in named] == ["F11", "F4", "F12", "F6"]


def test_foremost_names_a_root_cause_once_first():
    one = [samples.finding(1, group="g"), samples.finding(2, rule="other", group="g")]
    named = story.foremost(samples.report([*one, samples.TAMPERED]), 3)
    assert [finding.id for finding in named] == ["F1", "F4", "F2"]


def test_deciding_and_further_share_out_the_decisions():
    decisions = tuple(
        Decision(action, action, action) for action in ("review", "sign-off", "inconclusive", "block")
    )
    report = samples.report(outcome="block", decisions=decisions)
    assert [decision.action for decision in story.deciding(report)] == ["block", "inconclusive"]
    assert [decision.action for decision in story.further(report)] == ["review", "sign-off"]
    assert story.reasons(report) == ("block", "inconclusive")
