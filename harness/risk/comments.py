"""Suppressing comments: ``# harness: ignore[rule] until 2027-01-31: reason``. Pure, over hostile text."""

import datetime
import io
import re
import tokenize
from dataclasses import dataclass
from pathlib import PurePosixPath

_HASH, _SLASHES, _DASHES, _MARKUP, _BLOCK = "#", "//", "--", "<!--", "/*"
_MARKERS = {
    ".py": _HASH, ".pyi": _HASH, ".sh": _HASH, ".bash": _HASH, ".yml": _HASH, ".yaml": _HASH, ".toml": _HASH,
    ".tf": _HASH, ".hcl": _HASH, ".rb": _HASH, ".cfg": _HASH, ".ini": _HASH, ".txt": _HASH, ".dockerfile": _HASH,
    ".js": _SLASHES, ".mjs": _SLASHES, ".cjs": _SLASHES, ".jsx": _SLASHES, ".ts": _SLASHES, ".mts": _SLASHES,
    ".cts": _SLASHES, ".tsx": _SLASHES, ".go": _SLASHES, ".java": _SLASHES, ".kt": _SLASHES, ".c": _SLASHES,
    ".h": _SLASHES, ".cc": _SLASHES, ".cpp": _SLASHES, ".rs": _SLASHES, ".php": _SLASHES, ".cs": _SLASHES,
    ".swift": _SLASHES, ".scala": _SLASHES, ".sql": _DASHES, ".lua": _DASHES, ".html": _MARKUP, ".xml": _MARKUP,
    ".md": _MARKUP, ".vue": _MARKUP, ".css": _BLOCK, ".scss": _BLOCK,
}  # fmt: skip
_NAMES = {"dockerfile": _HASH, "containerfile": _HASH, "makefile": _HASH, "jenkinsfile": _SLASHES,
          "codeowners": _HASH, ".gitignore": _HASH}  # fmt: skip
_HINT = re.compile(r"harness:\s*ignore")
_BODY = (
    r"\s*harness:\s*ignore(?:\[(?P<rules>[^\]]*)\])?(?:\s+until\s+(?P<until>[\w-]+))?"
    r"(?:\s*:\s*(?P<reason>.*?))?\s*(?:-->|\*/)?\s*$"
)
_RULE = re.compile(r"[A-Za-z0-9_.-]{1,100}(?:/(?:[A-Za-z0-9_.-]{1,100}|\*))?")
MAX_LINE = 1_000


@dataclass(frozen=True)
class Comment:
    """One suppressing comment. ``alone`` when the line holds nothing else: it covers the next line."""

    line: int
    rules: tuple[str, ...]
    until: datetime.date | None
    reason: str
    alone: bool
    text: str
    """The comment itself, by which base's and head's are held against each other."""

    @property
    def mistake(self) -> str:
        """Why it never counts; empty when it is well formed."""
        if not self.rules:
            return "it names no rule in brackets"
        if self.until is None:
            return "it has no expiry (until YYYY-MM-DD)"
        return "" if self.reason else "it has no reason"


def read_comments(path: str, text: str) -> list[Comment]:
    """The suppressing comments of a file; none in a language whose comments are not known."""
    if not _HINT.search(text):
        return []
    name = PurePosixPath(path).name.lower()
    marker = _NAMES.get(name.partition(".")[0] or name) or _MARKERS.get(PurePosixPath(name).suffix)
    if marker is None:
        return []
    pattern = re.compile(rf"(?:^|(?<=\s)){re.escape(marker)}{_BODY}")
    wanted = _comment_lines(text) if name.endswith((".py", ".pyi")) else None
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        match = pattern.search(line[:MAX_LINE]) if _HINT.search(line) else None
        if match and (wanted is None or number in wanted):
            found.append(_comment(number, line, match))
    return found


def _comment(number: int, line: str, match: re.Match[str]) -> Comment:
    names = [name.strip() for name in (match["rules"] or "").split(",")]
    return Comment(
        line=number,
        rules=tuple(name for name in names if _RULE.fullmatch(name)),
        until=_day(match["until"] or ""),
        reason=" ".join((match["reason"] or "").split())[:300],
        alone=not line[: match.start()].strip(),
        text=" ".join(match[0].split()),
    )


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _comment_lines(text: str) -> set[int] | None:
    """Lines of Python with a comment, so that texts which look like one do not count; None: unknown."""
    try:
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return None
