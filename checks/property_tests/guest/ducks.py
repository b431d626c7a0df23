"""From what a function did with probes to the domains of its parameters: objects, pairs, mappings."""

from __future__ import annotations

import os
import re
import sys
import typing

from guestlib.recipes import find
from guestlib.symbols import is_test_file, module_name

from . import hints
from .domain import Domain
from .objects import Shape
from .probe import METHODS, Use

MAX_FILES = 400
MANY = frozenset({"iterated", "contains", "sized", "indexed", "sliced"})


def fields_of(use: Use) -> dict[str, Use]:
    """Attributes that no container or text has, or that were not called like a method."""
    return {
        name: child
        for name, child in use.attributes.items()
        if name not in METHODS or (name not in use.called and child.kinds)
    }


def is_node(use: Use | None) -> bool:
    return use is not None and (bool(fields_of(use)) or any(bool(fields_of(other)) for other in use.same))


def shape_of(use: Use) -> Shape | None:
    """The shape of the graph that ``use`` is a node of; None where a node's method is needed."""
    shape = Shape()
    seen: dict[str, list[Use]] = {}
    waiting, known = [use, *use.same], set()
    while waiting:
        one = waiting.pop()
        if id(one) in known:
            continue
        known.add(id(one))
        for name, child in fields_of(one).items():
            if "called" in child.kinds:
                return None
            seen.setdefault(name, []).append(child)
            waiting += [other for other in (child, child.item) if other is not None and is_node(other)]
    for name, uses in seen.items():
        kinds = {kind for one in uses for kind in one.kinds}
        items = [one.item for one in uses if one.item is not None]
        if any(is_node(one) for one in uses):
            shape.single.append(name)
        elif any(map(is_node, items)) or (
            kinds & MANY and not any(one.kinds & {"number", "text"} for one in items)
        ):
            shape.many.append(name)
        else:
            shape.fields[name] = Domain(name)
            shape.fields[name].allow("str" if "text" in kinds else "int", 0.6)
    return shape


def dress(shape: Shape, tree: str, loaded: dict[str, typing.Any]) -> None:
    """Find the class of the tree whose objects have the shape's fields; leave it plain without one."""
    wanted = {*shape.links, *shape.fields}
    for module, name in _candidates(wanted, tree, loaded):
        try:
            known = hints.parameters(find(module, name), False)
        except Exception:
            continue
        names = {parameter.name for parameter, _ in known}
        if not wanted & names:
            continue
        shape.where, shape.given = [module, name], names
        for parameter, domain in known:
            optional = parameter.default is not parameter.empty or parameter.kind is parameter.VAR_KEYWORD
            optional = optional or parameter.kind is parameter.VAR_POSITIONAL
            if parameter.name not in wanted and not optional:
                if domain.open:
                    domain.allow("int", 0.6)
                shape.fields[parameter.name] = domain
            if not optional:
                shape.needed.add(parameter.name)
            elif parameter.name == "value" and parameter.name not in wanted:
                domain.tags = {"int": 0.6}
                shape.fields[parameter.name] = domain
        return
    if not shape.fields:  # so that a reader can tell the nodes apart
        shape.fields["value"] = Domain("value")
        shape.fields["value"].allow("int", 0.6)


def _candidates(
    wanted: set[str], tree: str, loaded: dict[str, typing.Any]
) -> typing.Iterator[tuple[str, str]]:
    for item in loaded.values():
        if isinstance(item, type) and _of_tree(item, tree) and _mentions(vars(item).get("__init__"), wanted):
            yield item.__module__, item.__qualname__
    files = 0
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.endswith(".py") or is_test_file(path, tree) or files > MAX_FILES:
                continue
            files += 1
            module = module_name(path, tree)
            yield from ((module, kind) for kind in _classes(path, wanted) if module)


def _of_tree(kind: type, tree: str) -> bool:
    place = getattr(sys.modules.get(kind.__module__), "__file__", None) or ""
    return place.startswith(tree + os.sep)


def _mentions(function: typing.Any, wanted: set[str]) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and wanted <= {*code.co_names, *code.co_varnames}


