from parcels.price import shipping


def test_one_kilogram():
    assert shipping(1000) == 500


def test_started_kilogram():
    assert shipping(1001) == 600


def test_express():
    assert shipping(500, express=True) == 800
