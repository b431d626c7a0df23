from pages.build import build


def test_build():
    assert build("a") == "a"
