"""Files in arguments: which parameters name one, what may lie there, and neighbours of recorded ones."""

from __future__ import annotations

import ast
import inspect
import json
import random
import re
import types
import typing

from . import texts, usage
from .domain import Domain, Recipe, said_path

FOLDER = re.compile(r"(^|_)(folder|dir|directory|root)(_|$)")
READS = {"open", "read_text", "read_bytes", "iterdir", "glob", "rglob", "listdir", "scandir", "walk", "stat", "exists",
         "is_file", "is_dir", "isfile", "isdir", "getsize", "getmtime", "copy", "copyfile", "copy2", "move", "loadtxt",
         "unlink", "remove", "rename", "rmtree", "read"}  # fmt: skip
WRITES = {"write_text", "write_bytes", "mkdir", "makedirs", "touch", "write", "writelines", "writer", "DictWriter",
          "dump"}  # fmt: skip
LISTS = {"iterdir", "glob", "rglob", "listdir", "scandir", "walk"}
OF_PATHS = {"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "rglob", "is_file", "is_dir", "mkdir",
            "with_suffix", "with_name", "suffix", "stem", "parent", "unlink", "resolve"}  # fmt: skip
FORMATS = {
    "csv": ("given.csv", ("name,count\na,1\nb,2\n", 'a,"b, c"\n1,\n')),
    "json": ("given.json", ('{"a": 1, "b": [2, "c"]}', '[{"name": "a", "count": 1}]', "[]", "{}")),
    "configparser": ("given.ini", ("[s]\na = 1\nb = two\n\n[t]\na = x\n",)),
    "tomllib": ("given.toml", ('a = 1\n[t]\nb = "c"\nd = [1, 2]\n',)),
    "yaml": ("given.yaml", ("a: 1\nb:\n  - c\n  - d: 2\n",)),
    "xml": ("given.xml", ('<a><b c="d">e</b><b/></a>',)),
}
LINES = ("a=1\n# note\n\nb = two\n", "one\ntwo\n\nthree", "a b c\n  d\n", "x: 1\ny: 2\nx: 3\n", "1\n2\n3\n")


class Place:
    """What is known of a file or folder that a parameter names."""

    def __init__(self, kind: str, folder: bool, new: bool, formats: list[str], suffixes: list[str]) -> None:
        self.kind = kind
        self.folder = folder
        self.new = new
        self.formats = formats
        self.suffixes = suffixes

    def name(self, rng: random.Random) -> str:
        if self.suffixes:
            return "given" + rng.choice(self.suffixes)
        return FORMATS[rng.choice(self.formats)][0] if self.formats else "given.txt"


def demand(domains: dict[str, Domain], function: typing.Any) -> None:
    """Mark the parameters that name a file which the body, or what it calls, opens or looks at."""
    trees = list(_reached(function, 2, set()))
    if trees and getattr(function, "__name__", "") == "__init__":  # its methods open what it was given
        owner = getattr(function, "__globals__", {}).get(function.__qualname__.partition(".")[0])
        trees += _reached(owner, 2, set()) if isinstance(owner, type) else []
    called = {name for tree in trees for name in _called(tree)}
    if not trees or not called & (READS | WRITES):
        return
    opened = set(_opened(trees[0]))
    formats = [name for name in FORMATS if name in _modules(function)]
    suffixes = [one for tree in trees for one in _suffixes(tree)]
    for name, domain in domains.items():
        kinds = set(domain.tags) - {"none"}
        if not kinds <= {"str", "Path"} or not (name in opened or said_path(name) or kinds == {"Path"}):
            continue
        used = {node.attr for node in ast.walk(trees[0]) if isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name) and node.value.id == name}  # fmt: skip
        is_path = kinds == {"Path"} or (not kinds and bool(used & OF_PATHS)) or _joined(trees[0], name)
        folder = bool(FOLDER.search(name.lower())) or bool(
            called & LISTS and kinds != {"str"} and not formats
        )
        new = bool(called & WRITES) and not called & (READS - {"open", "exists"})
        domain.place = Place("Path" if is_path else "str", folder, new, formats, suffixes)
        for tag in kinds:
            domain.tags[tag] = 0.15
        domain.allow("file", 2.0)


def draw(rng: random.Random, domain: Domain, words: texts.Words, around: list[typing.Any]) -> Recipe:
    """A file or folder with something in it, or a path where nothing lies yet."""
    seen = [item for item in domain.pool if isinstance(item, list) and item[0] == "file"]
    if seen and rng.random() < 0.7:
        made = rng.choice(seen)
        for _ in range(rng.choice((1, 1, 2, 3))):
            made = vary(rng, made, words, seen)
        return made
    place = domain.place or Place("str", False, False, [], [])
    if rng.random() < (0.7 if place.new else 0.05):
        return ["file", "folder" if place.folder else place.name(rng), None, place.kind]
    if place.folder:
        names = list(dict.fromkeys(rng.choice("abc") + place.name(rng)[5:] for _ in range(rng.randrange(4))))
        contents = [[name, content(rng, place, words, around)] for name in names]
        return ["file", "folder", ["dict", contents], place.kind]
    return ["file", place.name(rng), content(rng, place, words, around), place.kind]


