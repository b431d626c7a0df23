"""Attestations: what is signed, and every way in which one can be wrong."""

import base64
import datetime
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.attest import keys
from harness.attest.envelope import opened, sign
from harness.attest.statement import SVR, TEST_RESULT, statements
from harness.attest.verify import (
    Attested,
    age,
    check_report,
    check_requirement,
    check_time,
    verify,
)
from harness.errors import AttestationError, HarnessError, UsageError
from harness.model.report import CheckResult, Report
from harness.report import json_report
from tests.unit.report.samples import HEAD, ordinary, report

Pair = tuple[Any, Any]


def made(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    private, public = keys.write_pair(tmp_path_factory.mktemp("keys") / "k")
    return keys.private_key(private), keys.public_key(public)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return made(tmp_path_factory)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return made(tmp_path_factory)


def bundle(found: Report, signer: Any) -> bytes:
    digest = hashlib.sha256(json_report.render(found)).hexdigest()
    return sign(statements(found, digest), signer)


@pytest.fixture
def attested(pair: Pair) -> Attested:
    return verify(bundle(report(), pair[0]), pair[1], "a.jsonl")


def altered(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The bundle with its first statement changed and its signature kept."""
    first, *rest = data.splitlines()
    envelope = json.loads(first)
    statement = json.loads(base64.b64decode(envelope["payload"]))
    change(statement)
    envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    return b"\n".join([json.dumps(envelope).encode(), *rest])


def test_what_was_signed_is_what_is_read(attested: Attested) -> None:
    assert (attested.commit, attested.tree) == (HEAD, "b" * 40)
    assert attested.created == datetime.datetime(2025, 3, 1, 9, tzinfo=datetime.UTC)
    assert attested.result.outcome == "pass"
    assert attested.result.sandbox == "bubblewrap"
    first = attested.result.checks[0]
    assert (first.id, first.status, first.version) == ("property_tests", "passed", "1")
    check_report(attested, json_report.render(report()))


def test_the_statements_have_the_shapes_of_their_predicates() -> None:
    result, tests = statements(report(), "0" * 64)
    assert (result.predicate_type, tests.predicate_type) == (SVR, TEST_RESULT)
    assert {"verifier", "timeCreated", "properties"} <= set(result.predicate)
    assert result.predicate["verifier"]["id"] == "pkg:pypi/change-harness@0.1.0"
    assert result.predicate["timeCreated"] == "2025-03-01T09:00:00Z"
    assert tests.predicate["result"] == "PASSED"
    assert tests.predicate["passedTests"] == ["property_tests", "static_scan"]
    assert [one.digest for one in tests.subject] == [{"gitCommit": HEAD}, {"gitTree": "b" * 40}]


def test_what_did_not_pass_is_no_property() -> None:
    result, tests = statements(ordinary(), "0" * 64)
    assert result.predicate["properties"] == ["CHANGE_HARNESS_CHECK_PASSED_STATIC_SCAN"]
    assert tests.predicate["result"] == "FAILED"


def test_a_worktree_and_a_report_without_ids_cannot_be_attested() -> None:
    import msgspec

    sample = report()
    for values in ({"worktree": True}, {"head": "HEAD"}, {"head_tree": ""}):
        change = msgspec.structs.replace(sample.change, **values)
        with pytest.raises(AttestationError):
            statements(msgspec.structs.replace(sample, change=change), "0" * 64)
    with pytest.raises(AttestationError, match="does not say when"):
        statements(report(started="yesterday"), "0" * 64)


def test_another_key_is_refused(pair: Pair, other: Pair) -> None:
    with pytest.raises(AttestationError, match="signed by another key"):
        verify(bundle(report(), pair[0]), other[1], "a.jsonl")


def test_another_key_under_the_trusted_id_is_refused(pair: Pair, other: Pair) -> None:
    forged = bundle(report(), other[0]).replace(other[1].keyid.encode(), pair[1].keyid.encode())
    with pytest.raises(AttestationError, match="altered after it was signed"):
        verify(forged, pair[1], "a.jsonl")


@pytest.mark.parametrize(
    "change",
    [
        lambda statement: statement["predicate"]["changeHarness"].update(outcome="pass"),
        lambda statement: statement["subject"][0]["digest"].update(gitCommit="0" * 40),
        lambda statement: statement["predicate"].update(timeCreated="2999-01-01T00:00:00Z"),
    ],
)
def test_an_altered_statement_is_refused(pair: Pair, change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(AttestationError, match="altered after it was signed"):
        verify(altered(bundle(ordinary(), pair[0]), change), pair[1], "a.jsonl")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n\n", b"{}", b"[]", b"no json", b"\xff\xfe", b'{"payload": 1}',
        b'{"payload": "", "payloadType": "", "signatures": [{"sig": "", "keyid": ""}]}',
        b'{"payload": "?", "payloadType": "application/vnd.in-toto+json", "signatures": []}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_envelope_is_called_so(pair: Pair, data: bytes) -> None:
    with pytest.raises(AttestationError, match="is not a DSSE envelope"):
        verify(data, pair[1], "a.jsonl")


def test_an_envelope_that_nobody_signed_is_refused(pair: Pair) -> None:
    envelope = json.loads(bundle(report(), pair[0]).splitlines()[0])
    envelope["signatures"] = []
    with pytest.raises(AttestationError, match=r"signed by another key \(nobody\)"):
        verify(json.dumps(envelope).encode(), pair[1], "a.jsonl")


def test_a_signed_text_that_is_no_statement_is_refused(pair: Pair) -> None:
    from securesystemslib.dsse import Envelope

    envelope = Envelope(b'{"_type": "x"}', "application/vnd.in-toto+json", {})
    envelope.sign(pair[0])
    with pytest.raises(AttestationError, match="holds no in-toto statement"):
        opened(json.dumps(envelope.to_dict()).encode(), pair[1], "a.jsonl")


def test_only_a_test_result_is_no_verification_result(pair: Pair) -> None:
    second = bundle(report(), pair[0]).splitlines()[1]
    with pytest.raises(AttestationError, match="0 verification results"):
        verify(second, pair[1], "a.jsonl")


def test_statements_about_two_commits_are_refused(pair: Pair) -> None:
    import msgspec

    moved = msgspec.structs.replace(report().change, head="e" * 40)
    first = bundle(report(), pair[0]).splitlines()[0]
    second = bundle(report(change=moved), pair[0]).splitlines()[1]
    with pytest.raises(AttestationError, match="different commits"):
        verify(first + b"\n" + second, pair[1], "a.jsonl")


def test_a_tampered_report_is_refused(attested: Attested) -> None:
    with pytest.raises(AttestationError, match="is not the attested one"):
        check_report(attested, json_report.render(report()).replace(b"moorings", b"tampered"))


def test_time(attested: Attested) -> None:
    made_at = attested.created
    check_time(attested, made_at + datetime.timedelta(days=6), age("7d"))
    check_time(attested, made_at - datetime.timedelta(minutes=4), None)
    with pytest.raises(AttestationError, match=r"too old.*more than 7 days ago"):
        check_time(attested, made_at + datetime.timedelta(days=8), age("7d"))
    with pytest.raises(AttestationError, match="of the future"):
        check_time(attested, made_at - datetime.timedelta(hours=1), None)


@pytest.mark.parametrize(
    "text",
    [
        "outcome=pass",
        "outcome=pass,review",
        "risk=low",
        "risk=high",
        f"commit={HEAD}",
        "check=property_tests",
    ],
)
def test_requirements_that_are_met(attested: Attested, text: str) -> None:
    check_requirement(attested, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("outcome=pass", "The outcome is block, and pass is required"),
        ("outcome=pass,review", "pass or review is required"),
        ("risk=low", r"The risk is high \(74 of 100\), and at most low"),
        ("commit=" + "0" * 40, "is about the commit"),
        ("policy=" + "0" * 64, "The policy has the digest none"),
        ("check=migrations", "migrations skipped"),
        ("check=absent", "absent was not run"),
    ],
)
def test_requirements_that_are_not_met(pair: Pair, text: str, words: str) -> None:
    blocked = verify(bundle(ordinary(), pair[0]), pair[1], "a.jsonl")
    with pytest.raises(AttestationError, match=words):
        check_requirement(blocked, text)


@pytest.mark.parametrize("text", ["", "outcome", "outcome=", "outcome=green", "risk=none", "colour=red"])
def test_an_unknown_requirement_is_wrong_usage_and_never_met(attested: Attested, text: str) -> None:
    with pytest.raises(UsageError):
        check_requirement(attested, text)


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "7 d", "1y"])
def test_an_unknown_age_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        age(text)


def test_a_check_that_failed_did_not_complete(pair: Pair) -> None:
    found = report(checks=(CheckResult("x", "failed", "why"),), outcome="inconclusive")
    with pytest.raises(AttestationError, match="x failed"):
        check_requirement(verify(bundle(found, pair[0]), pair[1], "a"), "check=x")


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_a_sentence(data: bytes) -> None:
    class Key:
        keyid = "0" * 64

    with pytest.raises(AttestationError):
        opened(data, Key(), "a.jsonl")


def test_a_key_is_never_overwritten_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    private, _public = keys.write_pair(tmp_path / "k")
    assert private.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="is there already"):
        keys.write_pair(tmp_path / "k")


def test_wrong_keys_are_sentences_that_never_quote_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = keys.write_pair(tmp_path / "k")
    monkeypatch.delenv(keys.VARIABLE, raising=False)
    secret = private.read_text().splitlines()[1]
    for call in (
        lambda: keys.private_key(public), lambda: keys.public_key(private), lambda: keys.private_key(None),
        lambda: keys.private_key(tmp_path / "absent"),
    ):  # fmt: skip
        with pytest.raises(HarnessError) as raised:
            call()
        assert secret not in str(raised.value)


def test_the_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private, public = keys.write_pair(tmp_path / "k")
    monkeypatch.setenv(keys.VARIABLE, private.read_text())
    assert keys.private_key(None).public_key == keys.public_key(public)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    from securesystemslib.signer import CryptoSigner

    (tmp_path / "e.key").write_bytes(CryptoSigner.generate_ecdsa().private_bytes)
    with pytest.raises(UsageError, match="not Ed25519"):
        keys.private_key(tmp_path / "e.key")
