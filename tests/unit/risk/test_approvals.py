import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config.load import parse_config
from harness.errors import UsageError
from harness.model.change import Commit
from harness.model.report import ChangeSummary, Report, SignOff
from harness.risk import reviews
from harness.risk.approvals import Approval, judge
from harness.risk.owners import parse_owners
from harness.risk.people import People
from harness.risk.policy import decide
from harness.risk.score import assess_risk
from tests.support.values import change, finding, summary
from tests.unit.report.samples import BASE, HEAD, report


def asked(*people: str, count: int = 1, authors: tuple[str, ...] = ("dee@example.org",)) -> Report:
    sample = report(sign_offs=(SignOff("senior", count, "high risk", people),))
    return msgspec.structs.replace(sample, change=msgspec.structs.replace(sample.change, authors=authors))


def yes(who: str, commit: str = HEAD, state: Any = "approved", **values: Any) -> Approval:
    return Approval(who, commit, state, **values)


@pytest.mark.parametrize(
    ("approvals", "met"),
    [
        ([yes("@ann")], True),
        ([yes("ANN")], True),
        ([], False),
        ([yes("@eve")], False),
        ([yes("@ann", BASE)], False),
        ([yes("@ann", HEAD[:10])], False),
        ([yes("@ann", state="changes_requested")], False),
        ([yes("@ann"), yes("@ann", state="changes_requested")], False),
        ([yes("@ann", state="changes_requested"), yes("@ann")], True),
        ([yes("@ann"), yes("@ann", state="commented")], True),
        ([yes("@ann"), yes("@ann", state="dismissed")], False),
        ([yes("@ann"), yes("@ann", BASE)], False),
        ([yes("@zed", teams=("@acme/senior",))], True),
        ([yes("bo@example.org")], True),
    ],
)
def test_one_approval(approvals: list[Approval], met: bool) -> None:
    assert judge(asked("@ann", "bo@example.org", "@acme/senior"), approvals).met is met


def test_two_approvals_are_of_two_people() -> None:
    wanted = asked("@ann", "@bo", count=2)
    assert not judge(wanted, [yes("@ann"), yes("@Ann")]).met
    assert judge(wanted, [yes("@ann"), yes("@bo")]).met


@pytest.mark.parametrize(
    ("authors", "named"),
    [
        (("ann@example.org",), ("@ann",)),
        (("123+ann@users.noreply.github.com",), ()),
        (("7-ann@users.noreply.gitlab.com",), ()),
        (("ann@users.noreply.github.com",), ()),
    ],
)
def test_the_author_cannot_sign(authors: tuple[str, ...], named: tuple[str, ...]) -> None:
    got = judge(asked("@ann", authors=authors), [yes("@ann")], named)
    assert not got.met
    assert got.void == (("@ann", "wrote the change"),)


def test_an_author_cannot_sign_by_address() -> None:
    assert not judge(asked("dee@example.org"), [yes("Dee@Example.org")]).met


def test_a_role_without_people_is_met_by_nobody() -> None:
    assert not judge(asked(), [yes("@ann")]).met


def test_a_report_that_asks_for_nothing_is_met() -> None:
    assert judge(report(), []).met


def test_uncommitted_files_cannot_be_approved() -> None:
    sample = asked("@ann")
    loose = msgspec.structs.replace(sample, change=msgspec.structs.replace(sample.change, worktree=True))
    with pytest.raises(UsageError, match="not committed"):
        judge(loose, [])


@given(
    st.lists(
        st.sampled_from([yes("@ann"), yes("@bo"), yes("@dee@example.org"), yes("@ann", BASE)]), max_size=6
    )
)
def test_approvals_of_another_commit_never_help(approvals: list[Approval]) -> None:
    stale = [msgspec.structs.replace(one, commit=BASE) for one in approvals]
    assert not judge(asked("@ann", "@bo"), stale).met


def test_github_reviews() -> None:
    rows = [
        {"state": "APPROVED", "user": {"login": "ann", "type": "User"}, "commit_id": HEAD, "id": 1,
         "submitted_at": "2025-01-02T00:00:00Z"},
        {"state": "CHANGES_REQUESTED", "user": {"login": "ann"}, "commit_id": BASE,
         "submitted_at": "2025-01-01T00:00:00Z"},
        {"state": "APPROVED", "user": {"login": "robot[bot]", "type": "Bot"}, "commit_id": HEAD},
        {"state": "APPROVED", "user": None, "commit_id": HEAD},
    ]  # fmt: skip
    for data in (rows, [rows[:2], rows[2:]]):
        got = reviews.github(json.dumps(data).encode(), "r.json")
        assert got == (yes("@ann", BASE, "changes_requested"), yes("@ann"))


def test_gitlab_approvals() -> None:
    data = json.dumps({"approved_by": [{"user": {"id": 1, "username": "ann"}}], "approvals_left": 0}).encode()
    assert reviews.gitlab(data, "a.json", HEAD) == (yes("@ann"),)


def test_own_approvals() -> None:
    data = json.dumps([{"who": "@ann", "commit": HEAD, "state": "approved"}]).encode()
    assert reviews.own(data, "a.json") == (yes("@ann"),)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1]", b'{"message": "Not Found"}', b'[{"who": 1}]', b"[" * 10_000]
)
def test_other_answers_are_a_sentence(data: bytes) -> None:
    for read in (reviews.own, reviews.github, lambda data, source: reviews.gitlab(data, source, HEAD)):
        with pytest.raises(UsageError, match=r"^a\.json does not hold"):
            read(data, "a.json")


def test_roles_teams_and_owners_become_people() -> None:
    owners = parse_owners("/pay/ @pay @acme/money\n/docs/ @writer")
    roles = {
        "owner": ("@boss", "CODEOWNERS"),
        "@acme/money": ("@cy", "@dee"),
        "loop": ("loop2",),
        "loop2": ("loop",),
    }
    people = People(roles, owners)
    assert people.of("owner", ["pay/a.py"]) == ("@boss", "@pay", "@cy", "@dee")
    assert people.of("unmapped", ["docs/a.md"]) == ("@writer",)
    assert people.of("loop", ["a"]) == ()


def test_a_verdict_names_the_owners_of_what_the_rule_matched() -> None:
    policy = parse_config('[[policy.sign_off]]\nname = "s"\nrole = "owner"\npaths = ["src/**"]', "t").policy
    people = People({}, parse_owners("/src/ @src\n/docs/ @docs"))
    found, change_ = [finding()], summary()
    verdict = decide(change_, found, [], assess_risk(change_, found, [], [], policy), policy, people.of)
    assert [(one.role, one.people) for one in verdict.sign_offs] == [("owner", ("@src",))]


def test_the_report_names_who_wrote_the_change() -> None:
    commit = Commit("c" * 40, "Ann", "ann@example.org", "bo@example.org", 0, "Mend")
    made = ChangeSummary.of(msgspec.structs.replace(change("a.py"), commits=(commit, commit)))
    assert made.authors == ("ann@example.org", "bo@example.org")
