"""Which change of a column's type cuts values off, by what base's migrations declared."""

import re
from collections.abc import Iterable

TYPE = r"([a-z]\w*(?:\s+(?:varying|precision|unsigned))?(?:\s*\(\s*\d+\s*(?:,\s*\d+\s*)?\))?)"
WHOLE = {
    "tinyint": 1, "smallint": 2, "int2": 2, "smallserial": 2, "mediumint": 3, "int": 4, "integer": 4, "int4": 4,
    "serial": 4, "bigint": 8, "int8": 8, "bigserial": 8,
}  # fmt: skip
FLOAT = {"real": 4, "float4": 4, "float": 4, "double": 8, "float8": 8}
TEXTS = ("varchar", "char", "character", "nvarchar", "bpchar")
LONG = {"tinytext": 255, "text": 1 << 16, "mediumtext": 1 << 24, "longtext": 1 << 32, "citext": 1 << 32}
MOMENT = {"date": 1, "datetime": 2, "timestamp": 2, "timestamptz": 2}
UNBOUNDED = 1 << 32
DIGITS = {1: 4, 2: 6, 3: 8, 4: 11, 8: 20}
Shape = tuple[str, tuple[int, ...]]


def shape(text: str) -> Shape | None:
    """(family, what it holds: more is wider); None for a type that is not known here."""
    words = re.match(r"[a-z]\w*", text.strip().lower())
    name = words.group() if words else ""
    sizes = [int(number) for number in re.findall(r"\d+", text[text.find("(") :] if "(" in text else "")]
    if name in WHOLE:
        return "whole", (WHOLE[name],)
    if name in FLOAT:
        return "float", (FLOAT[name],)
    if name in TEXTS:
        return "text", (sizes[0] if sizes else UNBOUNDED,)
    if name in LONG:
        return "text", (LONG[name],)
    if name in ("numeric", "decimal"):
        scale = sizes[1] if len(sizes) > 1 else 0
        return "decimal", (sizes[0] - scale, scale) if sizes else (UNBOUNDED, UNBOUNDED)
    return ("moment", (MOMENT[name],)) if name in MOMENT else None


def narrower(old: Shape, new: Shape) -> bool:
    """Whether a value of the old type may not fit into the new one."""
    if old[0] == new[0]:
        return any(after < before for before, after in zip(old[1], new[1], strict=True))
    if new[0] == "text":
        return new[1][0] < (DIGITS[old[1][0]] if old[0] == "whole" else 30)
    if old[0] == "whole":
        return new[0] == "moment" or (new[0] == "decimal" and new[1][0] < DIGITS[old[1][0]] - 1)
    return True


def declared(table: str, column: str, scripts: Iterable[str]) -> Shape | None:
    """The type that a column has after the scripts; None where they do not tell."""
    mark = r"[\"`\[]?{}[\"`\]]?"
    own, here = (mark.format(re.escape(name)) for name in (column, table))
    found = None
    for statement in (one for text in scripts for one in text.split(";")):
        if not re.search(rf"\bTABLE\b[^(]*?{here}(?![\w])", statement, re.I):
            continue
        for match in re.finditer(rf"(?<![\w]){own}\s+(?:SET\s+DATA\s+)?(?:TYPE\s+)?{TYPE}", statement, re.I):
            found = shape(match.group(1)) or found
    return found
