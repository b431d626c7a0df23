"""Context managers are used as a with statement does, left as usual and by an error."""

import pytest

from .local import edited

OVERRIDE = """
from contextlib import contextmanager


@contextmanager
def override(settings, **values):
    old = {key: settings[key] for key in values if key in settings}
    settings.update(values)
    try:
        yield settings
    finally:
        for key in values:
            settings.pop(key)
        settings.update(old)
"""
OVERRIDE_TEST = """
from m import override


def test_it():
    settings = {"a": 1}
    with override(settings, a=2):
        assert settings == {"a": 2}
    assert settings == {"a": 1}
"""
UNGUARDED = """    yield settings
    for key in values:
        settings.pop(key)
    settings.update(old)
"""
TRANSACTION = """
class Transaction:
    def __init__(self, rows: list[int]):
        self.rows = rows
        self.saved = None

    def __enter__(self):
        self.saved = list(self.rows)
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            self.rows[:] = self.saved
        self.saved = None
        return False
"""


@pytest.mark.parametrize(
    ("base", "old", "new", "test", "shown"),
    [
        (OVERRIDE, OVERRIDE[OVERRIDE.index("    try") :], UNGUARDED, OVERRIDE_TEST, "with override({"),
        (
            TRANSACTION,
            "return False",
            "return True",
            "",
            "with Transaction([]): …; with Transaction([]): raise",
        ),
    ],
)
def test_what_an_error_in_the_body_does(tmp_path, base, old, new, test, shown):
    context = edited(tmp_path, base, old, new, test)
    [found] = context.drafts
    assert context.verdicts(found) == (True, False)
    assert found.proof.input.startswith(shown)
    pinned = found.proof.files["test_@id@_base.py"].decode()
    assert "def failing(manager):" in pinned
    assert "failing(override(argument_1," in pinned or "(used(receiver), failing(receiver)) ==" in pinned


def test_another_way_to_write_it_is_no_difference(tmp_path):
    base = """
from contextlib import contextmanager


@contextmanager
def recording(log: list[str], name: str):
    log.append("begin " + name)
    try:
        yield name.upper()
    finally:
        log.append("end " + name)
"""
    old = base[base.index("    log.append") :]
    new = """    log += [f"begin {name}"]
    shown = name.upper()
    try:
        yield shown
    finally:
        log += [f"end {name}"]
"""
    assert edited(tmp_path, base, old, new).drafts == []
