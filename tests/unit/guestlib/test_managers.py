"""Context managers used both ways."""

import contextlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "harness" / "guest"))

from guestlib import managers


@contextlib.contextmanager
def noted(log):
    log.append("in")
    try:
        yield len(log)
    except LookupError:
        log.append("error")
        raise
    log.append("out")


def test_a_generators_manager_is_used_both_ways_on_the_same_objects():
    log = []
    assert managers.settled(noted(log), lambda: noted(log)) == (1, "raises LookupError")
    assert log == ["in", "out", "in", "error"]


def test_a_manager_that_keeps_errors_to_itself_goes_on():
    assert managers.both(contextlib.suppress(LookupError)) == (None, "goes on")
    assert managers.both(contextlib.nullcontext()) == (None, "raises LookupError")


def test_one_that_gives_itself_says_so():
    assert managers.used(contextlib.ExitStack()) == "itself"


def test_any_other_value_stays_what_it_is(tmp_path):
    opened = tmp_path.joinpath("a").open("w")
    assert managers.settled(opened, lambda: opened) is opened
    assert not opened.closed
    opened.close()
