"""Which recorded calls become the first inputs of a class, and what is told of a receiver that is an iterator."""

import importlib
import sys

from .local import PACK, ROOT, module

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))


def record(symbol, serial, nested=False):
    return {"symbol": symbol, "serial": serial, "nested": nested}


def test_calls_that_methods_make_among_themselves_do_not_crowd_out_those_of_tests():
    inner = [record("m.C._step", at, True) for at in range(50)]
    outer = [record("m.C.next", at) for at in range(3)]
    made = [record("m.C.__init__", at, True) for at in range(3)]
    kept = module("recorded").fair([*inner, *made, *outer], 10)
    assert kept == [*inner[:4], *made, *outer]


def test_an_iterator_is_not_used_up_before_its_first_step(tmp_path):
    guest = importlib.import_module("guest.target")
    canon = importlib.import_module("guestlib.canon")
    (tmp_path / "endless.py").write_text(
        "class Ticks:\n    def __init__(self):\n        self.at = 0\n"
        "    def __iter__(self):\n        return self\n    def __next__(self):\n        self.at += 1\n"
        "        return self.at\n    def now(self):\n        return self.at\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        target = guest.Target("endless", "Ticks", "class", [], str(tmp_path))
        outcomes = target.run([["new", "endless", "Ticks", [], []], [["now", [], []]]], 0.5, canon.Shapes())
    finally:
        sys.path.remove(str(tmp_path))
    assert [one["text"] for one in outcomes] == ["None", "0"]


def test_a_class_of_a_package_is_found_under_the_name_of_the_package(tmp_path):
    roots, recipes = (importlib.import_module(f"guestlib.{name}") for name in ("roots", "recipes"))
    (tmp_path / "shelf_pkg").mkdir()
    (tmp_path / "shelf_pkg" / "__init__.py").write_text(
        "class Shelf:\n    def put(self):\n        return 1\n"
    )
    sys.path.insert(0, str(tmp_path))
    installed, roots.INSTALLED[:] = list(roots.INSTALLED), [str(tmp_path.resolve())]
    try:
        shelf = importlib.import_module("shelf_pkg").Shelf
        assert recipes.importable(shelf) == ["shelf_pkg", "Shelf"]
        assert recipes.importable(shelf.put) == ["shelf_pkg", "Shelf.put"]
    finally:
        roots.INSTALLED[:] = installed
        sys.path.remove(str(tmp_path))
