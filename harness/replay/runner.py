"""Running one check: its thread, its drafts, and how it ended."""

import dataclasses
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.check.interface import BudgetExhausted, CheckFailed, CheckSkipped, Draft, Limits, Outcome
from harness.check.loader import Pack, load_check
from harness.config.schema import LimitsConfig
from harness.errors import HarnessError
from harness.globs import matches
from harness.model.change import Change
from harness.model.report import CheckResult, CheckStatus, Unverified
from harness.replay.context import CheckContext
from harness.replay.slots import Stopped

MAX_DRAFTS = 500
OUT_OF_TIME = "the time budget ended before this check did"


@dataclass
class Ran:
    """What came of one check."""

    result: CheckResult
    outcome: Outcome = field(default_factory=Outcome)


def limits_of(*layers: LimitsConfig) -> Limits:
    """Limits with each layer's given values over the defaults, later layers over earlier ones."""
    values: dict[str, float | int] = {}
    for layer in layers:
        for name in layer.__struct_fields__:
            value = getattr(layer, name)
            if value is None:
                continue
            if name.endswith("_mb"):
                values[name.removesuffix("_mb") + "_bytes"] = value << 20
            else:
                values[name] = value
    return dataclasses.replace(Limits(), **values)  # type: ignore[arg-type]


def not_applicable(pack: Pack, change: Change) -> str | None:
    """Why a check has nothing to do for this change, None when it applies."""
    globs = pack.manifest.paths
    if not globs:
        return None
    paths = [path for file in change.files for path in (file.path, file.old_path) if path]
    if any(matches(globs, path) for path in paths):
        return None
    shown = ", ".join(globs[:4]) + (f" and {len(globs) - 4} more" if len(globs) > 4 else "")
    return f"no changed file matches {shown}"


def run_check(pack: Pack, context: CheckContext, required: bool, debug: Callable[[str], None]) -> Ran:
    """Run a pack's check. Whatever it raises becomes a status; nothing escapes but Stopped."""
    begin = time.monotonic()

    def ended(status: CheckStatus, reason: str = "", outcome: Outcome | None = None) -> Ran:
        seconds = round(time.monotonic() - begin, 3)
        version = pack.manifest.version
        return Ran(CheckResult(pack.id, status, reason, seconds, version, required), outcome or Outcome())

    try:
        outcome = load_check(pack)(context)
    except Stopped:
        raise
    except CheckSkipped as skipped:
        return ended("skipped", str(skipped))
    except CheckFailed as failed:
        return ended("timed_out", OUT_OF_TIME) if context.out_of_time else ended("failed", str(failed))
    except BudgetExhausted:
        return ended("timed_out", OUT_OF_TIME)
    except HarnessError as mistake:
        return ended("failed", str(mistake))
    except Exception as crash:
        debug(traceback.format_exc())
        where = traceback.extract_tb(crash.__traceback__)[-1]
        return ended(
            "failed",
            f"the check crashed: {type(crash).__name__}: {crash} ({where.name}, line {where.lineno})",
        )
    nonsense = _nonsense(outcome)
    if nonsense:
        return ended("failed", nonsense)
    if outcome.failed and context.out_of_time:
        return ended("timed_out", OUT_OF_TIME, outcome)
    if outcome.failed:
        return ended("failed", outcome.failed, outcome)
    if context.sandbox_failures:
        return ended("failed", f"a sandbox failed: {context.sandbox_failures[0]}", outcome)
    return ended("findings" if outcome.findings else "passed", "", outcome)


def _nonsense(outcome: object) -> str:
    """What is wrong with a value that a check returned, empty when nothing is."""
    if not isinstance(outcome, Outcome):
        return f"the check returned {type(outcome).__name__}, not an Outcome"
    if not all(isinstance(draft, Draft) for draft in outcome.findings):
        return "the check returned findings that are no Drafts"
    if not all(isinstance(item, Unverified) for item in outcome.unverified):
        return "the check returned unverified items of a wrong type"
    if len(outcome.findings) > MAX_DRAFTS:
        return f"the check returned {len(outcome.findings)} findings; more than {MAX_DRAFTS} are refused"
    return ""
