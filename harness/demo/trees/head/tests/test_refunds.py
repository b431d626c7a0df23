import pytest

from moorings.refunds import refund


def test_early_cancellation():
    assert refund(20_000, 72) == 20_000


def test_two_days_before_is_still_early():
    amount = refund(20_000, 48)
    assert isinstance(amount, int)
    assert 0 < amount <= 20_000


def test_a_day_before():
    assert refund(20_000, 30) == 10_000


def test_too_late():
    assert refund(20_000, 3) == 0


def test_negative_payment():
    with pytest.raises(ValueError):
        refund(-1, 72)
