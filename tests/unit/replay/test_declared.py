import pytest

from harness.check.interface import Declaration
from harness.model.finding import Difference
from harness.replay.declared import declared_suggestion, declaring_tests, kindred_tests

DECLARED = [
    Declaration(Difference("shop.total", "value", "value"), "tests/test_shop.py::test_total"),
    Declaration(Difference("shop.parse", "value", "raises ValueError"), "tests/test_shop.py::test_parse"),
    Declaration(
        Difference("shop.retry.<locals>.wrapper", "value", "raises KeyError"), "tests/test_shop.py::test_r"
    ),
    Declaration(Difference("shop.name", "value", "value", "NoneType→str"), "tests/test_shop.py::test_name"),
]


@pytest.mark.parametrize(
    ("difference", "declared"),
    [
        (Difference("shop.total", "value", "value"), True),
        (Difference("shop.total", "raises KeyError", "value"), False),
        (Difference("shop.other", "value", "value"), False),
        (Difference("shop.parse", "value", "raises ValueError"), True),
        (Difference("shop.parse", "value", "raises TypeError"), False),
        (Difference("shop.parse", "value", "hangs"), False),
        (Difference("shop.name", "value", "value", "NoneType→str"), True),
        (Difference("shop.name", "value", "value", "int→str"), False),
        (Difference("shop.name", "value", "value"), True),
        (Difference("shop.retry", "value", "value", "closure"), True),
        (Difference("shop.retry", "value", "value"), False),
        (Difference("shop.retrying", "value", "value", "closure"), False),
        (Difference("shop.total", "value", "value", "closure"), True),
        (None, False),
    ],
)
def test_same_symbol_and_same_class(difference: Difference | None, declared: bool) -> None:
    assert bool(declaring_tests(difference, DECLARED)) == declared


@pytest.mark.parametrize(
    ("difference", "kindred"),
    [
        (Difference("shop.name", "value", "value", "int→str"), True),
        (Difference("shop.name", "raises KeyError", "value", "int→str"), False),
        (Difference("shop.other", "value", "value", "int→str"), False),
        (None, False),
    ],
)
def test_kindred_is_what_differs_by_further_evidence_only(
    difference: Difference | None, kindred: bool
) -> None:
    assert kindred_tests(difference, DECLARED) == (("tests/test_shop.py::test_name",) if kindred else ())


def test_a_declared_difference_is_reviewed_not_repaired() -> None:
    text = declared_suggestion(("tests/test_shop.py::test_a", "tests/test_shop.py::test_b"))
    assert text.startswith(
        "Intended: tests/test_shop.py::test_a (and 1 more) fails on base and passes on head."
    )
    assert "commit" not in text


def test_state_that_a_test_declares_shows_through_other_methods_too() -> None:
    """A cache that throws out another entry is declared by what one method tells, and others tell it as well."""
    seen = Difference("a.Cache.keys", "value", "value")
    declaration = Declaration(seen, "test_evicts", frozenset({"a.Cache.put", "a.Cache.keys"}))
    shown = Difference("a.Cache.get", "value", "value", cause="a.Cache.put")
    assert declaring_tests(shown, [declaration]) == ("test_evicts",)
    for other in (
        Difference("a.Cache.get", "value", "value"),  # changed itself
        Difference("a.Cache.get", "value", "raises KeyError", cause="a.Cache.put"),
        Difference("a.Cache.get", "value", "value", cause="a.Cache.clear"),  # the test does not call that
        Difference("a.Other.get", "value", "value", cause="a.Other.put"),
    ):
        assert declaring_tests(other, [declaration]) == ()
