from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from harness.check import loader
from harness.check.loader import Pack, find_packs, load_check
from harness.check.manifest import read_manifest
from harness.errors import PackError
from tests.support.values import pack_folder


def test_a_pack_is_loaded_from_its_folder_with_its_own_modules(tmp_path: Path) -> None:
    import sys

    folder = pack_folder(tmp_path, "loader_one", "from .words import WORD\ndef check(context): return WORD\n")
    (folder / "words.py").write_text("WORD = 'hello'\n")
    before = list(sys.path)
    check = load_check(Pack(read_manifest(folder), folder, "test"))
    assert check(None) == "hello"  # type: ignore[arg-type, comparison-overlap]
    assert sys.path == before
    assert "harness_packs.loader_one.check" in sys.modules


def test_a_pack_at_another_place_replaces_the_loaded_one(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = pack_folder(tmp_path / str(number), "loader_moved", f"def check(context): return {number}\n")
        assert load_check(Pack(read_manifest(folder), folder, "t"))(None) == number  # type: ignore[arg-type, comparison-overlap]


def test_built_in_packs_are_found_like_any_other(tmp_path: Path) -> None:
    pack_folder(tmp_path, "loader_extra", "def check(context): ...\n")
    found = {pack.id: pack.origin for pack in find_packs([(tmp_path, "policy")])}
    assert found["loader_extra"] == "policy"
    assert found["property_tests"] == "built in"


def test_two_packs_with_one_id_are_refused(tmp_path: Path) -> None:
    pack_folder(tmp_path / "a", "twin", "def check(context): ...\n")
    pack_folder(tmp_path / "b", "twin", "def check(context): ...\n")
    with pytest.raises(PackError, match="Two check packs have the id 'twin'"):
        find_packs([(tmp_path / "a", "x"), (tmp_path / "b", "y")])


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("", "missing required field `api`"),
        ('api = 9\nid = "x"\ntitle = "T"\ndescription = "D"', "is written for api 9"),
        ('api = 1\nid = "No Name"\ntitle = "T"\ndescription = "D"', "must be a lower-case name"),
        ('api = 1\nid = "x"\ntitel = "T"', "there is no key 'titel'; did you mean 'title'?"),
        (
            'api = 1\nid = "x"\ntitle = "T"\ndescription = "D"\ncategories = ["bug"]',
            "Invalid enum value 'bug'",
        ),
        ('api = 1\nid = "x"\ntitle = "T"\ndescription = "D"\nkind = "command"', "needs a [command] table"),
        ("api =", "cannot be read"),
    ],
)
def test_a_mistake_in_a_manifest_is_a_sentence(tmp_path: Path, manifest: str, words: str) -> None:
    (tmp_path / "check.toml").write_text(manifest)
    with pytest.raises(PackError) as raised:
        read_manifest(tmp_path)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import no_such_module", "ModuleNotFoundError"),
        ("x = 1", "defines no function"),
        ("def check(:", "SyntaxError"),
    ],
)
def test_a_pack_that_cannot_be_imported_is_a_sentence(tmp_path: Path, code: str, words: str) -> None:
    folder = pack_folder(tmp_path, "loader_bad", code)
    with pytest.raises(PackError, match=words):
        load_check(Pack(read_manifest(folder), folder, "t"))


def test_packs_are_loaded_by_many_threads_at_once(tmp_path: Path) -> None:
    packs = []
    for number in range(24):
        folder = pack_folder(
            tmp_path, f"loader_thread{number}", f"from .part import x\ndef check(context): return {number}"
        )
        (folder / "part.py").write_text("x = 1\n")
        packs.append(Pack(read_manifest(folder), folder, "t"))
    with ThreadPoolExecutor(24) as pool:
        checks = list(pool.map(load_check, packs))
    assert [check(None) for check in checks] == list(range(24))  # type: ignore[arg-type, comparison-overlap]


def test_packs_of_an_installed_package_are_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "acme_checks"
    pack_folder(package, "acme_check", "def check(context): ...\n")
    (package / "__init__.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    points = [EntryPoint("acme", "acme_checks", "harness.checks")]
    monkeypatch.setattr(loader, "entry_points", lambda group: points if group == "harness.checks" else [])
    assert {pack.id: pack.origin for pack in find_packs()}["acme_check"] == "entry point acme"
    points[0] = EntryPoint("acme", "acme_absent", "harness.checks")
    with pytest.raises(PackError, match="Entry point 'acme' names acme_absent"):
        find_packs()
