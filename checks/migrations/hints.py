"""What the repository itself says about the values that its columns hold."""

import re
from collections.abc import Iterable

from harness.model.snapshot import Snapshot

MAX_FILES = 400
MAX_VALUES = 12
NAMED = re.compile(
    r"\b([a-z_][a-z0-9_]*)[\"'`\])]*\s*(?::\s*\w+\s*)?(?:=|==|:|!=|<>|in\s*\(?)\s*[\"']([^\"'\n%{}]{1,40})[\"']",
    re.I,
)
INSERT = re.compile(r"insert\s+(?:or\s+\w+\s+)?into\s+[\"`\[]?(\w+)[\"`\]]?\s*\(([^)]*)\)", re.I)


class Repository:
    """Texts of base that can mention columns: Python and SQL files."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Repository":
        paths = [e.path for e in snapshot.entries if e.kind == "file" and e.path.endswith((".py", ".sql"))]
        return cls(text for path in paths[:MAX_FILES] if (text := snapshot.read_text(path, 200_000)))

    def values(self) -> dict[str, list[str]]:
        """By lower-case name: string literals that stand for it (``state="open"``, ``state = 'open'``)."""
        found: dict[str, dict[str, None]] = {}
        for text in self.texts:
            for name, value in NAMED.findall(text):
                found.setdefault(name.lower(), {}).setdefault(value)
        return {name: list(values)[:MAX_VALUES] for name, values in found.items()}

    def omitted(self, table: str, column: str) -> bool:
        """Whether an INSERT into the table leaves the column out, so that rows without it exist."""
        for text in self.texts:
            for name, columns in INSERT.findall(text):
                names = {part.strip(' "`[]\n\t').lower() for part in columns.split(",")}
                if name.lower() == table.lower() and column.lower() not in names:
                    return True
        return False

    def mentions(self, name: str) -> bool:
        """Whether code names a column outside of SQL files is not told apart: any word counts."""
        pattern = re.compile(rf"\b{re.escape(name)}\b", re.I)
        return any(pattern.search(text) for text in self.texts)
