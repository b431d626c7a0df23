"""Tuples whose first text says what else is in them: the nodes of a tree that a parser makes.

``("and", left, right)``, ``("not", inner)``, ``("<", "amount", 100)``: what may stand in the second place depends on
the first. One domain for all of them would make ``("not", "amount")``, which no parser makes and no evaluator takes.
"""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from .domain import Domain, Recipe

MOST = 20
Form = typing.Tuple[str, int]


class Forms:
    """What was observed of tuples that begin with a text, by this text and their length."""

    def __init__(self) -> None:
        self.known: dict[Form, list[Domain]] = {}
        self.others = False
        """Whether a tuple was observed that does not begin with a text."""

    def learn(self, items: list[Recipe], fresh: typing.Callable[[], Domain]) -> None:
        """Take in one observed tuple; ``fresh`` makes an empty domain for a place of it."""
        form = form_of(items)
        if form is None or len(self.known) > MOST:
            self.others = True
            return
        if form not in self.known:
            self.known[form] = [fresh() for _ in items]
        for part, item in zip(self.known[form], items):
            part.learn(item)

    @property
    def told(self) -> bool:
        """Whether the first text says what follows: there are several, and they have different things behind them."""
        if self.others or len({text for text, _ in self.known}) < 2:
            return False
        if len({length for _, length in self.known}) > 1:
            return True
        nested = [["tuple" in part.tags for part in parts] for parts in self.known.values()]
        return any(len(set(column)) > 1 for column in zip(*nested))

    def parts(self, form: Form | None) -> list[Domain] | None:
        """The domains of a form's places, the first for its text; None for a form that was not observed.

        A place in which only such tuples were seen as are known here takes all of these: trees are deep.
        """
        parts = self.known.get(form) if form is not None else None
        if parts is None:
            return None
        return [self._whole(part) if part.tags.keys() == {"tuple"} else part for part in parts]

    def _whole(self, part: Domain) -> Domain:
        forms = part.forms
        if forms.others or not forms.known or not forms.known.keys() <= self.known.keys():
            return part
        part.forms = self
        part.parts = None
        return part


def form_of(items: list[Recipe]) -> Form | None:
    """The first text of a tuple's items and their number; None where they begin with something else."""
    return (items[0], len(items)) if items and isinstance(items[0], str) else None
