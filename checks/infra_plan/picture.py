"""The blast radius of a plan as an SVG: causes, what follows from each, what else is touched."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from harness.check.interface import Figure

from .drafts import Loss
from .locate import bare
from .planned import Planned

WIDTH = 960
ROW = 26
MAX_CAUSES = 24
MAX_FOLLOWERS = 8
MAX_TEXT = 56
COLOURS = {5: "#b3261e", 4: "#c2570c", 3: "#c2570c", 2: "#8a6d00", 1: "#5f6368", 0: "#5f6368"}
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#202124}.m{font-family:ui-monospace,monospace}"
    ".s{fill:#5f6368;font-size:12px}.l{stroke:#9aa0a6;fill:none;stroke-width:1.2}"
)


@dataclass(frozen=True)
class _Box:
    x: int
    y: int
    width: int
    text: str
    colour: str
    filled: bool

    def svg(self) -> str:
        fill, text = (self.colour, "#ffffff") if self.filled else ("#ffffff", "#202124")
        return (
            f'<rect x="{self.x}" y="{self.y}" width="{self.width}" height="{ROW - 4}" rx="4" fill="{fill}" '
            f'stroke="{self.colour}"/><text class="m" x="{self.x + 8}" y="{self.y + 15}" style="fill:{text}">'
            f"{escape(_short(self.text))}</text>"
        )


@dataclass(frozen=True)
class _Row:
    """One cause, or all causes of one type: its box, a line below it, and what follows."""

    text: str
    words: str
    weight: int
    filled: bool
    followers: tuple[str, ...]


def blast_radius(title: str, losses: Sequence[Loss], changes: Sequence[Planned]) -> Figure | None:
    """The picture of one root module; None when its plan destroys nothing. Text is escaped.

    Beyond ``MAX_CAUSES`` causes there is one row a resource type.
    """
    grave = [loss for loss in losses if loss.kind.weight > 0]
    if not grave:
        return None
    rows = [_one(loss) for loss in grave] if len(grave) <= MAX_CAUSES else _by_type(grave)
    body: list[str] = []
    y = 64
    for row in rows[:MAX_CAUSES]:
        y = _drawn(body, row, y)
    hidden = len(rows) - MAX_CAUSES
    if hidden > 0:
        body.append(f'<text class="s" x="24" y="{y + 14}">and {hidden} more types</text>')
        y += ROW
    body.append(f'<text class="s" x="24" y="{y + 20}">{escape(_counts(changes))}</text>')
    height = y + 36
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" width="100%" '
        f'aria-label="{escape(title, {chr(34): "&quot;"})}"><style>{STYLE}</style>'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/><text x="24" y="28">{escape(title)}</text>'
        f'<text class="s" x="24" y="50">destroyed or replaced</text>'
        f'<text class="s" x="520" y="50">in consequence</text>'
        f"{''.join(body)}</svg>"
    )
    return Figure("infra_plan", title, svg)


def _one(loss: Loss) -> _Row:
    count = f" × {len(loss.changes)}" if len(loss.changes) > 1 else ""
    words = loss.first.forced[0].sentence() if loss.first.forced else loss.kind.label
    return _Row(loss.first.address + count, words, loss.kind.weight, not loss.first.blocked, loss.cascade)


def _by_type(losses: Sequence[Loss]) -> list[_Row]:
    """One row a type, gravest first; what follows is counted by type, too."""
    groups: dict[str, list[Loss]] = {}
    for loss in losses:
        groups.setdefault(loss.first.resource_type, []).append(loss)
    rows = []
    for kind, group in groups.items():
        total = sum(len(loss.changes) for loss in group)
        after = Counter(
            bare(name).rsplit(".", 2)[-2] for loss in group for name in set(loss.cascade) if "." in name
        )
        followers = tuple(f"{name} × {count}" for name, count in after.most_common())
        names = ", ".join(loss.first.address for loss in group)
        blocked = all(loss.first.blocked for loss in group)
        rows.append(_Row(f"{kind} × {total}", names, group[0].kind.weight, not blocked, followers))
    return sorted(rows, key=lambda row: -row.weight)


def _drawn(body: list[str], row: _Row, y: int) -> int:
    """Draw one row with its followers; returns where the next one begins."""
    colour = COLOURS[row.weight]
    followers = list(row.followers[:MAX_FOLLOWERS])
    if len(row.followers) > MAX_FOLLOWERS:
        followers.append(f"and {len(row.followers) - MAX_FOLLOWERS} more")
    body.append(_Box(24, y, 430, row.text, colour, row.filled).svg())
    body.append(f'<text class="s" x="32" y="{y + ROW + 10}">{escape(_short(row.words, 64))}</text>')
    for index, name in enumerate(followers):
        line = y + index * ROW
        body.append(f'<path class="l" d="M454 {y + 11} C 490 {y + 11}, 486 {line + 11}, 520 {line + 11}"/>')
        body.append(_Box(520, line, 416, name, colour, filled=False).svg())
    return y + max(2, len(followers)) * ROW + 8


def _counts(changes: Sequence[Planned]) -> str:
    created = sum(change.actions == ("create",) for change in changes)
    updated = sum(change.actions == ("update",) for change in changes)
    gone = sum(change.destroys for change in changes)
    return f"The plan destroys or replaces {gone}, changes {updated} in place and creates {created}."


def _short(text: str, limit: int = MAX_TEXT) -> str:
    return text if len(text) <= limit else f"{text[: limit - 20]}…{text[-19:]}"
