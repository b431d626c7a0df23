"""Helm charts: rendered on both sides with the chart's own values, where helm is on the PATH."""

import posixpath
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from harness.check.documents import Node, UnreadableError, read_documents
from harness.check.interface import Context, Ended, Probe, Reply, Side, Snapshot, Unverified

from .objects import Object, Tree

CHART = "Chart.yaml"
MAX_CHARTS = 8
MAX_RENDERED = 4_000_000
SOURCE = re.compile(r"(?m)^# Source: [^/\n]+/(\S+)[ \t]*$")
NO_HELM = (
    "helm is not on the PATH, so the chart was not rendered; install it where the harness runs to have its "
    "manifests compared."
)


def touched(base: Snapshot, head: Snapshot, paths: Iterable[str]) -> list[str]:
    """Folders of the charts that changed files belong to: the outermost, which is what gets installed."""
    folders = {
        posixpath.dirname(entry.path)
        for side in (base, head)
        for entry in side.entries
        if posixpath.basename(entry.path) == CHART
    }
    found: dict[str, None] = {}
    for path in paths:
        above = [folder for folder in folders if not folder or path.startswith(folder + "/")]
        if above:
            found[min(above, key=len)] = None
    return list(found)


def render(context: Context, charts: list[str], base: Tree, head: Tree) -> list[Unverified]:
    """Put what the charts render to into both trees; what could not be rendered is said."""
    doubts = [_doubt(chart, f"More than {MAX_CHARTS} charts are touched.") for chart in charts[MAX_CHARTS:]]
    charts = charts[:MAX_CHARTS]
    program = shutil.which("helm")
    if program is None:
        return doubts + [_doubt(chart, NO_HELM) for chart in charts]
    helm = Path(program).resolve()
    jobs = [
        (chart, side) for chart in charts for side in (Side.BASE, Side.HEAD) if _there(context, side, chart)
    ]
    replies = context.run_all(*((side, _probe(chart, helm)) for chart, side in jobs))
    rendered: dict[str, dict[Side, dict[str, list[Object]]]] = {}
    for (chart, side), reply in zip(jobs, replies, strict=True):
        objects, why = _objects(chart, reply)
        if why:
            doubts.append(_doubt(chart, f"helm template gave nothing to compare on {side.value}: {why}."))
        else:
            rendered.setdefault(chart, {})[side] = objects
    for chart, sides in rendered.items():
        wanted = {side for other, side in jobs if other == chart}
        if set(sides) == wanted:  # one side alone would look like a deletion of everything
            _take(base, chart, sides.get(Side.BASE, {}))
            _take(head, chart, sides.get(Side.HEAD, {}))
    return doubts


def _take(tree: Tree, chart: str, objects: dict[str, list[Object]]) -> None:
    below = f"{chart}/" if chart else ""
    tree.templates[:] = [path for path in tree.templates if not path.startswith(f"{below}templates/")]
    for path in [path for path in tree.objects if path.startswith(f"{below}templates/")]:
        del tree.objects[path]
    tree.objects.update(objects)


def _doubt(chart: str, why: str) -> Unverified:
    return Unverified(f"chart {chart or '.'}", why, "kubernetes")


def _there(context: Context, side: Side, chart: str) -> bool:
    path = f"{chart}/{CHART}" if chart else CHART
    return any(entry.path == path for entry in context.snapshot(side).entries)


def _probe(chart: str, helm: Path) -> Probe:
    """Renders with the chart's own values. No cluster is asked, no dependency fetched."""
    command = (
        f"/opt/tools/{helm.name}",
        "template",
        "release",
        f"/tree/{chart}".rstrip("/"),
        "--include-crds",
    )
    return Probe(command=command, tools=(helm,), label=f"render {chart or '.'}", keep=True)


def _objects(chart: str, reply: Reply) -> tuple[dict[str, list[Object]], str]:
    """(objects by the path of their template, why there are none: a clause)."""
    if not isinstance(reply.end, Ended) or reply.end.status:
        lines = [line for line in reply.stderr.splitlines() if line.startswith("Error")]
        return {}, (lines[-1][:200].rstrip(".") if lines else "it did not come to an end")
    text = reply.stdout[: MAX_RENDERED + 1].decode("utf-8", "replace")
    if len(text) > MAX_RENDERED:
        return {}, f"it is larger than {MAX_RENDERED:,} characters"
    found: dict[str, list[Object]] = {}
    for document in re.split(r"(?m)^---[ \t]*$", text):
        source = SOURCE.search(document)
        if source is None:
            continue
        path = posixpath.normpath(posixpath.join(chart, source[1]))
        try:
            nodes: list[Node] = read_documents(document)
        except UnreadableError as problem:
            return {}, str(problem)
        found.setdefault(path, []).extend(
            one for one in (Object(path, node) for node in nodes) if one.kind and one.name
        )
    return found, ""
