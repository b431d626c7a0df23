from shop.version import shown


def test_shown():
    assert shown(3).startswith("v3")


def test_again(tmp_path):
    (tmp_path / "a").write_text(shown(4))
