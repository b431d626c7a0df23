"""``harness sandbox`` on the embedded driver."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from harness.cli.sandbox import sandbox_group
from harness.sandbox import registry
from harness.sandbox.interface import Settings

pytestmark = pytest.mark.bubblewrap


@pytest.fixture(scope="module", autouse=True)
def _works(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = registry.load("bubblewrap", Settings(state=tmp_path_factory.mktemp("state")))
    state = made.probe()
    made.shutdown()
    if not state.works:
        pytest.skip(f"no bubblewrap sandbox here: {state.reason} {state.remedy}")


def harness(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "harness", "sandbox", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
    )


def run(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return harness("run", "--sandbox", "bubblewrap", *arguments, stdin=stdin)


@pytest.mark.parametrize(
    ("code", "status"),
    [("exit 0", 0), ("exit 3", 3), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -9 $$", 137)],
)
def test_exit_status_is_the_commands(code: str, status: int) -> None:
    assert run("--", "sh", "-c", code).returncode == status


def test_bytes_pass_unchanged_and_apart() -> None:
    code = "import sys; sys.stdout.buffer.write(bytes(range(256))); sys.stderr.buffer.write(b'\\xffe')"
    done = run("--", "{python}", "-c", code)
    assert (done.stdout, done.stderr) == (bytes(range(256)), b"\xffe")


def test_standard_input_is_passed_on() -> None:
    assert run("--", "wc", "-c", stdin=b"x" * 300_000).stdout.strip() == b"300000"


def test_output_is_live() -> None:
    command = [sys.executable, "-m", "harness", "sandbox", "run", "--sandbox", "bubblewrap"]
    with subprocess.Popen([*command, "--", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(b"no newline")
        running.stdin.flush()
        assert os.read(running.stdout.fileno(), 100) == b"no newline"
        running.stdin.close()
        assert running.wait() == 0


def test_tree_is_a_private_copy(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    done = run("--tree", str(tmp_path), "--", "sh", "-c", "pwd; cat f; echo new > f; cat f")
    assert done.stdout == b"/tree\noldnew\n"
    assert (tmp_path / "f").read_text() == "old"


def test_timeout_is_124_with_a_sentence() -> None:
    done = run("--wall", "0.5", "--", "sleep", "30")
    assert done.returncode == 124
    assert b"longer than 0.5 s" in done.stderr


def test_other_limits_are_137() -> None:
    done = run("--cpu", "1", "--", "sh", "-c", "while :; do :; done")
    assert done.returncode == 137
    assert b"processor time" in done.stderr


def test_variables_and_options_of_the_command() -> None:
    done = run("--env", "A=1=2", "--", "sh", "-c", 'echo "$A" "$@"', "x", "--env", "-v")
    assert done.stdout == b"1=2 --env -v\n"


def test_output_folder_is_kept(tmp_path: Path) -> None:
    done = run(
        "--out", str(tmp_path / "kept"), "--", "sh", "-c", "mkdir /out/d; echo x > /out/d/f; ln -s / /out/l"
    )
    assert (tmp_path / "kept/d/f").read_text() == "x\n"
    assert not (tmp_path / "kept/l").exists()
    assert b"not kept from /out" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "--sandbox", "nothing", "--", "true"],
        ["run", "--tree", "/no/such/folder", "--", "true"],
        ["run", "--env", "novalue", "--", "true"],
        ["run", "--memory", "much", "--", "true"],
        ["run", "--python", "/no/such/python", "--sandbox", "bubblewrap", "--", "true"],
    ],
)
def test_wrong_usage_is_2_with_a_sentence(arguments: list[str]) -> None:
    done = harness(*arguments)
    assert done.returncode == 2, done
    assert done.stderr.strip()
    assert b"Traceback" not in done.stderr


def test_missing_command_is_127() -> None:
    assert run("--", "no-such-command-anywhere").returncode == 127


def test_list_names_the_drivers() -> None:
    done = harness("list")
    assert done.returncode == 0
    assert b"bubblewrap" in done.stdout


def test_doctor_says_what_works() -> None:
    done = harness("doctor")
    assert done.returncode == 0
    assert b"bubblewrap: works" in done.stdout


def test_interrupt_ends_the_sandbox_and_says_so() -> None:
    command = [sys.executable, "-m", "harness", "sandbox", "run", "--sandbox", "bubblewrap", "--"]
    process = subprocess.Popen(
        [*command, "sh", "-c", "echo ready; exec sleep 600"], stdin=subprocess.DEVNULL, stdout=-1, stderr=-1
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, b"harness: interrupted; the sandbox was ended.\n")


@pytest.mark.parametrize(
    ("lines", "said"), [([], "The image is there already: sha256:1"), (["step"], "built sha256:1")]
)
def test_building_says_whether_anything_was_built(
    lines: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(settings: Settings, progress: Callable[[str], None]) -> str:
        for line in lines:
            progress(line)
        return "sha256:1"

    monkeypatch.setattr(registry, "driver_module", lambda info: SimpleNamespace(build_image=build))
    result = CliRunner().invoke(sandbox_group, ["build"])
    assert said in result.output
