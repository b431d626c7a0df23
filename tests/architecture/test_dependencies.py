"""The layout of docs/architecture.md, held by tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HARNESS = ROOT / "harness"
ALLOWED = {
    "errors": set(),
    "globs": set(),
    "model": {"errors"},
    "config": {"errors", "model"},
    "sandbox": {"errors", "model", "config"},
    "change": {"errors", "model", "config"},
    "check": {"errors", "model", "config", "sandbox"},
    "risk": {"errors", "globs", "model", "config"},
    "report": {"errors", "model"},
    "attest": {"errors", "model"},
    "publish": {"errors", "model", "report", "risk"},
    "cache": {"errors", "config"},
    "mcp": {"errors", "model", "report"},
    "demo": {"errors", "model", "change"},
    "replay": {"errors", "globs", "model", "config", "cache", "sandbox", "change", "check", "risk", "report"},
}  # fmt: skip
ALLOWED["cluster"] = ALLOWED["replay"] | {"replay"}
ALLOWED["cli"] = {part for part in ALLOWED if part != "cli"}


def imports(file: Path) -> Iterator[str]:
    """Absolute module names that a file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def outside_files(folder: Path) -> list[Path]:
    """Python files that run outside the sandbox."""
    skipped = {"guest", "samples", "trees", "fixtures"}
    return [file for file in folder.rglob("*.py") if not skipped & set(file.relative_to(folder).parts)]


def guest_files() -> list[Path]:
    """Python files that run inside the sandbox."""
    found = list((HARNESS / "guest").rglob("*.py"))
    for kind in ("checks", "sandboxes"):
        found += [
            file for file in (ROOT / kind).rglob("*.py") if "guest" in file.relative_to(ROOT).parts[:-1]
        ]
    return [file for file in found if "samples" not in file.parts]


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_dependencies_point_down(part: str) -> None:
    folder = HARNESS / part
    files = outside_files(folder) if folder.is_dir() else [HARNESS / f"{part}.py"]
    for file in files:
        for module in imports(file):
            names = module.split(".")
            if names[0] == "harness" and len(names) > 1 and names[1] != part:
                assert names[1] in ALLOWED[part], f"{file.relative_to(ROOT)} imports {module}"


def test_every_part_has_its_place() -> None:
    parts = {entry.stem for entry in HARNESS.iterdir() if not entry.name.startswith("_")}
    assert parts - {"guest"} <= set(ALLOWED)


def test_packs_use_the_public_interfaces_only() -> None:
    allowed = (
        "harness.check.documents",
        "harness.check.interface",
        "harness.check.python_source",
        "harness.errors",
        "harness.model",
        "harness.sandbox",
        "harness.globs",
    )
    for kind in ("checks", "sandboxes"):
        for file in outside_files(ROOT / kind):
            for module in imports(file):
                if module.split(".")[0] == "harness":
                    assert module.startswith(allowed), f"{file.relative_to(ROOT)} imports {module}"


def test_guest_code_never_imports_the_harness() -> None:
    for file in guest_files():
        for module in imports(file):
            assert module.split(".")[0] not in ("harness", "checks", "sandboxes", "harness_packs"), file


def test_nothing_outside_imports_guest_code() -> None:
    for folder in (HARNESS, ROOT / "checks", ROOT / "sandboxes"):
        for file in outside_files(folder):
            for module in imports(file):
                assert "guest" not in module.split(".") and module.split(".")[0] != "guestlib", file  # noqa: PT018


def test_model_and_risk_read_and_write_nothing() -> None:
    for part in ("model", "risk"):
        for file in outside_files(HARNESS / part):
            forbidden = {"os", "subprocess", "socket", "shutil", "tempfile", "urllib", "httpx"}
            assert not forbidden & {module.split(".")[0] for module in imports(file)}, file
