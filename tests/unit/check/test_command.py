import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.check.command import Hit, new_hits, read_hits
from harness.check.interface import CheckFailed, End, Ended, Limited, Reply, Side
from harness.check.manifest import CommandSpec

SARIF = {
    "runs": [
        {
            "results": [
                {
                    "ruleId": "R1", "level": "error", "message": {"text": "bad"},
                    "locations": [
                        {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 7}}}
                    ],
                }
            ]
        }
    ]
}  # fmt: skip
JUNIT = (
    b'<suite><testcase classname="c" name="t" file="a.py" line="3"><failure message="no"/></testcase></suite>'
)


def read(form: str, output: bytes, end: End = Ended(0)) -> list[Hit]:  # noqa: B008
    return read_hits(CommandSpec(("tool",), form), Reply(end, stdout=output), Side.HEAD)  # type: ignore[arg-type]


def test_each_format_is_read() -> None:
    assert read("jsonl", b'{"path":"a.py","line":2,"message":"m"}\n\n{"message":"n"}\n') == [
        Hit("m", "a.py", 2), Hit("n"),
    ]  # fmt: skip
    assert read("sarif", json.dumps(SARIF).encode()) == [Hit("bad", "a.py", 7, "R1", "error")]
    assert read("junit", JUNIT) == [Hit("c.t: no", "a.py", 3, "test", "error")]


@pytest.mark.parametrize(
    ("form", "output"),
    [
        ("jsonl", b"{"), ("jsonl", b'{"line": "x", "message": "m"}'), ("jsonl", b"[]"), ("jsonl", b'{"path": "a"}'),
        ("sarif", b"{}"), ("sarif", b'{"runs": 3}'), ("sarif", b'{"runs": [{"results": [3]}]}'), ("sarif", b""),
        ("junit", b"<a>"), ("junit", b""), ("junit", b'<!DOCTYPE x [<!ENTITY y "z">]><a/>'),
    ],
)  # fmt: skip
def test_nonsense_makes_the_check_fail(form: str, output: bytes) -> None:
    with pytest.raises(CheckFailed, match=f"no valid {form} on head"):
        read(form, output)


@pytest.mark.parametrize("end", [Ended(2), Ended(-9), Limited("wall")])
def test_a_program_that_did_not_complete_makes_the_check_fail(end: End) -> None:
    with pytest.raises(CheckFailed, match="did not complete on head"):
        read("jsonl", b"", end)


@given(st.sampled_from(["jsonl", "sarif", "junit"]), st.binary(max_size=300))
def test_any_output_is_read_or_refused(form: str, output: bytes) -> None:
    try:
        hits = read(form, output)
    except CheckFailed:
        return
    assert all(isinstance(hit, Hit) for hit in hits)


def test_only_what_head_adds_is_new() -> None:
    known = Hit("line 4 is long", "a.py", 4)
    moved = Hit("line 9 is long", "a.py", 9)
    assert new_hits([known], [moved]) == []
    assert new_hits([known], [moved, moved]) == [moved]
    assert new_hits([], [known]) == [known]
    assert new_hits([known], []) == []
