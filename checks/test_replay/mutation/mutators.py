"""Small defects put into changed lines: what mutation testing calls mutants.

The kinds are those of DeMillo, Lipton and Sayward (1978), kept to the ones that a test can be
expected to notice. A mutant is an edit of the text, so that its difference reads as a person
would write it. Left out, because a survivor would say nothing: messages of errors and logs,
tuning arguments (timeouts, sizes), and comparisons whose two sides are equal where it matters.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from .lines import ChangedFile, Function, outer_functions

MAX_PER_LINE = 4

_COMPARE = {
    ast.Lt: ("<", ">=", "<="), ast.LtE: ("<=", ">", "<"), ast.Gt: (">", "<=", ">="), ast.GtE: (">=", "<", ">"),
    ast.Eq: ("==", "!=", None), ast.NotEq: ("!=", "==", None), ast.In: ("in", "not in", None),
    ast.NotIn: ("not in", "in", None), ast.Is: ("is", "is not", None), ast.IsNot: ("is not", "is", None),
}  # fmt: skip
_ARITHMETIC = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"), ast.Mod: ("%", "*"), ast.Pow: ("**", "*"), ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"), ast.LShift: ("<<", ">>"), ast.RShift: (">>", "<<"),
}  # fmt: skip
# Calls whose only effect is on logs, terminals and waiting, and methods that only tidy up.
_SILENT = frozenset({
    "print", "log", "debug", "info", "warning", "warn", "error", "exception", "critical", "sleep", "close",
    "flush", "collect", "simplefilter", "filterwarnings", "set_description",
})  # fmt: skip
_TUNING = frozenset({
    "timeout", "maxsize", "indent", "stacklevel", "chunk_size", "chunksize", "buffering", "buffer_size",
    "interval", "retries", "max_workers", "level", "width", "precision", "encoding", "errors", "mode", "help",
    "description",
})  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """An edit of one file: the text from ``start`` to ``end`` (line, byte column) becomes ``new``.

    ``covered_by`` are the lines whose tests can notice it. ``name`` is set for a mutant of a
    module's constant, which has no function. ``strong`` mutants change what happens whenever
    the line runs; others only at a border or by a little.
    """

    path: str
    function: str
    line: int
    kind: str
    strong: bool
    start: tuple[int, int]
    end: tuple[int, int]
    new: str
    covered_by: tuple[int, ...]
    first_line: int = 0
    name: str = ""


def mutants(file: ChangedFile) -> list[Mutant]:
    """The mutants of a file's changed lines, at most MAX_PER_LINE a line, strong ones first."""
    found: list[Mutant] = []
    for name, function in outer_functions(file.tree):
        found += _Walk(file, name, function).run()
    found += _constants_of_module(file)
    kept: list[Mutant] = []
    counts: dict[int, int] = {}
    for mutant in sorted(found, key=lambda one: (not one.strong, one.line, one.start, one.new)):
        counts[mutant.line] = counts.get(mutant.line, 0) + 1
        if counts[mutant.line] <= MAX_PER_LINE:
            kept.append(mutant)
    return kept


class _Walk:
    """Collects the mutants of one function."""

    def __init__(self, file: ChangedFile, name: str, function: Function) -> None:
        self._file = file
        self._lines = file.text.encode("utf-8", "surrogatepass").split(b"\n")
        self._name = name
        self._function = function
        self._found: list[Mutant] = []
        self._statement: ast.stmt | ast.ExceptHandler = function

    def run(self) -> list[Mutant]:
        first, *rest = self._function.body
        documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        for statement in rest if documented else [first, *rest]:
            self._visit(statement)
        return self._found

    def _visit(self, node: ast.AST, parent: ast.AST | None = None) -> None:
        outer = self._statement
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            self._statement = node
        if not _left_out(node):
            self._mutate(node, parent)
            for child in _children(node):
                self._visit(child, node)
        self._statement = outer

    def _mutate(self, node: ast.AST, parent: ast.AST | None) -> None:
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            self._compare(node, parent)
        elif isinstance(node, ast.BinOp) and not _texts(node):
            self._operator(
                node.left, node.right, *_ARITHMETIC.get(type(node.op), ("", "")), kind="arithmetic"
            )
        elif isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC and not _text(node.value):
            old, new = _ARITHMETIC[type(node.op)]
            self._operator(node.target, node.value, old + "=", new + "=", kind="arithmetic")
        elif isinstance(node, ast.BoolOp):
            old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            self._operator(node.values[0], node.values[1], old, new, kind="boolean")
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            at = (node.lineno, node.col_offset)
            self._add("boolean", True, at, (at[0], at[1] + 3), "")
        elif isinstance(node, ast.Constant):
            self._constant(node, parent)
        elif isinstance(node, ast.Return | ast.Raise | ast.Expr | ast.ExceptHandler):
            self._whole(node)

    def _compare(self, node: ast.Compare, parent: ast.AST | None) -> None:
        old, negated, border = _COMPARE[type(node.ops[0])]
        self._operator(node.left, node.comparators[0], old, negated, kind="comparison")
        if border is not None and not _tie(node, parent):
            self._operator(node.left, node.comparators[0], old, border, kind="comparison", strong=False)

    def _operator(
        self, left: ast.expr, right: ast.expr, old: str, new: str, *, kind: str, strong: bool = True
    ) -> None:
        """Replace the operator that stands between two expressions on one line."""
        line, start = left.end_lineno or 0, left.end_col_offset or 0
        if not old or right.lineno != line:
            return
        between = self._lines[line - 1][start : right.col_offset].decode("utf-8", "replace")
        at = between.find(old)
        if at >= 0 and between.isascii():
            self._add(kind, strong, (line, start + at), (line, start + at + len(old)), new)

    def _constant(self, node: ast.Constant, parent: ast.AST | None) -> None:
        value = node.value
        if isinstance(value, bool):
            self._replace("constant", True, node, str(not value))
        elif isinstance(value, int | float):
            self._replace("constant", False, node, repr(value + 1))
        elif (
            isinstance(value, str) and value and isinstance(parent, ast.Compare | ast.Return | ast.Subscript)
        ):
            self._replace("constant", isinstance(parent, ast.Return), node, repr(value + "_"))

    def _whole(self, node: ast.Return | ast.Raise | ast.Expr | ast.ExceptHandler) -> None:
        if isinstance(node, ast.Return):
            if node.value is not None and not isinstance(node.value, ast.Constant):
                self._replace("return value", True, node.value, "None")
        elif isinstance(node, ast.ExceptHandler):
            if node.type is not None and not _reraises(node):
                self._replace("exception", True, node.type, "()")
        elif isinstance(node, ast.Raise):
            if not _unwritten(node):
                self._replace("exception", True, node, "pass")
        elif _call_of(node.value) not in (None, *_SILENT):
            self._replace("removed call", True, node, "pass")

    def _replace(self, kind: str, strong: bool, node: ast.expr | ast.stmt, new: str) -> None:
        end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
        self._add(kind, strong, (node.lineno, node.col_offset), end, new)

    def _add(self, kind: str, strong: bool, start: tuple[int, int], end: tuple[int, int], new: str) -> None:
        if start[0] in self._file.lines:
            decorated = [item.lineno for item in self._function.decorator_list]
            first = min([self._function.lineno, *decorated])
            self._found.append(
                Mutant(self._file.path, self._name, start[0], kind, strong, start, end, new,
                       (self._statement.lineno,), first)
            )  # fmt: skip


