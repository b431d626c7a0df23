"""Approvals as GitHub and GitLab tell them, and what is refused."""

import pytest

from harness.model.report import SignOff
from harness.publish.interface import PublishError
from harness.publish.reviews import from_github, from_gitlab
from harness.risk.approvals import judge
from tests.unit.publish.fake_host import NUMBER
from tests.unit.report.samples import BASE, HEAD, report

ASKS = report(outcome="review", sign_offs=(SignOff("senior", 1, "high risk", ("@ann", "@moor/seniors")),))


@pytest.fixture
def reviewed(second_stage):
    """The environment of a workflow that runs when a review is submitted."""
    event = {"pull_request": {"number": NUMBER, "head": {"sha": HEAD}}}
    return second_stage(event, "pull_request_review")


def review(login, state="APPROVED", commit=HEAD, at="2026-01-01T00:00:00Z", kind="User"):
    user = {"login": login, "type": kind}
    return {"user": user, "state": state, "commit_id": commit, "submitted_at": at}


def met(given):
    return judge(ASKS, given.approvals, given.authors).met


def test_an_approval_of_the_head_is_found_behind_many_other_reviews(fake, reviewed):
    fake.reviews = [review(f"guest-{n}", "COMMENTED") for n in range(150)] + [review("ann")]
    assert met(from_github(ASKS, reviewed, fake.host()))


@pytest.mark.parametrize(
    "reviews",
    [
        [review("ann", commit=BASE)],
        [review("ann"), review("ann", "CHANGES_REQUESTED", at="2026-01-02T00:00:00Z")],
        [review("mallory")],
        [review("ann", kind="Bot")],
        [],
    ],
    ids=["of another commit", "taken back", "of a stranger", "of a bot", "none"],
)
def test_what_does_not_count(fake, reviewed, reviews):
    fake.reviews = reviews
    assert not met(from_github(ASKS, reviewed, fake.host()))


def test_who_opened_the_request_cannot_sign_it_off(fake, reviewed):
    fake.pull["user"]["login"] = "ann"
    fake.reviews = [review("ann")]
    assert not met(from_github(ASKS, reviewed, fake.host()))


def test_a_member_of_the_team_may_sign(fake, reviewed):
    fake.members = {"seniors": {"bo"}}
    fake.reviews = [review("bo"), review("mallory")]
    given = from_github(ASKS, reviewed, fake.host())
    assert [one.teams for one in given.approvals] == [("@moor/seniors",), ()]
    assert met(given)


def test_a_team_that_the_token_may_not_see_is_named(fake, reviewed):
    fake.members = {"seniors": {"bo"}}
    fake.reviews = [review("bo")]
    fake.fail("GET", "/memberships/", 403)
    given = from_github(ASKS, reviewed, fake.host())
    assert given.unasked == ("@moor/seniors",)
    assert not met(given)


def test_a_push_since_then_is_refused(fake, reviewed):
    fake.pull["head"]["sha"] = BASE
    with pytest.raises(PublishError, match="#7 has moved on from 9c0d77e1b2a4: verify its new head first"):
        from_github(ASKS, reviewed, fake.host())


def test_a_report_of_another_commit_is_refused_before_anything_is_asked(fake, second_stage):
    event = {"pull_request": {"number": NUMBER, "head": {"sha": BASE}}}
    with pytest.raises(PublishError, match="belongs to another run"):
        from_github(ASKS, second_stage(event, "pull_request"), fake.host())
    assert fake.requests == []


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_no_answer_is_an_error_and_no_approval(fake, reviewed, status):
    fake.fail("GET", "/reviews", status, times=9)
    with pytest.raises(PublishError, match="did not show the reviews"):
        from_github(ASKS, reviewed, fake.host())


def test_an_answer_of_another_shape_is_an_error(fake, reviewed):
    fake.fail("GET", "/reviews", 200, body={"message": "hello"})
    with pytest.raises(PublishError, match="in the form that it documents"):
        from_github(ASKS, reviewed, fake.host())


def test_approvals_on_gitlab(fake, merge_request):
    fake.approved = ["bo"]
    assert not met(from_gitlab(ASKS, merge_request, fake.host("GitLab")))
    fake.members = {"seniors": {"bo"}}
    assert met(from_gitlab(ASKS, merge_request, fake.host("GitLab")))
    fake.request["author"]["username"] = "bo"
    assert not met(from_gitlab(ASKS, merge_request, fake.host("GitLab")))


def test_a_gitlab_project_that_keeps_approvals_on_a_push_is_refused(fake, merge_request):
    fake.approval_rules = {"reset_approvals_on_push": False}
    with pytest.raises(PublishError, match="keeps approvals when commits are added"):
        from_gitlab(ASKS, merge_request, fake.host("GitLab"))


def test_a_gitlab_request_that_moved_on_is_refused(fake, merge_request):
    fake.request["sha"] = BASE
    with pytest.raises(PublishError, match="belongs to another run"):
        from_gitlab(ASKS, merge_request, fake.host("GitLab"))
