"""One thing to try on both sides."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One thing to try on both sides.

    ``module`` and ``name`` lead to a function (``kind`` function) or a class (``kind`` class);
    ``focus`` are the changed methods of a class. ``proxy`` names the changed symbols for which
    this unchanged caller stands in, empty for a changed function itself.
    """

    path: str
    module: str
    name: str
    kind: str
    focus: tuple[str, ...] = ()
    proxy: tuple[str, ...] = ()
    docstring: str = ""
    literals: tuple[int | str, ...] = ()

    @property
    def symbol(self) -> str:
        return f"{self.module}.{self.name}"

    def holds(self, symbol: str) -> bool:
        """Whether a symbol is the target's own or that of a method of it."""
        return f"{symbol}.".startswith(f"{self.symbol}.")
