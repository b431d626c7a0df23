"""A fake host and the environments of jobs on it."""

import json

import pytest

from tests.unit.publish.fake_host import NUMBER, REPOSITORY, FakeHost, serving
from tests.unit.report.samples import HEAD


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with serving(FakeHost(HEAD)) as host:
        yield host


def workflow_run(**more):
    run = {
        "event": "pull_request", "head_sha": HEAD, "pull_requests": [], "head_branch": "feature & more",
        "head_repository": {"owner": {"login": "someone"}}, "path": ".github/workflows/verify.yml",
        "html_url": "https://github.test/run/1",
    }  # fmt: skip
    return {"workflow_run": {**run, **more}}


@pytest.fixture
def second_stage(tmp_path):
    """The environment of the second stage, for a pull request from a fork."""

    def make(event=None, name="workflow_run"):
        path = tmp_path / "event.json"
        path.write_text(json.dumps(workflow_run() if event is None else event))
        return {
            "GITHUB_EVENT_PATH": str(path), "GITHUB_EVENT_NAME": name, "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }  # fmt: skip

    return make


@pytest.fixture
def merge_request():
    """The environment of a merge request pipeline."""
    return {
        "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": str(NUMBER),
        "CI_COMMIT_SHA": HEAD, "CI_JOB_URL": "https://gitlab.test/job/1", "CI_PIPELINE_ID": "9",
    }  # fmt: skip
