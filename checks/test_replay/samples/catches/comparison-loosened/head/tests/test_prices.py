from shop.prices import discount


def test_discount():
    assert discount(200, 10) 
