"""What reaches GitLab, and what is said when it does not."""

import pytest

from harness.publish.gitlab import publish
from harness.publish.interface import PublishError, Settings
from harness.report import markdown
from tests.unit.publish.fake_host import TOKEN
from tests.unit.report.samples import HEAD, ordinary, report

NOTES = r"/notes$"


def test_note_and_status(fake, merge_request):
    assert publish(ordinary(), merge_request, Settings(), fake.host("GitLab")) == [
        "Note posted on !7.", "Status failed on 9c0d77e1b2a4.",
    ]  # fmt: skip
    assert fake.comments[0]["body"] == markdown.render(ordinary())
    [status] = fake.statuses
    assert (status["state"], status["pipeline_id"]) == ("failed", 9)
    assert fake.requests[0][4]["PRIVATE-TOKEN"] == TOKEN


def test_the_note_is_updated_in_place_and_a_strangers_is_not(fake, merge_request):
    fake.comments.append({"id": 1, "author": {"id": 2}, "body": markdown.MARKER})
    publish(ordinary(), merge_request, Settings(), fake.host("GitLab"))
    publish(report(), merge_request, Settings(), fake.host("GitLab"))
    assert [note["body"] for note in fake.comments] == [markdown.MARKER, markdown.render(report())]
    assert fake.statuses[-1]["state"] == "success"


def test_the_head_of_a_merged_results_pipeline(fake, merge_request):
    merged = {**merge_request, "CI_COMMIT_SHA": "a" * 40, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD}
    publish(report(), merged, Settings(), fake.host("GitLab"))
    assert len(fake.comments) == 1
    with pytest.raises(PublishError, match="altered or belongs to another run"):
        publish(report(), {**merge_request, "CI_COMMIT_SHA": "a" * 40}, Settings(), fake.host("GitLab"))


def test_a_merge_request_that_moved_on_gets_no_note(fake, merge_request):
    fake.request["sha"] = "a" * 40
    assert "has moved on" in publish(report(), merge_request, Settings(), fake.host("GitLab"))[0]
    assert not fake.comments


@pytest.mark.parametrize("name", ["CI_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID", "CI_MERGE_REQUEST_IID"])
def test_numbers_cannot_lead_elsewhere(fake, merge_request, name):
    with pytest.raises(PublishError, match="is no number"):
        publish(report(), {**merge_request, name: "../7"}, Settings(), fake.host("GitLab"))
    assert not fake.comments


@pytest.mark.parametrize(
    ("status", "said"), [(401, "GITLAB_TOKEN is no valid token"), (403, "the role Reporter"), (404, "is not there"),
                         (409, "Another run"), (422, "too long")]
)  # fmt: skip
def test_refusals_are_sentences(fake, merge_request, status, said):
    fake.fail("POST", NOTES, status, times=2)
    with pytest.raises(PublishError) as caught:
        publish(ordinary(), merge_request, Settings(), fake.host("GitLab"))
    assert said in str(caught.value)
    assert "Status failed on" in str(caught.value)
    assert not fake.waits


def test_limits_and_cuts(fake, merge_request):
    fake.fail("POST", NOTES, 429, headers={"RateLimit-Reset": "1030"})
    fake.fail("POST", NOTES, -1)
    fake.fail("POST", "/statuses/", 503)
    publish(ordinary(), merge_request, Settings(), fake.host("GitLab"))
    assert fake.waits == [30.0, 1.0, 1.0]
    assert len(fake.comments) == len(fake.statuses) == 1


def test_a_status_that_is_there_already_is_no_failure(fake, merge_request):
    message = "Cannot transition status via :drop from :failed"
    fake.fail("POST", "/statuses/", 400, body={"message": message})
    done = publish(ordinary(), merge_request, Settings(), fake.host("GitLab"))
    assert done[1] == "Status failed on 9c0d77e1b2a4."
