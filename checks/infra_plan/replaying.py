"""Runs the plan-on-plan replay of one root module in a sandbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from harness.check.interface import Context, Probe, Reply, Side

from .configuration import Configuration
from .planned import Failure, Planned, Summary, read, read_failure
from .probes import Asked, Tools
from .providers import constraints_of, find_plugins, locked_versions
from .roots import Root
from .tools import find_mirrors, needed_providers, platform, registry


class Mode(Enum):
    """Kinds of evidence from a plan, best first."""

    GIVEN = "given plan"
    STATE = "given state"
    SYNTHETIC = "synthetic state"


@dataclass(frozen=True)
class Replayed:
    """What a plan of one root says: its changes, or ``failure``."""

    root: Root
    probe: Probe
    reply: Reply
    changes: tuple[Planned, ...] = ()
    summary: Summary | None = None
    failure: Failure | None = None
    mode: Mode = Mode.SYNTHETIC


def tools_for(
    context: Context, root: Root, base: Configuration, head: Configuration, binary: Path
) -> tuple[Tools | None, str]:
    """The tools of one root; or None and a sentence about the providers that are not here."""
    host = registry(binary)
    tracked = {entry.path.partition("/.terraform/")[0] for side in (context.base, context.head)
               for entry in side.entries if "/.terraform/" in f"/{entry.path}"}  # fmt: skip
    mirrors = find_mirrors(context.settings, roots=() if tracked else {root.base, root.head})
    plugins = []
    for side, configuration, path in ((context.base, base, root.base), (context.head, head, root.head)):
        needed = needed_providers([(configuration, path)], host)
        found, missing = find_plugins(
            needed, constraints_of(configuration, path, host), locked_versions(side, path, host), mirrors, platform()
        )  # fmt: skip
        if missing:
            return None, f"No copy of {', '.join(missing)} is on this machine; name a mirror to plan with it."
        plugins.append(tuple(found))
    return Tools(binary, *plugins), ""


def replay(
    context: Context, roots: Mapping[Root, Tools], base: Configuration, head: Configuration,
    states: Mapping[Root, Path],
) -> list[Replayed]:  # fmt: skip
    """Replay every root with its tools, at the same time where sandboxes are free.

    ``states`` are folders that hold a real state as ``state.json``.
    """
    asked = [Asked(context, root, base, head, tools, states.get(root)) for root, tools in roots.items()]
    found = _replayed_all(context, asked)
    # What is not in a sandbox that holds only the files that a plan seems to read may be what fails.
    failed = [one for one in asked if found[one].failure is not None and one.is_partial()]
    return list((found | _replayed_all(context, [one.whole() for one in failed], failed)).values())


def _replayed_all(
    context: Context, asked: Sequence[Asked], keys: Sequence[Asked] | None = None
) -> dict[Asked, Replayed]:
    """The replays, by ``keys``. Base is settled first: that is the same for every head."""
    unsettled = [one for one in asked if one.state is None]
    settled = dict(
        zip(unsettled, context.run_all(*((Side.BASE, one.settle()) for one in unsettled)), strict=True)
    )
    probes = [one.plan(_seed(settled.get(one))) for one in asked]
    failures = {one: failure for one, reply in settled.items() if (failure := read_failure(reply))}
    waiting = [one for one in asked if one not in failures]
    plans = [(Side.HEAD, probe) for one, probe in zip(asked, probes, strict=True) if one in waiting]
    replies = dict(zip(waiting, context.run_all(*plans), strict=True))
    found: dict[Asked, Replayed] = {}
    for key, one, probe in zip(keys or asked, asked, probes, strict=True):
        mode = Mode.SYNTHETIC if one.state is None else Mode.STATE
        if one in failures:
            found[key] = Replayed(one.root, probe, settled[one], failure=failures[one], mode=mode)
            continue
        files = {**(settled[one].files if one in settled else {}), **replies[one].files}
        found[key] = _replayed(one.root, probe, replace(replies[one], files=files), mode)
    return found


def _seed(reply: Reply | None) -> Mapping[str, Any]:
    """Base's settled state for head's plan; empty: the replay settles base itself, with nothing of it kept."""
    seeds = reply.of("seed") if reply is not None and reply.completed else ()
    seed = seeds[0].get("seed") if len(seeds) == 1 else None
    return seed if isinstance(seed, dict) else {}


def read_given(context: Context, root: Root, mounts: Mapping[str, Path]) -> Replayed:
    """What the plan in ``mounts["plan"]`` says, read inside a sandbox."""
    probe = Probe(
        entry="read_plan.py", request={"plan": "/in/plan/plan.json"}, tree=False, mounts=mounts,
        limits=context.limits, label=f"read the plan of {root.label}",
    )  # fmt: skip
    return _replayed(root, probe, context.run(Side.HEAD, probe), Mode.GIVEN)


def _replayed(root: Root, probe: Probe, reply: Reply, mode: Mode) -> Replayed:
    outcome = read(reply)
    if isinstance(outcome, Failure):
        return Replayed(root, probe, reply, failure=outcome, mode=mode)
    changes, summary = outcome
    return Replayed(root, probe, reply, changes, summary, mode=mode)
