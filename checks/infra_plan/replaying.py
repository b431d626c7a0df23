"""Runs the plan-on-plan replay of one root module in a sandbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.check.interface import Context, Probe, Reply, Side

from .configuration import Configuration
from .planned import Failure, Planned, Summary, read
from .roots import Root
from .stand_ins import placeholders, remote_states


@dataclass(frozen=True)
class Tools:
    """The binary and the folders of provider plugins, on the host."""

    binary: Path
    mirrors: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Replayed:
    """The replay of one root: its changes, or ``failure``; ``notes`` are sentences."""

    root: Root
    probe: Probe
    reply: Reply
    changes: tuple[Planned, ...] = ()
    summary: Summary | None = None
    failure: Failure | None = None
    notes: tuple[str, ...] = field(default=())


def probe_for(context: Context, root: Root, base: Configuration, head: Configuration, tools: Tools) -> Probe:
    """The probe of one root. It mounts both trees: head is planned on a state made from base."""
    limits = context.limits
    mounts = {f"plugins{index}": path for index, path in enumerate(tools.mirrors)}
    request = {
        "roots": {"base": root.base, "head": root.head},
        "folders": {"base": base.reachable(root.base), "head": head.reachable(root.head)},
        "binary": f"/opt/tools/{tools.binary.name}",
        "mirrors": [f"/in/{name}" for name in mounts],
        "placeholders": placeholders(base, head, root),
        "var_files": {
            "base": [path for path in root.files if path in base.values],
            "head": [path for path in root.files if path in head.values],
        },
        "remote_states": {
            "base": remote_states(base, root.base),
            "head": remote_states(head, root.head),
        },
        "seconds": limits.wall_seconds * 0.9,
    }
    return Probe(
        entry="plan.py",
        request=request,
        tree=False,
        also=(Side.BASE, Side.HEAD),
        mounts=mounts,
        tools=(tools.binary,),
        limits=limits,
        label=f"plan {root.label}",
    )


def replay(
    context: Context, roots: Sequence[Root], base: Configuration, head: Configuration, tools: Tools
) -> list[Replayed]:
    """Replay every root, at the same time where sandboxes are free."""
    probes = [probe_for(context, root, base, head, tools) for root in roots]
    replies = context.run_all(*((Side.HEAD, probe) for probe in probes))
    return [_replayed(*each) for each in zip(roots, probes, replies, strict=True)]


def _replayed(root: Root, probe: Probe, reply: Reply) -> Replayed:
    outcome = read(reply)
    if isinstance(outcome, Failure):
        return Replayed(root, probe, reply, failure=outcome)
    changes, summary = outcome
    notes = tuple(f"{root.label}: {note}." for note in summary.notes)
    return Replayed(root, probe, reply, changes, summary, notes=notes)
