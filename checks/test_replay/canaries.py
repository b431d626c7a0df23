"""Tests of our own among the project's: some must pass, some must fail.

They are named with words of the project's own tests and lie beside them, so that what
rewrites, drops or swallows results treats them like the rest, and gives itself away.
"""

import random
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WORD = re.compile(r"[a-z]{3,12}")
FALLBACK = ("values", "limits", "result", "order", "empty", "total", "names", "range")


@dataclass(frozen=True)
class Canaries:
    """Files (path to text) and the ids of the tests in them, by what must become of them."""

    files: dict[str, str]
    must_pass: tuple[str, ...]
    must_fail: tuple[str, ...]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self.must_pass + self.must_fail)


_BODIES: Sequence[tuple[bool, str]] = (
    (True, "def {name}():\n    assert sorted([{n}, 1]) == [1, {n}]\n"),
    (False, "def {name}():\n    assert sorted([{n}, 1]) == [{n}, 1]\n"),
    (True, "def {name}():\n    with pytest.raises(ValueError):\n        int('{n}x')\n"),
    (False, "def {name}():\n    with pytest.raises(ValueError):\n        int('{n}')\n"),
    (False, "def {name}():\n    assert pytest.approx({n}) == {n} + 1\n"),
)
_CASE = """class {title}(unittest.TestCase):
    def {good}(self):
        self.assertEqual(len("x" * {n}), {n})

    def {bad}(self):
        self.assertEqual(len("x" * {n}), {n} + 1)
"""


def make_canaries(
    test_files: Iterable[str], names: Iterable[str], patterns: Sequence[str], fixed: bool = False
) -> Canaries:
    """Two files beside existing test files, at places that cannot be foreseen unless ``fixed``.

    ``names`` are names of existing tests, ``patterns`` those of test files (``test_*.py``).
    """
    dice = random.Random(0 if fixed else secrets.randbits(64))  # noqa: S311 - seeded from the system's own source
    paths = sorted(test_files)
    taken = {path.rpartition("/")[2] for path in paths}
    words = sorted({word for name in names for word in WORD.findall(name.lower())} - {"test"}) or list(
        FALLBACK
    )
    words = words + list(FALLBACK) if len(words) < 6 else words
    files: dict[str, str] = {}
    groups: dict[bool, list[str]] = {True: [], False: []}
    for _ in range(2):
        folder = dice.choice(paths).rpartition("/")[0]
        path = f"{folder}/" if folder else ""
        path += _file_name(dice, words, patterns, taken)
        text, ids = _file(dice, words)
        files[path] = text
        for good, inner in ids:
            groups[good].append(f"{path}::{inner}")
    return Canaries(files, tuple(groups[True]), tuple(groups[False]))


def _file_name(dice: random.Random, words: list[str], patterns: Sequence[str], taken: set[str]) -> str:
    usable = [
        pattern
        for pattern in patterns
        if pattern.count("*") == 1 and pattern.endswith(".py") and "/" not in pattern
    ]
    pattern = dice.choice(usable) if usable else "test_*.py"
    while True:
        name = pattern.replace("*", "_".join(dice.sample(words, 2)) + ("" if dice.random() < 0.5 else "s"))
        if name not in taken:
            taken.add(name)
            return name


def _file(dice: random.Random, words: list[str]) -> tuple[str, list[tuple[bool, str]]]:
    pool = ["_".join(pair) for pair in zip(words, dice.sample(words, len(words)), strict=True)]
    names = [f"test_{name}" for name in dice.sample(sorted(set(pool)), min(len(set(pool)), 8))]
    while len(names) < 8:
        names.append(f"test_{dice.choice(words)}_{len(names)}")
    ids = []
    parts = []
    for good, body in dice.sample(_BODIES, len(_BODIES)):
        name = names.pop()
        parts.append(body.format(name=name, n=dice.randrange(2, 99)))
        ids.append((good, name))
    title = "Test" + dice.choice(words).title()
    good_name, bad_name = names.pop(), names.pop()
    parts.append(_CASE.format(title=title, good=good_name, bad=bad_name, n=dice.randrange(2, 99)))
    ids += [(True, f"{title}::{good_name}"), (False, f"{title}::{bad_name}")]
    dice.shuffle(parts)
    return "import unittest\n\nimport pytest\n\n\n" + "\n\n".join(parts), ids
