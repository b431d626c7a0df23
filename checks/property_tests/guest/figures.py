"""Draws numbers and moments: near what the code and the recorded calls hold, at boundaries and ties."""

from __future__ import annotations

import datetime
import random

from .domain import Domain, Recipe, number_of, tag_of

ZONES: list[Recipe] = [None, None, ["utc"], ["zone", "Europe/Berlin"], ["offset", 19_800]]
DAYS = ("2024-02-29", "2024-02-28", "2023-12-31", "2024-01-01", "2024-03-31", "2024-10-27", "2024-06-03", "2024-06-08",
        "2024-06-09", "2023-02-28", "2024-04-30", "2000-02-29", "1999-12-31")  # fmt: skip
CLOCKS = ("00:00:00", "12:00:00", "23:59:59", "09:00:00", "17:00:00", "02:30:00", "08:15:30", "12:00:01")

SMALL = 2**53


def whole(number: int) -> Recipe:
    """The recipe of an int."""
    return number if abs(number) < SMALL else ["int", str(number)]


class Figures:
    """``literals`` are those of the code; ``around`` holds the scalars drawn so far for an input."""

    def __init__(self, rng: random.Random, literals: list[Recipe]) -> None:
        self.rng = rng
        self.ints = [item for item in literals if type(item) is int]
        self.floats = [item for item in literals if tag_of(item) == "float"]
        self.decimals = [item for item in literals if tag_of(item) == "Decimal"]
        self.around: list[Recipe] = []
        self.limit = 10**9

    def integer(self, domain: Domain) -> int:
        rng = self.rng
        roll = rng.random()
        if domain.vast and rng.random() < 0.15:
            return int(self.magnitude())
        known = [item for item in domain.pool if type(item) is int]
        if self.ints and roll < 0.3:
            return self.near(rng.choice(self.ints))
        if known and roll < 0.5:
            return self.near(rng.choice(known))
        others = [item for item in self.around if type(item) is int]
        if others and roll < 0.62:
            pair = rng.choice(others), rng.choice(others)
            return int(rng.choice((pair[0], pair[0] - pair[1], pair[0] + pair[1], pair[0] + 1, pair[0] - 1)))
        limit = int(min(max(domain.facts.largest * 3, 30), 10**9))
        return rng.choice((0, 1, 2, 3, -1, 4, 5, 7, 10, rng.randrange(-10, 21), rng.randrange(0, limit + 1),
                           rng.randrange(0, 1000), 100, -rng.randrange(1, 100)))  # fmt: skip

    def near(self, number: int) -> int:
        """A number, its neighbours, its multiples and halves, its products with other literals."""
        rng = self.rng
        if abs(number) > 10**12:
            return number
        roll = rng.random()
        if roll < 0.55:
            return number + rng.choice((0, 0, 1, -1))
        if roll < 0.85:
            return number * rng.randrange(1, 5) + rng.choice((0, 0, 0, 1, -1)) + self.offset(number)
        if roll < 0.92:
            return self.product(number)
        return rng.choice((-number, number // 2, number + rng.randrange(-10, 11)))

    def product(self, number: int) -> int:
        """The number times one or two literals: units are made of smaller ones, as days of hours."""
        made = number
        for _ in range(self.rng.choice((1, 1, 2))):
            factor = self.rng.choice(self.ints) if self.ints else 2
            if abs(factor) > 1 and abs(made * factor) <= 10**12:
                made *= factor
        return made + self.rng.choice((0, 0, 1, -1))

    def offset(self, number: int) -> int:
        """Sometimes the multiple of another literal, as in days and hours of one time span."""
        if len(self.ints) > 1 and self.rng.random() < 0.3:
            other = self.rng.choice(self.ints)
            return other * self.rng.randrange(1, 4) if abs(other) < 10**6 else 0
        return 0

    def magnitude(self) -> float:
        """A number of any order of magnitude, at the edges of units on purpose."""
        rng = self.rng
        base = rng.choice((10.0, 10.0, 1000.0, 1024.0, 2.0))
        power = base ** rng.randrange({2.0: 70, 10.0: 37}.get(base, 12))
        sign = -1 if rng.random() < 0.15 else 1
        return sign * power * rng.choice((1, 1, 1, 1.5, 0.999, 0.9999999, 2, 9.99))

    def real(self, domain: Domain) -> float:
        rng = self.rng
        if domain.special and rng.random() < 0.1:
            return float(rng.choice(("inf", "-inf", "nan")))
        if domain.vast and rng.random() < 0.25:
            number = self.magnitude()
            return 1 / number if number and rng.random() < 0.3 else number
        known = [number for number in map(number_of, domain.pool + self.floats) if number is not None]
        if known and rng.random() < 0.4:
            base = rng.choice(known)
            return rng.choice(
                (base, -base, base + 1, base - 1, base * 2, base / 2, float(round(base)), base + 0.5)
            )
        drawn = (float(self.integer(domain)), round(rng.uniform(-10, 100), 2), rng.randrange(-20, 200) / 8)
        return rng.choice((0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -0.5, 0.1, 2.675, 1.005, 1e6, *drawn))

    def decimal(self, domain: Domain) -> str:
        """Amounts, and ties at each of the first four places."""
        rng = self.rng
        known = [item[1] for item in domain.pool + self.decimals if tag_of(item) == "Decimal"]
        if known and rng.random() < 0.3:
            return str(rng.choice(known))
        places = rng.randrange(5)
        digits = rng.choice((rng.randrange(100), rng.randrange(10**5), rng.randrange(1000) * 10 + 5))
        text = str(digits).rjust(places + 1, "0")
        plain = text if not places else text[:-places] + "." + text[-places:]
        return ("-" if rng.random() < 0.15 else "") + plain

    def moment(self, tag: str, domain: Domain) -> Recipe:
        rng = self.rng
        known = [item for item in domain.pool if tag_of(item) in ("date", "datetime")]
        day = rng.choice(DAYS)
        others = [item for item in self.around if isinstance(item, tuple)]
        if others and rng.random() < 0.5:
            day = rng.choice(others)[0]
        elif known and rng.random() < 0.7:
            day = rng.choice(known)[1][:10]
        if rng.random() < 0.5:
            shift = datetime.timedelta(
                days=rng.choice((0, 1, -1, 2, 5, 7, 14, 28, 30, 31, 365, rng.randrange(-40, 40)))
            )
            try:
                day = (datetime.date.fromisoformat(day) + shift).isoformat()
            except (ValueError, OverflowError):
                day = "2024-02-29"
        self.around.append((day,))
        if tag == "date":
            return ["date", day]
        zone = rng.choice([item[2] for item in known if tag_of(item) == "datetime"] or ZONES)
        if tag == "timedelta":
            return [
                "timedelta",
                rng.randrange(-1, 4),
                rng.choice((0, 1, 59, 60, 3600, 5400, 86_399)),
                rng.choice((0, 0, 1, 500_000, 999_999)),
            ]
        return (
            ["time", rng.choice(CLOCKS), None, 0]
            if tag == "time"
            else ["datetime", day + "T" + rng.choice(CLOCKS), zone, 0]
        )
