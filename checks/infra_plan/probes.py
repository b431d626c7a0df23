"""What is asked of the sandbox about one root module: to settle base, and to plan head on that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.check.interface import Context, Probe, Side

from .configuration import Configuration
from .providers import Plugin
from .reads import reads
from .roots import Root, unset, value_files
from .stand_ins import placeholders, remote_states
from .tools import http2_packages


@dataclass(frozen=True)
class Tools:
    """The binary and the provider plugins of either side, on the host."""

    binary: Path
    base: tuple[Plugin, ...] = ()
    head: tuple[Plugin, ...] = ()

    @staticmethod
    def mounts(plugins: Sequence[Plugin]) -> dict[str, Path]:
        """Folders to mount: one a plugin, and the packages that the proxy needs."""
        if not plugins:
            return {}
        folders = sorted({plugin.program.parent for plugin in plugins})
        return {f"provider{index}": folder for index, folder in enumerate(folders)} | http2_packages()

    def specs(self, plugins: Sequence[Plugin], mounts: Mapping[str, Path]) -> list[dict[str, Any]]:
        """What the guest is told of one side's plugins."""
        names = {folder: name for name, folder in mounts.items()}
        return [plugin.spec(names[plugin.program.parent]) for plugin in plugins]


@dataclass(frozen=True, eq=False)
class Asked:
    """One root with all that its replay needs; ``state`` is a folder with a real state as ``state.json``."""

    context: Context
    root: Root
    base: Configuration
    head: Configuration
    tools: Tools
    state: Path | None = None
    partly: bool = True
    """Whether the sandbox may hold only what the plan can read, so that it can be kept under that."""

    def whole(self) -> "Asked":
        """The same with both trees as a whole."""
        return replace(self, partly=False)

    def is_partial(self) -> bool:
        """Whether any side is in the sandbox in part."""
        return any(files is not None for files in self._reads.values())

    @cached_property
    def _reads(self) -> Mapping[Side, Mapping[str, bytes] | None]:
        if not self.partly:
            return dict.fromkeys(Side)
        sides = (
            (Side.BASE, self.base, self.context.base, self.root.base),
            (Side.HEAD, self.head, self.context.head, self.root.head),
        )
        return {
            side: reads(configuration, snapshot, root, value_files(configuration, root, self.root.files))
            for side, configuration, snapshot, root in sides
        }

    def settle(self) -> Probe:
        """The probe that makes base's state. Nothing of head has a part in it, so that every head can use it."""
        known = unset(self.base, self.root.base, self.root.files)
        probe = self._probe("settle.py", f"settle {self.root.base}", (Side.BASE,), self.tools.base)
        given = {name: value for name, value in probe.request["placeholders"].items() if name in known}
        return replace(probe, request={**probe.request, "placeholders": given})

    def plan(self, seed: Mapping[str, Any]) -> Probe:
        """The probe that plans head on base's settled state; without one it settles base, too."""
        plugins = (*self.tools.base, *self.tools.head)
        probe = self._probe("plan.py", f"plan {self.root.label}", (Side.BASE, Side.HEAD), plugins)
        if seed:
            return replace(probe, request={**probe.request, "seed": seed})
        if self.state is None:
            return probe
        request = {**probe.request, "state": "/in/state/state.json"}
        return replace(probe, mounts={**probe.mounts, "state": self.state}, request=request)

    def _probe(self, entry: str, label: str, sides: Sequence[Side], plugins: Sequence[Plugin]) -> Probe:
        """A probe whose sandbox holds these sides. It is kept: the key holds the binary's mark, what is mounted
        (plugins, a given state) and every file that the sandbox holds."""
        context, root = self.context, self.root
        mounts = self.tools.mounts(plugins)
        of = {
            Side.BASE: (self.base, root.base, self.tools.base),
            Side.HEAD: (self.head, root.head, self.tools.head),
        }
        there = {side.value: of[side] for side in sides}
        request = {
            "roots": {side: path for side, (_, path, _) in there.items()},
            "folders": {side: each.reachable(path) for side, (each, path, _) in there.items()},
            "binary": f"/opt/tools/{self.tools.binary.name}",
            "providers": {side: self.tools.specs(own, mounts) for side, (_, _, own) in there.items()},
            "packages": [f"/in/{name}" for name in mounts if name.startswith("python/")],
            "placeholders": placeholders(self.base, self.head, root),
            "var_files": {
                side: [path for path in root.files if path in each.values]
                for side, (each, _, _) in there.items()
            },
            "remote_states": {side: remote_states(each, path) for side, (each, path, _) in there.items()},
            "seconds": context.limits.wall_seconds * 0.9,
        }
        held = {side: self._reads[side] for side in sides}
        return Probe(
            entry=entry,
            request=request,
            tree=False,
            also=tuple(side for side, files in held.items() if files is None),
            files={
                f"{side.value}/{path}": content
                for side, files in held.items()
                for path, content in (files or {}).items()
            },
            mounts=mounts,
            tools=(self.tools.binary,),
            limits=context.limits,
            label=label,
            keep=True,
        )
