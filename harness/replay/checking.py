"""One check of a run: taken from an earlier run where nothing has changed, else run and kept."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from harness.check.loader import Pack
from harness.config.schema import Config
from harness.model.report import CheckResult, CheckStatus
from harness.replay.collect import Collector, Settled
from harness.replay.context import CheckContext, Workbench
from harness.replay.events import Listener
from harness.replay.results import KeptCheck
from harness.replay.runner import Ran, limits_of, run_check

Debug = Callable[[str], None]


class Executor(Protocol):
    """Runs checks somewhere else. All methods may be called from several threads."""

    def run(self, pack: Pack, bench: Workbench, *, required: bool) -> KeptCheck:
        """What the check gave, its proofs confirmed. A check that could not be run is a failed result."""

    def notes(self) -> Sequence[str]:
        """Sentences for the report: who was left out, and why."""


def is_required(pack: Pack, config: Config) -> bool:
    """Whether a verdict needs this check: by policy, else by the pack's manifest."""
    wanted = config.run.required
    named = pack.manifest.required if wanted is None else pack.id in wanted
    return named or pack.id in config.run.also_required


def check_once(
    pack: Pack, bench: Workbench, collector: Collector, listener: Listener, debug: Debug,
    executor: Executor | None,
) -> Ran:  # fmt: skip
    """How the check ended; its findings go to the collector."""
    results = bench.results
    key = results.check_key(pack, limits_of(pack.manifest.limits, bench.config.limits)) if results else None
    required = is_required(pack, bench.config)
    kept = known = results.check(key) if results else None
    if kept is None and executor is not None:
        kept = executor.run(pack, bench, required=required)
    if kept is not None:
        collector.restore(bench, pack, kept)
    else:
        kept, _failures = run_here(pack, bench, collector, listener, debug, required)
    if known is not None:
        return _restored(known, required)
    if results:
        # Kept as soon as it is whole: a run that is killed later has this check's result already.
        results.keep_check(key, kept)
    return Ran(kept.result, kept.outcome)


def run_here(
    pack: Pack, bench: Workbench, collector: Collector, listener: Listener, debug: Debug, required: bool
) -> tuple[KeptCheck, Sequence[str]]:
    """(what the check gave once its proofs are done, what failed of its sandboxes)."""
    config = bench.config
    limits = limits_of(pack.manifest.limits, config.limits)
    settings: Mapping[str, Any] = config.checks.get(pack.id, {})
    context = CheckContext(
        bench, pack, settings, config.tests, limits,
        lambda draft: collector.add(bench, pack, limits, draft),
        lambda text: listener.progress(bench.project.label(pack.id), text),
    )  # fmt: skip
    ran = run_check(pack, context, required, debug)
    outcome = ran.outcome
    for draft in outcome.findings:
        collector.add(bench, pack, limits, draft)
    # Waiting costs nothing: this thread has nothing else to do.
    settled = collector.settled(bench, pack)
    made = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    kept = KeptCheck(
        made, _settled(ran.result, settled), settled.items, tuple(outcome.unverified), tuple(outcome.declarations),
        outcome.declaring, tuple(outcome.notes), tuple(outcome.figures), tuple(outcome.weights),
        settled.dropped, bool(settled.cut) or bench.remaining() <= 0,
    )  # fmt: skip
    return kept, context.sandbox_failures


def _settled(result: CheckResult, settled: Settled) -> CheckResult:
    """A check with a difference whose proof nobody could replay is not complete."""
    if not settled.cut or result.status not in ("passed", "findings"):
        return result
    status: CheckStatus = "timed_out" if settled.timed_out else "failed"
    return msgspec.structs.replace(result, status=status, reason=settled.cut)


def _restored(known: KeptCheck, required: bool) -> Ran:
    reason = f"nothing that it depends on has changed since it ran at {known.made}"
    if known.result.reason:
        reason = f"{known.result.reason} ({reason})"
    result = msgspec.structs.replace(known.result, reason=reason, seconds=0.0, required=required)
    return Ran(result, known.outcome)
