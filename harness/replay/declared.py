"""Telling intended differences from unintended ones, by the change's own tests."""

from collections.abc import Sequence

import msgspec

from harness.check.interface import Declaration
from harness.model.finding import CLOSURE, Difference

DECLARABLE = ("regression", "property", "test-failure", "cost")


def declaring_tests(difference: Difference | None, declarations: Sequence[Declaration]) -> tuple[str, ...]:
    """Ids of the tests that declare a difference, sorted; empty when it is undeclared.

    Same symbol and same class: the same kind of outcome on base and on head. ``narrow`` is
    further evidence and is compared only where both sides have it. What an unchanged method
    shows of an object's state is declared as well by a test that calls the changed method and
    sees the same kind of outcome change at any method of that object.
    """
    if difference is None:
        return ()
    return tuple(
        sorted(
            {one.test for one in declarations if _same(difference, one.difference) or _seen(difference, one)}
        )
    )


def kindred_tests(difference: Difference | None, declarations: Sequence[Declaration]) -> tuple[str, ...]:
    """Ids of the tests that declare a difference but for ``narrow``, sorted.

    They declare it where it has the same cause: a border that moves can turn one value into
    another at one input and nothing into a value at the next.
    """
    if difference is None:
        return ()
    wide = msgspec.structs.replace(difference, narrow=None)
    return tuple(sorted({one.test for one in declarations if _same(wide, one.difference)}))


def _seen(found: Difference, declaration: Declaration) -> bool:
    """Whether the declaring test sees the same change of an object's state through another method."""
    declared = declaration.difference
    return (
        found.cause is not None
        and found.cause in declaration.called
        and declared.symbol.rpartition(".")[0] == found.cause.rpartition(".")[0]
        and (found.before, found.after) == (declared.before, declared.after)
    )


def declared_suggestion(tests: Sequence[str]) -> str:
    """What a reviewer of a declared difference does; the check's own words are for undeclared ones."""
    more = f" (and {len(tests) - 1} more)" if len(tests) > 1 else ""
    return (
        f"Intended: {tests[0]}{more} fails on base and passes on head. "
        "Review whether this is wanted; there is nothing to mend."
    )


def _same(found: Difference, declared: Difference) -> bool:
    if found.narrow == CLOSURE:
        if declared.symbol.startswith(f"{found.symbol}.<locals>."):
            return True
        found = msgspec.structs.replace(found, narrow=None)
    if (found.symbol, found.before, found.after) != (declared.symbol, declared.before, declared.after):
        return False
    return found.narrow is None or declared.narrow is None or found.narrow == declared.narrow
