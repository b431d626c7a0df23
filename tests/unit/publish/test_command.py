"""`harness ci` from the command line."""

import sys

import pytest

from harness.cli.main import main
from harness.report.write import write_report
from tests.unit.publish.fake_host import TOKEN
from tests.unit.report.samples import ordinary


@pytest.fixture
def folder(tmp_path):
    write_report(tmp_path / "harness-report", ordinary())
    return tmp_path / "harness-report"


def publish(monkeypatch, folder, environment, base, *more, token=TOKEN):
    for name, value in {**environment, "GITHUB_API_URL": base, "GITHUB_TOKEN": token}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    return main(["ci", "publish", str(folder), "--to", "github", *more])


def test_published_from_the_environment(monkeypatch, fake, folder, second_stage, capsys):
    assert (
        publish(monkeypatch, folder, second_stage(), fake.base, "--skip", "sarif", "--name", "harness") == 0
    )
    assert "Comment posted on #7." in capsys.readouterr().out
    assert fake.checks[0]["name"] == "harness"
    assert not fake.uploads
    assert all(headers["Authorization"] == f"Bearer {TOKEN}" for *_, headers in fake.requests)


def test_a_refusal_is_a_sentence_and_status_2(monkeypatch, fake, folder, second_stage, capsys):
    fake.fail("POST", "/check-runs$", 403, body={"message": "Resource not accessible by integration"})
    assert publish(monkeypatch, folder, second_stage(), fake.base) == 2
    said = capsys.readouterr().err
    assert said.startswith("harness: GitHub did not make the check run (403: Resource not accessible")
    assert TOKEN not in said


def test_a_token_travels_encrypted_only(monkeypatch, fake, folder, second_stage, capsys):
    for address in (
        "http://github.test",
        "ftp://127.0.0.1",
        "https://[",
        "https://a b/",
        "https://x:99999999/",
    ):
        assert publish(monkeypatch, folder, second_stage(), address) == 2
        assert "https://" in capsys.readouterr().err
    assert publish(monkeypatch, folder, second_stage(), fake.base, token="") == 2
    assert "set GITHUB_TOKEN" in capsys.readouterr().err
    assert not fake.requests


def test_without_the_extra_it_says_what_to_install(monkeypatch, fake, folder, second_stage, capsys):
    monkeypatch.setitem(sys.modules, "httpx", None)
    assert publish(monkeypatch, folder, second_stage(), fake.base) == 2
    assert "pip install 'change-harness[ci]'" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"{}", b'{"schema_version": "99"}', b"[" * 100_000, b"\xff"])
def test_a_hostile_report_reaches_nobody(monkeypatch, fake, folder, second_stage, content, capsys):
    (folder / "report.json").write_bytes(content)
    assert publish(monkeypatch, folder, second_stage(), fake.base) == 2
    assert capsys.readouterr().err.startswith("harness: ")
    assert not fake.requests


def test_outputs_of_a_step(monkeypatch, folder, tmp_path, capsys):
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    assert main(["ci", "outputs", str(folder)]) == 0
    expected = f"outcome=block\nrisk-level=high\nrisk-score=74\nreport={folder}\n"
    assert capsys.readouterr().out == expected
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    assert main(["ci", "outputs", str(folder)]) == 0
    assert (tmp_path / "outputs").read_text() == expected
