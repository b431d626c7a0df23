"""Telling intended differences from unintended ones, by the change's own tests."""

from collections.abc import Sequence

from harness.check.interface import Declaration
from harness.model.finding import Difference

DECLARABLE = ("regression", "property", "test-failure", "cost")


def declaring_tests(difference: Difference | None, declarations: Sequence[Declaration]) -> tuple[str, ...]:
    """Ids of the tests that declare a difference, sorted; empty when it is undeclared.

    Same symbol and same class: the same kind of outcome on base and on head. ``narrow`` is
    further evidence and is compared only where both sides have it.
    """
    if difference is None:
        return ()
    return tuple(sorted({one.test for one in declarations if _same(difference, one.difference)}))


def declared_suggestion(tests: Sequence[str]) -> str:
    """What a reviewer of a declared difference does; the check's own words are for undeclared ones."""
    more = f" (and {len(tests) - 1} more)" if len(tests) > 1 else ""
    return (
        f"Intended: {tests[0]}{more} fails on base and passes on head. "
        "Review whether this is wanted; there is nothing to mend."
    )


def _same(found: Difference, declared: Difference) -> bool:
    if (found.symbol, found.before, found.after) != (declared.symbol, declared.before, declared.after):
        return False
    return found.narrow is None or declared.narrow is None or found.narrow == declared.narrow
