"""Model values for tests, with every field but the interesting ones filled in."""

from pathlib import Path
from typing import Any

from harness.model.change import Change, ChangedFile, Provenance
from harness.model.finding import Finding, Location, Proof
from harness.model.report import ChangeSummary, CheckResult

BASE, HEAD = "a" * 40, "b" * 40


def summary(assisted: bool = False, lines: int = 3, files: int = 1) -> ChangeSummary:
    changed = tuple(ChangedFile(f"src/f{number}.py", "modified", lines, 0) for number in range(files))
    return ChangeSummary(BASE, HEAD, changed, Provenance(assisted, ("claude",) if assisted else ()))


def change(*paths: str) -> Change:
    files = tuple(ChangedFile(path, "modified", 1, 1) for path in paths)
    return Change(BASE, HEAD, "c" * 40, "d" * 40, files)


def finding(**values: Any) -> Finding:
    defaults: dict[str, Any] = {
        "id": "F1", "fingerprint": "0" * 32, "check": "property_tests", "rule": "difference", "category": "regression",
        "severity": "high", "title": "A title", "message": "A message", "location": Location("src/f0.py", 3),
        "proof": Proof("confirmed"),
    }  # fmt: skip
    return Finding(**(defaults | values))


def check(**values: Any) -> CheckResult:
    defaults: dict[str, Any] = {"id": "property_tests", "status": "passed"}
    return CheckResult(**(defaults | values))


def pack_folder(root: Path, name: str, check_py: str = "", manifest: str = "", guest: str = "") -> Path:
    """A check pack on disk."""
    folder = root / name
    folder.mkdir(parents=True)
    text = manifest or f'api = 1\nid = "{name}"\ntitle = "T"\ndescription = "D"\ncategories = ["static"]\n'
    (folder / "check.toml").write_text(text)
    if check_py:
        (folder / "check.py").write_text(check_py)
    if guest:
        (folder / "guest").mkdir()
        (folder / "guest" / "main.py").write_text(guest)
    return folder
