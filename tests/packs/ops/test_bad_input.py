"""Scripts that hang, flood, fork or are no text: the check ends, and says what it did not see."""

import pytest

from harness.check.interface import CheckFailed, CheckSkipped
from tests.packs.sandboxed import verify

pytestmark = pytest.mark.bubblewrap
START = "#!/usr/bin/env bash\n"


def run(place, head, base=START + "true\n", **more):
    before, after = ({"scripts/run.sh": text, "README.md": "x"} for text in (base, head))
    return verify("ops", place, before, after, **more)[0]


def test_what_comes_after_an_endless_loop_is_said_to_be_unseen(tmp_path):
    outcome = run(tmp_path, START + "while :; do :; done\ndropdb shop\n")
    assert any("stopped" in one.why for one in outcome.unverified)
    assert [one.rule for one in outcome.findings] == ["ops-destructive-text"]
    assert outcome.findings[0].proof is None


def test_a_flood_and_many_processes_do_not_hide_a_call(tmp_path):
    text = (
        START
        + "yes | head -c 50000000 &\nfor i in $(seq 40); do (/bin/sleep 60 &) ; done 2>/dev/null\ndropdb shop\n"
    )
    outcome = run(tmp_path, text)
    assert "ops-destructive-call" in {one.rule for one in outcome.findings}


def test_a_daemon_that_outlives_its_script_is_ended(tmp_path):
    outcome = run(
        tmp_path,
        START + "setsid nohup bash -c 'while :; do sleep 1; done' >/dev/null 2>&1 &\nhelm uninstall shop\n",
    )
    assert [one.rule for one in outcome.findings] == ["ops-destructive-call"]


def test_a_binary_file_with_the_name_of_a_script_is_left_alone(tmp_path):
    before, after = {"scripts/run.sh": b"\0\1"}, {"scripts/run.sh": b"\0\2rm -rf /"}
    with pytest.raises(CheckSkipped):
        verify("ops", tmp_path, before, after)


def test_a_script_that_is_no_shell_is_not_trusted_to_have_run(tmp_path):
    outcome = run(tmp_path, START + "if [ ; then\n dropdb shop\n")
    assert [one.rule for one in outcome.findings] == ["ops-destructive-text"]


def test_records_that_a_script_forges_are_decoded_strictly(tmp_path):
    forged = (
        START
        + "printf '%s\\n' '[' '{\"tool\": 1}' '{\"tool\":\"dropdb\"}' >> /tmp/replay/calls.jsonl\nhelm uninstall shop\n"
    )
    outcome = run(tmp_path, forged)
    assert [one.rule for one in outcome.findings] == ["ops-destructive-call"]


def test_canned_answers_decide_the_branch(tmp_path):
    text = (
        START
        + 'if [ "$(aws sts get-caller-identity --query Account --output text)" = 4711 ]; then dropdb shop; fi\n'
    )
    answers = [{"match": "get-caller-identity", "output": "4711\n"}]
    rules = [one.rule for one in run(tmp_path / "a", text, settings={"answers": answers}).findings]
    assert rules == ["ops-destructive-call"]
    assert [one.rule for one in run(tmp_path / "b", text).findings] == ["ops-destructive-text"]


def test_answers_of_another_shape_are_refused(tmp_path):
    with pytest.raises(CheckFailed, match=r"checks\.ops\.answers"):
        run(tmp_path, START + "dropdb shop\n", settings={"answers": [{"matches": "x"}]})


def test_a_changed_link_and_a_deleted_script_are_no_work(tmp_path):
    with pytest.raises(CheckSkipped):
        verify("ops", tmp_path, {"scripts/run.sh": START}, {"other.txt": "x"})
