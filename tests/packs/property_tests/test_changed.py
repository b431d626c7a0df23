"""What of a change is tried: through which functions, and what is said where there is none."""

import pytest

from harness.model.change import Change, ChangedFile

from .local import LocalContext, module

survey = module("changed").survey


def found(place, base, head, *renamed):
    context = LocalContext(place, base, head)
    change = context.change
    if renamed:
        old, new = renamed
        change = Change("0" * 40, "1" * 40, "0" * 40, "1" * 40, (ChangedFile(new, "renamed", old_path=old),))
    return survey(change, context.base, context.head)


def names(targets):
    return {target.symbol for target in targets}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(n):\n    return n\n", "import functools\n\n\n@functools.cache\ndef f(n):\n    return n\n"),
        ("def f(n=1):\n    return n\n", "def f(n=2):\n    return n\n"),
        ("A = 1\n\n\ndef f(n):\n    return n + A\n", "A = 2\n\n\ndef f(n):\n    return n + A\n"),
        (
            "A = 1\nB = A * 2\n\n\ndef f(n):\n    return n + B\n",
            "A = 2\nB = A * 2\n\n\ndef f(n):\n    return n + B\n",
        ),
        (
            "def f(n):\n    def g():\n        return n\n    return g()\n",
            "def f(n):\n    def g():\n        return n + 1\n    return g()\n",
        ),
    ],
    ids=["decorator", "default", "constant", "constant-of-a-constant", "nested"],
)
def test_a_function_means_something_else(tmp_path, before, after):
    assert names(found(tmp_path, {"a.py": before}, {"a.py": after}).targets) == {"a.f"}


def test_comments_annotations_and_docstrings_mean_nothing(tmp_path):
    before = "def f(n):\n    return n\n"
    after = 'def f(n: int) -> int:\n    """Itself."""\n    return n  # as it is\n'
    result = found(tmp_path, {"a.py": before}, {"a.py": after})
    assert not result.targets
    assert not result.proxies


def test_a_field_of_a_class_concerns_its_methods(tmp_path):
    text = "LIMIT = 3\n\n\nclass Box:\n    limit = LIMIT\n\n    def fits(self, n):\n        return n <= self.limit\n"
    result = found(tmp_path, {"a.py": text}, {"a.py": text.replace("LIMIT = 3", "LIMIT = 4")})
    assert [(one.symbol, one.focus) for one in result.targets] == [("a.Box", ("fits",))]


def test_a_constant_that_another_module_reads(tmp_path):
    user = "from a import LIMIT\n\n\ndef capped(n):\n    return min(n, LIMIT)\n"
    result = found(tmp_path, {"a.py": "LIMIT = 3\n", "b.py": user}, {"a.py": "LIMIT = 4\n", "b.py": user})
    assert names(result.proxies["a.LIMIT"]) == {"b.capped"}


def test_a_module_that_only_moved_is_nothing_to_try(tmp_path):
    text = "def f(n):\n    return n\n"
    result = found(tmp_path, {"a.py": text}, {"b.py": text}, "a.py", "b.py")
    assert not result.targets
    assert not result.proxies
    assert not result.unverified


def test_a_module_that_moved_and_changed_is_tried_through_its_users(tmp_path):
    text = "def f(n):\n    return n\n"
    user = "from a import f\n\n\ndef twice(n):\n    return f(n) * 2\n"
    base, head = {"a.py": text, "c.py": user}, {"b.py": text.replace("n\n", "-n\n"), "c.py": user}
    assert names(found(tmp_path, base, head, "a.py", "b.py").proxies["a.f"]) == {"c.twice"}


def test_a_function_that_moved_is_still_to_be_had(tmp_path):
    base = {"a.py": "def f(n):\n    return n\n", "b.py": ""}
    head = {"a.py": "from b import f\n", "b.py": "def f(n):\n    return -n\n"}
    assert names(found(tmp_path, base, head).targets) == {"a.f"}


def test_a_helper_with_a_computed_name_is_reached_through_its_class(tmp_path):
    text = (
        "class Shape:\n    def area(self, kind, n):\n        return getattr(self, '_area_of_' + kind)(n)\n\n"
        "    def _area_of_square(self, n):\n        return n * n\n"
    )
    result = found(tmp_path, {"a.py": text}, {"a.py": text.replace("n * n", "n * n * n")})
    assert names(result.proxies["a.Shape._area_of_square"]) == {"a.Shape"}


def test_deleted_and_resigned_functions_are_tried_through_surviving_callers(tmp_path):
    user = "from a import f, g\n\n\ndef use(n):\n    return f(n) + g(n)\n"
    base = {"a.py": "def f(n):\n    return n\n\n\ndef g(n):\n    return n\n", "b.py": user}
    head = {"a.py": "def f(n, m):\n    return n\n", "b.py": user}
    result = found(tmp_path, base, head)
    assert names(result.proxies["a.f"]) == names(result.proxies["a.g"]) == {"b.use"}
