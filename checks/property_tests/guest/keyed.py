"""Mappings that a body gives away by how it goes through them: ``for key in graph: graph[key]``."""

from __future__ import annotations

import ast
import typing

from .domain import Domain

THROUGH = frozenset({"sorted", "list", "set", "tuple", "iter", "deque", "reversed", "min", "max"})


def demand_mappings(domains: dict[str, Domain], tree: ast.AST) -> None:
    """Where a parameter's own elements index it, it is a mapping; where its values are gone through,
    they are lists. Positions with an annotation or with observed values are left alone."""
    sources: dict[str, str] = {name: name for name in domains}
    keys: dict[str, str] = {}
    for _ in range(2):  # a loop may run over a name that is bound further down
        for target, value in bindings(tree):
            source = _source(value, sources)
            if source is not None and target not in domains:
                sources[target] = source
        for target, value in loops(tree):
            source = _source(value, sources)
            if source is not None:
                keys[target] = source
    mappings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _own_key(node, keys):
            mappings.add(node.value.id)  # type: ignore[attr-defined]
    for name in mappings:
        _become_mapping(domains[name])
    for _, value in loops(tree):
        if (
            isinstance(value, ast.Subscript)
            and isinstance(value.value, ast.Name)
            and value.value.id in mappings
        ):
            _hold_lists(domains[value.value.id])


def bindings(tree: ast.AST) -> typing.Iterator[tuple[str, ast.expr]]:
    """Names and what is assigned to each."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def loops(tree: ast.AST) -> typing.Iterator[tuple[str, ast.expr]]:
    """Loop variables and what each runs over."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.comprehension)):
            yield (node.target.id if isinstance(node.target, ast.Name) else ""), node.iter


def _source(value: ast.expr, sources: dict[str, str]) -> str | None:
    """The parameter whose elements an expression gives."""
    if isinstance(value, ast.Name):
        return sources.get(value.id)
    if (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in THROUGH
        and value.args
    ):
        return _source(value.args[0], sources)
    if isinstance(value, ast.ListComp):
        return _source(value.generators[0].iter, sources)
    return None


def _own_key(node: ast.Subscript, keys: dict[str, str]) -> bool:
    return (
        isinstance(node.value, ast.Name)
        and isinstance(node.slice, ast.Name)
        and keys.get(node.slice.id) == node.value.id
    )


def _become_mapping(domain: Domain) -> None:
    if domain.declared or domain.observed:
        return
    for guess in domain.guesses:
        domain.tags.pop(guess, None)
    domain.guesses = {"dict"}
    domain.allow("dict", 0.6)
    domain.keys().allow("str", 0.6)


def _hold_lists(domain: Domain) -> None:
    if domain.tags.keys() == {"dict"} and not domain.declared and not domain.observed:
        domain.values().allow("list", 0.6)
        domain.values().items().allow("str", 0.6)


def key_width(tree: ast.AST | None) -> int:
    """How many parts the keys ``x[i, j]`` of a body have, 0 where there are none."""
    for node in ast.walk(tree) if tree is not None else ():
        key = node.slice if isinstance(node, ast.Subscript) else None
        if isinstance(key, ast.Tuple) and not any(isinstance(one, ast.Slice) for one in key.elts):
            return len(key.elts) if 1 < len(key.elts) < 5 else 0
    return 0
