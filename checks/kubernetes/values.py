"""Values of a chart that was not rendered: what a person has to be asked."""

import posixpath
from collections.abc import Iterator

from harness.check.documents import Node, UnreadableError, read_documents
from harness.check.interface import Snapshot

from .hazard import Hazard
from .losses import quantity
from .objects import MAX_BYTES, Object, texts

COUNTS = ("replicas", "replicacount", "minreplicas", "minavailable")
KEPT = ("persistence", "persistentvolume", "volumeclaimtemplate", "pvc", "storage", "backup", "backups")
PLACES = (
    "size",
    "storageclass",
    "storageclassname",
    "existingclaim",
    "enabled",
    "accessmode",
    "volumename",
    "retain",
)
RIGHTS = {
    "privileged": ("true",),
    "allowprivilegeescalation": ("true",),
    "hostnetwork": ("true",),
    "hostpid": ("true",),
    "runasuser": ("0",),
    "runasnonroot": ("false", ""),
}
"""Values by which pods get rights over their node, by the key's name."""
OFF = ("false", "no", "off")


def questions(base: Snapshot, head: Snapshot, path: str) -> Iterator[Hazard]:
    """Replicas that go to zero and storage that is turned off or described otherwise."""
    before, after = _read(base, path), _read(head, path)
    if before is None or after is None:
        return
    was, now = texts(before), texts(after)
    for place in dict.fromkeys([*was, *now]):
        old, new = was.get(place, ""), now.get(place, "")
        question = _question(tuple(word.lower() for word in place), old, new) if old != new else ""
        if question:
            shown, stale, fresh = ".".join(place), old or "nothing", new or "nothing"
            yield Hazard(
                "kubernetes-values", "medium", Object(path, after), shown, f"{shown}: {stale} → {fresh}",
                f"{shown} goes from {stale} to {fresh} in {path}. The chart was not rendered, so what it does "
                f"with the value is not known: {question}",
                "Render the chart on both sides (helm template) and compare, or have helm where the harness runs.",
                _line(after, place), certainty="conditional",
            )  # fmt: skip


def _question(place: tuple[str, ...], old: str, new: str) -> str:
    last = place[-1]
    if new.lower() in RIGHTS.get(last, ()) and old.lower() not in RIGHTS[last]:
        return "may the pod do more to its node?" if last != "runasnonroot" or old else ""
    if old and last in COUNTS and new == "0":
        return "does the service stop?"
    if old and last in PLACES and set(place[:-1]) & set(KEPT):
        if last == "enabled":
            return (
                "is the data kept when this is off?"
                if new.lower() in (*OFF, "") and old.lower() not in OFF
                else ""
            )
        less, more = quantity(new), quantity(old)
        if last == "size" and less is not None and more is not None and less > more:
            return ""
        return "does a claim that holds data become another one, or is the change refused?"
    return ""


def _read(snapshot: Snapshot, path: str) -> Node | None:
    text = snapshot.read_text(path, MAX_BYTES + 1)
    if text is None or len(text) > MAX_BYTES:
        return None
    try:
        documents = read_documents(text)
    except UnreadableError:
        return None
    return documents[0] if documents else None


def _line(node: Node, place: tuple[str, ...]) -> int:
    line = 1
    for name in place:
        if name not in node.table:
            break
        line, node = node.line_of(name), node[name]
    return line


def is_values(path: str) -> bool:
    """Whether a file is a chart's values by its name."""
    name = posixpath.basename(path)
    return name.startswith("values") and name.endswith((".yaml", ".yml"))
