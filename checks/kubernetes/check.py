"""Kubernetes manifests: what would applying head delete, refuse, stop or open, compared with base?"""

from collections.abc import Iterator, Sequence

from harness.check.interface import CheckSkipped, Context, Draft, Location, Outcome, Unverified

from .charts import render
from .charts import touched as touched_charts
from .hazard import Hazard
from .losses import of_changed, of_deleted
from .meaning import of_gone, of_services
from .objects import KUSTOMIZATION, Object, Tree, candidates, read
from .openings import of_pair
from .pairing import pairs, renaming, unbuilt, unlisted
from .values import is_values, questions

MAX_FINDINGS = 40
STATEFUL = ("PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "Namespace")


def check(context: Context) -> Outcome:
    """Compare the objects of the changed manifests and kustomizations."""
    changed = [f for f in context.change.files if f.path.endswith((".yaml", ".yml", ".json", *KUSTOMIZATION))]
    before = [f.old_path or f.path for f in changed if f.status != "added"]
    after = [f.path for f in changed if f.status != "deleted"]
    base = read(context.base, before, candidates(context.base, before))
    head = read(context.head, after, candidates(context.head, [*before, *after]))
    paths = {*before, *after}
    charts = touched_charts(
        context.base, context.head, [p for f in context.change.files for p in (f.path, f.old_path) if p]
    )
    touched = [
        path
        for tree in (base, head)
        for part in (tree.objects, tree.kustomizations, tree.problems, tree.templates)
        for path in part
        if path in paths
    ]
    if not touched and not charts:
        raise CheckSkipped("no changed file is a Kubernetes manifest")
    unrendered = render(context, charts, base, head)
    unverified = [*unrendered, *_unread(base, head, paths)]
    hidden = {item.what for item in unverified}
    hazards = [
        one
        for one in (*_hazards(context, base, head, charts), *_asked(context, charts, unrendered))
        if one.subject.path not in hidden or one.rule != "kubernetes-deleted"
    ]
    return Outcome(findings=[_draft(one) for one in _distinct(hazards)[:MAX_FINDINGS]], unverified=unverified)


def _unread(base: Tree, head: Tree, changed: set[str]) -> Iterator[Unverified]:
    for path in dict.fromkeys([*base.templates, *head.templates]):
        if path in changed:
            yield Unverified(
                path, "A template, not rendered: what it declares was not compared.", "kubernetes"
            )
    for path, name in unbuilt(base, head, sorted(changed)):
        why = f"Kustomize was not run: what {name} makes of the objects was not compared; build both sides and look."
        yield Unverified(f"{name} of {path}", why, "kubernetes")
    for path, why in {**base.problems, **head.problems}.items():
        if path in changed:
            yield Unverified(path, f"This manifest cannot be read: {why}.", "kubernetes")


def _asked(context: Context, charts: Sequence[str], unrendered: Sequence[Unverified]) -> Iterator[Hazard]:
    """Questions about the values of charts that could not be rendered."""
    said = {item.what for item in unrendered}
    for file in context.change.files:
        for chart in charts:
            inside = not chart or file.path.startswith(chart + "/")
            if inside and is_values(file.path) and f"chart {chart or '.'}" in said:
                yield from questions(context.base, context.head, file.path)


def _hazards(context: Context, base: Tree, head: Tree, charts: Sequence[str]) -> Iterator[Hazard]:
    for pair in pairs(context.change, base, head, charts):
        if pair.head is None and pair.base is not None:
            yield from of_gone(pair.base, pair.renamed, base, head)
        elif pair.head is not None:
            if pair.base is not None:
                yield from of_changed(pair.base, pair.head)
            yield from of_pair(pair.base, pair.head)
    for one in unlisted(base, head):
        yield from of_deleted(one, None)
    yield from of_services(
        base,
        head,
        {path for file in context.change.files for path in (file.path, file.old_path or file.path)},
    )
    for path, field, objects, line in renaming(base, head):
        yield from _renamed_by(path, field, objects, line)


def _renamed_by(path: str, field: str, objects: Sequence[Object], line: int) -> Iterator[Hazard]:
    """A kustomization that gives every object another name, place or selector."""
    selects = [one for one in objects if one.kind in ("StatefulSet", "Deployment", "DaemonSet")]
    touched = selects if field == "commonLabels" else [one for one in objects if one.kind in STATEFUL]
    for one in touched:
        stateful = one.kind in STATEFUL
        said = (
            "labels are part of selectors, which cannot change"
            if field == "commonLabels"
            else "it begins empty"
        )
        yield Hazard(
            "kubernetes-deleted" if stateful and field != "commonLabels" else "kubernetes-immutable-field",
            "high" if stateful else "medium",
            Object(path, one.node),
            f"{field} {one.title}",
            f"{one.title} becomes another object: {field} changes",
            f"{path} changes {field}, so that {one.title} is recreated: {said}.",
            "Keep the field as it is; label pods with `labels` and includeSelectors: false.",
            line,
        )


def _distinct(hazards: Sequence[Hazard]) -> list[Hazard]:
    order = ("critical", "high", "medium", "low", "info")
    found = {(one.subject.path, one.rule, one.subject.title, one.key): one for one in hazards}
    return sorted(found.values(), key=lambda one: order.index(one.severity))


def _draft(one: Hazard) -> Draft:
    return Draft(
        rule=one.rule,
        category="infra",
        severity=one.severity,
        title=one.title[:200],
        message=f"{one.message} Read from the manifests; no cluster was asked.",
        location=Location(one.subject.path, one.line, symbol=one.subject.title.strip() or None),
        key=f"{one.subject.title} {one.key}"[:500],
        cwe=one.cwe,
        suggestion=one.suggestion,
        certainty=one.certainty,
    )
