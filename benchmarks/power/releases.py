"""Real changes taken backwards: a release of a package, and the same with one function of an older one.

    python -m benchmarks.power.releases PACKAGE FIXED OLDER      # candidates: small changes of one function

``releases.txt`` lists the pairs that count, one a line: package, fixed release, older release, function,
and ``different`` where the older function has a bug that shows, ``same`` where it was only rewritten; then
other packages that it needs, as ``name==version``.
Distributions are fetched from the package index when first needed, into ``~/.cache/change-harness-power``.
"""

import ast
import difflib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from .pairs import HERE, Pair

CACHE = Path.home() / ".cache" / "change-harness-power"
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
MAX_LINES = 14


def pairs() -> Iterator[Pair]:
    """The pairs of ``releases.txt``."""
    for line in (HERE / "releases.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            package, fixed, older, symbol, kind, *needed = line.split()
            yield pair(package, fixed, older, symbol, kind == "different", needed)


def pair(
    package: str, fixed: str, older: str, symbol: str, different: bool, needed: Sequence[str] = ()
) -> Pair:
    """``symbol`` is ``path:qualified.name``. Raises SystemExit when either release lacks it."""
    path, _, name = symbol.partition(":")
    base, before = sources(package, fixed), sources(package, older)
    head = replaced(base[path], before[path], name)
    beside = {file: text for one in needed for file, text in sources(*one.split("==")).items()}
    base = {**beside, **base}
    return Pair("releases", f"{package}:{name}", different, base, {**base, path: head})


@cache
def sources(package: str, version: str) -> dict[str, str]:
    """The Python files of a release with small data files beside them, path → text, as they are installed."""
    folder = CACHE / f"{package}-{version}"
    if not folder.is_dir():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder]
        if subprocess.run(
            [*command, "--only-binary", ":all:", f"{package}=={version}"], check=False
        ).returncode:
            subprocess.run([*command, "--no-build-isolation", f"{package}=={version}"], check=True)
    archive = next(folder.iterdir())
    files = dict(_wheel(archive) if archive.suffix == ".whl" else _tar(archive))
    return {path: text for path, text in files.items() if "/_vendor/" not in path}


def _text(name: str, size: int) -> bool:
    kept = (".py", ".json", ".txt", ".toml", "METADATA")
    return name.endswith(kept) and size < 400_000 and "/tests/" not in name


def _wheel(archive: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            if _text(name, opened.getinfo(name).file_size):
                yield name, opened.read(name).decode("utf-8", "replace")


def _tar(archive: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(archive) as opened:
        for member in opened:
            path = member.name.partition("/")[2].removeprefix("src/")
            stream = opened.extractfile(member) if _text(path, member.size) and path != "setup.py" else None
            if stream is not None:
                yield path, stream.read().decode("utf-8", "replace")


def functions(text: str) -> dict[str, tuple[int, int, str]]:
    """First and last line, and the meaning, of each function and method by qualified name."""
    found: dict[str, tuple[int, int, str]] = {}

    def collect(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, FunctionNode):
                start = min([node.lineno, *(item.lineno for item in node.decorator_list)])
                found[prefix + node.name] = (start, node.end_lineno or start, _meaning(node))
            elif isinstance(node, ast.ClassDef):
                collect(node.body, prefix + node.name + ".")

    collect(ast.parse(text).body, "")
    return found


def _meaning(node: FunctionNode) -> str:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    names = [item.arg for item in ast.walk(node.args) if isinstance(item, ast.arg)]
    defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    return f"{names}" + "".join(map(ast.dump, [*defaults, *body]))


def replaced(text: str, other: str, name: str) -> str:
    """``text`` with the function as it stands in ``other``."""
    mine, theirs = functions(text), functions(other)
    if name not in mine or name not in theirs:
        raise SystemExit(f"{name} is not in both releases.")
    lines, old = text.splitlines(), other.splitlines()
    (start, end, _), (first, last, _) = mine[name], theirs[name]
    return "\n".join([*lines[: start - 1], *old[first - 1 : last], *lines[end:], ""])


def candidates(package: str, fixed: str, older: str) -> Iterator[tuple[str, list[str]]]:
    """Functions that both releases have with a small change of meaning, and the change."""
    base, before = sources(package, fixed), sources(package, older)
    for path in sorted(set(base) & set(before)):
        try:
            mine, theirs = functions(base[path]), functions(before[path])
        except SyntaxError:
            continue
        for name in mine:
            if name not in theirs or mine[name][2] == theirs[name][2]:
                continue
            lines = [text.splitlines()[one[name][0] - 1 : one[name][1]] for text, one in
                     ((base[path], mine), (before[path], theirs))]  # fmt: skip
            change = list(difflib.unified_diff(*lines, lineterm="", n=1))[2:]
            if sum(line[:1] in "+-" for line in change) <= MAX_LINES:
                yield f"{path}:{name}", change


if __name__ == "__main__":
    for symbol, change in candidates(*sys.argv[1:4]):
        print("=====", *sys.argv[1:4], symbol)
        print("\n".join(change))
