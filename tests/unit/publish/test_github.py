"""What reaches GitHub, and what is said when it does not."""

import pytest

from harness.publish.github import publish
from harness.publish.http import ATTEMPTS
from harness.publish.interface import PublishError, Settings
from harness.report import markdown
from tests.unit.publish.conftest import workflow_run
from tests.unit.publish.fake_host import TOKEN
from tests.unit.report.samples import HEAD, large, ordinary, report

COMMENTS = r"/issues/7/comments$"
EVERYTHING = Settings()


def only(part):
    return Settings(skip=frozenset({"summary", "comment", "check", "sarif"} - {part}))


def test_everything_is_published_for_a_fork(fake, second_stage, tmp_path):
    done = publish(ordinary(), second_stage(), EVERYTHING, fake.host())
    [comment], [check], [upload] = fake.comments, fake.checks, fake.uploads
    assert comment["body"] == markdown.render(ordinary()) == (tmp_path / "summary.md").read_text()
    assert (check["head_sha"], check["conclusion"]) == (HEAD, "failure")
    assert check["details_url"] == "https://github.test/run/1"
    assert (upload["commit_sha"], upload["ref"]) == (HEAD, "refs/pull/7/head")
    assert fake.sarif()["version"] == "2.1.0"
    assert done[1:] == [
        "Comment posted on #7.", "Check run failure on 9c0d77e1b2a4.", "SARIF uploaded for refs/pull/7/head.",
    ]  # fmt: skip
    [search] = [request for request in fake.requests if request[1].endswith("/pulls")]
    assert search[2]["head"] == ["someone:feature & more"]


def test_the_comment_is_updated_in_place(fake, second_stage):
    fake.comments += [{"id": n, "user": {"login": "x"}, "body": "hello"} for n in range(1, 101)]
    publish(ordinary(), second_stage(), only("comment"), fake.host())
    assert publish(report(), second_stage(), only("comment"), fake.host()) == ["Comment updated on #7."]
    assert len(fake.comments) == 101
    assert fake.comments[-1]["body"] == markdown.render(report())


def test_somebody_else_with_the_marker_is_left_alone(fake, second_stage):
    fake.comments.append({"id": 1, "user": {"login": "mallory"}, "body": markdown.MARKER + " hello"})
    publish(ordinary(), second_stage(), only("comment"), fake.host())
    assert fake.comments[0]["body"] == markdown.MARKER + " hello"
    assert fake.comments[1]["body"] == markdown.render(ordinary())


def test_at_most_fifty_annotations_with_sane_lines(fake, second_stage):
    publish(large(500), second_stage(), only("check"), fake.host())
    annotations = fake.checks[0]["output"]["annotations"]
    assert len(annotations) == 50
    assert all(1 <= one["start_line"] <= one["end_line"] for one in annotations)
    assert len(fake.checks[0]["output"]["summary"]) <= 65_535


@pytest.mark.parametrize(
    ("outcome", "conclusion"),
    [("pass", "success"), ("review", "neutral"), ("block", "failure"), ("inconclusive", "failure")],
)
def test_only_what_is_vouched_for_lets_a_merge_through(fake, second_stage, outcome, conclusion):
    publish(report(outcome=outcome), second_stage(), only("check"), fake.host())
    assert fake.checks[0]["conclusion"] == conclusion


def test_a_change_of_its_own_verification_asks_for_a_person(fake, second_stage):
    fake.files = [
        {"filename": "a.py"},
        {"filename": "b", "previous_filename": ".github/workflows/verify.yml"},
    ]
    publish(report(), second_stage(), EVERYTHING, fake.host())
    assert fake.checks[0]["conclusion"] == "action_required"
    assert fake.comments[0]["body"].startswith(f"{markdown.MARKER}\n⚠️ This change alters")


def test_a_pull_request_that_moved_on_gets_no_comment(fake, second_stage):
    fake.pull["head"]["sha"] = "a" * 40
    done = publish(ordinary(), second_stage(), only("comment"), fake.host())
    assert "No open pull request" in done[0]
    assert not fake.comments


@pytest.mark.parametrize(
    "event",
    [
        workflow_run(head_sha="a" * 40), workflow_run(head_sha=None), workflow_run(event="push"),
        {"workflow_run": []}, [],
    ],
)  # fmt: skip
def test_a_report_of_another_commit_reaches_nobody(fake, second_stage, event):
    with pytest.raises(PublishError, match=r"\w+\."):
        publish(ordinary(), second_stage(event), EVERYTHING, fake.host())
    assert not fake.requests


