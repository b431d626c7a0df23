"""The whole check in real sandboxes: harmful changes are caught and proven, harmless ones stay silent.

A case is a text file in ``cases/``: ``=== SIDE PATH`` begins a file; ``expect:`` names the lowest
severity and the rules, one of which must be found.
"""

import re
from pathlib import Path

import pytest

from harness.check.interface import CheckSkipped
from harness.model.finding import SEVERITIES
from tests.packs.sandboxed import PROVEN, verdicts, verify

pytestmark = pytest.mark.bubblewrap
CASES = Path(__file__).with_name("cases")


def read(name):
    """(base, head, severity, rules) of a case."""
    sides = {"base": {"README.md": "a service\n"}, "head": {"README.md": "a service\n"}}
    first, *files = re.split(r"(?m)^=== ", (CASES / f"{name}.txt").read_text())
    for text in files:
        title, _, body = text.partition("\n")
        side, path, *same = title.split(" ", 2)
        sides[side][path] = sides["base"][path] if same else body
    severity, *rules = first.removeprefix("expect:").split() or [""]
    return sides["base"], sides["head"], severity, rules


def named(kind):
    return sorted(path.stem for path in CASES.glob(f"*_{kind}.txt"))


@pytest.mark.parametrize("name", named("found"))
def test_harmful_change_is_caught_and_proven(name, tmp_path):
    base, head, severity, rules = read(name)
    outcome, context = verify("ops", tmp_path, base, head)
    found = [one for one in outcome.findings if one.rule in rules]
    assert found, [one.title for one in outcome.findings]
    worst = max(found, key=lambda one: SEVERITIES.index(one.severity))
    assert SEVERITIES.index(worst.severity) >= SEVERITIES.index(severity), worst
    expected = {side.value: PROVEN[side.value] for side in worst.proof.sides}
    assert verdicts(context, worst) == expected


@pytest.mark.parametrize("name", named("clean"))
def test_harmless_change_stays_silent(name, tmp_path):
    base, head, *_ = read(name)
    try:
        outcome, _ = verify("ops", tmp_path, base, head)
    except CheckSkipped:
        return
    assert [(one.rule, one.title) for one in outcome.findings] == []


@pytest.mark.parametrize("name", named("asked"))
def test_destruction_on_request_asks_for_a_review_only(name, tmp_path):
    base, head, *_ = read(name)
    outcome, _ = verify("ops", tmp_path, base, head)
    assert {one.severity for one in outcome.findings} == {"medium"}
    assert {one.certainty for one in outcome.findings} == {"conditional"}
