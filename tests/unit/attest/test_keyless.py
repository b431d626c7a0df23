"""Attestations signed without a key. The public service is out of reach of tests: its verifier is
played by one that answers as the library's does; everything else is the library itself."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sigstore import dsse, errors

from harness.attest import keyless
from harness.attest.envelope import PAYLOAD_TYPE
from harness.attest.statement import about_report, statements
from harness.attest.verify import attested
from harness.cli.main import main
from harness.errors import AttestationError, UsageError
from harness.report import json_report
from tests.unit.report.samples import HEAD, report

WHO = keyless.Identity(
    "https://github.com/acme/shop/.github/workflows/a.yml@refs/heads/main", "https://i.test"
)
DIGEST = hashlib.sha256(json_report.render(report())).hexdigest()
PAYLOADS = [msgspec.json.encode(one) for one in about_report(statements(report(), DIGEST), DIGEST)]


class Answering:
    """A verifier whose bundles are the payloads themselves."""

    def __init__(self, kind: str = PAYLOAD_TYPE, problem: Exception | None = None) -> None:
        self.kind, self.problem, self.asked = kind, problem, []  # type: ignore[var-annotated]

    def verify_dsse(self, bundle: bytes, policy: Any) -> tuple[str, bytes]:
        self.asked.append(policy)
        if self.problem:
            raise self.problem
        return self.kind, bundle


@pytest.fixture
def bundles(monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(keyless, "_bundle", lambda line, source: line)
    return b"\n".join(PAYLOADS)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_library_takes_what_is_to_be_signed(payload: bytes) -> None:
    assert dsse.Statement(payload)


def test_the_commit_is_read_back(bundles: bytes) -> None:
    verifier = Answering()
    found = attested(keyless.opened(bundles, WHO, "a.jsonl", verifier), "a.jsonl")
    assert (found.commit, found.result.outcome) == (HEAD, report().outcome)
    assert {policy._identity for policy in verifier.asked} == {WHO.name}


@pytest.mark.parametrize(
    ("verifier", "said"),
    [
        (
            Answering(problem=errors.VerificationError("no match")),
            r"not signed by https://github.com/acme.*no match",
        ),
        (Answering(problem=errors.NetworkError("cut")), "trust root cannot be had"),
        (Answering(kind="text/plain"), "payload of type 'text/plain'"),
    ],
)
def test_what_is_refused(bundles: bytes, verifier: Answering, said: str) -> None:
    with pytest.raises(AttestationError, match=said):
        keyless.opened(bundles, WHO, "a.jsonl", verifier)


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\xfe", b'{"mediaType": "x"}', b"[" * 5000])
def test_what_is_no_bundle(data: bytes) -> None:
    with pytest.raises(AttestationError, match="Sigstore bundle"):
        keyless.opened(data, WHO, "a.jsonl", Answering())


def test_without_a_job_there_is_no_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    from sigstore import oidc

    monkeypatch.setattr(oidc, "detect_credential", lambda: None)
    with pytest.raises(UsageError, match="id-token: write"):
        keyless.sign(statements(report(), DIGEST))


def test_a_failing_service_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from sigstore import oidc

    def fail() -> str:
        raise errors.NetworkError

    monkeypatch.setattr(oidc, "detect_credential", fail)
    with pytest.raises(AttestationError, match="Sigstore did not sign"):
        keyless.sign(statements(report(), DIGEST))


def test_the_command_wants_one_way_to_trust(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").write_bytes(b"{}")
    assert main(["attest", "verify", str(tmp_path / "a")]) == 2
    assert "Say whom you trust" in capsys.readouterr().err
    assert main(["attest", "verify", str(tmp_path / "a"), "--identity", "me@example.org"]) == 1
    assert "Sigstore bundle" in capsys.readouterr().err
