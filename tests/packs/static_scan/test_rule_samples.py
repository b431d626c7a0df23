"""Every rule catches what its samples say, and passes what they say."""

import re

import pytest

from tests.packs.small_context import SmallContext, load_check, pack_of

PACK = pack_of("static_scan")
load_check(PACK)
from harness_packs.static_scan.difference import Hit  # noqa: E402
from harness_packs.static_scan.rules import load_rules  # noqa: E402
from harness_packs.static_scan.scanner import run_scan  # noqa: E402
from harness_packs.static_scan.targets import Target, language_of  # noqa: E402

MARK = re.compile(r"\s*(?:#|//|<!--)\s*(catches|passes): ([\w, -]+?)\s*(?:-->)?$")
SAMPLES = sorted(path for path in (PACK.folder / "rules" / "samples").iterdir() if path.is_file())
RULES = load_rules([PACK.folder / "rules"])


def marks(text):
    for number, line in enumerate(text.split("\n"), 1):
        match = MARK.match(line)
        if match:
            for rule in match[2].split(","):
                yield match[1], rule.strip(), number + 1


def before(path):
    """Base's text of a sample for rules that compare."""
    other = path.parent / "before" / path.name
    return other.read_text() if other.exists() else None


@pytest.fixture(scope="module")
def hits(tmp_path_factory):
    targets = [
        Target(path.name, path.name, before(path), path.read_text(), language_of(path.name))
        for path in SAMPLES
    ]
    context = SmallContext(tmp_path_factory.mktemp("samples"), PACK.folder, {}, {})
    return run_scan(context, targets, RULES).head


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples(path, hits: list[Hit]):
    found = {(hit.rule, hit.line) for hit in hits if hit.path == path.name}
    wanted = set(marks(path.read_text()))
    missed = [(rule, line) for kind, rule, line in wanted if kind == "catches" and (rule, line) not in found]
    wrong = [(rule, line) for kind, rule, line in wanted if kind == "passes" and (rule, line) in found]
    unasked = found - {(rule, line) for kind, rule, line in wanted if kind == "catches"}
    assert (sorted(missed), sorted(wrong), sorted(unasked)) == ([], [], [])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_both_kinds_of_samples(rule):
    kinds = {kind for path in SAMPLES for kind, name, _ in marks(path.read_text()) if name == rule.id}
    assert kinds == {"catches", "passes"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_what_can_happen_and_what_to_do(rule):
    assert rule.title
    assert not rule.title.endswith(".")
    assert len(rule.message) > 40
    assert rule.suggestion
