import pytest

from moorings.fees import billable_metres, billable_nights, stay_fee


def test_whole_metres():
    assert billable_metres(800) == 8
    assert billable_metres(1200) == 12


def test_started_metre_counts():
    assert billable_metres(870) == 9
    assert billable_metres(1190) == 12


def test_no_length():
    with pytest.raises(ValueError):
        billable_metres(0)


def test_seventh_night_is_free():
    assert [billable_nights(nights) for nights in (1, 6, 7, 8, 14)] == [1, 6, 6, 7, 12]


def test_stay_fee():
    assert stay_fee(960, 3) == 10 * 3 * 240
    assert stay_fee(960, 3, season="winter") == 10 * 3 * 130
