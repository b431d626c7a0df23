"""The isolation in force as sentences for the report."""

from . import sockets
from .engine import Facts
from .image import Image
from .options import Frame
from .placing import Binds, Placing

_OVERLAID = "the tree is an overlay over a read-only snapshot"
_COPIED = "the tree is a copy in memory (an overlay takes root and an engine that sees this machine's mounts)"


def sentences(known: Facts, frame: Frame, image: Image, placing: Placing | None) -> list[str]:
    """What holds, then what is missing on this machine."""
    rootless = ", rootless" if known.rootless else ""
    runtime = frame.runtime or known.default_runtime or "the engine's default"
    lines = [
        f"containers of {known.name} {known.version}{rootless}, runtime {runtime}",
        f"image {image.name} ({image.digest})",
        "no network",
        "user 65534, no capabilities, no new privileges",
        "read-only root; /tree, /tmp and /out are file systems in memory of a bounded size",
        "system calls by an allow-list, sockets only of local and internet families",
        "own process, mount, IPC and host-name namespaces",
    ]
    held = [name for name, holds in _limits(frame) if holds]
    lines.append(
        f"limits held by control groups: {', '.join(held)}" if held else "no limit by control groups"
    )
    missing = [name for name, holds in _limits(frame) if not holds]
    if missing:
        lines.append(f"missing: this engine holds no limit on {', '.join(missing)}")
    if frame.gvisor:
        lines.append("missing: gVisor limits neither the number of files nor processor time of all together")
        lines.append(
            "missing: gVisor counts no processes; its own threads are limited, and a job that needs more fails"
        )
    if frame.podman:
        lines.append("missing: this engine holds no limit on the number of files; their memory is limited")
    if not sockets.counted():
        lines.append(
            "missing: memory in internet sockets is counted apart here, and no limit may be set on it"
        )
    if isinstance(placing, Binds):
        lines.append(_COPIED if placing.copied else _OVERLAID)
    else:
        lines.append("files reach the engine by upload, since it does not see this machine's folders")
        lines.append(_COPIED)
    return lines


def packages(lacking: list[str], *, supplied: bool) -> str:
    """What the image lacks of what guest code needs."""
    names = ", ".join(lacking)
    if supplied:
        return f"{names}: of the harness's own environment, since the image has none"
    return f"missing: the image has no {names}, and the harness's own do not fit its Python"


def _limits(frame: Frame) -> tuple[tuple[str, bool], ...]:
    return (("memory", frame.memory), ("processors", frame.cpu), ("processes", frame.processes))
