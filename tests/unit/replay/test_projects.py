"""The parts of a change, on real git trees."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import pytest

from harness.change.git import Shadow
from harness.change.resolve import resolve_change
from harness.change.snapshots import SnapshotStore
from harness.check.manifest import read_manifest
from harness.config.load import parse_config
from harness.model.report import Unverified
from harness.replay.projects import WHOLE, Part, Parts, Project, divide
from tests.support.repositories import Repository
from tests.support.values import finding

CONFIG = """
[tests]
command = "make test"
[project.money]
root = "libs/money"
[project.billing]
root = "services/billing"
needs = ["money"]
[project.billing.tests]
command = "pytest"
[project.web]
root = "services/web"
"""
BASE = {
    "libs/money/money.py": "1",
    "services/billing/app.py": "1\n" * 20,
    "services/web/app.py": "1",
    "scripts/run.py": "1",
}


@dataclass
class Made:
    repository: Repository
    store: SnapshotStore
    config: str = CONFIG

    def divide(self) -> Parts:
        with Shadow(self.repository.path) as shadow:
            change = resolve_change(shadow, "HEAD~1", "HEAD")
            base, head = (
                self.store.materialise(shadow, tree) for tree in (change.base_tree, change.head_tree)
            )
            whole = Part(WHOLE, change, base, head, parse_config(self.config, "test"))
            return divide(shadow, whole, partial(self.store.materialise, shadow))


@pytest.fixture
def made(tmp_path: Path) -> Made:
    repository = Repository(tmp_path / "repo")
    repository.commit(BASE)
    return Made(repository, SnapshotStore(tmp_path / "store"))


def told(parts: Parts) -> list[tuple[str, str, list[str]]]:
    return [
        (part.project.name, part.scope, sorted(file.path for file in part.change.files))
        for part in parts.parts
    ]


def test_without_projects_the_repository_is_one_part(made: Made) -> None:
    made.repository.commit({"scripts/run.py": "2"})
    made.config = ""
    assert told(made.divide()) == [("", "all", ["scripts/run.py"])]


def test_only_touched_projects_are_verified(made: Made) -> None:
    made.repository.commit({"services/web/app.py": "2"})
    parts = made.divide()
    assert told(parts) == [("", "repository", ["services/web/app.py"]), ("web", "project", ["app.py"])]
    web = parts.parts[1]
    assert [entry.path for entry in web.head.entries] == ["app.py"]
    assert web.config.tests.command == "make test"
    assert parts.notes == ["projects verified: web; 2 not touched"]


def test_who_needs_a_changed_project_is_verified_without_files_of_its_own(made: Made) -> None:
    made.repository.commit({"libs/money/money.py": "2"})
    parts = made.divide()
    assert told(parts)[1:] == [("billing", "project", []), ("money", "project", ["money.py"])]
    billing = parts.parts[1]
    assert billing.base.digest != billing.head.digest
    assert billing.head.read_text(".needs/money/money.py") == "2"
    assert billing.config.tests.command == "pytest"


def test_the_same_project_has_the_same_tree_in_every_change(made: Made) -> None:
    made.repository.commit({"services/web/app.py": "2"})
    first = made.divide().parts[1].head.digest
    made.repository.commit({"services/web/app.py": "3", "scripts/run.py": "2"})
    assert made.divide().parts[1].base.digest == first


def test_what_no_project_holds_is_a_part_without_them(made: Made) -> None:
    made.repository.commit({"scripts/run.py": "2", "README.md": "new"})
    parts = made.divide()
    assert told(parts)[1:] == [("", "project", ["README.md", "scripts/run.py"])]
    assert sorted(entry.path for entry in parts.parts[1].head.entries) == ["README.md", "scripts/run.py"]


def test_a_file_that_crosses_the_border_comes_and_goes(made: Made) -> None:
    (made.repository.path / "services/billing/app.py").unlink()
    made.repository.commit({"services/web/moved.py": "1\n" * 20, "services/billing/stays.py": "2"})
    parts = made.divide()
    files = {part.project.name: part.change.files for part in parts.parts if part.project.name}
    assert [(file.path, file.status, file.old_path) for file in files["billing"]] == [
        ("stays.py", "added", None),
        ("app.py", "deleted", None),
    ]
    assert [(file.path, file.status, file.old_path) for file in files["web"]] == [("moved.py", "added", None)]


def test_a_new_project_has_an_empty_base_and_a_removed_one_is_not_vouched_for(made: Made) -> None:
    (made.repository.path / "libs/money/money.py").unlink()
    made.repository.commit({})
    parts = made.divide()
    assert [part.project.name for part in parts.parts] == ["", "billing"]
    assert parts.unverified == [
        Unverified("project money", "head has no folder libs/money: nothing of it is left to run")
    ]
    made.repository.commit({"libs/money/money.py": "1"})
    money = next(part for part in made.divide().parts if part.project.name == "money")
    assert money.base.entries == ()
    assert [file.status for file in money.change.files] == ["added"]


def test_checks_go_where_they_belong(tmp_path: Path, made: Made) -> None:
    made.repository.commit({"services/web/app.py": "2"})
    whole, web = made.divide().parts
    for name, scope in (("own", ""), ("runs", 'scope = "project"\n')):
        folder = tmp_path / name
        folder.mkdir()
        text = f'api = 1\nid = "{name}"\ntitle = "t"\ndescription = "d"\nkind = "rules"\n{scope}'
        (folder / "check.toml").write_text(text)
    own, runs = read_manifest(tmp_path / "own"), read_manifest(tmp_path / "runs")
    assert (whole.takes(own), web.takes(own)) == (True, False)
    assert (whole.takes(runs), web.takes(runs)) == (False, True)


def test_what_is_found_gets_its_place_in_the_repository() -> None:
    project = Project("web", "services/web")
    one = finding()
    placed = project.finding(one)
    assert placed.location == msgspec.structs.replace(one.location, path=f"services/web/{one.location.path}")
    assert placed.project == "web"
    assert placed.fingerprint != one.fingerprint
    assert (
        placed.fingerprint == project.finding(one).fingerprint != Project("b", "b").finding(one).fingerprint
    )
    assert WHOLE.finding(one) == one
    assert project.unverified(Unverified("a.b", "why", "c")) == Unverified("web: a.b", "why", "c")


def test_what_the_policy_leaves_out_is_not_seen_by_code(made: Made) -> None:
    made.config = '[run]\nleave_out = ["**/*.md", "docs/**"]\n'
    made.repository.commit({"docs/guide.md": "1", "README.md": "1", "scripts/run.py": "2"})
    parts = made.divide()
    changed = ["README.md", "docs/guide.md", "scripts/run.py"]
    assert told(parts) == [("", "repository", changed), ("", "project", ["scripts/run.py"])]
    whole, seen = parts.parts
    assert seen.head.read_text("README.md") is None
    assert whole.head.read_text("README.md") == "1"
    assert seen.head.path.joinpath("scripts/run.py").samefile(whole.head.path / "scripts/run.py")
    assert parts.notes == ["code under test did not see **/*.md, docs/** (leave_out of the policy)"]


def test_a_text_leaves_the_trees_of_code_as_they_are(made: Made) -> None:
    made.config = CONFIG + '[run]\nleave_out = ["**/*.md"]\n'
    made.repository.commit({"services/web/app.py": "2"})
    first = made.divide().parts[1]
    made.repository.commit({"services/web/README.md": "1", "services/web/app.py": "3"})
    second = made.divide().parts[1]
    assert second.base.digest == first.head.digest
    assert [file.path for file in second.change.files] == ["app.py"]


def test_what_moves_among_the_left_out_is_gone(made: Made) -> None:
    made.config = '[run]\nleave_out = ["old/**"]\n'
    (made.repository.path / "services/billing/app.py").unlink()
    made.repository.commit({"old/app.py": "1\n" * 20})
    seen = made.divide().parts[1]
    assert [(file.path, file.status) for file in seen.change.files] == [
        ("services/billing/app.py", "deleted")
    ]
