"""Each trick hides a bug that plain pytest would then not show; each is caught."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.packs.test_replay import tricks
from tests.packs.test_replay.local import part, replay, verify, write


@pytest.fixture(autouse=True)
def known_canaries(monkeypatch):
    """The same canaries for every trick, so that what only concerns base runs once."""
    made = part("canaries").make_canaries(["tests/test_cart.py"], ["test_sum", "test_label"], ["test_*.py"])
    monkeypatch.setattr(
        part("suite"), "make_canaries", lambda *names, **how: CANARIES.setdefault("made", made)
    )


CANARIES: dict = {}


def drafts(outcome, category):
    return [one for one in outcome.findings if one.category == category]


def caught(place, changes):
    """(findings of tampering, findings of failing tests) of a change to the shop."""
    outcome, context = verify(place, tricks.BASE, {**tricks.BASE, **changes})
    return outcome, context


def holds(context, draft):
    passed, _ = replay(context, draft)
    return passed == {"base": True, "head": False}


@pytest.mark.parametrize("name", tricks.HOOKS)
def test_a_hook_that_changes_results_is_named(name: str, tmp_path: Path):
    outcome, context = caught(tmp_path, tricks.HOOKS[name])
    found = [one for one in drafts(outcome, "test-tampering") if one.location.path == "tests/conftest.py"]
    assert found, outcome
    assert holds(context, found[0])
    assert drafts(outcome, "test-failure")


@pytest.mark.parametrize("name", tricks.SELECTION)
def test_what_narrows_the_run_is_named(name: str, tmp_path: Path):
    changes = tricks.SELECTION[name]
    outcome, context = caught(tmp_path, changes)
    culprit = next(path for path in changes if path != "shop/cart.py")
    found = [one for one in drafts(outcome, "test-tampering") if one.location.path == culprit]
    assert found, outcome
    assert holds(context, found[0])


@pytest.mark.parametrize("name", tricks.CODE)
def test_code_that_fights_the_runner_fails_its_tests(name: str, tmp_path: Path):
    outcome, context = caught(tmp_path, tricks.CODE[name])
    found = [*drafts(outcome, "test-failure"), *drafts(outcome, "test-tampering")]
    assert found, outcome
    assert any(holds(context, one) for one in found if one.proof is not None)


@pytest.mark.parametrize("name", tricks.EDITS)
def test_a_weakened_test_is_named(name: str, tmp_path: Path):
    outcome, context = caught(tmp_path, tricks.EDITS[name])
    found = [one for one in drafts(outcome, "test-tampering") if one.location.path == "tests/test_cart.py"]
    assert found, outcome
    assert "test_discount" in (found[0].location.symbol or "")
    assert holds(context, found[0])
    assert drafts(outcome, "test-failure")


@pytest.mark.parametrize("name", tricks.BESIDE)
def test_code_that_is_right_only_under_test_is_named(name: str, tmp_path: Path):
    outcome, context = caught(tmp_path, tricks.BESIDE[name])
    found = [one for one in drafts(outcome, "test-tampering") if one.location.path == "shop/cart.py"]
    assert found, outcome
    assert found[0].severity == "high"
    assert holds(context, found[0])


# These aim at a collector that believes whatever is written into its channel; plain pytest has none.
AIMED_AT_THE_CHANNEL = {"writes-into-every-descriptor", "a-second-process-writes", "closes-the-channel"}
# These quieten one way of asserting; the tests that assert otherwise still fail.
FOOLED = {"patches-unittest": "test_with_discount", "patches-raises": "test_empty"}
# What the last one hides is another bug: no error where one is due.
HIDES = {"patches-raises": {"shop/cart.py": tricks.BROKEN.replace("raise EmptyCart", "return 0  #")}}
EVERY = {**tricks.HOOKS, **tricks.SELECTION, **tricks.CODE, **tricks.BESIDE, **tricks.EDITS}


def plain_pytest(place, *options):
    """pytest as anyone runs it. No trick needs a plugin of our environment, and their imports cost the most."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, errors="replace", check=False
    )


@pytest.mark.parametrize("name", sorted(EVERY.keys() - AIMED_AT_THE_CHANNEL))
def test_each_trick_fools_who_reads_the_status_or_the_junit_report(name: str, tmp_path: Path):
    write(tmp_path, {**tricks.BASE, **EVERY[name], **HIDES.get(name, {})})
    done = plain_pytest(tmp_path, "--junitxml=report.xml")
    report = tmp_path / "report.xml"
    cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()
    failed = {case.get("name", "") for case in cases if len(case) and case[0].tag in ("failure", "error")}
    fooled = FOOLED.get(name, "test_discount")
    assert done.returncode == 0 or not any(one.startswith(fooled) for one in failed)


def test_without_a_trick_the_bug_shows(tmp_path: Path):
    write(tmp_path, {**tricks.BASE, **HIDES["patches-raises"]})
    done = plain_pytest(tmp_path)
    assert done.returncode == 1
    assert all(name in done.stdout for name in ("test_discount", "test_with_discount", "test_empty"))
