"""A small double logarithmic plot of base's and head's work, as SVG."""

import math

from .judge import Comparison

WIDTH, HEIGHT = 460, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 40
COLOURS = {"base": "#1a73e8", "head": "#b3261e"}
STYLE = "text{font:12px system-ui,sans-serif;fill:#202124}.a{stroke:#9aa0a6;fill:none}.p{fill:none;stroke-width:2}"


def plot(comparison: Comparison) -> str:
    """The picture; it holds numbers and fixed words only."""
    every = [*comparison.base, *comparison.head]
    low_x, high_x = _range([size for size, _ in every])
    low_y, high_y = _range([count for _, count in every])

    def place(size: float, count: float) -> tuple[float, float]:
        x = LEFT + (math.log10(size) - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)
        y = (
            HEIGHT
            - BOTTOM
            - (math.log10(max(count, 1e-6)) - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM)
        )
        return round(x, 1), round(y, 1)

    body = [
        f'<path class="a" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>',
        f'<text x="{(LEFT + WIDTH) // 2}" y="{HEIGHT - 8}" text-anchor="middle">size of the input</text>',
        f'<text x="14" y="{HEIGHT // 2}" transform="rotate(-90 14 {HEIGHT // 2})" text-anchor="middle">'
        "CPU seconds</text>",
    ]
    sizes = sorted({size for size, _ in every})
    for size in sizes[:: max(1, len(sizes) // 4)]:
        x, _ = place(size, 1)
        body.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{size:,}</text>')
    for power in range(math.ceil(low_y), math.floor(high_y) + 1):
        _, y = place(sizes[0], 10.0**power)
        body.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{10.0**power:g}</text>')
    for name, points in (("base", comparison.base), ("head", comparison.head)):
        placed = [place(*point) for point in points]
        steps = " ".join(f"{x},{y}" for x, y in placed)
        body.append(f'<polyline class="p" stroke="{COLOURS[name]}" points="{steps}"/>')
        x, y = placed[-1]
        body.append(
            f'<text x="{x - 6}" y="{y - 8}" text-anchor="end" style="fill:{COLOURS[name]}">{name}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" '
        f'aria-label="Work of base and head by size of the input"><style>{STYLE}</style>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{"".join(body)}</svg>'
    )


def _range(values: list[float] | list[int]) -> tuple[float, float]:
    """Logarithms between which all values lie, a little apart."""
    logs = [math.log10(max(value, 1e-6)) for value in values] or [0.0]
    return min(logs) - 0.1, max(logs) + 0.1
