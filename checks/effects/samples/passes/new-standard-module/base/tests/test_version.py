from shop.version import shown


def test_shown():
    assert shown(3).startswith("v3")
