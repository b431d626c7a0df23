"""Running a pack's own samples in real sandboxes."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.change.git import Shadow, environment
from harness.change.resolve import resolve_change
from harness.change.snapshots import SnapshotStore
from harness.check.expectations import Sample, judge, read_samples
from harness.check.loader import Pack
from harness.config.schema import Config
from harness.errors import PackError
from harness.model.report import Report
from harness.replay.engine import verify
from harness.replay.events import Silent
from harness.replay.plan import Plan, default_jobs
from harness.sandbox.interface import Driver

_LITTER = shutil.ignore_patterns("__pycache__", ".pytest_cache", ".hypothesis", "*.pyc", ".terraform")
_WHO = {
    "GIT_AUTHOR_NAME": "Sample", "GIT_AUTHOR_EMAIL": "sample@example.org",
    "GIT_COMMITTER_NAME": "Sample", "GIT_COMMITTER_EMAIL": "sample@example.org",
    "GIT_AUTHOR_DATE": "2024-06-03T09:00:00+00:00", "GIT_COMMITTER_DATE": "2024-06-03T09:00:00+00:00",
}  # fmt: skip


@dataclass(frozen=True)
class SampleResult:
    """One sample: what was wrong with it (empty when it is right), and how long it took in seconds."""

    sample: Sample
    problems: tuple[str, ...]
    seconds: float


def refusal(pack: Pack) -> str | None:
    """Why a pack is not trusted by its samples: it needs one that it catches and one that it passes."""
    samples = read_samples(pack.folder)
    if not any(sample.catches for sample in samples):
        return f"{pack.id} has no sample that it catches: add samples/catches/NAME with base/, head/ and case.json."
    if all(sample.catches for sample in samples):
        return f"{pack.id} has no sample that it must pass: add samples/passes/NAME with base/, head/ and case.json."
    return None


def run_samples(pack: Pack, driver: Driver, state: Path) -> Iterator[SampleResult]:
    """Verify each sample with this pack alone and judge the report."""
    for sample in read_samples(pack.folder):
        report = verify_sample(sample, pack, driver, state)
        problems = judge(sample.case.expect, report)
        problems += [f"the check {one.status}: {one.reason}" for one in report.checks if one.status != "findings"
                     and one.status != "passed" and (sample.catches or one.status == "failed")]  # fmt: skip
        mine = [finding for finding in report.findings if finding.check == pack.id]
        silent = not mine and not sample.case.expect.weights
        if sample.catches and silent and not any(one.status == "failed" for one in report.checks):
            problems.append("the check found nothing")
        if not sample.catches and mine and not sample.case.expect.findings:
            problems.append(f"the check raised a false alarm: {mine[0].title}")
        yield SampleResult(sample, tuple(dict.fromkeys(problems)), report.seconds)


def verify_sample(sample: Sample, pack: Pack, driver: Driver, state: Path) -> Report:
    """The report of a sample's change, made with one pack."""
    with tempfile.TemporaryDirectory(prefix="change-harness-sample-") as temporary:
        repository = Path(temporary) / "repository"
        tree = patched(sample, Path(temporary) / "head") if sample.patch else sample.folder / "head"
        base, head = make_repository(repository, sample.base, tree, sample.case.message)
        with Shadow(repository) as shadow:
            change = resolve_change(shadow, base, head)
            store = SnapshotStore(state / "snapshots")
            base_tree = store.materialise(shadow, change.base_tree)
            head_tree = store.materialise(shadow, change.head_tree, like=base_tree)
    plan = Plan(
        change, base_tree, head_tree, [pack], {}, Config(), "defaults", str(sample.folder),
        "report", default_jobs(),
    )  # fmt: skip
    return verify(plan, driver, Silent()).report


def patched(sample: Sample, target: Path) -> Path:
    """``target`` as a copy of the sample's base with its patch applied. Raises PackError when it does not fit."""
    assert sample.patch is not None
    shutil.copytree(sample.base, target, symlinks=True, ignore=_LITTER)
    command = ["git", "apply", "--whitespace=nowarn", str(sample.patch.absolute())]
    done = subprocess.run(
        command, cwd=target, env=environment() | {"GIT_CEILING_DIRECTORIES": str(target.parent)},
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        raise PackError(f"{sample.patch} does not fit {sample.base}: {done.stderr.strip()}.")
    return target


def make_repository(target: Path, base: Path, head: Path, message: str) -> tuple[str, str]:
    """A git repository with two commits, the trees ``base`` and ``head``; returns their ids."""
    target.mkdir(parents=True)
    _git(target, "init", "--quiet", "--template=", "--initial-branch=main")
    return _commit(target, base, "Import"), _commit(target, head, message)


def _commit(target: Path, tree: Path, message: str) -> str:
    for entry in target.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    # Without the files' times: git would take two files of equal size and time for the same one.
    shutil.copytree(
        tree, target, symlinks=True, dirs_exist_ok=True, ignore=_LITTER, copy_function=shutil.copy
    )
    _git(target, "add", "--all", "--force", ".")
    _git(target, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", message)
    return _git(target, "rev-parse", "HEAD")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "core.autocrlf=false", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment() | _WHO,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise PackError(
            f"The sample's repository cannot be made (git {arguments[0]}): {done.stderr.strip()}."
        )
    return done.stdout.strip()
