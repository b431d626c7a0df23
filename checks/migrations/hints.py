"""What the repository itself says about the values that its columns hold."""

import re
from collections.abc import Iterable, Mapping

from harness.model.snapshot import Snapshot

MAX_FILES = 1500
MAX_FILE = 200_000
MAX_VALUES = 12
NAMED = re.compile(
    r"\b([a-z_][a-z0-9_]*)[\"'`\])]*\s*(?::\s*\w+\s*)?(?:=|==|:|!=|<>|in\s*\(?)\s*[\"']([^\"'\n%{}]{1,40})[\"']",
    re.I,
)
CLASS = re.compile(r"(?m)^\s*class\s.*$")
INSERT = re.compile(r"insert\s+(?:or\s+\w+\s+)?into\s+[\"`\[]?(\w+)[\"`\]]?\s*\(([^)]*)\)", re.I)


class Repository:
    """Texts of base by path. ``migrations`` are the paths of the migrations themselves."""

    def __init__(self, texts: Mapping[str, str], migrations: Iterable[str] = ()) -> None:
        own = set(migrations)
        self.texts = tuple(text for path, text in texts.items() if path.endswith((".py", ".sql")))
        self.users = tuple(text for path, text in texts.items() if path not in own)

    @classmethod
    def of(cls, snapshot: Snapshot, migrations: Iterable[str]) -> "Repository":
        small = [e.path for e in snapshot.entries if e.kind == "file" and e.size <= MAX_FILE]
        paths = sorted(small, key=lambda path: not path.endswith((".py", ".sql")))[:MAX_FILES]
        return cls({path: text for path in paths if (text := snapshot.read_text(path, MAX_FILE))}, migrations)

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

    def uses(self, table: str, column: str, *, models: bool = False) -> bool:
        """Whether anything but the migrations names the column, or reads all columns of the table.

        ``models``: the table is an app's model's (``shop_order``), which code calls ``Order``; that it is
        declared is no use of it.
        """
        pattern = re.compile(
            rf"\b{re.escape(column or table)}\b|\bselect\s+\*\s+from\s+[\"`\[]?{re.escape(table)}\b", re.I
        )
        if any(pattern.search(text) for text in self.users):
            return True
        model = table.partition("_")[2].replace("_", "") if models and not column else ""
        named = re.compile(rf"\b{re.escape(model)}\b", re.I)
        return bool(model) and any(named.search(CLASS.sub("", text)) for text in self.users)
