import pytest

from harness.model.finding import Location, Proof
from harness.replay.taint import NOT_SHOWN, NOT_TRIED, brought_together
from tests.support.values import check, finding

STATIC = finding(
    id="F1", check="static_scan", rule="py-sql", category="static", cwe=("CWE-89",), proof=Proof(),
    location=Location("a.py", 7, symbol="a.find"),
)  # fmt: skip
EXPLOIT = finding(
    id="F2",
    check="exploits",
    rule="sql",
    category="exploit",
    cwe=("CWE-89",),
    location=Location("a.py", 5, 9, "a.find"),
)
RAN = [check(id="exploits", status="findings")]


def test_a_hole_that_an_attack_shows_is_one_finding() -> None:
    [one] = brought_together([STATIC, EXPLOIT], RAN)
    assert one.id == "F2"
    assert "static_scan/py-sql reads the same in line 7." in one.message


@pytest.mark.parametrize(
    "other",
    [
        {"location": Location("b.py", 5, 9, "a.find")},
        {"location": Location("a.py", 20, 29, "a.other")},
        {"cwe": ("CWE-78",)},
        {"proof": Proof("unconfirmed")},
    ],
)
def test_another_hole_stays_and_is_unconfirmed(other: dict[str, object]) -> None:
    exploit = finding(
        **{"id": "F2", "category": "exploit", "cwe": ("CWE-89",), "location": EXPLOIT.location, **other}
    )
    first, _ = brought_together([STATIC, exploit], RAN)
    assert first.proof.status == "unconfirmed"
    assert first.message.endswith(NOT_SHOWN)


def test_it_says_when_no_attack_was_tried() -> None:
    [one] = brought_together([STATIC], [check(id="exploits", status="skipped")])
    assert one.message.endswith(NOT_TRIED)


def test_what_no_attack_can_show_is_left_alone() -> None:
    plain = finding(category="static", cwe=("CWE-390",), proof=Proof())
    assert brought_together([plain], RAN) == [plain]
