from pathlib import Path

import pytest

from harness.check.expectations import Expect, Expected, judge, read_samples
from harness.check.loader import Pack
from harness.check.manifest import read_manifest
from harness.check.scaffold import KINDS, scaffold
from harness.errors import PackError, UsageError
from harness.model.finding import Finding, Location, Proof
from harness.model.report import Report, Risk, SandboxInfo
from harness.replay.samples import refusal
from tests.support.values import finding, pack_folder, summary


def report(*findings: Finding, outcome: str = "block") -> Report:
    return Report(
        change=summary(), outcome=outcome, risk=Risk(), findings=findings, sandbox=SandboxInfo("x")  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "right"),
    [
        (Expected(category="regression"), True),
        (Expected(category="exploit"), False),
        (Expected(path="src/f0.py", symbol="total"), True),
        (Expected(symbol="cart"), False),
        (Expected(cwe="CWE-78"), True),
        (Expected(cwe="CWE-89"), False),
        (Expected(proof="confirmed", declared=False, severity="high"), True),
        (Expected(declared=True), False),
        (Expected(any=(Expected(category="exploit"), Expected(category="regression"))), True),
        (Expected(any=(Expected(category="exploit"),)), False),
    ],
)
def test_expected_findings(expected: Expected, right: bool) -> None:
    found = finding(cwe=("CWE-78",), location=Location("src/f0.py", 1, symbol="shop.cart.total"))
    assert (judge(Expect(findings=(expected,)), report(found)) == []) is right


def test_outcome_and_absent_categories() -> None:
    declared = finding(declared=True, proof=Proof("confirmed"))
    assert judge(Expect(outcome=("pass", "review")), report()) == ["the outcome is block, not pass or review"]
    assert judge(Expect(absent=("regression",)), report(declared)) != []
    assert judge(Expect(undeclared_absent=("regression",)), report(declared)) == []
    assert judge(Expect(undeclared_absent=("regression",)), report(finding())) != []


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_pack_has_samples_of_both_kinds(tmp_path: Path, kind: str) -> None:
    folder = scaffold("own_check", tmp_path, kind)
    pack = Pack(read_manifest(folder), folder, "test")
    assert refusal(pack) is None
    assert pack.manifest.kind == kind
    assert [sample.catches for sample in read_samples(folder)] == [True, False]
    assert "@CHECK@" not in "".join(file.read_text() for file in folder.rglob("*") if file.is_file())


def test_a_pack_without_samples_is_refused(tmp_path: Path) -> None:
    folder = pack_folder(tmp_path, "bare", "def check(context): ...\n")
    assert "has no sample that it catches" in str(refusal(Pack(read_manifest(folder), folder, "test")))


@pytest.mark.parametrize("name", ["No", "a-b", "", "1a", "../x"])
def test_an_id_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no id for a check"):
        scaffold(name, tmp_path, "python")


def test_an_existing_folder_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(UsageError, match="exists already"):
        scaffold("mine", tmp_path, "python")


def test_a_damaged_sample_is_a_sentence(tmp_path: Path) -> None:
    folder = scaffold("own_check", tmp_path, "rules")
    (folder / "samples/catches/debug_print/case.json").write_text("{")
    with pytest.raises(PackError, match=r"case\.json cannot be read"):
        read_samples(folder)
