"""The templates of ci/: they parse, say what the documentation says, and our own checks are silent."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import harness
from harness.cli.main import COMMANDS
from tests.packs.small_context import run_pack

CI = Path(__file__).resolve().parents[3] / "ci"
WORKFLOWS = sorted(path for path in (CI / "github").glob("*.yml") if path.name != "action.yml")
YAML_FILES = sorted(CI.rglob("*.yml"))
SHELL_FILES = sorted([*CI.rglob("*.sh"), CI / "hooks" / "pre-push"])
names = {"ids": lambda path: path.relative_to(CI).as_posix()}


def read(path):
    return YAML(typ="safe").load(path.read_text())


def steps_of(path):
    table = read(path)
    if "runs" in table:
        return table["runs"]["steps"]
    return [step for job in table["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", YAML_FILES, **names)
def test_it_is_a_table_without_doubled_keys(path):
    assert isinstance(read(path), dict)


def test_zizmor_has_nothing_to_say():
    program = Path(sys.executable).parent / "zizmor"
    files = [str(path) for path in [*WORKFLOWS, CI / "github" / "action.yml"]]
    done = subprocess.run(
        [program, "--offline", "--no-progress", *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert done.stderr.count("completed") == len(files) >= 4


@pytest.mark.parametrize("path", SHELL_FILES, **names)
def test_bash_can_read_it(path):
    done = subprocess.run(["bash", "-n", path], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert path.stat().st_mode & 0o111


@pytest.mark.parametrize("path", YAML_FILES, **names)
def test_scripts_in_it_are_bash(path):
    table = read(path)
    if "github" in path.parts:
        scripts = [step["run"] for step in steps_of(path) if "run" in step]
    elif "gitlab" in path.parts:
        scripts = [
            "\n".join(job["script"]) for job in table.values() if isinstance(job, dict) and "script" in job
        ]
    else:
        scripts = [step["command"].replace("$$", "$") for step in table["steps"]]
    assert scripts
    for script in scripts:
        assert subprocess.run(["bash", "-n"], input=script.encode(), check=False).returncode == 0


@pytest.mark.parametrize("path", YAML_FILES, **names)
def test_our_own_pipeline_check_is_silent(tmp_path, path):
    place = {"gitlab": ".gitlab-ci.yml"}.get(path.parent.name, f".github/workflows/{path.name}")
    if path.name == "action.yml":
        place = "ci/github/action.yml"
    outcome = run_pack("pipeline", tmp_path, {}, {place: path.read_text()})
    assert not outcome.findings
    assert not outcome.unverified


def test_all_workflows_together_are_silent(tmp_path):
    head = {f".github/workflows/{path.name}": path.read_text() for path in WORKFLOWS}
    assert not run_pack("pipeline", tmp_path, {}, head).findings


@pytest.mark.parametrize("path", WORKFLOWS, **names)
def test_workflows_hold_no_right_and_name_commits(path):
    table = read(path)
    assert table["permissions"] == {}
    for step in steps_of(path):
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
            assert re.search(re.escape(step["uses"]) + r" # v\d+\.\d+\.\d+\n", path.read_text())
        # What an expression holds reaches a script through its environment only.
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("path", [CI / "github" / "verify.yml", CI / "github" / "merge-queue.yml"], **names)
def test_the_verifying_stage_may_only_read(path):
    [job] = read(path)["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert "secrets." not in path.read_text()
    assert "token" not in path.read_text().lower()
    [checkout] = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert checkout["with"]["fetch-depth"] == 0
    assert checkout["with"]["persist-credentials"] is False


def test_the_publishing_stage_runs_nothing_of_the_change():
    path = CI / "github" / "publish.yml"
    assert "checkout" not in path.read_text()
    assert read(path)["on"]["workflow_run"]["workflows"] == [read(CI / "github" / "verify.yml")["name"]]
    download = steps_of(path)[0]["with"]["name"]
    assert download in [step.get("with", {}).get("name") for step in steps_of(CI / "github" / "verify.yml")]


def test_one_required_check_holds_for_pull_requests_and_the_queue():
    jobs = [
        read(CI / "github" / name)["jobs"]["verify"]["name"] for name in ("verify.yml", "merge-queue.yml")
    ]
    assert jobs == ["verify", "verify"]


def test_templates_install_this_version_and_call_commands_that_exist():
    text = "\n".join(path.read_text() for path in [*YAML_FILES, CI / "jenkins" / "Jenkinsfile"])
    versions = re.findall(r"change-harness(?:\[ci\])?==([\w.]+)", text)
    assert len(versions) >= 7
    assert set(versions) == {harness.__version__}
    called = re.findall(r"(?:bin/harness\"|\$harness/harness\"|\$HARNESS\"|- harness) ([a-z-]+)", text)
    assert set(called) <= set(COMMANDS)
    assert {"verify", "ci", "report"} <= set(called)


def test_the_action_declares_what_its_steps_use():
    table = read(CI / "github" / "action.yml")
    used = set(re.findall(r"inputs\.([a-z-]+)", (CI / "github" / "action.yml").read_text()))
    assert used == set(table["inputs"])
    made = re.findall(r"steps\.outputs\.outputs\.([a-z-]+)", str(table["outputs"]))
    assert sorted(made) == ["outcome", "report", "risk-level", "risk-score"]
    assert all(step["shell"] == "bash" for step in steps_of(CI / "github" / "action.yml"))
