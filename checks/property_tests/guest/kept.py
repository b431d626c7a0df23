"""What the methods of a class ask of the arguments that its constructor keeps as they are.

``self.operation = operation`` says nothing; ``self.operation["value"]`` in another method says that it
is a mapping with that key.
"""

from __future__ import annotations

import ast
import inspect
import typing

from . import keyed, usage
from .domain import Domain

MAX_METHODS = 60


def demand(kind: type, domains: dict[str, Domain], tree: str) -> None:
    """Add to the domains of the constructor's parameters what methods, defined below ``tree``, do with them."""
    found = usage.parse(getattr(kind, "__init__", None))
    kept = attributes(found, set(domains)) if found is not None else {}
    for method in _methods(kind, tree) if kept else ():
        parsed = usage.parse(method)
        if parsed is None:
            continue
        asked = _Named(kept)
        parsed = asked.visit(parsed)
        read = {asked.name(attribute): domains[kept[attribute]] for attribute in asked.read}
        if read:
            usage.demand(read, parsed, getattr(method, "__globals__", {}))
            keyed.demand_mappings(read, parsed)


def attributes(constructor: ast.AST, parameters: set[str]) -> dict[str, str]:
    """Attributes that hold an argument as it was given: name of the attribute → of the parameter."""
    changed: set[str] = set()
    kept: dict[str, str] = {}
    often: set[str] = set()
    for node in ast.walk(constructor):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            changed.add(node.id)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if not _of_self(target):
                    continue
                often |= {target.attr} & kept.keys()
                kept[target.attr] = node.value.id if isinstance(node.value, ast.Name) else ""
    return {
        attribute: name
        for attribute, name in kept.items()
        if name in parameters and name not in changed and attribute not in often
    }


def _of_self(node: ast.AST) -> typing.TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def _methods(kind: type, tree: str) -> list[typing.Any]:
    """Functions of the class and of its bases below the tree, without the constructor."""
    found = []
    for owner in kind.__mro__:
        for name, item in vars(owner).items():
            function = getattr(item, "fget", None) or getattr(item, "__func__", None) or item
            inside = inspect.isfunction(function) and function.__code__.co_filename.startswith(tree)
            if inside and name != "__init__":
                found.append(function)
    return found[:MAX_METHODS]


class _Named(ast.NodeTransformer):
    """Puts a name, which no program can have, in the place of each attribute that is kept."""

    def __init__(self, kept: dict[str, str]) -> None:
        self.kept = kept
        self.read: set[str] = set()

    @staticmethod
    def name(attribute: str) -> str:
        return "self." + attribute

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if _of_self(node) and isinstance(node.ctx, ast.Load) and node.attr in self.kept:
            self.read.add(node.attr)
            return ast.copy_location(ast.Name(self.name(node.attr), ast.Load()), node)
        return self.generic_visit(node)
