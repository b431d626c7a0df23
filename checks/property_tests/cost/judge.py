"""Whether head's work grows faster than base's.

Work that grows with a power of the size is a line of that slope in a double logarithmic plot
(Goldsmith, Aiken, Wilkerson: Measuring Empirical Computational Complexity, 2007). A constant
factor moves the line and leaves its slope.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

CLEARLY = 0.5
AT_LEAST = 1.4
FACTOR = 3.0
SLOWEST = 0.02
LAST = 4

Points = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Comparison:
    """What was counted for both sides at the same sizes: ``seconds``, ``lines`` or ``operations``."""

    how: str
    base: Points
    head: Points

    @property
    def exponents(self) -> tuple[float, float]:
        """Slopes of base and head over the last sizes."""
        return slope(self.base[-LAST:]), slope(self.head[-LAST:])

    @property
    def worse(self) -> bool:
        """Whether head's work clearly grows faster, and is clearly more at the largest size."""
        if len(self.base) < LAST or len(self.head) < LAST:
            return False
        before, after = self.exponents
        old, new = self.base[-1][1], self.head[-1][1]
        much = new >= SLOWEST if self.how == "seconds" else new >= 2000
        return after - before >= CLEARLY and after >= AT_LEAST and new >= FACTOR * old and much


def slope(points: Points) -> float:
    """Slope of log(count) over log(size) by least squares."""
    pairs = [(math.log2(size), math.log2(max(count, 1e-6))) for size, count in points]
    if len(pairs) < 2:
        return 0.0
    mean_x = sum(x for x, _ in pairs) / len(pairs)
    mean_y = sum(y for _, y in pairs) / len(pairs)
    spread = sum((x - mean_x) ** 2 for x, _ in pairs)
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread if spread else 0.0


def common(how: str, base: Points, head: Points) -> Comparison:
    """Both sides at the sizes that both have."""
    sizes = {size for size, _ in base} & {size for size, _ in head}
    return Comparison(how, [one for one in base if one[0] in sizes], [one for one in head if one[0] in sizes])


def named(exponent: float) -> str:
    """How work grows, in words."""
    for limit, word in ((0.25, "not at all"), (0.75, "slower than the input"), (1.35, "with the input"),
                        (1.7, "faster than the input"), (2.6, "with its square"), (3.4, "with its cube")):  # fmt: skip
        if exponent < limit:
            return word
    return f"with its {exponent:.0f}th power"
