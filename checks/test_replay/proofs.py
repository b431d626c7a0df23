"""How a finding of this check is shown again, by the engine and by hand."""

import shlex
from collections.abc import Sequence

from harness.check.interface import Context, DeclaringTests, ProofPlan, Side

from .matrix import Failure, chosen
from .runs import probe
from .suite import Suite

PROOF_SECONDS = 40.0
MAX_TOGETHER = 60
TOGETHER_SECONDS = 15.0
CANARY = "tests that must pass and tests that must fail, put beside the others"

TESTS_SCRIPT = """#!/bin/sh
# Runs {title}
# as it stands on base against the code of base (passes) and of head (fails).
# Usage: sh run.sh [REPOSITORY]; needs git, and pytest with what the project needs.
set -u
repository=${{1:-.}}
for revision in {base} {head}; do
  folder=$(mktemp -d)
  git -C "$repository" worktree add --quiet --detach "$folder" "$revision" || exit 2
{overlay}  echo "== $revision"
  (cd "$folder" && python -m pytest -p no:cacheprovider {ids})
  git -C "$repository" worktree remove --force "$folder"
done
"""

HONEST_SCRIPT = """#!/bin/sh
# Puts tests that must fail beside the others and runs them: pytest must say that they fail.
# It does on base; on head something in the tree changes the results.
# Usage: sh run.sh [REPOSITORY]; needs git, and pytest with what the project needs.
set -u
here=$(cd "$(dirname "$0")" && pwd)
repository=${{1:-.}}
for revision in {base} {head}; do
  folder=$(mktemp -d)
  git -C "$repository" worktree add --quiet --detach "$folder" "$revision" || exit 2
  mkdir -p "$folder"/{folder}
  cp "$here/must_fail.py" "$folder"/{target}
  echo "== $revision"
  (cd "$folder" && python -m pytest -p no:cacheprovider {target}; echo "exit status $?, must be 1")
  git -C "$repository" worktree remove --force "$folder"
done
"""


def failing_test(context: Context, suite: Suite, failure: Failure) -> ProofPlan:
    """Base's version of a test: it passes on base's code and fails on head's."""
    ids = list(failure.ids[:5])
    run = probe(
        context, suite, Side.BASE, label=f"proof {ids[0]}"[:120],
        seconds=PROOF_SECONDS if failure.scope == "alone" else 0, explain=True,
        verdict={"kind": "tests", "ids": ids}, **chosen(ids, failure.scope),
    )  # fmt: skip
    named = {"alone": ids, "file": [failure.key[0]], "suite": []}[failure.scope]
    return ProofPlan(
        probe=run,
        input=" ".join(["pytest", *(shlex.quote(one) for one in named)]),
        base="passed",
        head=failure.result.text or "failed",
        files={"run.sh": _tests_script(context, suite, failure, named)},
    )


def unawaited_test(context: Context, suite: Suite, nodeid: str, name: str) -> ProofPlan:
    """Base's version of a test: on head's code it leaves a coroutine that nobody awaits, on base's it does not."""
    run = probe(
        context, suite, Side.BASE, label=f"proof {nodeid} awaits"[:120], seconds=PROOF_SECONDS,
        paths=[nodeid.partition("::")[0]], only=[nodeid], verdict={"kind": "awaited", "ids": [nodeid]},
    )  # fmt: skip
    return ProofPlan(
        probe=run,
        input=f"pytest {shlex.quote(nodeid)}",
        base="every coroutine is awaited",
        head=f"the coroutine of {name} was never awaited",
        files={"run.sh": _script(context, suite, nodeid, [nodeid])},
    )


def declaring_tests(context: Context, suite: Suite, ids: Sequence[str]) -> DeclaringTests | None:
    """All declaring tests as one probe; None when they are too many to be run again and again."""
    if len(ids) > MAX_TOGETHER:
        return None
    run = probe(
        context, suite, Side.HEAD, label="which changed lines the declaring tests notice", seconds=TOGETHER_SECONDS,
        paths=sorted({nodeid.partition("::")[0] for nodeid in ids}), only=list(ids),
        verdict={"kind": "tests", "ids": list(ids)},
    )  # fmt: skip
    return DeclaringTests(
        run, tuple(file.path for file in context.change.files if file.path not in suite.overlay)
    )


def _tests_script(context: Context, suite: Suite, failure: Failure, named: Sequence[str]) -> bytes:
    return _script(context, suite, f"{failure.key[0]}::{failure.key[1]}", named)


def _script(context: Context, suite: Suite, title: str, named: Sequence[str]) -> bytes:
    quoted = " ".join(shlex.quote(one) for one in named)
    lines = []
    for path in suite.overlay:
        name = shlex.quote(path)
        if context.base.read_text(path, 1) is None:
            lines.append(f'  rm -f "$folder"/{name}\n')
        else:
            lines.append(f'  git -C "$folder" checkout --quiet {context.change.base} -- {name}\n')
    title = title.replace("\n", " ").replace("\r", " ")
    text = TESTS_SCRIPT.format(
        title=title, base=context.change.base, head=context.change.head, overlay="".join(lines), ids=quoted
    )
    return text.encode("utf-8", "replace")


def dishonest_run(context: Context, suite: Suite, ids: Sequence[str], observed: str) -> ProofPlan:
    """Each side's tests with its own configuration: what is reported must be what happened."""
    canaries = suite.canaries
    paths = sorted({*canaries.files, *(nodeid.partition("::")[0] for nodeid in ids)})
    by_side = {side.value: suite.layout(side).kept_options() for side in Side}
    run = probe(
        context, suite, Side.HEAD, label="proof: results are reported as they are", seconds=PROOF_SECONDS,
        overlay={}, addopts_by=by_side, paths=paths, canaries=canaries.files,
        only=[*sorted(canaries.ids), *ids], verdict={"kind": "honest", "must_fail": list(canaries.must_fail)},
    )  # fmt: skip
    target = sorted(canaries.files)[0]
    script = HONEST_SCRIPT.format(
        base=context.change.base, head=context.change.head, target=shlex.quote(target),
        folder=shlex.quote(target.rpartition("/")[0] or "."),
    )  # fmt: skip
    return ProofPlan(
        probe=run,
        input=CANARY,
        base="what was reported is what happened",
        head=observed,
        files={"run.sh": script.encode(), "must_fail.py": b"def test_must_fail():\n    assert 1 == 2\n"},
    )
