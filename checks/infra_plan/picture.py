"""The blast radius of a plan as an SVG: causes, what follows from each, what else is touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from harness.check.interface import Figure

from .drafts import Loss
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


def blast_radius(title: str, losses: Sequence[Loss], changes: Sequence[Planned]) -> Figure | None:
    """The picture of one root module; None when its plan destroys nothing. Text is escaped."""
    grave = [loss for loss in losses if loss.kind.weight > 0]
    if not grave:
        return None
    body: list[str] = []
    y = 64
    for loss in grave[:MAX_CAUSES]:
        y = _cause(body, loss, y)
    hidden = len(grave) - MAX_CAUSES
    if hidden > 0:
        body.append(f'<text class="s" x="24" y="{y + 14}">and {hidden} more causes</text>')
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


def _cause(body: list[str], loss: Loss, y: int) -> int:
    """One cause with its followers; returns where the next one begins."""
    colour = COLOURS[loss.kind.weight]
    count = f" × {len(loss.changes)}" if len(loss.changes) > 1 else ""
    followers = list(loss.cascade[:MAX_FOLLOWERS])
    if len(loss.cascade) > MAX_FOLLOWERS:
        followers.append(f"and {len(loss.cascade) - MAX_FOLLOWERS} more")
    body.append(_Box(24, y, 430, loss.first.address + count, colour, not loss.first.blocked).svg())
    forced = loss.first.forced[0].sentence() if loss.first.forced else loss.kind.label
    body.append(f'<text class="s" x="32" y="{y + ROW + 10}">{escape(_short(forced, 64))}</text>')
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