def _classes(path: str, wanted: set[str]) -> list[str]:
    """Classes of a file whose text names all the wanted fields."""
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read(200_000)
    except (OSError, ValueError):
        return []
    found = []
    for match in re.finditer(r"^class (\w+)\b.*?(?=^\S|\Z)", text, re.M | re.S):
        if all(re.search(r"\b%s\b" % re.escape(name), match.group()) for name in wanted):
            found.append(match.group(1))
    return found


class Wardrobe:
    """Applies uses to domains; all parameters of one function share the shape of their nodes.

    ``width`` is the number of parts of the keys in the body, 0 where these are no tuples.
    """

    def __init__(self, tree: str, loaded: dict[str, typing.Any], width: int = 0) -> None:
        self.tree = tree
        self.width = width
        self.loaded = loaded
        self.shape: Shape | None = None

    def apply(self, uses: dict[str, Use], domains: dict[str, Domain]) -> None:
        for name, use in uses.items():
            if name in domains and not domains[name].declared:
                self.give(use, domains[name])
        keyed = any(domain.key is not None and not domain.observed for domain in domains.values())
        for name, use in uses.items():
            domain = domains.get(name)
            if domain is None or domain.declared or domain.observed or not domain.open or domain.pool:
                continue
            if self.shape is not None and not use.kinds - {"hashed"}:
                self.node(use, domain)
            elif keyed:
                label(domain)

    def give(self, use: Use, domain: Domain) -> None:
        """What one position needs."""
        if is_node(use):
            self.node(use, domain)
        elif domain.observed:
            return
        elif "mapping" in use.kinds and use.key is not None:
            guess(domain, "dict")
            self.inner(self.keys(use), domain.keys())
            self.inner(use.value, domain.values())
        elif use.item is not None and use.kinds & MANY and self.structured(use.item):
            guess(domain, "list")
            self.inner(use.item, domain.items())

    def keys(self, use: Use) -> Use | None:
        """The use of a mapping's keys that says most: what goes through a mapping are its keys too."""
        choices = [one for one in (use.key, *(use.key.same if use.key else ()), use.item) if one is not None]
        return next((one for one in choices if one.parts is not None), use.key)

    def structured(self, use: Use) -> bool:
        return use.parts is not None or is_node(use) or (use.item is not None and self.structured(use.item))

    def inner(self, use: Use | None, domain: Domain) -> None:
        if use is None:
            return
        if use.parts is not None:
            guess(domain, "tuple")
            domain.parts = [Domain(domain.name) for _ in use.parts]
            for part, inner in zip(use.parts, domain.parts):
                self.inner(part, inner)
        elif is_node(use) or "mapping" in use.kinds or (use.item is not None and self.structured(use.item)):
            self.give(use, domain)
        elif domain.open:
            if "number" in use.kinds:
                domain.allow("int", 0.6)
            elif "text" in use.kinds:
                domain.allow("str", 0.6)
            elif self.width and domain.name == "":  # a key, and the body has keys of so many parts
                guess(domain, "tuple")
                domain.parts = [Domain() for _ in range(self.width)]
                for inner in domain.parts:
                    label(inner)
            else:
                label(domain)

    def node(self, use: Use, domain: Domain) -> None:
        if self.shape is None:
            shape = shape_of(use)
            if shape is None:
                return
            dress(shape, self.tree, self.loaded)
            self.shape = shape
        domain.shape = self.shape
        if domain.observed:
            domain.allow("graph", 2.0)
        else:
            guess(domain, "graph")
            domain.allow("none", 0.1)


def guess(domain: Domain, tag: str) -> None:
    """Replace what the body suggested by something better founded."""
    for other in [*domain.guesses, "none"]:
        domain.tags.pop(other, None)
    domain.guesses = {tag}
    domain.allow(tag, 0.8)


def label(domain: Domain) -> None:
    """The position holds names or numbers of things: anything that can be a key."""
    domain.label = True
    domain.allow("int", 0.5)
    domain.allow("str", 0.5)
