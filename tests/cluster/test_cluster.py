"""A run spread over workers gives what a run here gives, and survives what happens to workers."""

import json
import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.processes import Cluster
from tests.e2e.conftest import Harness
from tests.support.repositories import Repository

pytestmark = pytest.mark.bubblewrap
BASE = {
    "shop/__init__.py": "",
    "shop/price.py": "def total(net: int, rate: int) -> int:\n    return net + (net * rate + 50) // 100\n",
    "tests/test_price.py": "from shop.price import total\n\ndef test_total():\n    assert total(100, 20) == 120\n\n"
    "def test_rounding():\n    assert total(125, 2) == 128\n",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
}
WRONG = {
    "shop/price.py": "import os\n\n\ndef total(net: int, rate: int) -> int:\n    return net + net * rate // 100\n\n\n"
    "def clean(path: str) -> None:\n    os.system('rm -r ' + path)\n"
}
# Not property_tests: how far its search comes in its time is not the same twice, here or there.
QUICK = ("--only", "static_scan", "--only", "secrets", "--only", "test_replay")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    found = Repository(tmp_path / "repo")
    found.commit(BASE)
    found.commit(WRONG, "Simplify")
    return found


def verify(harness: Harness, repository: Repository, out: Path, *more: str) -> tuple[Any, dict[str, Any]]:
    done = harness(
        "verify",
        repository.path,
        "--base",
        "HEAD~1",
        "--sandbox",
        "bubblewrap",
        "--no-cache",
        "--out",
        out,
        *more,
    )
    assert "Traceback" not in done.stderr
    file = out / "report.json"
    return done, json.loads(file.read_text()) if file.is_file() else {}


def content(report: dict[str, Any], out: Path) -> Any:
    """Findings and checks without times and without the name of the report's folder."""
    text = json.dumps({"findings": report["findings"], "outcome": report["outcome"], "risk": report["risk"]})
    checks = [(one["id"], one["status"]) for one in report["checks"]]
    proofs = {
        str(file.relative_to(out)): re.sub(rb'"cpu_seconds": [\d.]+', b"", file.read_bytes())
        for file in sorted((out / "proofs").rglob("*"))
        if file.is_file()
    }
    return text.replace(str(out), "OUT"), checks, proofs


def test_results_are_those_of_a_run_here(
    harness: Harness,
    repository: Repository,
    cluster: Cluster,
    tmp_path: Path,
) -> None:
    cluster.worker("one")
    cluster.worker("two")
    here, there = tmp_path / "here", tmp_path / "there"
    done, local = verify(harness, repository, here, *QUICK)
    assert done.returncode == 1
    done, distant = verify(harness, repository, there, *QUICK, "--executor", cluster.url)
    assert done.returncode == 1, done.stderr
    assert {one["category"] for one in local["findings"]} >= {"static", "test-failure"}
    assert content(distant, there) == content(local, here)
    assert distant["sandbox"]["driver"] == "bubblewrap"
    assert "run by the workers of a cluster" in distant["sandbox"]["isolation"]
    for name in ("one", "two"):  # both trees came to each worker, by digest
        trees = {place.name for place in (tmp_path / name / "change-harness" / "snapshots").iterdir()}
        assert trees == {distant["change"]["base_tree"], distant["change"]["head_tree"]}


def asked(
    harness: Harness, repository: Repository, cluster: Cluster, place: Path
) -> tuple[threading.Thread, list[Any]]:
    """A verification on the cluster that goes on, and where its end will lie."""
    found: list[Any] = []
    options = ("--only", "property_tests", "--executor", cluster.url)
    thread = threading.Thread(
        target=lambda: found.append(verify(harness, repository, place / "out", *options))
    )
    thread.start()
    return thread, found


def at_work(place: Path, *names: str) -> str:
    """The first worker that has begun."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        for name in names:
            state = place / name / "change-harness"
            if (state / "support").is_dir() and (state / "snapshots").is_dir():
                return name
        time.sleep(0.2)
    raise AssertionError("no worker has begun")


def test_when_every_worker_is_lost_the_run_ends_and_says_so(
    harness: Harness, repository: Repository, cluster: Cluster, tmp_path: Path
) -> None:
    worker = cluster.worker("only")
    thread, found = asked(harness, repository, cluster, tmp_path)
    at_work(tmp_path, "only")
    worker.kill()
    thread.join(120)  # the budget is 600 s
    assert not thread.is_alive()
    [(done, report)] = found
    assert (done.returncode, report["outcome"]) == (3, "inconclusive")
    [check] = [one for one in report["checks"] if one["id"] == "property_tests"]
    assert (check["status"], check["reason"]) == (
        "failed", "no worker could run it: every worker that could run it is gone",
    )  # fmt: skip


def test_a_lost_worker_is_made_good_by_another(
    harness: Harness,
    repository: Repository,
    cluster: Cluster,
    tmp_path: Path,
) -> None:
    workers = {"one": cluster.worker("one"), "two": cluster.worker("two")}
    thread, found = asked(harness, repository, cluster, tmp_path)
    workers[at_work(tmp_path, *workers)].kill()
    thread.join(300)
    [(done, report)] = found
    assert done.returncode == 1, done.stderr
    assert [one["category"] for one in report["findings"]] == ["regression"]
    assert report["findings"][0]["proof"]["status"] == "confirmed"


def test_a_worker_that_cannot_work_is_named_and_left_out(
    harness: Harness,
    repository: Repository,
    cluster: Cluster,
    tmp_path: Path,
) -> None:
    cluster.worker("good")
    (tmp_path / "bad" / "change-harness").mkdir(parents=True)
    (tmp_path / "bad" / "change-harness" / "snapshots").write_text("in the way, as on a disk that is full")
    bad = cluster.worker("bad")
    done, report = verify(
        harness, repository, tmp_path / "out", "--only", "secrets", "--executor", cluster.url
    )
    assert done.returncode == 0, done.stderr
    assert bad.poll() is None
    [note] = [one for one in report["notes"] if "was left out" in one]
    assert re.match(r"the worker tcp://127\.0\.0\.1:\d+ was left out: it cannot keep a tree", note)


def test_workers_that_offer_no_sandbox(
    harness: Harness, repository: Repository, cluster: Cluster, tmp_path: Path
) -> None:
    cluster.worker("one", "--nthreads", "1")
    done, report = verify(harness, repository, tmp_path / "out", "--executor", cluster.url)
    assert (done.returncode, report) == (2, {})
    assert "1 workers and none offers the resource 'sandbox'" in done.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [("dask://127.0.0.1:9", "No scheduler answers at 127.0.0.1:9"), ("http://x", "is no cluster")],
)
def test_a_scheduler_that_is_not_there(
    harness: Harness,
    repository: Repository,
    tmp_path: Path,
    url: str,
    said: str,
) -> None:
    done, report = verify(harness, repository, tmp_path / "out", "--executor", url)
    assert (done.returncode, report) == (2, {})
    assert said in done.stderr
