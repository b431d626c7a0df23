"""Calls with command lines and with paths of files that are there only while a test runs."""

import random

import pytest

from .local import LocalContext, check

REPORT = """
import argparse


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [tuple(line.strip().split(":")) for line in lines if ":" in line]


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--only")
    options = parser.parse_args(argv)
    rows = read(options.file)
    if options.only:
        rows = [row for row in rows if row[0] == options.only]
        if not rows:
            return 2
    print(sum(int(amount) for _, amount in rows))
    return 0


def names(path):
    rows = read(path)
    if not rows:
        return None
    return sorted(name for name, _ in rows)
"""
REPORT_TEST = """
import pytest

from report import main, names


@pytest.fixture
def ledger(tmp_path):
    file = tmp_path / "ledger.txt"
    file.write_text("rent:700\\\\nfood:300\\\\n" + "a line that is no entry\\\\n" * 300)  # too long for a proof
    return str(file)


def test_only(ledger, capsys):
    assert main([ledger, "--only", "food"]) == 0
    assert capsys.readouterr().out == "300\\\\n"


def test_names(ledger):
    assert names(ledger) == ["food", "rent"]
""".replace("\\\\n", "\\n")


def run(place, head):
    context = LocalContext(
        place, {"report.py": REPORT, "test_report.py": REPORT_TEST}, {"report.py": head, "test_report.py": REPORT_TEST}
    )  # fmt: skip
    check(context)
    return context


def test_a_word_of_a_command_line_is_another_while_its_file_stays(tmp_path):
    context = run(tmp_path, REPORT.replace("        if not rows:\n            return 2\n", ""))
    [found] = context.drafts
    assert found.location.symbol == "report.main"
    assert found.proof.input.startswith("main([argv[0], '"), "the words change, the file stays"
    assert context.verdicts(found) == (True, False)


def test_another_way_to_read_the_same_file_is_no_difference(tmp_path):
    head = REPORT.replace("import argparse\n", "import argparse\nimport pathlib\n").replace(
        '    with open(path, encoding="utf-8") as lines:\n'
        '        return [tuple(line.strip().split(":")) for line in lines if ":" in line]\n',
        '    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()\n'
        '    return [tuple(line.strip().split(":")) for line in lines if ":" in line]\n',
    )
    assert head.count("pathlib") == 2
    assert run(tmp_path, head).drafts == []


LINE = ["list", [["live", 0, "str", "argv[0]"], "--only", "food"]]


@pytest.mark.parametrize(
    ("recipe", "yes"),
    [
        (LINE, True),
        (["list", ["a", "-n"]], True),
        (["list", ["a", "b"]], False),
        (["list", ["a", "-"]], False),
        (["list", ["--only", 3]], False),
        (["list", []], False),
        ("--only", False),
        (None, False),
    ],
)
def test_a_command_line_has_an_option(guest, recipe, yes):
    assert guest("guest.inplace.argv").is_command_line(recipe) == yes


def test_variations_keep_the_file_and_name_words_of_calls_and_literals(guest):
    lexicon = guest("guest.inplace.argv").Lexicon()
    lexicon.learn(["--sort", "--only", "rent", "no word at all", "some/where", 7])
    made = [lexicon.varied(random.Random(seed), LINE) for seed in range(200)]
    assert all(one[1][0] == LINE[1][0] for one in made)
    lines = {tuple(one[1][1:]) for one in made}
    assert {("--only", "missing"), ("--only", "rent"), ("--sort", "food"), ()} <= lines
    assert not any("no word at all" in line or "some/where" in line for line in lines)


def test_numbers_of_a_command_line_move_by_one(guest):
    lexicon = guest("guest.inplace.argv").Lexicon()
    lexicon.learn(["--top"])
    lines = [lexicon.varied(random.Random(seed), ["list", ["--top", "3"]])[1] for seed in range(100)]
    assert {("--top", number) for number in ("2", "4", "0", "-3")} <= set(map(tuple, lines))


def test_temporary_files_lie_at_one_place_with_the_same_names(guest, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._name_sequence", None)
    temporary = guest("guest.inplace.temporary")
    made = []
    for _ in range(2):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        place = temporary.prepare("/tree")
        with __import__("tempfile").NamedTemporaryFile(delete=False) as file:
            made.append(file.name)
    assert made[0] == made[1]
    assert temporary.is_temporary(made[0])
    assert not temporary.is_temporary(place)
    assert temporary.without_place(f"f({made[0]!r})").startswith("f('<temporary>/")
