"""report.json: the contract's shape, and strictness when it is read again."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ReportError
from harness.report import json_report
from harness.report.json_report import decode, read_report, render
from harness.report.schema import render as render_schema
from harness.report.schema import report_schema
from tests.unit.report import samples
from tests.unit.report.attacks import ATTACKS

# Every field that the contract names, by place.
CONTRACT = {
    "": "schema_version change outcome risk sign_offs checks findings unverified sandbox seconds",
    "change": "base head files ai",
    "change.files.0": "path status added removed",
    "change.ai": "assisted tools evidence",
    "risk": "score level factors",
    "risk.factors.0": "name points because findings",
    "sign_offs.0": "role count because",
    "checks.0": "id status reason seconds",
    "findings.0": "id fingerprint check rule category severity cwe title message declared location proof suggestion",
    "findings.0.location": "path line end_line symbol",
    "findings.0.proof": "status input base head replays path command",
    "findings.0.proof.replays": "base head",
    "unverified.0": "what why",
    "sandbox": "driver isolation",
}


def stored(**changes):
    return json.dumps({**json.loads(render(samples.ordinary())), **changes}).encode()


@pytest.mark.parametrize("place", CONTRACT)
def test_every_field_of_the_contract_is_there(place):
    bare = samples.finding(proof=samples.Proof(), suggestion=None)
    for report in (samples.report([samples.finding()]), samples.report([bare, samples.EXPLOIT], "block")):
        value = json.loads(render(report))
        for part in place.split(".") if place else ():
            value = value[int(part)] if part.isdigit() else value[part]
        assert set(CONTRACT[place].split()) <= set(value)


def test_a_finding_in_new_code_has_no_base_side():
    new = samples.finding(
        proof=samples.Proof("confirmed", "f()", None, "raised", samples.Replays((), ("fail",) * 3))
    )
    proof = json.loads(render(samples.report([new])))["findings"][0]["proof"]
    assert proof["base"] is None
    assert proof["replays"]["base"] == []


@pytest.mark.parametrize("make", [samples.report, samples.ordinary, samples.large])
def test_reads_what_it_wrote(make):
    assert decode(render(make())) == make()


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_hostile_text_survives_unchanged(attack):
    assert decode(render(samples.hostile(attack))) == samples.hostile(attack)


def test_a_name_that_is_not_utf8_can_be_written():
    assert b"\\\\udcff" in render(samples.hostile("caf\udcff"))


leaves = st.none() | st.booleans() | st.floats() | st.text()


@given(st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_anything_else_is_a_sentence(value):
    with pytest.raises(ReportError, match=r"is not a report|schema version"):
        decode(json.dumps(value).encode("utf-8", "replace"))


@given(st.binary())
def test_any_bytes_are_a_sentence(data):
    with pytest.raises(ReportError):
        decode(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (stored(schema_version="2"), "schema version '2'"),
        (stored(outcome="fine"), "not a report of this schema"),
        (stored(findings="none"), "not a report of this schema"),
        (b'{"schema_version": "1", "change": ' + b"[" * 100_000, "is not a report"),
        (b"", "is not a report"),
    ],
)
def test_damaged_reports(data, said):
    with pytest.raises(ReportError, match=said):
        decode(data)


@pytest.mark.parametrize("bad", ["../F1", "F1/../..", "", "F 1", "F1\n", "1F"])
def test_unusable_ids_are_refused(bad):
    with pytest.raises(ReportError, match="unusable finding id"):
        decode(render(samples.report([samples.finding(id=bad)])))


def test_repeated_ids_are_refused():
    with pytest.raises(ReportError, match="unusable finding id"):
        decode(render(samples.report([samples.finding(), samples.finding()])))


@pytest.mark.parametrize("path", ["../proofs/F1", "/etc", "proofs/../../x", ""])
def test_proofs_outside_the_folder_are_refused(path):
    bad = samples.finding(proof=samples.Proof("confirmed", path=path))
    with pytest.raises(ReportError, match="outside its folder"):
        decode(render(samples.report([bad])))


def test_reading_a_folder_or_the_file(tmp_path):
    (tmp_path / "report.json").write_bytes(render(samples.ordinary()))
    assert read_report(tmp_path) == read_report(tmp_path / "report.json") == samples.ordinary()


def test_no_report_and_too_large_a_one(tmp_path, monkeypatch):
    with pytest.raises(ReportError, match="No report can be read"):
        read_report(tmp_path)
    (tmp_path / "report.json").write_bytes(b" " * 100)
    monkeypatch.setattr(json_report, "MAX_BYTES", 50)
    with pytest.raises(ReportError, match="larger than"):
        read_report(tmp_path)


@pytest.mark.parametrize("make", [samples.report, samples.ordinary, samples.large])
def test_schema_admits_reports(make):
    jsonschema.Draft202012Validator.check_schema(report_schema())
    jsonschema.validate(json.loads(render(make())), json.loads(render_schema()))


def test_schema_refuses_what_the_reader_refuses():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(stored(outcome="fine")), report_schema())
