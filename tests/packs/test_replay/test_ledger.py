"""Ways to hide a bug of a small project, each with what must be caught; and honest work on it."""

from pathlib import Path

import pytest

from tests.packs.test_replay.ledger import edits, project, support, updates
from tests.packs.test_replay.local import part, replay, verify

CANARIES: dict = {}


@pytest.fixture(autouse=True)
def known_canaries(monkeypatch):
    """The same canaries for every change, so that what only concerns base runs once."""
    made = part("canaries").make_canaries([project.TESTED], ["test_sum", "test_label"], ["test_*.py"])
    monkeypatch.setattr(
        part("suite"), "make_canaries", lambda *names, **how: CANARIES.setdefault("made", made)
    )


def change(place: Path, edit: project.Edit, base: project.Files = project.BASE):
    return verify(place, base, project.applied(base, edit))


def of(outcome, category: str):
    return [one for one in outcome.findings if one.category == category]


def assert_blocked(context, drafts):
    """One of the drafts blocks by default, and its proof shows the difference."""
    blocking = [one for one in drafts if one.severity in ("high", "critical") and one.proof is not None]
    assert any(replay(context, one)[0] == {"base": True, "head": False} for one in blocking), drafts


@pytest.mark.parametrize("name", edits.EDITS)
def test_an_edit_of_a_test_that_hides_a_bug_is_told_as_tampering(name: str, tmp_path: Path):
    outcome, context = change(tmp_path, edits.EDITS[name])
    found = [one for one in of(outcome, "test-tampering") if one.location.path == project.TESTED]
    assert_blocked(context, found)
    assert of(outcome, "test-failure")


@pytest.mark.parametrize("name", edits.OF_OTHER_FILES)
def test_an_edit_of_another_kind_of_suite_is_told_as_tampering(name: str, tmp_path: Path):
    path, more, edit = edits.OF_OTHER_FILES[name]
    outcome, context = change(tmp_path, edit, {**project.BASE, **more})
    assert_blocked(context, [one for one in of(outcome, "test-tampering") if one.location.path == path])


@pytest.mark.parametrize("name", support.SUPPORT)
def test_what_hides_a_bug_around_the_tests_is_told_at_its_file(name: str, tmp_path: Path):
    path, edit = support.SUPPORT[name]
    outcome, context = change(tmp_path, edit)
    assert_blocked(context, [one for one in of(outcome, "test-tampering") if one.location.path == path])


@pytest.mark.parametrize("name", support.FAILS_BASES_TESTS)
def test_base_s_own_tests_give_the_bug_away(name: str, tmp_path: Path):
    base = support.PIPELINE if name == "a-pipeline-that-goes-on" else project.BASE
    outcome, context = change(tmp_path, support.FAILS_BASES_TESTS[name], base)
    assert_blocked(context, of(outcome, "test-failure"))


@pytest.mark.parametrize("name", updates.UPDATES)
def test_honest_work_raises_no_alarm(name: str, tmp_path: Path):
    outcome, _ = change(tmp_path, updates.UPDATES[name])
    assert not outcome.findings
    assert not outcome.failed


def test_callers_broken_by_honest_work_are_told_as_failures_and_not_as_tampering(tmp_path: Path):
    outcome, context = change(tmp_path, updates.BREAKS_CALLERS)
    assert not of(outcome, "test-tampering")
    assert_blocked(context, of(outcome, "test-failure"))
