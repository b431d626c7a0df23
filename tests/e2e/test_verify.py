"""The main job on real changes, in real sandboxes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Harness
from tests.support.repositories import Repository

pytestmark = pytest.mark.bubblewrap
BASE = {
    "shop/__init__.py": "",
    "shop/price.py": "def total(net: int, rate: int) -> int:\n    return net + (net * rate + 50) // 100\n",
    "tests/test_price.py": "from shop.price import total\n\ndef test_total():\n    assert total(100, 20) == 120\n",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
}
WRONG = {"shop/price.py": "def total(net: int, rate: int) -> int:\n    return net + net * rate // 100\n"}


def report(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "report.json").read_text())
    return found


def verify(harness: Harness, repository: Repository, out: Path, *more: str) -> tuple[int, dict[str, Any]]:
    done = harness(
        "verify", repository.path, "--base", "HEAD~1", "--sandbox", "bubblewrap", "--out", out, *more
    )
    assert "Traceback" not in done.stderr
    assert (out / "report.json").is_file(), done.stderr
    return done.returncode, report(out)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    found = Repository(tmp_path / "repo")
    found.commit(BASE)
    return found


def test_a_regression_is_blocked_reproduced_and_written_in_every_format(
    harness: Harness, repository: Repository, tmp_path: Path
) -> None:
    repository.commit(WRONG, "Simplify\n\nCo-Authored-By: Claude <noreply@anthropic.com>")
    out = tmp_path / "out"
    status, found = verify(harness, repository, out)
    assert (status, found["outcome"]) == (1, "block")
    assert found["change"]["ai"]["tools"] == ["claude"]
    regression = next(one for one in found["findings"] if one["category"] == "regression")
    assert regression["location"]["symbol"] == "shop.price.total"
    assert regression["proof"]["status"] == "confirmed"
    assert regression["proof"]["replays"] == {"base": ["pass"] * 3, "head": ["fail"] * 3}
    for name in ("report.html", "report.md", "report.sarif", "junit.xml"):
        assert "shop/price.py" in (out / name).read_text()
    again = harness("reproduce", out, regression["id"])
    assert again.returncode == 0, again.stderr
    assert "still shows" in again.stdout


def test_the_proof_passes_on_base_and_fails_on_head_with_plain_pytest(
    harness: Harness, repository: Repository, tmp_path: Path
) -> None:
    repository.commit(WRONG)
    _status, found = verify(harness, repository, tmp_path / "out", "--only", "property_tests")
    proof = tmp_path / "out" / found["findings"][0]["proof"]["path"]
    [script] = proof.glob("test_*_base.py")
    for revision, wanted in (("HEAD~1", 0), ("HEAD", 1)):
        repository.git("checkout", "--quiet", revision, "--", "shop")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(script)]
        done = subprocess.run(command, cwd=repository.path, env=os.environ | {"PYTHONPATH": "."}, check=False)
        assert done.returncode == wanted


def test_a_shell_on_either_side_has_the_proof_at_hand(
    harness: Harness, repository: Repository, tmp_path: Path, environment: dict[str, str]
) -> None:
    repository.commit(WRONG)
    out = tmp_path / "out"
    verify(harness, repository, out, "--only", "property_tests")
    script = "pytest -q /in/proof/test_f1_base.py; echo status $?; touch /tree/x && exit 7\n"
    for side, wanted in (("base", "status 0"), ("head", "status 1")):
        command = [sys.executable, "-m", "harness", "reproduce", str(out), "F1", "--shell", side]
        done = subprocess.run(
            command, input=script, capture_output=True, text=True, env=environment, timeout=120, check=False
        )
        assert done.returncode == 7, done.stderr
        assert f"A shell in a fresh sandbox on {side}" in done.stdout
        assert wanted in done.stdout


def test_a_clean_change_passes(harness: Harness, repository: Repository, tmp_path: Path) -> None:
    repository.commit({"shop/price.py": '"""Prices in cents."""\n\n\n' + BASE["shop/price.py"]}, "Document")
    status, found = verify(harness, repository, tmp_path / "out")
    assert (status, found["outcome"]) == (0, "pass")
    assert found["findings"] == []


def test_a_crashing_check_makes_the_run_inconclusive(
    harness: Harness, repository: Repository, tmp_path: Path
) -> None:
    pack = {
        "tools/crash/check.toml": 'api = 1\nid = "crash"\ntitle = "T"\ndescription = "D"\n',
        "tools/crash/check.py": "def check(context):\n    raise ValueError('boom')\n",
        "harness.toml": '[run]\npacks = ["tools"]\n',
    }
    repository.commit(pack)
    repository.commit({"shop/price.py": "# a comment\n" + BASE["shop/price.py"]})
    status, found = verify(harness, repository, tmp_path / "out", "--only", "crash")
    assert (status, found["outcome"]) == (3, "inconclusive")
    [crash] = [check for check in found["checks"] if check["id"] == "crash"]
    assert crash["status"] == "failed"
    assert "boom" in crash["reason"]


def test_head_cannot_bring_its_own_policy_or_checks(
    harness: Harness, repository: Repository, tmp_path: Path
) -> None:
    policy = '[run]\nskip = ["property_tests"]\n[policy.levels]\nmedium = 90\nhigh = 95\ncritical = 100\n'
    repository.commit(WRONG | {"harness.toml": policy})
    status, found = verify(harness, repository, tmp_path / "out")
    assert (status, found["outcome"]) == (1, "block")
    [edit] = [one for one in found["findings"] if one["rule"] == "policy-changed"]
    assert "run.skip" in edit["message"]


def test_the_worktree_is_verified_as_it_lies_on_disk(
    harness: Harness, repository: Repository, tmp_path: Path
) -> None:
    repository.write(WRONG)
    out = tmp_path / "out"
    done = harness("verify", repository.path, "--base", "HEAD", "--worktree", "--sandbox", "bubblewrap",
                   "--only", "property_tests", "--out", out)  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert report(out)["change"]["worktree"] is True


def test_broken_python_and_binary_files_are_no_crash(
    harness: Harness, repository: Repository, tmp_path: Path
) -> None:
    repository.commit(
        {"shop/price.py": "def total(:\n", "logo.bin": bytes(range(256)), "shop/notes.py": b"\xff\xfe"}
    )
    status, found = verify(harness, repository, tmp_path / "out")
    assert status in (1, 3)
    assert not [check for check in found["checks"] if "crashed" in check["reason"]]


def test_an_interrupt_ends_everything(
    environment: dict[str, str], repository: Repository, tmp_path: Path
) -> None:
    slow = "import time\n\ndef test_slow():\n    time.sleep(300)\n"
    repository.commit({"tests/test_slow.py": slow, **WRONG})
    out = tmp_path / "out"
    marker = f"marker-{os.getpid()}-{time.time_ns()}"
    command = [sys.executable, "-m", "harness", "verify", str(repository.path), "--base", "HEAD~1", "--sandbox",
               "bubblewrap", "--out", str(out), "--only", "test_replay"]  # fmt: skip
    process = subprocess.Popen(
        command, env=environment | {"MARKER": marker}, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    while "test_replay" not in process.stderr.readline():
        pass
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _output, words = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in words
    assert not out.exists()
    leftovers = subprocess.run(
        ["pgrep", "-f", "guestlib/start.py.*"], capture_output=True, text=True, check=False
    )
    assert str(process.pid) not in leftovers.stdout.split()
    assert not [line for line in Path("/proc/mounts").read_text().splitlines() if str(process.pid) in line]


KILLS_WHAT_WATCHES = """
def total(net: int, rate: int) -> int:
    if net > 5000:
        import os
        import signal
        from pathlib import Path

        status = Path("/proc/self/status").read_text()
        if "NSpid" in status and os.getpid() < 5000 and Path("/guest").is_dir():  # only ever in a sandbox
            for place in Path("/proc").iterdir():
                if place.name.isdigit() and place.name not in ("1", str(os.getpid())):
                    try:
                        os.kill(int(place.name), signal.SIGKILL)
                    except OSError:
                        pass
    return net + (net * rate + 50) // 100
