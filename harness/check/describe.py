"""What a pack is, in words and as JSON: for ``harness check list`` and ``show``."""

import ast
import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec

from harness.check.expectations import Sample, read_samples
from harness.check.loader import Pack
from harness.check.python_source import read_python
from harness.errors import PackError

WIDTH = 100
DOCUMENTATION = "README.md"
MAX_BYTES = 200_000


def facts(pack: Pack) -> dict[str, Any]:
    """Everything about a pack as plain data: manifest, origin, documentation, samples."""
    table: dict[str, Any] = msgspec.to_builtins(pack.manifest)
    return {
        **table,
        "origin": pack.origin,
        "folder": str(pack.folder),
        "documentation": documentation(pack),
        "samples": [
            {"name": one.name, "kind": "catches" if one.catches else "passes", "title": one.case.title}
            for one in _samples(pack)
        ],
    }


def documentation(pack: Pack) -> str:
    """The pack's README.md, else the docstring of its check.py (read, not imported), else nothing."""
    readme, code = pack.folder / DOCUMENTATION, pack.folder / "check.py"
    try:
        if readme.is_file():
            return readme.read_text("utf-8")[:MAX_BYTES].strip()
        if code.is_file():
            return ast.get_docstring(read_python(code.read_text("utf-8")[:MAX_BYTES])) or ""
    except (OSError, ValueError, SyntaxError, RecursionError):
        return ""
    return ""


def described(pack: Pack) -> Iterator[str]:
    """The lines that ``harness check show`` prints."""
    manifest = pack.manifest
    yield f"{manifest.id} {manifest.version}: {manifest.title}"
    yield from textwrap.wrap(manifest.description, WIDTH, initial_indent="  ", subsequent_indent="  ")
    rows = {
        "kind": manifest.kind,
        "categories": ", ".join(manifest.categories),
        "severity": manifest.severity,
        "languages": ", ".join(manifest.languages),
        "paths": ", ".join(manifest.paths) or "any change",
        "needs": ", ".join(manifest.needs),
        "required": "a verdict needs it" if manifest.required else "",
        "limits": ", ".join(f"{name} {value}" for name, value in _given(pack).items()),
        "from": f"{pack.origin}, {pack.folder}",
    }
    yield ""
    for name, text in rows.items():
        if text:
            indent = f"  {name:<11} "
            yield from textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent))
    text = documentation(pack)
    if text:
        yield ""
        yield from (f"  {line}".rstrip() for line in text.splitlines())
    for title, catches in (("catches", True), ("must pass", False)):
        found = [one for one in _samples(pack) if one.catches is catches]
        yield ""
        yield f"  samples that it {title}: {len(found) or 'none'}"
        yield from (f"    {one.folder.name:<32} {one.case.title}" for one in found)


def _given(pack: Pack) -> dict[str, Any]:
    limits = msgspec.to_builtins(pack.manifest.limits)
    return {name: value for name, value in limits.items() if value is not None}


def _samples(pack: Pack) -> list[Sample]:
    try:
        return read_samples(pack.folder)
    except PackError:
        return []
