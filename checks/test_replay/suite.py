"""The tests of both sides of a change, as they stand in the files."""

import ast
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from harness.check.interface import Context, Side, Snapshot
from harness.check.python_source import read_python

from .canaries import Canaries, make_canaries
from .layout import Layout, is_code_path, is_test_path, read_layout
from .statics import TestFile, TestFunction, parse_tests

MAX_FILES = 5000
TEST_LIBRARIES = frozenset({"pytest", "hypothesis", "unittest", "_pytest"})


@dataclass(frozen=True)
class Suite:
    """Both sides' test files. ``overlay`` are the paths of tests that differ between the sides."""

    layouts: Mapping[Side, Layout]
    files: Mapping[Side, Mapping[str, TestFile]]
    overlay: tuple[str, ...]
    code_changed: bool
    canaries: Canaries
    known: Canaries
    """Those of the run that the change has no part in, the same each time, so that it can be kept."""

    @property
    def canary_ids(self) -> frozenset[str]:
        """Ids of tests that are not the project's."""
        return self.canaries.ids | self.known.ids

    def layout(self, side: Side) -> Layout:
        return self.layouts[side]

    def function(self, side: Side, key: tuple[str, str]) -> TestFunction | None:
        """A test function by (path, ``Class.name``)."""
        file = self.files[side].get(key[0])
        return file.functions.get(key[1]) if file else None

    @property
    def empty(self) -> bool:
        return not any(file.functions for files in self.files.values() for file in files.values())


def read_suite(context: Context) -> Suite:
    """Read configuration and test files of both sides."""
    layouts = {Side.BASE: read_layout(context.base), Side.HEAD: read_layout(context.head)}
    both = tuple(layouts.values())
    helpers = _helpers(context.base) | _helpers(context.head)
    changed: list[str] = []
    for file in context.change.files:
        changed += [file.path] if file.old_path is None else [file.old_path, file.path]
    overlay = [path for path in changed if is_test_path(path, both) or path in helpers]
    # A function that one side's configuration calls a test is one on both: otherwise a narrower
    # pattern would look like a deleted test.
    merged = dataclasses.replace(
        layouts[Side.BASE],
        python_functions=layouts[Side.BASE].python_functions + layouts[Side.HEAD].python_functions,
        python_classes=layouts[Side.BASE].python_classes + layouts[Side.HEAD].python_classes,
    )
    files = {side: _test_files(context.snapshot(side), merged, both) for side in Side}
    functions = {path: file for path, file in files[Side.BASE].items() if file.functions}
    functions = functions or {path: file for path, file in files[Side.HEAD].items() if file.functions}
    names = [name for file in functions.values() for name in file.functions]
    patterns = layouts[Side.BASE].python_files
    canaries, known = (
        make_canaries(functions, names, patterns, fixed) if functions else Canaries({}, (), ())
        for fixed in (False, True)
    )
    rest = [path for path in changed if path not in overlay]
    return Suite(layouts, files, tuple(dict.fromkeys(overlay)), bool(rest), canaries, known)


def _test_files(snapshot: Snapshot, layout: Layout, layouts: tuple[Layout, ...]) -> dict[str, TestFile]:
    found: dict[str, TestFile] = {}
    for entry in snapshot.entries:
        name = entry.path.rpartition("/")[2]
        if entry.kind != "file" or not is_code_path(entry.path) or len(found) >= MAX_FILES:
            continue
        if any(one.matches(name) for one in layouts):
            text = snapshot.read_text(entry.path)
            parsed = parse_tests(entry.path, text, layout) if text is not None else None
            if parsed is not None:
                found[entry.path] = parsed
    return found


def _helpers(snapshot: Snapshot) -> set[str]:
    """Modules outside the tests' folders that exist for tests: they import a test library,
    and no module of the product imports them."""
    imports: dict[str, set[str]] = {}
    for entry in snapshot.entries[:MAX_FILES]:
        if entry.kind == "file" and is_code_path(entry.path) and not is_test_path(entry.path, (Layout(),)):
            imports[entry.path] = _imported(snapshot.read_text(entry.path) or "")
    candidates = {
        path for path, names in imports.items() if {n.partition(".")[0] for n in names} & TEST_LIBRARIES
    }
    kept = set()
    for path in candidates:
        stem = path.rpartition("/")[2].removesuffix(".py")
        users = [
            other for other, names in imports.items() if other not in candidates and _mentions(names, stem)
        ]
        if not users and stem != "__init__":
            kept.add(path)
    return kept


def _mentions(names: set[str], stem: str) -> bool:
    return any(stem in name.split(".") for name in names)


def _imported(text: str) -> set[str]:
    if not text or "import" not in text:
        return set()
    try:
        tree = read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module or ''}.{alias.name}" for alias in node.names}
    return names
