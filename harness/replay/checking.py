"""One check of a run: taken from an earlier run where nothing has changed, else run and kept."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from harness.check.loader import Pack
from harness.config.schema import Config
from harness.replay.collect import Collector
from harness.replay.context import CheckContext, Workbench
from harness.replay.events import Listener
from harness.replay.results import KeptCheck, Results
from harness.replay.runner import Ran, limits_of, run_check


def is_required(pack: Pack, config: Config) -> bool:
    """Whether a verdict needs this check: by policy, else by the pack's manifest."""
    wanted = config.run.required
    named = pack.manifest.required if wanted is None else pack.id in wanted
    return named or pack.id in config.run.also_required


def check_once(
    config: Config, bench: Workbench, collector: Collector, listener: Listener, debug: Callable[[str], None],
    results: Results, pack: Pack,
) -> Ran:  # fmt: skip
    """How the check ended; its findings go to the collector."""
    limits = limits_of(pack.manifest.limits, config.limits)
    key = results.check_key(pack, limits)
    known = results.check(key)
    required = is_required(pack, config)
    if known is not None:
        collector.restore(pack, known.items)
        return _restored(known, required)
    settings: Mapping[str, Any] = config.checks.get(pack.id, {})
    context = CheckContext(
        bench, pack, settings, limits,
        lambda draft: collector.add(pack, limits, draft),
        lambda text: listener.progress(pack.id, text),
    )  # fmt: skip
    ran = run_check(pack, context, required, debug)
    for draft in ran.outcome.findings:
        collector.add(pack, limits, draft)
    if key is not None and ran.result.status in ("passed", "findings", "skipped"):
        # Waiting costs nothing: this thread has nothing else to do, and a run that is killed later
        # has this check's result already.
        items = collector.settled(pack.id)
        if items is not None and bench.remaining() > 0:
            results.keep_check(key, ran.result, ran.outcome, items)
    return ran


def _restored(known: KeptCheck, required: bool) -> Ran:
    reason = f"nothing that it depends on has changed since it ran at {known.made}"
    if known.result.reason:
        reason = f"{known.result.reason} ({reason})"
    result = msgspec.structs.replace(known.result, reason=reason, seconds=0.0, required=required)
    return Ran(result, known.outcome)
