"""Results that depend on the process on head alone: the order of a set, chance, the time, an identity.

The proof runs one test in several processes, each with a hash seed of its own. What base gives
there must be the same in all of them, so what base itself leaves to chance is never told.
"""

import dataclasses
from collections.abc import Sequence

from harness.check.interface import Draft, Probe

from .cases import Case
from .drafts import PROOF_SECONDS, draft_of
from .search import Search
from .syntax import Module
from .target import Target

PROCESSES = 10
MOST_TRIED = 6
AGAIN = f"""

def test_base():
    path = os.pathsep.join(filter(None, sys.path))
    for seed in range({PROCESSES}):
        environment = {{**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": path}}
        command = [sys.executable, "-B", __file__]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"in the process with hash seed {{seed}}: {{done.stderr[-500:]}}"


if __name__ == "__main__":
    pinned()
"""
NEEDED = "import os\nimport subprocess\nimport sys\n"


def unsteady_draft(
    cases: Sequence[Case], target: Target, search: Search, module: Module | None
) -> tuple[Case, Draft] | None:
    """The first of the differences that can be shown and written down, with its finding."""
    for case in cases:
        for scenario in case.scenarios[:MOST_TRIED]:
            one = dataclasses.replace(case, scenarios=[scenario])
            made = draft_of(one, target, search, module)  # head may answer as base does this time
            if isinstance(made, Draft) and made.rule == "other-value":
                return case, _told(made)
    return None


def _told(draft: Draft) -> Draft:
    pinned = next(iter(draft.proof.files.values())) if draft.proof else b""
    test = in_processes(pinned.decode())
    probe = Probe(entry="prove.py", request={"test": test, "seconds": PROOF_SECONDS}, label="unsteady result")
    if draft.proof is None:
        return draft
    plan = dataclasses.replace(
        draft.proof,
        probe=probe,
        base=f"{draft.proof.base} in every process",
        head=f"{draft.proof.head} in one process and something else in another",
        files={"test_@id@_base.py": test.encode()},
        alike=None,
    )
    name = draft.title.partition("(")[0]
    return dataclasses.replace(
        draft,
        rule="unsteady",
        title=f"{name}() gives another value in another process",
        message=f"{plan.input} {plan.base} on base; on head it {plan.head}. What it gives depends on the order "
        "of a set, on chance, on the time or on an identity.",
        key=f"unsteady:{draft.key}",
        proof=plan,
        suggestion="Sort what comes out of a set, and take chance and time as arguments.",
    )


def in_processes(test: str) -> str:
    """A test file with one test, made to run that in several processes."""
    opening, _, rest = test.partition('"""\n')
    body = rest.replace("def test_base():", "def pinned():", 1)
    return f'{opening}"""\n\n{NEEDED}\n{body.lstrip()}{AGAIN}'
