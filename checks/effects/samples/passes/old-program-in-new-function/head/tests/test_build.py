from pages.build import build, build_all


def test_build():
    assert build("a") == "a"


def test_all():
    assert build_all(["a", "b"]) == 2
