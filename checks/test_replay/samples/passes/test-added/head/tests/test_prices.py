from shop.prices import discount


def test_discount():
    assert discount(200, 10) == 180


def test_the_limit():
    assert discount(100, 80) == 50
