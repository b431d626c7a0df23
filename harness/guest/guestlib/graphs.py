"""Objects that refer to each other: built node by node, so that they may share parts and form cycles.

A graph's recipe stands where its first node is needed, ``["at", n]`` where another node of the same
call is; see :mod:`guestlib.recipes`. A node is ``[given, set]``: fields that its constructor takes, and
fields that are assigned when all nodes are there.
"""

from __future__ import annotations

import typing

Recipe = typing.Any
SOURCE = (
    "class Node:",
    "    def __init__(self, **fields):",
    "        self.__dict__.update(fields)",
)


class Node:
    """An object of no class of the tree: it has the fields that it is given, and its identity."""

    def __init__(self, **fields: typing.Any) -> None:
        self.__dict__.update(fields)


nodes: list[typing.Any] = []
"""The nodes of the graph that was built last for the call that is being made."""


def make(
    kind: typing.Callable[..., typing.Any],
    recipes: list[list[list[list[Recipe]]]],
    build: typing.Callable[[Recipe], typing.Any],
) -> None:
    """Fill :data:`nodes`. Raises whatever a constructor raises, IndexError for a node that is not there."""
    nodes.clear()
    for given, _ in recipes:
        made = kind(**{name: build(item) for name, item in given})
        nodes.append(made)
    for node, (_, fields) in zip(list(nodes), recipes):
        for name, item in fields:
            setattr(node, name, build(item))


def position(value: object) -> int | None:
    """The number of a node of the call that is being made, None for any other object."""
    for at, node in enumerate(nodes):
        if node is value:
            return at
    return None