def test_other_events(fake, second_stage):
    pull = {"pull_request": {"number": 7, "head": {"sha": HEAD}}}
    assert publish(report(), second_stage(pull, "pull_request"), only("comment"), fake.host()) == [
        "Comment posted on #7."
    ]
    queue = {"merge_group": {"head_sha": HEAD, "head_ref": "refs/heads/gh-readonly-queue/main/pr-7"}}
    done = publish(report(), second_stage(queue, "merge_group"), EVERYTHING, fake.host())
    assert done[1].startswith("No open pull request")
    assert fake.checks[-1]["head_sha"] == HEAD
    with pytest.raises(PublishError, match="is about no commit that was verified"):
        publish(report(), second_stage({}, "issues"), EVERYTHING, fake.host())


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "GITHUB_TOKEN is no valid token"),
        (403, "needs `pull-requests: write`. A run for a fork may only read"),
        (404, "is not there, or the token may not see it"),
        (409, "Another run writes the same thing"),
        (422, "too long or not as the host wants it"),
    ],
)
def test_refusals_are_sentences_and_are_not_repeated(fake, second_stage, status, said):
    fake.fail("POST", COMMENTS, status, times=2, body={"message": f"said {TOKEN} ::set-output x"})
    with pytest.raises(PublishError) as caught:
        publish(ordinary(), second_stage(), EVERYTHING, fake.host())
    assert said in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert " ::set" not in str(caught.value)
    assert not fake.waits
    # The other parts had their turn.
    assert len(fake.checks) == len(fake.uploads) == 1


def test_too_long_a_comment_is_shortened_once(fake, second_stage):
    fake.fail("POST", COMMENTS, 422, body={"message": "Validation Failed", "errors": [{"code": "too_long"}]})
    publish(large(200), second_stage(), only("comment"), fake.host())
    assert len(fake.comments[0]["body"]) <= 15_000


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "7"}, 7.0),
        (403, {"Retry-After": "9"}, 9.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1042"}, 42.0),
        (429, {"x-ratelimit-reset": "990"}, 1.0),
        (429, {"Retry-After": "Thu, 01 Jan 1970 00:17:00 GMT"}, 20.0),
        (429, {"Retry-After": "soon"}, 1.0),
        (429, {}, 1.0),
    ],
)
def test_limits_are_waited_for_as_asked(fake, second_stage, status, headers, wait):
    fake.fail("POST", COMMENTS, status, headers=headers)
    publish(ordinary(), second_stage(), only("comment"), fake.host())
    assert fake.waits == [wait]
    assert len(fake.comments) == 1


def test_a_limit_on_bursts_has_only_a_message(fake, second_stage):
    message = "You have exceeded a secondary rate limit. Please wait."
    fake.fail("POST", COMMENTS, 403, body={"message": message})
    publish(ordinary(), second_stage(), only("comment"), fake.host())
    assert fake.waits == [60.0]


def test_a_limit_that_lasts_is_said(fake, second_stage):
    fake.fail("POST", COMMENTS, 429, headers={"Retry-After": "3600"})
    with pytest.raises(PublishError, match=r"limits requests .* again in 3600 seconds"):
        publish(ordinary(), second_stage(), only("comment"), fake.host())
    assert not fake.waits


@pytest.mark.parametrize("status", [500, 502, 503, 0])
def test_a_failing_host_is_tried_again_with_growing_waits(fake, second_stage, status):
    fake.fail("GET", COMMENTS, status, times=2)
    publish(ordinary(), second_stage(), only("comment"), fake.host())
    assert fake.waits == [1.0, 2.0]
    assert len(fake.comments) == 1


@pytest.mark.parametrize(
    ("status", "said"), [(502, "failed (502, tried 5 times)"), (0, "The connection to GitHub broke")]
)
def test_a_host_that_stays_away_is_said(fake, second_stage, status, said):
    fake.fail("POST", "/check-runs$", status, times=ATTEMPTS)
    with pytest.raises(PublishError) as caught:
        publish(ordinary(), second_stage(), EVERYTHING, fake.host())
    assert said in str(caught.value)
    assert "Published nevertheless: Job summary written. Comment posted on #7." in str(caught.value)


@pytest.mark.parametrize("status", [-1, 0])
def test_a_cut_while_posting_never_makes_two_comments(fake, second_stage, status):
    fake.fail("POST", COMMENTS, status)
    publish(ordinary(), second_stage(), only("comment"), fake.host())
    assert len(fake.comments) == 1


def test_a_comment_deleted_meanwhile_is_made_anew(fake, second_stage):
    publish(ordinary(), second_stage(), only("comment"), fake.host())
    patch = fake._edit
    fake._edit = lambda found, body: (fake.comments.clear(), patch(found, body))[1]
    publish(ordinary(), second_stage(), only("comment"), fake.host())
    assert len(fake.comments) == 1
