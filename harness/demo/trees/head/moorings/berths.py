"""Which berths are free."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Berth:
    """A place at a pontoon."""

    name: str
    max_length_cm: int


def fitting_berths(berths: list[Berth], taken: set[str], length_cm: int) -> list[str]:
    """Names of the free berths that are long enough, the tightest fit first."""
    fitting = [berth for berth in berths if berth.name not in taken and berth.max_length_cm >= length_cm]
    return [berth.name for berth in sorted(fitting, key=lambda berth: (berth.max_length_cm, berth.name))]
