import json
from pathlib import Path

from harness.check.describe import described, facts
from harness.check.loader import Pack, find_packs
from harness.check.manifest import read_manifest
from tests.support.values import pack_folder


def test_every_built_in_pack_tells_all_about_itself() -> None:
    for pack in find_packs():
        text = "\n".join(described(pack))
        assert pack.manifest.title in text
        for category in pack.manifest.categories:
            assert category in text
        table = json.loads(json.dumps(facts(pack)))
        assert table["documentation"], f"{pack.id} has neither README.md nor a docstring"
        kinds = {sample["kind"] for sample in table["samples"]}
        assert kinds == {"catches", "passes"}, f"{pack.id} lacks samples of a kind"


def test_the_documentation_is_the_readme_else_the_docstring_and_nothing_is_imported(tmp_path: Path) -> None:
    folder = pack_folder(tmp_path, "told", '"""From the code."""\nraise SystemExit("imported")\n')
    pack = Pack(read_manifest(folder), folder, "test")
    assert "  From the code." in described(pack)
    (folder / "README.md").write_text("# Told\n\nFrom the page.\n")
    assert facts(pack)["documentation"] == "# Told\n\nFrom the page."


def test_a_pack_without_samples_says_so(tmp_path: Path) -> None:
    folder = pack_folder(tmp_path, "bare", "def check(:")
    lines = list(described(Pack(read_manifest(folder), folder, "test")))
    assert "  samples that it catches: none" in lines
    assert "  samples that it must pass: none" in lines
