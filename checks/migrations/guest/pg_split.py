"""Statements of a PostgreSQL script with the line on which each begins."""

import re
from typing import Iterator, List, Sequence, Tuple

TOKEN = re.compile(
    r"--[^\n]*|/\*.*?(?:\*/|\Z)|(?P<dollar>\$(?:[A-Za-z_]\w*)?\$)|[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)|'(?:[^']|'')*(?:'|\Z)|"
    r'"(?:[^"]|"")*(?:"|\Z)|;',
    re.S,
)
ENVELOPE = re.compile(r"^(?:BEGIN|START\s+TRANSACTION|COMMIT|END)(?:\s+(?:WORK|TRANSACTION))?$", re.I)
COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.S)
Step = Tuple[str, int, str]


def statements(script: str) -> Iterator[Tuple[int, str]]:
    """(line from 1, text without its semicolon). Transactions of the script itself are left out."""
    begin = position = 0
    while True:
        match = TOKEN.search(script, position)
        if match is None or match.group() == ";":
            text = script[begin : match.start() if match else len(script)]
            bare = COMMENT.sub(" ", text).strip()
            if bare and not ENVELOPE.match(bare):
                yield script.count("\n", 0, begin + _leading(text)) + 1, text[_leading(text) :]
            if match is None:
                return
            begin = position = match.end()
        elif match.group("dollar"):
            end = script.find(match.group("dollar"), match.end())
            position = end + len(match.group("dollar")) if end >= 0 else len(script)
        else:
            position = match.end()


def _leading(text: str) -> int:
    """Blanks and comments before the first word."""
    position = 0
    while position < len(text):
        comment = COMMENT.match(text, position)
        if text[position].isspace():
            position += 1
        elif comment:
            position = comment.end()
        else:
            break
    return position


def steps(scripts: Sequence[Tuple[str, str]]) -> List[Step]:
    """(script, line, statement) of all scripts, ready for one transaction."""
    found = []
    for name, text in scripts:
        for line, statement in statements(text):
            found.append((name, line, re.sub(r"(?i)\bCONCURRENTLY\b", "", statement)))
    return found