"""


def test_a_change_that_ends_what_watches_it_does_not_pass(
    harness: Harness, repository: Repository, tmp_path: Path
) -> None:
    repository.commit({"shop/price.py": KILLS_WHAT_WATCHES})
    status, found = verify(harness, repository, tmp_path / "out", "--only", "property_tests")
    assert status in (1, 3)
    assert found["outcome"] in ("block", "inconclusive")


POSTAGE = """\
def postage(grams: int, express: bool) -> int:
    if grams <= 0:
        return 0
    if express:
        price = 500 + grams // 10
    else:
        price = 100 + grams // 20
    if grams > 1000:
        price += 250
    return price
"""
POSTAGE_TESTS = {
    "plain": "from shop.post import postage\n\ndef test_plain():\n    assert postage(40, False) == 102\n",
    "express": "\ndef test_express():\n    assert postage(40, True) == 604\n",
    "kilo": "\ndef test_kilo():\n    assert postage(1000, False) == 400\n",
}


@pytest.mark.parametrize(
    ("tests", "outcome", "undeclared"), [(("express",), "block", 1), (("express", "kilo"), "review", 0)]
)
def test_a_second_change_in_a_function_is_not_declared_by_the_test_of_the_first(
    harness: Harness,
    repository: Repository,
    tmp_path: Path,
    tests: tuple[str, ...],
    outcome: str,
    undeclared: int,
) -> None:
    repository.commit({"shop/post.py": POSTAGE, "tests/test_post.py": POSTAGE_TESTS["plain"]})
    head = POSTAGE.replace("500 +", "600 +").replace("> 1000", ">= 1000")
    said = "".join(POSTAGE_TESTS[name] for name in ("plain", *tests))
    repository.commit({"shop/post.py": head, "tests/test_post.py": said}, "feat: express costs a euro more")
    checks = ("--only", "property_tests", "--only", "test_replay")
    _status, found = verify(harness, repository, tmp_path / "out", *checks)
    regressions = [one for one in found["findings"] if one["category"] == "regression"]
    assert found["outcome"] == outcome
    assert [one["declared"] for one in regressions].count(False) == undeclared
    assert any(one["declared"] for one in regressions)
    assert all(
        one["proof"]["input"].startswith("postage(1000,") for one in regressions if not one["declared"]
    )


CLIENT = """\
class Client:
    def __init__(self, host: str, debug: str = "") -> None:
        self.host = host
        self.debug = debug not in ("", "0")

    def address(self) -> str:
        return self.host + ("?debug" if self.debug else "")
