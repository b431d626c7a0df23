"""``setup.py``, read without running it, and the hooks of pre-commit."""

import ast
import re
from collections.abc import Iterator, Mapping

from harness.check.documents import UnreadableError, read_yaml

from .entries import Hook, Manifest
from .requirements import requirement

REQUIRES = ("install_requires", "setup_requires", "tests_require")
OWN = ("local", "meta", "builtin")
MAX_DEPTH = 20
_FIXED = re.compile(r"\d")
"""A version or a commit has a digit; the names of branches that repositories release from have none."""


def read_setup_py(path: str, text: str) -> Manifest:
    """What the calls of ``setup`` require, as far as it stands there as lists of texts."""
    manifest = Manifest(path)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return manifest
    names = {
        target.id: node.value
        for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    for call in _setups(tree):
        for keyword in call.keywords:
            if keyword.arg in REQUIRES or keyword.arg == "extras_require":
                entries = [requirement(word, line) for word, line in _texts(keyword.value, names)]
                manifest.entries += [entry for entry in entries if entry]
    return manifest


def _setups(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "setup":
                yield node


def _texts(node: ast.expr, names: Mapping[str, ast.expr], depth: int = 0) -> Iterator[tuple[str, int]]:
    """The texts of a list, of the lists of a table, of lists that are joined, of a name for one."""
    if depth > MAX_DEPTH:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        for offset, line in enumerate(node.value.split("\n")):
            if line.strip():
                yield line.strip(), node.lineno + offset
        return
    inner: list[ast.expr] = []
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        inner = node.elts
    elif isinstance(node, ast.Dict):
        inner = node.values
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        inner = [node.left, node.right]
    elif isinstance(node, ast.Starred):
        inner = [node.value]
    elif isinstance(node, ast.Name) and node.id in names:
        inner = [names[node.id]]
    for one in inner:
        yield from _texts(one, names, depth + 1)


def read_pre_commit(path: str, text: str) -> Manifest:
    """The repositories whose hooks run on every machine that commits, and what is installed beside them."""
    manifest = Manifest(path)
    try:
        document = read_yaml(text)
    except UnreadableError:
        return manifest
    for repository in document["repos"].items:
        address = repository["repo"].plain
        if address and address not in OWN:
            manifest.commit_hooks.append(Hook(address, repository["rev"].plain, repository.line_of("rev")))
        for hook in repository["hooks"].items:
            for more in hook["additional_dependencies"].items:
                entry = requirement(more.plain, more.line) if "@" not in more.plain else None
                if entry:
                    manifest.entries.append(entry)
    return manifest


def moves(hook: Hook) -> bool:
    """Whether other code may stand behind the same revision tomorrow."""
    return not _FIXED.search(hook.revision)
