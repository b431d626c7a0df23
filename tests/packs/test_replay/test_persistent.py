"""A recorded test goes on after what fails in it."""

import pytest

from tests.packs.test_replay.guest_parts import guest

persistent = guest("persistent").persistent


class Seen:
    def __init__(self) -> None:
        self.calls: list[object] = []

    def __call__(self, value: object) -> object:
        self.calls.append(value)
        return value


seen = Seen()


def several_differences(first: int = 1, *, last: int = 6) -> None:
    assert seen(first) == 0
    with pytest.raises(ValueError, match="refused"):
        seen(2)
    for number in (3, 4):
        assert seen(number) == 0
    value = seen(5)
    assert value == 0
    assert seen(last) == 0


def needed_value() -> None:
    value = int("none")
    seen(value)


class Case:
    def method(self) -> None:
        assert seen("one") == "two"
        seen(self)


@pytest.fixture(autouse=True)
def fresh() -> None:
    seen.calls.clear()


def test_every_call_is_made() -> None:
    persistent(several_differences)()
    assert seen.calls == [1, 2, 3, 4, 5, 6]


def test_defaults_and_keywords_stay() -> None:
    persistent(several_differences)(0, last=9)
    assert seen.calls == [0, 2, 3, 4, 5, 9]


def test_a_method_stays_bound() -> None:
    case = Case()
    persistent(case.method)()
    assert seen.calls == ["one", case]


def test_a_missing_value_ends_the_test() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        persistent(needed_value)()
    assert seen.calls == []


def test_a_closure_is_left_as_it_is() -> None:
    outer = 1

    def inner() -> None:
        assert outer == 0

    assert persistent(inner) is inner
