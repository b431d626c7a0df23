"""Canaries look like the tests beside them and cannot be foreseen."""

import ast
import fnmatch

from tests.packs.test_replay.local import part

make = part("canaries").make_canaries
FILES = ["tests/test_cart.py", "tests/unit/test_label.py", "pkg/check_it.py"]
NAMES = ["test_sum_of_prices", "TestCart.test_discount", "test_label"]


def test_files_lie_beside_tests_and_are_named_like_them():
    for _ in range(30):
        made = make(FILES, NAMES, ("test_*.py", "*_test.py"))
        assert len(made.files) == 2
        for path in made.files:
            folder, _, name = path.rpartition("/")
            assert folder in {"tests", "tests/unit", "pkg"}
            assert path not in FILES
            assert any(fnmatch.fnmatch(name, pattern) for pattern in ("test_*.py", "*_test.py"))


def test_each_named_test_is_in_its_file():
    made = make(FILES, NAMES, ("test_*.py",))
    for nodeid in made.ids:
        path, *names = nodeid.split("::")
        defined = {node.name for node in ast.walk(ast.parse(made.files[path])) if hasattr(node, "name")}
        assert set(names) <= defined
    assert len(made.must_fail) == 8
    assert not set(made.must_fail) & set(made.must_pass)


def test_two_runs_have_different_canaries():
    assert make(FILES, NAMES, ("test_*.py",)).files != make(FILES, NAMES, ("test_*.py",)).files


def test_few_words_are_enough():
    made = make(["test_a.py"], ["test_a"], ("odd",))
    assert len(made.files) == 2