def content(rng: random.Random, place: Place, words: texts.Words, around: list[typing.Any]) -> str:
    """Text for a file: of a format that the code reads, or lines of the code's own words."""
    if rng.random() < 0.06:
        return ""
    keys = [word for word in [*words.sharp, *words.literals] if word.isidentifier()][:8]
    if place.formats and rng.random() < 0.75:
        kind = rng.choice(place.formats)
        if keys and kind in ("csv", "json") and rng.random() < 0.6:
            return _table(rng, kind, keys)
        made = rng.choice(FORMATS[kind][1])
    elif rng.random() < 0.5:
        domain = Domain()
        made = "\n".join(texts.text(rng, domain, words, around) for _ in range(rng.randrange(1, 5)))
        return made + "\n" if rng.random() < 0.85 else made
    else:
        made = rng.choice([*words.examples[:20], *LINES])
    for _ in range(rng.choice((0, 1, 2))):
        made = vary_text(rng, made, words, ())
    return made


def _table(rng: random.Random, kind: str, keys: list[str]) -> str:
    """Records with fields that the code names."""
    chosen = keys if rng.random() < 0.6 else rng.sample(keys, rng.randrange(1, len(keys) + 1))
    numbers, words = ("1", "0", "2", "10", "1", "-1", "2.5", ""), ("a", "b", "a", "x y", "", *keys[:1])
    columns = [numbers if rng.random() < 0.5 else words for _ in chosen]
    rows = [[rng.choice(cells) for cells in columns] for _ in range(rng.randrange(4))]
    if kind == "csv":
        return "".join(",".join(row) + "\n" for row in [chosen, *rows])
    values = [
        {key: int(cell) if cell.isdecimal() else cell for key, cell in zip(chosen, row)} for row in rows
    ]
    return json.dumps(values if rng.random() < 0.5 else values[0] if values else {})


def vary(rng: random.Random, recipe: Recipe, words: texts.Words, seen: typing.Sequence[Recipe]) -> Recipe:
    """The file with one line or word of its content changed, a folder with one file changed."""
    tag, name, kept, kind = recipe
    others = [item[2] for item in seen if isinstance(item[2], str)]
    if isinstance(kept, list) and kept[0] == "dict":
        pairs = [list(pair) for pair in kept[1]]
        roll = rng.random()
        if pairs and roll < 0.6:
            pair = rng.choice(pairs)
            pair[1] = vary_text(rng, pair[1], words, ()) if isinstance(pair[1], str) else pair[1]
        elif pairs and roll < 0.75:
            pairs.remove(rng.choice(pairs))
        elif pairs:
            other = rng.choice(pairs)
            fresh = rng.choice(("a", "b", "new")) + "." + other[0].rpartition(".")[2]
            pairs = pairs if any(pair[0] == fresh for pair in pairs) else [*pairs, [fresh, other[1]]]
        return [tag, name, ["dict", pairs], kind]
    if kept is None and others and rng.random() < 0.5:
        return [tag, name, rng.choice(others), kind]
    return [tag, name, vary_text(rng, kept, words, others), kind] if isinstance(kept, str) else recipe


def vary_text(rng: random.Random, text: str, words: texts.Words, seen: typing.Sequence[str]) -> str:
    """The text with a line removed, doubled, moved, emptied or altered."""
    lines = text.splitlines(keepends=True)
    if not lines:
        return rng.choice([*seen, "a\n", "\n"])
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    choice = rng.randrange(12)
    if choice == 0:
        del lines[at]
    elif choice == 1:
        lines.insert(other, lines[at])
    elif choice == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif choice == 3:
        lines.insert(at, "\n")
    elif choice == 4:
        return text[:-1] if text.endswith("\n") else text + "\n"
    elif choice == 5 and seen:
        lines.insert(at, rng.choice(rng.choice(seen).splitlines(keepends=True) or ["\n"]))
    elif choice == 6:
        lines = lines[:at]
    else:
        body = lines[at].rstrip("\n")
        lines[at] = texts.vary(rng, body, words, [one.rstrip("\n") for one in lines]) + lines[at][len(body) :]
    return "".join(lines)[:3000]


def _reached(function: typing.Any, depth: int, seen: set[int]) -> typing.Iterator[ast.AST]:
    """Syntax trees of a function or class and of the functions of its module that it calls."""
    plain = inspect.unwrap(getattr(function, "__func__", function))
    tree = usage.parse(plain) if id(plain) not in seen and depth >= 0 else None
    seen.add(id(plain))
    if tree is None:
        return
    yield tree
    names = getattr(plain, "__globals__", {})
    for node in ast.walk(tree):
        value = names.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(value, (types.FunctionType, type)) and value.__module__ == names.get("__name__"):
            yield from _reached(value, depth - 1, seen)


def _called(tree: ast.AST) -> typing.Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield usage.called_name(node)


def _opened(tree: ast.AST) -> typing.Iterator[str]:
    """Names that are opened, made a path, or whose own methods read and write."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = usage.called_name(node)
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Name) and name in ("open", "Path", "exists", "isfile", "listdir", "walk"):
            yield first.id
        if (
            isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and name in OF_PATHS
        ):
            yield node.func.value.id


def _joined(tree: ast.AST, name: str) -> bool:
    """Whether the body writes ``name / "part"``."""
    return any(
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        and isinstance(node.left, ast.Name) and node.left.id == name
        for node in ast.walk(tree)
    )  # fmt: skip


def _modules(function: typing.Any) -> set[str]:
    """Names of the modules and of the homes of the functions that a function's module has imported."""
    names = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__globals__", {})
    found = {value.__name__ for value in names.values() if isinstance(value, types.ModuleType)}
    found |= {str(getattr(value, "__module__", "")) for value in names.values() if callable(value)}
    return {name.partition(".")[0] for name in found}


def _suffixes(tree: ast.AST) -> typing.Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = re.fullmatch(r"(?:[\w*-]*)(\.[a-z]{2,5})", node.value)
            if found:
                yield found[1]