"""


@pytest.mark.parametrize("said", ["debug is False", 'address() == "a"'], ids=["attribute", "method"])
def test_an_object_that_is_made_otherwise_is_declared_by_a_test_of_it(
    harness: Harness, repository: Repository, tmp_path: Path, said: str
) -> None:
    test = "from shop.client import Client\n\n\ndef test_plain():\n    assert Client('a').host == 'a'\n"
    repository.commit({"shop/client.py": CLIENT, "tests/test_client.py": test})
    test += f"\n\ndef test_no():\n    assert Client('a', 'no').{said}\n"
    head = CLIENT.replace('("", "0")', '("", "0", "no")')
    repository.commit({"shop/client.py": head, "tests/test_client.py": test}, "feat: no means no debug")
    _status, found = verify(
        harness, repository, tmp_path / "out", "--only", "property_tests", "--only", "test_replay"
    )
    regressions = [one for one in found["findings"] if one["category"] == "regression"]
    assert [one["declared"] for one in regressions] == [True]
    assert found["outcome"] == "review"


DEPARTURES = """\
def next_departure(times, minute):
    for time in times:
        if time > minute:
            return time
    return None
"""


@pytest.mark.parametrize(
    ("last", "outcome", "undeclared"), [("return None", "review", 0), ("return minute", "block", 1)]
)
def test_a_border_that_a_test_moves_is_declared_for_every_kind_of_value(
    harness: Harness, repository: Repository, tmp_path: Path, last: str, outcome: str, undeclared: int
) -> None:
    """The test sees one time become another; at the last departure nothing becomes a time as well."""
    said = (
        "from shop.buses import next_departure\n\n\n"
        "def test_{0}():\n    assert next_departure([60, 90], {1}) == {2}\n"
    )
    repository.commit({"shop/buses.py": DEPARTURES, "tests/test_buses.py": said.format("between", 70, 90)})
    head = DEPARTURES.replace("time > minute", "time >= minute").replace("return None", last)
    repository.commit(
        {"shop/buses.py": head, "tests/test_border.py": said.format("at_the_minute", 60, 60)},
        "fix: at the minute of a departure",
    )
    checks = ("--only", "property_tests", "--only", "test_replay")
    _status, found = verify(harness, repository, tmp_path / "out", *checks)
    regressions = [one for one in found["findings"] if one["category"] == "regression"]
    assert found["outcome"] == outcome
    assert [one["declared"] for one in regressions].count(False) == undeclared
    assert any(one["declared"] for one in regressions)
