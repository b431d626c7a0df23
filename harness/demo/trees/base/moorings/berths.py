"""Which berths are free."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Berth:
    """A place at a pontoon."""

    name: str
    max_length_cm: int


def fitting_berths(berths: list[Berth], taken: set[str], length_cm: int) -> list[str]:
    """Names of the free berths that are long enough, the tightest fit first."""
    found = []
    for berth in berths:
        if berth.name in taken:
            continue
        if berth.max_length_cm >= length_cm:
            found.append(berth)
    found.sort(key=lambda berth: (berth.max_length_cm, berth.name))
    return [berth.name for berth in found]
