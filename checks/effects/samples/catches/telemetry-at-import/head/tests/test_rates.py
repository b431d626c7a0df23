from shop.rates import rate


def test_rate():
    assert rate("EUR") == 1
