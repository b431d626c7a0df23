"""The picture: what changed, who uses it, where it comes out. Names are hostile and escaped."""

from collections.abc import Sequence
from html import escape

ROW, WIDTH, TOP = 24, 250, 44
MAX_ROWS = 12
_COLUMNS = ((10, "changed"), (290, "uses it"), (570, "farther, and where it comes out"))


def draw(
    changed: Sequence[str],
    dependents: Sequence[tuple[str, str, int]],
    entries: Sequence[str],
    routes: Sequence[str],
) -> str:
    """An SVG of three columns; at most ``MAX_ROWS`` names in each, the rest as a number."""
    near = [name for name, _, distance in dependents if distance == 1]
    far = [*routes, *entries, *(name for name, _, distance in dependents if distance > 1)]
    columns = [_rows(list(changed)), _rows(near), _rows(far)]
    height = TOP + ROW * max(1, *map(len, columns)) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 830 {height}" width="830" height="{height}" '
        'font-family="sans-serif" font-size="12" role="img">',
        f'<rect width="830" height="{height}" fill="#ffffff"/>',
    ]
    for left, right in ((0, 1), (1, 2)):
        if columns[left] and columns[right]:
            parts += _lines(
                _COLUMNS[left][0] + WIDTH, len(columns[left]), _COLUMNS[right][0], len(columns[right])
            )
    for (x, title), rows, colour in zip(_COLUMNS, columns, ("#ffd9c7", "#dfe8f5", "#e8e8e8"), strict=True):
        if rows:
            parts.append(f'<text x="{x}" y="24" fill="#555555">{title}</text>')
        for number, name in enumerate(rows):
            y = TOP + number * ROW
            parts.append(f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{ROW - 6}" rx="3" fill="{colour}"/>')
            parts.append(f'<text x="{x + 6}" y="{y + 13}" fill="#111111">{escape(_short(name))}</text>')
    return "".join([*parts, "</svg>"])


def _rows(names: list[str]) -> list[str]:
    unique = list(dict.fromkeys(names))
    left = len(unique) - MAX_ROWS
    return unique if left <= 0 else [*unique[: MAX_ROWS - 1], f"… and {left + 1} more"]


def _lines(x1: int, many1: int, x2: int, many2: int) -> list[str]:
    """One line from every box to the middle of the gap, and on to every box of the next column."""
    middle = (x1 + x2) // 2
    y = [TOP + ROW // 2 - 3 + number * ROW for number in range(max(many1, many2))]
    lines = [f"M{x1} {y[number]}H{middle}" for number in range(many1)]
    lines += [f"M{middle} {y[number]}H{x2}" for number in range(many2)]
    lines.append(f"M{middle} {y[0]}V{y[max(many1, many2) - 1]}")
    return [f'<path d="{"".join(lines)}" stroke="#999999" fill="none"/>']


def _short(name: str) -> str:
    text = "".join(char if char.isprintable() else "?" for char in name)
    return text if len(text) <= 36 else "…" + text[-35:]
