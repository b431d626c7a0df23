"""The report folder appears whole or not at all."""

import json
import os

import pytest

from harness.errors import UsageError
from harness.report import html
from harness.report.write import check_target, write_report
from tests.unit.report import samples

PROOFS = {"F1": {"test_f1.py": b"#!/usr/bin/env python3\n", "input/data.json": b"{}"}}


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_writes_every_format_and_the_proofs(tmp_path):
    out = tmp_path / "deep" / "report"
    write_report(out, samples.ordinary(), PROOFS)
    assert names(out) == {
        "report.json", "report.html", "report.md", "report.sarif", "junit.xml",
        "proofs/F1/test_f1.py", "proofs/F1/input/data.json",
    }  # fmt: skip
    assert os.access(out / "proofs/F1/test_f1.py", os.X_OK)
    assert not os.access(out / "proofs/F1/input/data.json", os.X_OK)
    assert list(out.parent.iterdir()) == [out]


def test_replaces_an_earlier_report_wholly(tmp_path):
    out = tmp_path / "report"
    write_report(out, samples.ordinary(), PROOFS)
    write_report(out, samples.report())
    assert not (out / "proofs").exists()
    assert json.loads((out / "report.json").read_text())["findings"] == []
    assert list(tmp_path.iterdir()) == [out]


def test_takes_an_empty_folder(tmp_path):
    (tmp_path / "report").mkdir()
    write_report(tmp_path / "report", samples.report())
    assert (tmp_path / "report" / "report.html").is_file()


@pytest.mark.parametrize("content", ['{"a": 1}', "no json", '{"schema_version": "1"}', "[" * 100_000])
def test_refuses_a_folder_that_only_looks_like_a_report(tmp_path, content):
    (tmp_path / "report.json").write_text(content)
    with pytest.raises(UsageError, match="holds no earlier report"):
        write_report(tmp_path, samples.report())
    assert names(tmp_path) == {"report.json"}


def test_refuses_a_working_copy_even_with_a_report_in_it(tmp_path):
    write_report(tmp_path / "r", samples.report())
    (tmp_path / "r" / ".git").mkdir()
    with pytest.raises(UsageError):
        write_report(tmp_path / "r", samples.report())


def test_refuses_a_file_and_a_symbolic_link(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="not a folder"):
        check_target(tmp_path / "file")
    with pytest.raises(UsageError, match="symbolic link"):
        check_target(tmp_path / "link")


def test_a_parent_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="name another folder with --out"):
        check_target(tmp_path / "file" / "report")


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil"])
def test_a_proof_file_cannot_leave_the_folder(tmp_path, name):
    with pytest.raises(UsageError, match="would leave the report folder"):
        write_report(tmp_path / "report", samples.ordinary(), {"F1": {name: b"x"}})
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_when_a_renderer_fails(tmp_path, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("broken")

    write_report(tmp_path / "report", samples.report())
    before = names(tmp_path)
    monkeypatch.setattr(html, "render", broken)
    with pytest.raises(RuntimeError):
        write_report(tmp_path / "report", samples.ordinary(), PROOFS)
    assert names(tmp_path) == before


def test_proofs_of_unknown_findings_are_not_written(tmp_path):
    write_report(tmp_path / "report", samples.report(), PROOFS)
    assert not (tmp_path / "report" / "proofs").exists()
