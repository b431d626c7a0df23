"""Iterators without end, and differences of which the simplest input cannot be written down."""

from .local import compared

DAYS = """
import calendar
from collections.abc import Iterator
from datetime import date


def add_months(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    year, month = divmod(at, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def occurrences(first: date, every: int = 1) -> Iterator[date]:
    number = 0
    while True:
        yield add_months(first, number * every)
        number += 1
"""


def test_the_first_items_of_an_iterator_without_end_are_pinned(tmp_path):
    head = DAYS.replace("    number = 0\n", "    day = first\n")
    head = head.replace("        yield add_months(first, number * every)\n        number += 1\n",
                        "        yield day\n        day = add_months(day, every)\n")  # fmt: skip
    context = compared(tmp_path, DAYS, head)
    draft = context.drafts[0]
    test = draft.proof.files["test_@id@_base.py"].decode()
    assert "import itertools\n" in test
    assert "list(itertools.islice(occurrences(" in test
    assert context.verdicts(draft) == (True, False)


KEPT = """
class Handle:
    __slots__ = ("_number",)

    def __init__(self, number):
        self._number = number

    def __eq__(self, other):
        return self is other

    def __repr__(self):
        return object.__repr__(self)


def found(number: int):
    if number < 0:
        return Handle(number)
    return number % 7
"""


def test_another_input_of_the_same_difference_is_written(tmp_path):
    head = KEPT.replace("number % 7", "number % 7 if number < 50 else 7")
    context = compared(tmp_path, KEPT, head)
    assert context.verdicts(context.drafts[0]) == (True, False)
