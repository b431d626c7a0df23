"""Inputs on which a difference says nothing, whatever is known of their kinds."""

from .compare import Observed, Split
from .nearness import scalars
from .wire import Scenario

FILE_NAME = 255
"""Characters of a file's name on most file systems."""


def order_of_checks(scenario: Scenario, found: Split, head: list[Observed]) -> bool:
    """Whether both sides refuse an input with several arguments, each on purpose.

    Such an input may be wrong twice, and which mistake is told first is nobody's contract.
    """
    arguments = max((len(step[1] or []) + len(step[2]) for step in scenario[1]), default=0)
    return found.both_raise and arguments > 1 and head[found.step].get("origin") == "purpose"


def no_file_name(scenario: Scenario, found: Split) -> bool:
    """Whether head fails as any program does that takes a text of some lines for the name of a file."""
    long = any(isinstance(one, str) and len(one) > FILE_NAME for one in scalars(scenario))
    return long and found.after == "raises OSError"
