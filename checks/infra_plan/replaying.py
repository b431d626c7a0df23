"""Runs the plan-on-plan replay of one root module in a sandbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from harness.check.interface import Context, Probe, Reply, Side

from .configuration import Configuration
from .planned import Failure, Planned, Summary, read
from .providers import Plugin, constraints_of, find_plugins, locked_versions
from .roots import Root
from .stand_ins import placeholders, remote_states
from .tools import find_mirrors, http2_packages, needed_providers, platform, registry


@dataclass(frozen=True)
class Tools:
    """The binary and the provider plugins of either side, on the host."""

    binary: Path
    base: tuple[Plugin, ...] = ()
    head: tuple[Plugin, ...] = ()

    def mounts(self) -> dict[str, Path]:
        """Folders to mount: one a plugin, and the packages that the proxy needs."""
        if not self.base and not self.head:
            return {}
        folders = sorted({plugin.program.parent for plugin in (*self.base, *self.head)})
        return {f"provider{index}": folder for index, folder in enumerate(folders)} | http2_packages()

    def specs(self, plugins: Sequence[Plugin], mounts: Mapping[str, Path]) -> list[dict[str, Any]]:
        """What the guest is told of one side's plugins."""
        names = {folder: name for name, folder in mounts.items()}
        return [plugin.spec(names[plugin.program.parent]) for plugin in plugins]


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


def probe_for(context: Context, root: Root, base: Configuration, head: Configuration, tools: Tools) -> Probe:
    """The probe of one root. It mounts both trees: head is planned on a state made from base."""
    limits = context.limits
    mounts = tools.mounts()
    request = {
        "roots": {"base": root.base, "head": root.head},
        "folders": {"base": base.reachable(root.base), "head": head.reachable(root.head)},
        "binary": f"/opt/tools/{tools.binary.name}",
        "providers": {
            "base": tools.specs(tools.base, mounts),
            "head": tools.specs(tools.head, mounts),
        },
        "packages": [f"/in/{name}" for name in mounts if name.startswith("python/")],
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
        keep=True,  # the key holds the binary's mark, what is mounted (plugins, a given state) and both trees
    )


def replay(
    context: Context, roots: Mapping[Root, Tools], base: Configuration, head: Configuration,
    states: Mapping[Root, Path],
) -> list[Replayed]:  # fmt: skip
    """Replay every root with its tools, at the same time where sandboxes are free.

    ``states`` are folders that hold a real state as ``state.json``.
    """
    probes = [
        _on(probe_for(context, root, base, head, tools), states.get(root)) for root, tools in roots.items()
    ]
    replies = context.run_all(*((Side.HEAD, probe) for probe in probes))
    modes = [Mode.STATE if root in states else Mode.SYNTHETIC for root in roots]
    return [_replayed(*each) for each in zip(roots, probes, replies, modes, strict=True)]


def _on(probe: Probe, state: Path | None) -> Probe:
    """The probe with a real state in place of a synthetic one."""
    if state is None:
        return probe
    request = {**probe.request, "state": "/in/state/state.json"}
    return replace(probe, mounts={**probe.mounts, "state": state}, request=request)


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
