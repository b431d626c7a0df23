"""What is taken from an earlier run, and what must be run anew."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.cache import keys
from harness.cache.disk import DiskStore
from harness.check.loader import Pack
from harness.check.manifest import read_manifest
from harness.config.load import parse_config
from harness.model.change import Commit
from harness.model.snapshot import Snapshot
from harness.replay.engine import Verified, verify
from harness.replay.events import Silent
from harness.replay.plan import Plan
from harness.sandbox.interface import Job, Limited, Result
from tests.support.scripted import ScriptedDriver, says
from tests.support.values import change, pack_folder
from tests.unit.replay.test_engine import PROVEN, UNDECLARED, proof_holds

IMPORTS = "from harness.check.interface import *\n"
ASKS = IMPORTS + (
    "def check(context):\n"
    "    reply = context.run(Side.BASE, Probe(entry='main.py', request={'n': 1}, keep=True))\n"
    "    return Outcome(notes=[str(len(reply.messages)), reply.stderr], failed='not whole')\n"
)
MANIFEST = 'api = 1\nid = "{0}"\ntitle = "T"\ndescription = "D"\ncategories = ["static"]\nkeep = {1}\n'


class Identified(ScriptedDriver):
    """A scripted driver that can say what is inside its sandboxes."""

    def __init__(self, script: Callable[[Job], Result], inside: str = "python 3.11") -> None:
        super().__init__(script)
        self.inside = inside

    def identity(self) -> str:
        return self.inside


class Bench:
    """Runs one pack on the same change again and again, each time with a driver of its own."""

    def __init__(self, root: Path, code: str, keep: bool = True) -> None:
        self.name = f"kept_{abs(hash(str(root))) % 10**9}"
        manifest = MANIFEST.format(self.name, str(keep).lower())
        self.folder = pack_folder(
            root, self.name, textwrap.dedent(code), manifest, guest="def main(request, channel): ...\n"
        )
        self.store = DiskStore(root / "results")
        self.tree = root / "tree"
        self.tree.mkdir()
        self.plan: dict[str, Any] = {"config": "", "head": "d" * 40, "budget": 60.0, "paths": ("src/a.py",)}

    def run(
        self, script: Callable[[Job], Result], driver: ScriptedDriver | None = None
    ) -> tuple[Verified, int]:
        """(what came of it, sandboxes that it took)."""
        keys.folder_digest.cache_clear()
        pack = Pack(read_manifest(self.folder), self.folder, "test")
        one = msgspec.structs.replace(change(*self.plan["paths"]), **self.plan.get("commits", {}))
        head = Snapshot(self.plan["head"], self.tree)
        plan = Plan(
            msgspec.structs.replace(one, head_tree=head.digest), Snapshot("c" * 40, self.tree), head, [pack], {},
            parse_config(self.plan["config"], "test"), "test", "repo", "report", jobs=2, budget=self.plan["budget"],
        )  # fmt: skip
        driver = driver or Identified(script)
        done = verify(plan, driver, Silent(), store=self.store)
        return done, len(driver.jobs)


@pytest.fixture
def proven(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path, UNDECLARED + PROVEN)
    assert bench.run(proof_holds)[1] == 6
    return bench


def test_the_same_change_is_not_run_again(proven: Bench) -> None:
    first, _ = proven.run(proof_holds, Identified(proof_holds, "other"))
    again, sandboxes = proven.run(proof_holds)
    assert sandboxes == 0
    assert again.report.findings == first.report.findings
    assert again.proofs == first.proofs
    assert again.report.outcome == "block"
    [check] = again.report.checks
    assert check.status == "findings"
    assert "nothing that it depends on has changed since it ran at 20" in check.reason


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("head", "e" * 40),
        ("config", "[limits]\nmemory_mb = 99\n"),
        ("budget", 61.0),
        ("paths", ("src/b.py",)),
    ],
)
def test_another_change_or_setting_is_run(proven: Bench, name: str, value: Any) -> None:
    proven.plan[name] = value
    assert proven.run(proof_holds)[1] == 6


def test_what_changes_the_same_in_other_commits_is_not_run_again(proven: Bench) -> None:
    made = Commit("9" * 40, "Ann", "ann@example.org", "ann@example.org", 1, "Another message")
    proven.plan["commits"] = {"base": "7" * 40, "head": "8" * 40, "commits": (made,)}
    done, sandboxes = proven.run(proof_holds)
    assert sandboxes == 0
    assert done.report.change.head == "8" * 40


@pytest.mark.parametrize(("keep", "seen"), [(True, "0 @HEAD@"), (False, "1 " + "8" * 40)])
def test_a_kept_check_sees_no_commits(tmp_path: Path, keep: bool, seen: str) -> None:
    tells = "def check(context):\n    return Outcome(notes=[f'{len(context.change.commits)} {context.change.head}'])"
    bench = Bench(tmp_path, IMPORTS + tells, keep)
    made = Commit("9" * 40, "Ann", "ann@example.org", "ann@example.org", 1, "A message")
    bench.plan["commits"] = {"head": "8" * 40, "commits": (made,)}
    done, _ = bench.run(proof_holds)
    assert f"{bench.name}: {seen}" in done.report.notes


def test_a_policy_decides_anew_over_what_was_found_before(proven: Bench) -> None:
    proven.plan["config"] = (
        '[policy]\ndefaults = false\n[[policy.block]]\nname = "never"\ncategory = ["infra"]\n'
    )
    done, sandboxes = proven.run(proof_holds)
    assert (done.report.outcome, sandboxes) == ("pass", 0)


def test_another_environment_is_run(proven: Bench) -> None:
    assert proven.run(proof_holds, Identified(proof_holds, "python 3.12"))[1] == 6


def test_a_driver_that_cannot_say_what_is_inside_keeps_nothing(proven: Bench) -> None:
    for _ in range(2):
        assert proven.run(proof_holds, ScriptedDriver(proof_holds))[1] == 6


@pytest.mark.parametrize("place", ["check.py", "guest/main.py", "check.toml"])
def test_another_version_of_the_pack_is_run(proven: Bench, place: str) -> None:
    file = proven.folder / place
    file.write_text(file.read_text() + "\n# another version\n")
    assert proven.run(proof_holds)[1] == 6


def test_a_damaged_result_is_run_anew(proven: Bench) -> None:
    for file in proven.store.root.glob("??/*"):
        file.write_bytes(file.read_bytes()[:-3] + b"abc")
    assert proven.run(proof_holds)[1] == 6
    assert proven.run(proof_holds)[1] == 0


def test_what_was_not_stable_is_not_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path, UNDECLARED + PROVEN)

    def passes(job: Job) -> Result:
        return says(b'{"type":"verdict","passed":true,"observed":"o"}')

    assert [bench.run(passes)[1] for _ in range(2)] == [2, 2]


@pytest.mark.parametrize(
    "code",
    [
        "def check(context): raise CheckFailed('no suite')",
        "def check(context): raise BudgetExhausted",
        "def check(context): return Outcome(failed='half done')",
        "def check(context): raise ZeroDivisionError",
    ],
)
def test_what_did_not_complete_is_not_kept(tmp_path: Path, code: str) -> None:
    bench = Bench(tmp_path, IMPORTS + code)
    bench.run(proof_holds)
    assert bench.store.usage().entries == 0


def test_a_pack_that_does_not_say_so_is_not_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path, UNDECLARED + PROVEN, keep=False)
    assert [bench.run(proof_holds)[1] for _ in range(2)] == [6, 6]


def test_an_answer_of_base_serves_another_change(tmp_path: Path) -> None:
    bench = Bench(tmp_path, ASKS)

    def answers(job: Job) -> Result:
        return says(b'{"type":"x"}', b'{"type":"y"}')

    first, sandboxes = bench.run(answers)
    assert (sandboxes, first.report.notes[0]) == (1, f"{bench.name}: 2")
    bench.plan["head"] = "e" * 40
    again, sandboxes = bench.run(answers)
    assert (sandboxes, again.report.notes[0]) == (0, f"{bench.name}: 2")


def test_an_answer_that_a_limit_cut_is_asked_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, ASKS)
    assert [bench.run(lambda job: Result(Limited("wall")))[1] for _ in range(2)] == [1, 1]


def test_a_store_that_cannot_be_written_is_told_and_harms_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, UNDECLARED + PROVEN)
    (tmp_path / "results").write_text("a file")
    done, _ = bench.run(proof_holds)
    assert done.report.outcome == "block"
    assert any("results cannot be kept" in note for note in done.report.notes)
