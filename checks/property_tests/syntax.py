"""Syntax trees of a module reduced to what it means: which functions, classes and names there are.

Comments, docstrings, formatting and annotations of functions do not count; defaults,
decorators and fields of classes do.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.check.python_source import read_python

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
MAX_SOURCE = 1_000_000


@dataclass(frozen=True)
class Function:
    """One function or method: its name inside the module, its meaning, its place and its signature.

    ``owner`` is the dotted name of its class, empty for a function of the module. ``names``
    are the identifiers and attributes that its body reads. ``decorators`` are their last names.
    """

    name: str
    meaning: str
    line: int
    end_line: int
    owner: str
    required: tuple[str, ...]
    parameters: tuple[str, ...]
    keyword_only: tuple[str, ...]
    variadic: bool
    names: frozenset[str]
    decorators: frozenset[str]
    docstring: str

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def private(self) -> bool:
        return self.last.startswith("_") and not self.dunder

    @property
    def dunder(self) -> bool:
        return self.last.startswith("__") and self.last.endswith("__")


@dataclass
class Module:
    """What a module defines. ``constants`` maps a name to the meaning of its statements.

    ``imports`` are the names that it takes from other modules.
    """

    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    bases: dict[str, frozenset[str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    docstring: str = ""


def parse(text: str) -> Module | None:
    """The module of a source text, None when it is no Python that this interpreter reads."""
    if len(text) > MAX_SOURCE:
        return None
    try:
        tree = read_python(text)
        module = Module(docstring=ast.get_docstring(tree) or "")
        _collect(module, tree.body, "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return module


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name; ``?`` for another expression."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else "?"


def alike(before: str, after: str) -> bool:
    """Whether two source texts mean the same: comments, docstrings and formatting do not count."""
    try:
        return before == after or meaning(read_python(before)) == meaning(read_python(after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _collect(module: Module, body: list[ast.stmt], prefix: str) -> None:
    for node in body:
        if isinstance(node, FunctionNode):
            name = prefix + node.name
            module.functions[name] = _function(node, name, prefix.rstrip("."))
        elif isinstance(node, ast.ClassDef):
            name = prefix + node.name
            module.classes[name] = _class_meaning(node)
            module.bases[name] = frozenset(_names(node.bases))
            _collect(module, node.body, name + ".")
        elif isinstance(node, ast.ImportFrom) and not prefix:
            module.imports |= {item.asname or item.name for item in node.names}
        elif isinstance(node, ast.If | ast.Try) and not prefix:
            for inner in _blocks(node):
                _collect(module, inner, prefix)
        elif not prefix:
            for target in _targets(node):
                module.constants[target] = module.constants.get(target, "") + meaning(node)


def _blocks(node: ast.If | ast.Try) -> Iterator[list[ast.stmt]]:
    yield node.body
    yield node.orelse
    if isinstance(node, ast.Try):
        for handler in node.handlers:
            yield handler.body
        yield node.finalbody


def _targets(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from (item.id for item in ast.walk(target) if isinstance(item, ast.Name))
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        yield from (item.id for item in ast.walk(node.target) if isinstance(item, ast.Name))


def _function(node: FunctionNode, name: str, owner: str) -> Function:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    needed = positional[: len(positional) - len(arguments.defaults)]
    needed += [
        arg
        for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is None
    ]
    return Function(
        name=name,
        meaning=meaning(node),
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        owner=owner,
        required=tuple(arg.arg for arg in needed),
        parameters=tuple(arg.arg for arg in positional),
        keyword_only=tuple(arg.arg for arg in arguments.kwonlyargs),
        variadic=arguments.vararg is not None or arguments.kwarg is not None,
        names=frozenset(_names([node])),
        decorators=frozenset(_last(item) for item in node.decorator_list),
        docstring=ast.get_docstring(node) or "",
    )


def _last(node: ast.expr) -> str:
    plain = node.func if isinstance(node, ast.Call) else node
    return plain.attr if isinstance(plain, ast.Attribute) else getattr(plain, "id", "")


def _names(nodes: list[ast.expr] | list[FunctionNode]) -> Iterator[str]:
    for node in nodes:
        for item in ast.walk(node):
            if isinstance(item, ast.Name):
                yield item.id
            elif isinstance(item, ast.Attribute):
                yield item.attr


def _class_meaning(node: ast.ClassDef) -> str:
    """Meaning of a class without its methods: bases, decorators, fields."""
    bare = copy.copy(node)
    bare.body = [item for item in node.body if not isinstance(item, FunctionNode | ast.ClassDef)]
    return meaning(bare)


def meaning(node: ast.AST) -> str:
    """Canonical text of a node without docstrings, positions and annotations of functions."""
    return ast.dump(_Reduce().visit(copy.deepcopy(node)))


class _Reduce(ast.NodeTransformer):
    def visit_Module(self, node: ast.Module) -> ast.AST:
        node.body = _without_docstring(node.body)
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: FunctionNode) -> ast.AST:
        node.returns = None
        node.body = _without_docstring(node.body)
        self.generic_visit(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = _without_docstring(node.body)
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return body[1:]
    return body
