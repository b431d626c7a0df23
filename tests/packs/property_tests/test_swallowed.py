"""An error that base lets pass and head catches without a word is a difference; another error of the kind is none."""

import pytest

from .local import compared, module

swallowed = module("swallowed").swallowed
READ = """
import json


def settings(text: str) -> dict:
    return json.loads(text)
"""
QUIET = READ.replace(
    "    return json.loads(text)", "    try:\n        return json.loads(text)\n    {}:\n        return {{}}"
)
COUNT = """
def count(text: str) -> int:
    return int(text.strip() or "0")
"""
BY_HAND = """
def count(text: str) -> int:
    text = text.strip()
    if not text:
        return 0
    return int(text)
"""
OWN = COUNT.replace("    return int", "    try:\n        return int").replace(
    '"0")\n', '"0")\n    except ValueError:\n        raise ValueError(f"no number: {text}") from None\n'
)


@pytest.mark.parametrize(
    "handler", ["except Exception", "except ValueError", "except (KeyError, json.JSONDecodeError)"]
)
def test_an_error_that_is_swallowed(tmp_path, handler):
    context = compared(tmp_path, READ, QUIET.format(handler))
    [found] = context.drafts
    assert found.category == "regression"
    assert "JSONDecodeError" in found.proof.base
    assert context.verdicts(found) == (True, False)


@pytest.mark.parametrize("head", [BY_HAND, OWN])
def test_the_same_errors_in_other_words_are_no_difference(tmp_path, head):
    assert compared(tmp_path, COUNT, head).drafts == []


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("try:\n    f()\nexcept OSError:\n    pass\n", {"OSError", "FileNotFoundError", "TimeoutError"}),
        (
            "try:\n    f()\nexcept:\n    pass\n",
            {"ValueError", "KeyError", "JSONDecodeError", "InvalidOperation"},
        ),
        ("with suppress(KeyError):\n    f()\n", {"KeyError"}),
        ("try:\n    f()\nexcept KeyError:\n    raise\n", set()),
        ("try:\n    f()\nfinally:\n    g()\n", set()),
        ("try:", set()),
    ],
)
def test_what_is_newly_caught(head, names):
    found = swallowed("f()\n", head)
    assert names <= found
    assert bool(names) == bool(found)
    assert swallowed(head, head) == set()
