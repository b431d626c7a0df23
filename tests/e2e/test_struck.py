"""What says whether code is right is killed once, as by a machine that is short of memory: the verdict stays."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from benchmarks.chaos.worlds import descendants
from tests.e2e.test_verify import BASE, WRONG, report
from tests.support.repositories import Repository

pytestmark = pytest.mark.bubblewrap
QUICK = {
    "harness.toml": "[checks.test_replay]\nmutation_seconds = 0\n\n[checks.property_tests]\nseconds = 2\n"
}
FAILING = {"shop/price.py": BASE["shop/price.py"].replace("+ 50", "+ 150")}
COMMAND = {
    "shop/price.py": BASE["shop/price.py"] + "\n\nimport subprocess\n\n\ndef label(name: str) -> bytes:\n"
    "    return subprocess.check_output('echo ' + name, shell=True)\n"
}  # fmt: skip
LABEL = {
    "shop/price.py": BASE["shop/price.py"] + "\n\nimport subprocess\n\n\ndef label(name: str) -> bytes:\n"
    "    return subprocess.check_output(['echo', name])\n",
    "tests/test_label.py": "from shop.price import label\n\n\ndef test_label():\n    assert label('a') == b'a\\n'\n",
}


@pytest.mark.parametrize(
    ("check", "word", "nth", "base", "head"),
    [
        ("property_tests", "pack.prove", 1, {}, WRONG),
        ("property_tests", "pack.prove", 2, {}, WRONG),
        ("property_tests", "pack.worker", 1, {}, WRONG),
        ("test_replay", "pack/child.py", 1, {}, FAILING),
        ("test_replay", "pack/child.py", 2, {}, FAILING),
        ("exploits", "pack/launch.py", 1, LABEL, COMMAND),
    ],
)
def test_a_process_in_a_sandbox_that_is_killed_once_changes_no_verdict(
    tmp_path: Path, check: str, word: str, nth: int, base: dict[str, str], head: dict[str, str]
) -> None:
    repository = Repository(tmp_path / "repo")
    repository.commit(BASE | QUICK | base)
    repository.commit(head)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "harness", "verify", str(repository.path), "--base", "HEAD~1", "-q",
               "--sandbox", "bubblewrap", "--no-cache", "--only", check, "--out", str(out)]  # fmt: skip
    with subprocess.Popen(command, env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "state")}) as harness:
        struck = strike(harness, word.encode(), nth)
        status = harness.wait(120)
    assert struck, f"no process of {word} was seen"
    assert (status, report(out)["outcome"]) == (1, "block")


def strike(harness: "subprocess.Popen[bytes]", word: bytes, nth: int) -> bool:
    """Kill the nth process below the harness whose command line has the word, shortly after its start."""
    seen: set[int] = set()
    while harness.poll() is None:
        for process in descendants(harness.pid):
            with contextlib.suppress(OSError):
                if word in Path(f"/proc/{process}/cmdline").read_bytes() and process not in seen:
                    seen.add(process)
                    if len(seen) == nth:
                        threading.Event().wait(0.02)
                        os.kill(process, signal.SIGKILL)
                        return True
        time.sleep(0.01)
    return False