def _unwritten(node: ast.Raise) -> bool:
    """Whether an exception only says that something is not written yet."""
    return node.exc is not None and ast.unparse(node.exc).startswith("NotImplementedError")


def _left_out(node: ast.AST) -> bool:
    """Whether what a node holds is for people or for the type checker, or has no exact place."""
    if isinstance(node, ast.JoinedStr | ast.Assert | ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal):
        return True
    if isinstance(node, ast.Call):
        return _call_of(node) in _SILENT
    if isinstance(node, ast.If):
        return ast.unparse(node.test).rpartition(".")[2] in ("TYPE_CHECKING", "__debug__")
    return isinstance(node, ast.keyword) and node.arg in _TUNING


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "args") and not isinstance(node, ast.Call):
            continue
        if isinstance(node, ast.Raise) or (isinstance(node, ast.ExceptHandler) and name == "type"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def _call_of(node: ast.expr) -> str | None:
    """The last name of what is called, None when it is no call."""
    if isinstance(node, ast.Await):
        node = node.value
    if not isinstance(node, ast.Call):
        return None
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _texts(node: ast.BinOp) -> bool:
    return _text(node.left) or _text(node.right)


def _text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _reraises(node: ast.ExceptHandler) -> bool:
    """Whether a handler only lets the same exception go on."""
    last = node.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _tie(node: ast.Compare, parent: ast.AST | None) -> bool:
    """Whether equal sides make no difference: the larger or smaller of the two is taken."""
    sides = {ast.unparse(node.left), ast.unparse(node.comparators[0])}
    if isinstance(parent, ast.BoolOp):
        return True  # most often `best is None or x > best`; its border is not worth a false alarm
    if isinstance(parent, ast.IfExp):
        return {ast.unparse(parent.body), ast.unparse(parent.orelse)} <= sides
    if isinstance(parent, ast.If):
        taken = parent.body[0]
        if isinstance(taken, ast.Assign) and len(taken.targets) == 1:
            return {ast.unparse(taken.targets[0]), ast.unparse(taken.value)} <= sides
        if isinstance(taken, ast.Return) and taken.value is not None:
            return ast.unparse(taken.value) in sides
    return False


def _constants_of_module(file: ChangedFile) -> Iterator[Mutant]:
    """Numbers that a module gives a name, with the lines of the functions that read it."""
    for node in file.tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.lineno not in file.lines:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        value = node.value
        if not isinstance(target, ast.Name) or not isinstance(value, ast.Constant):
            continue
        if isinstance(value.value, bool) or not isinstance(value.value, int | float):
            continue
        if set(target.id.lower().split("_")) & (_TUNING | {"version", "size", "limit"}):
            continue
        used = _readers(file.tree, target.id)
        end = (value.end_lineno or value.lineno, value.end_col_offset or 0)
        if used:
            yield Mutant(file.path, "", node.lineno, "constant", True, (value.lineno, value.col_offset), end,
                         repr(value.value + 1), used, name=target.id)  # fmt: skip


def _readers(tree: ast.Module, name: str) -> tuple[int, ...]:
    lines: set[int] = set()
    for _, function in outer_functions(tree):
        for statement in ast.walk(function):
            if isinstance(statement, ast.stmt) and any(
                isinstance(node, ast.Name) and node.id == name for node in ast.walk(statement)
            ):
                lines.add(statement.lineno)
    return tuple(sorted(lines))


def difference(mutant: Mutant, text: str) -> str:
    """The mutant as a difference of lines."""
    lines = text.encode("utf-8", "surrogatepass").split(b"\n")
    (first, start), (last, end) = mutant.start, mutant.end
    before = lines[first - 1 : last]
    after = lines[first - 1][:start] + mutant.new.encode("utf-8", "surrogatepass") + lines[last - 1][end:]
    removed = "\n".join("-" + line.decode("utf-8", "replace") for line in before)
    return f"@@ {mutant.path}:{first} @@\n{removed}\n+{after.decode('utf-8', 'replace')}"
