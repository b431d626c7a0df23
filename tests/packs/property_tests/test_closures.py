"""Decorators and other functions that give functions are compared by what these do."""

import pytest

from .local import compared

RETRY = """
import functools
import time


def retry(times=3, delay=0.01, errors=(ValueError,)):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(times):
                try:
                    return function(*args, **kwargs)
                except errors:
                    if attempt == times - 1:
                        raise
                    time.sleep(delay * 2**attempt)
        return wrapper
    return decorate
"""
WHILE = """            attempt = 0
            while True:
                try:
                    return function(*args, **kwargs)
                except errors:
                    attempt += 1
                    if attempt >= times:
                        raise
                    time.sleep(delay * 2 ** (attempt - 1))
"""
MEMOIZE = """
def memoize(function):
    cache = {}

    def wrapper(*args):
        if args not in cache:
            cache[args] = function(*args)
        return cache[args]

    return wrapper
"""
LRU = """
import functools


def memoize(function):
    @functools.lru_cache(maxsize=None)
    def wrapper(*args):
        return function(*args)

    return wrapper
"""


@pytest.mark.parametrize(
    ("base", "head", "shown"),
    [
        (RETRY, RETRY.replace("range(times)", "range(times - 1)"), "applied(retry("),
        (
            MEMOIZE,
            MEMOIZE.replace("return cache[args]", "return function(*args)"),
            "applied(memoize(counting()), 1)",
        ),
    ],
)
def test_a_decorator_that_does_something_else(tmp_path, base, head, shown):
    context = compared(tmp_path, base, head)
    [found] = context.drafts
    assert found.proof.input.startswith(shown)
    assert found.difference.narrow == "closure"
    assert context.verdicts(found) == (True, False)


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (
            RETRY,
            RETRY[: RETRY.index("            for")] + WHILE + RETRY[RETRY.index("        return wrapper") :],
        ),
        (MEMOIZE, LRU),
    ],
)
def test_a_decorator_that_is_written_otherwise(tmp_path, base, head):
    assert compared(tmp_path, base, head).drafts == []
