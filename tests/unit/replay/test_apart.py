import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.check.interface import DeclaringTests, Draft, Limits, Location, Probe, ProofPlan, Side
from harness.check.loader import Pack
from harness.check.manifest import read_manifest
from harness.model.snapshot import Snapshot
from harness.replay.apart import Declaring
from harness.replay.context import Workbench
from harness.replay.slots import Slots
from harness.sandbox.interface import Job, Result
from tests.support.scripted import ScriptedDriver, says
from tests.support.values import change, pack_folder

BASE = "def f(a):\n    if a > 9:\n        return 1\n    a = abs(a)\n    if a > 5:\n        return 2\n    return 0\n"
HEAD = BASE.replace("return 1", "return 7").replace("a > 5", "a >= 5")
PROVEN = Probe(entry="main.py", request={"what": "proof"})


def draft(name: str) -> Draft:
    alike = replace(PROVEN, request={"what": name})
    return Draft(
        rule="r", category="regression", severity="high", title=name, message="m", location=Location("m.py"),
        proof=ProofPlan(PROVEN, "f(1)", "1", "2", alike=alike),
    )  # fmt: skip


def answering(tests: str, **inputs: str) -> ScriptedDriver:
    """Runs what a text of ``m.py`` must hold: the tests, and by name the inputs that do as on head."""

    def answer(job: Job) -> Result:
        request = json.loads(job.stdin.splitlines()[0])["request"]
        wanted = {"tests": tests, **inputs}[request["what"]]
        passed = wanted in request["instead"].get("m.py", HEAD)
        return says(json.dumps({"type": "verdict", "passed": passed, "observed": ""}).encode())

    return ScriptedDriver(answer)


def declaring(
    root: Path, driver: ScriptedDriver, head: str = HEAD, seconds: float = 1e9, paths=("m.py",)
) -> tuple[Declaring, Pack]:
    trees = []
    for side, text in ((Side.BASE, BASE), (Side.HEAD, head)):
        (root / side).mkdir()
        (root / side / "m.py").write_text(text)
        trees.append(Snapshot(side[0] * 40, root / side, ()))
    folder = pack_folder(root, "told", "def check(context): ...", guest="def main(request, channel): ...\n")
    pack = Pack(read_manifest(folder), folder, "test")
    bench = Workbench(change("m.py"), *trees, driver, Slots(2), seconds)
    return Declaring(
        bench, pack, DeclaringTests(Probe(entry="main.py", request={"what": "tests"}), paths)
    ), pack


def other_cause(root: Path, driver: ScriptedDriver, found: Draft, head: str = HEAD, **how: Any) -> str | None:
    teller, pack = declaring(root, driver, head, **how)
    made = teller.other_cause(found, pack, Limits())
    return made.title if made else None


def same_cause(root: Path, driver: ScriptedDriver, head: str = HEAD, **how: Any) -> bool:
    teller, pack = declaring(root, driver, head, **how)
    return teller.same_cause(draft("found"), pack, Limits())


def test_what_needs_the_region_that_the_tests_notice_is_declared(tmp_path: Path):
    driver = answering("return 7", first="return 7")
    assert other_cause(tmp_path, driver, draft("first")) is None


def test_what_is_there_without_the_region_that_the_tests_notice_has_another_cause(tmp_path: Path):
    driver = answering("return 7", second="a >= 5")
    assert other_cause(tmp_path, driver, draft("second")) == "second"


def test_another_input_of_the_same_class_can_have_another_cause(tmp_path: Path):
    driver = answering("return 7", first="return 7", second="a >= 5")
    found = replace(draft("first"), others=[draft("first"), draft("second")])
    assert other_cause(tmp_path, driver, found) == "second"


@pytest.mark.parametrize(
    ("tests", "head"),
    [
        ("def f", HEAD),  # the tests notice nothing, so nothing is known of what they are about
        ("return 7", BASE.replace("return 1", "return 7")),  # one region only
        ("return 7\n    a = abs(a)\n    if a >= 5", HEAD),  # both are noticed
    ],
)
def test_where_the_tests_do_not_divide_the_change_nothing_is_told_apart(
    tmp_path: Path, tests: str, head: str
):
    driver = answering(tests, second="def f")
    assert other_cause(tmp_path, driver, draft("second"), head) is None


@pytest.mark.parametrize(
    ("path", "cause"), [("rates.csv", None), ("notes.md", "second"), ("new.py", "second")]
)
def test_a_file_that_one_side_lacks_cannot_be_taken_back_unless_it_does_nothing_by_itself(
    tmp_path: Path, path: str, cause: str | None
):
    driver = answering("return 7", second="a >= 5")
    assert other_cause(tmp_path, driver, draft("second"), paths=("m.py", path)) == cause


def test_without_time_nothing_is_told_apart(tmp_path: Path):
    driver = answering("return 7", second="a >= 5")
    assert other_cause(tmp_path, driver, draft("second"), seconds=0) is None
    assert driver.jobs == []


def test_what_comes_from_the_small_edit_that_the_tests_notice_has_the_same_cause(tmp_path: Path):
    assert same_cause(tmp_path, answering("a >= 5", found="a >= 5"))


@pytest.mark.parametrize("needed", ["return 7", "return 7\n    a = abs(a)\n    if a >= 5", "nothing"])
def test_what_needs_more_than_the_tests_notice_has_not(tmp_path: Path, needed: str):
    assert not same_cause(tmp_path, answering("a >= 5", found=needed))


def test_what_is_there_without_the_noticed_edit_too_has_not(tmp_path: Path):
    assert not same_cause(tmp_path, answering("a >= 5", found="def f"))


@pytest.mark.parametrize(("edit", "same"), [("a >= 5", True), ("a >= 5 or a < 2", False)])
def test_a_change_that_is_one_edit_is_the_cause_if_it_is_small(tmp_path: Path, edit: str, same: bool):
    driver = answering(edit, found=edit)
    assert same_cause(tmp_path, driver, BASE.replace("a > 5", edit)) == same
    assert driver.jobs == []


def test_two_small_edits_that_the_tests_both_notice_are_the_cause_together(tmp_path: Path):
    assert same_cause(tmp_path, answering("return 7\n    a = abs(a)\n    if a >= 5", found="return 7"))


def test_without_time_nothing_has_the_same_cause(tmp_path: Path):
    assert not same_cause(tmp_path, answering("a >= 5", found="a >= 5"), seconds=0)
