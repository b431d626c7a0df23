import pytest

from parcels.price import shipping


@pytest.mark.parametrize("weight, cents", [(1000, 500), (1001, 600), (2000, 600)])
def test_standard(weight, cents):
    assert shipping(weight) == cents


def test_express():
    assert shipping(500, express=True) == 800
