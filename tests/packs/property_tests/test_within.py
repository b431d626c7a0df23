"""What a transaction takes back when its body fails: it shows in the calls after it."""

import pytest

from .local import compared

JOURNAL = """
import contextlib


class Journal:
    def __init__(self):
        self._entries = []
        self._number = 0

    def post(self, text: str) -> int:
        self._number += 1
        self._entries.append((self._number, text))
        return self._number

    @contextlib.contextmanager
    def transaction(self):
        kept = list(self._entries), self._number
        try:
            yield self
        except Exception:
            self._entries, self._number = kept
            raise

    def texts(self) -> list[str]:
        return [text for _, text in self._entries]
"""
ITSELF = """
class Basket:
    def __init__(self):
        self._items = []

    def add(self, name: str) -> None:
        self._items.append(name)

    def __enter__(self):
        self._kept = list(self._items)
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            self._items = self._kept
        return False

    def names(self) -> list[str]:
        return sorted(self._items)
"""


@pytest.mark.parametrize(
    ("base", "old", "new", "said"),
    [
        (
            JOURNAL,
            "self._entries, self._number = kept",
            "self._entries = kept[0]",
            "with journal.transaction(): journal.post('')",
        ),
        (ITSELF, "if kind is not None:", "if kind is ValueError:", "with basket: basket.add("),
    ],
)
def test_what_is_no_longer_taken_back(tmp_path, base, old, new, said):
    assert base.count(old) == 1
    context = compared(tmp_path, base, base.replace(old, new))
    draft = context.drafts[0]
    assert said in draft.proof.input
    assert ("What changed is Journal.transaction(), which was called before." in draft.message) == (
        base is JOURNAL
    )
    assert context.verdicts(draft) == (True, False)


def test_another_way_to_take_it_back_is_no_difference(tmp_path):
    head = JOURNAL.replace(
        "kept = list(self._entries), self._number", "kept = len(self._entries), self._number"
    )
    head = head.replace(
        "self._entries, self._number = kept",
        "del self._entries[kept[0] :]\n            self._number = kept[1]",
    )
    assert compared(tmp_path, JOURNAL, head).drafts == []
