"""Pairs of small trees, before and after a change: written here, from releases, and mutants of both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
NODE = """class Node:
    def __init__(self, value=None, successor=None, successors=(), predecessors=()):
        self.value = value
        self.successor = successor
        self.successors = list(successors)
        self.predecessors = list(predecessors)
"""


@dataclass(frozen=True)
class Pair:
    """Two trees, path → text, and whether the second behaves differently."""

    group: str
    name: str
    different: bool
    base: dict[str, str]
    head: dict[str, str]


def written(with_tests: bool) -> Iterator[Pair]:
    """Pairs of the text files: ``=== NAME KIND``, base, then ``--- head``, or ``--- old`` and ``--- new``.

    ``--- test`` is a test file that does not notice the change; ``NODE`` in it stands for a class that
    only the tests have.
    """
    for file in sorted(HERE.glob("*.txt")):
        for name, kind, text in re.findall(
            r"^=== (\w+) (\w+)\n(.*?)(?=^=== |\Z)", file.read_text(), re.M | re.S
        ):
            base, *rest = re.split(r"^--- (\w+)\n", text, flags=re.M)
            parts = dict(zip(rest[::2], rest[1::2], strict=True))
            head = parts.get("head") or replaced(file.name, name, base, parts["old"], parts["new"])
            tests = {}
            if with_tests and "test" in parts:
                tests[f"test_{name}.py"] = parts["test"].replace("NODE", "\n\n" + NODE)
            module = f"{name}.py"
            yield Pair(file.stem, name, kind == "different", {module: base, **tests}, {module: head, **tests})


def replaced(file: str, name: str, base: str, old: str, new: str) -> str:
    old, new = old.rstrip("\n"), new.rstrip("\n")
    if base.count(old) != 1:
        raise SystemExit(f"{file}: {name}: the old text occurs {base.count(old)} times.")
    return base.replace(old, new)
