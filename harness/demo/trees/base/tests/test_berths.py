from moorings.berths import Berth, fitting_berths

BERTHS = [Berth("A1", 1200), Berth("A2", 900), Berth("B1", 1500), Berth("B2", 900)]


def test_tightest_fit_first():
    assert fitting_berths(BERTHS, set(), 850) == ["A2", "B2", "A1", "B1"]


def test_taken_berths_are_left_out():
    assert fitting_berths(BERTHS, {"A2", "B1"}, 850) == ["B2", "A1"]


def test_nothing_fits():
    assert fitting_berths(BERTHS, set(), 2000) == []
