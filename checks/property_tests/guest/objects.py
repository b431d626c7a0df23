"""Graphs of objects, drawn and varied: lists linked by nodes, trees, networks, with and without cycles.

A graph is a list of nodes, each a mapping of field to recipe, where ``["at", n]`` is another node.
Nodes refer to earlier ones where possible, so that the code of a proof can build them in order.
"""

from __future__ import annotations

import random
import typing

Recipe = typing.Any
Node = typing.Dict[str, Recipe]
OPPOSITES = (
    ("predecessor", "successor"), ("incoming", "outgoing"), ("parent", "child"), ("prev", "next"),
    ("parent", "left"), ("parent", "right"), ("ancestor", "descendant"), ("source", "target"),
)  # fmt: skip


class Shape:
    """What the nodes of a graph are: their class (None for plain objects), links and other fields.

    ``given`` are the fields that the class's constructor takes, ``needed`` those without a default.
    """

    def __init__(self) -> None:
        self.where: list[str] | None = None
        self.given: set[str] | None = None
        self.needed: set[str] = set()
        self.single: list[str] = []
        self.many: list[str] = []
        self.fields: dict[str, typing.Any] = {}

    @property
    def links(self) -> list[str]:
        return [*self.single, *self.many]

    def inverse(self) -> dict[str, str]:
        """Links that lead back along another link: ``{"predecessors": "successors"}``."""
        found: dict[str, str] = {}
        for back, forth in OPPOSITES:
            backs = [name for name in self.links if name.startswith(back)]
            forths = [name for name in self.links if name.startswith(forth) and name not in backs]
            if backs and forths:
                found.setdefault(backs[0], forths[0])
        return found


def draw(rng: random.Random, shape: Shape, value: typing.Callable[[typing.Any, int], Recipe]) -> list[Node]:
    """A new graph. ``value`` draws a field that is no link, from its domain, for the n-th node."""
    count = rng.choice((1, 2, 2, 3, 3, 4, 4, 5, 6))
    nodes: list[Node] = [
        {name: value(domain, at) for name, domain in shape.fields.items()} for at in range(count)
    ]
    inverse = shape.inverse()
    for name in shape.many:
        for node in nodes:
            node[name] = ["list", []]
    for name in shape.single:
        for node in nodes:
            node[name] = None
    _connect(rng, shape, nodes, [name for name in shape.links if name not in inverse])
    reflect(shape, nodes)
    return nodes


def _connect(rng: random.Random, shape: Shape, nodes: list[Node], forward: list[str]) -> None:
    single = [name for name in forward if name in shape.single]
    many = [name for name in forward if name in shape.many]
    for at in range(len(nodes) - 1):
        parents = [
            (parent, name)
            for parent in range(at + 1, len(nodes))
            for name in single
            if nodes[parent][name] is None
        ]
        if parents:
            parent, name = parents[0] if len(single) == 1 else rng.choice(parents)
            nodes[parent][name] = ["at", at]
    if len(single) == 1 and rng.random() < 0.25:
        nodes[0][single[0]] = ["at", rng.randrange(len(nodes))]
    cyclic = rng.random() < 0.35
    for name in many:
        for one in range(len(nodes)):
            for two in range(len(nodes)):
                if rng.random() < (0.45 if two < one else 0.2 if cyclic else 0.0):
                    nodes[one][name][1].append(["at", two])
            rng.shuffle(nodes[one][name][1])


def reflect(shape: Shape, nodes: list[Node]) -> None:
    """Set the links that lead back so that they agree with those that lead forth."""
    for back, forth in shape.inverse().items():
        for node in nodes:
            node[back] = ["list", []] if back in shape.many else None
        for at, node in enumerate(nodes):
            for _, target in linked(node[forth]):
                if back in shape.many:
                    nodes[target][back][1].append(["at", at])
                else:
                    nodes[target][back] = ["at", at]


def linked(recipe: Recipe) -> list[list[typing.Any]]:
    """The references in a link: none, one, or those of a list."""
    if not isinstance(recipe, list):
        return []
    if recipe[0] == "at":
        return [recipe]
    return [item for item in recipe[1] if isinstance(item, list) and item[0] == "at"]


def edges(shape: Shape, nodes: list[Node]) -> list[tuple[int, int]]:
    """Pairs of nodes that a forward link joins."""
    inverse = shape.inverse()
    forward = [name for name in shape.links if name not in inverse]
    return [(at, to) for at, node in enumerate(nodes) for name in forward for _, to in linked(node[name])]


def written(shape: Shape, nodes: list[Node], at: int) -> Recipe:
    """The recipe whose value is the ``at``-th node."""
    made = []
    for number, node in enumerate(nodes):
        given, later = [], []
        for name, item in node.items():
            takes = shape.given is None or name in shape.given
            early = all(to < number for _, to in linked(item))
            if takes and early:
                if item is not None or name in shape.needed or shape.given is None:
                    given.append([name, item])
            else:
                later.append([name, item])
                if name in shape.needed:
                    given.append([name, None])
        made.append([given, later])
    return ["graph", shape.where, made, at]


def read(recipe: Recipe) -> list[Node]:
    """The nodes of a graph's recipe."""
    return [dict([*given, *later]) for given, later in recipe[2]]


def vary(
    rng: random.Random,
    shape: Shape,
    recipe: Recipe,
    change: typing.Callable[[Recipe, typing.Any], Recipe],
) -> Recipe:
    """The graph with a link or a field changed, or another node of it. ``change`` varies a field."""
    nodes = read(recipe)
    for node in nodes:
        for name in shape.links:
            node.setdefault(name, ["list", []] if name in shape.many else None)
    node = rng.choice(nodes)
    inverse = shape.inverse()
    forward = [name for name in shape.links if name not in inverse]
    roll = rng.random()
    if forward and roll < 0.5:
        name = rng.choice(forward)
        if name in shape.single:
            node[name] = rng.choice((None, ["at", rng.randrange(len(nodes))]))
        else:
            items = list(node[name][1])
            if items and rng.random() < 0.5:
                del items[rng.randrange(len(items))]
            else:
                items.append(["at", rng.randrange(len(nodes))])
            node[name] = ["list", items]
        reflect(shape, nodes)
    elif shape.fields and roll < 0.8:
        name = rng.choice(list(shape.fields))
        node[name] = change(node.get(name), shape.fields[name])
    at = recipe[3] if roll < 0.9 else rng.randrange(len(nodes))
    return written(shape, nodes, at)
