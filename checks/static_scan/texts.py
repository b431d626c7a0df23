"""What text hides from a reader, found in the lines that the change adds."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from harness.check.interface import Severity

from .targets import Target

# Embeddings, overrides and isolates: they show code in another order than it runs.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Zero-width and invisible characters between ASCII; joiners are ordinary in many scripts and in emoji.
_INVISIBLE = re.compile(
    "[\u200b\u2060-\u2064\u3164\u115f\u1160\uffa0]|(?<=[!-~])[\u200c\u200d\u00ad](?=[!-~])"
)
# Tag characters spell ASCII invisibly; after a black flag they are an emoji of a region.
_TAGS = re.compile("(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0001-\U000e007f]{2,}")
_MIXED = re.compile(r"[^\W\d_]*[A-Za-z][^\W\d_]*")
_READER = (
    r"(?:ai|llm|language model|assistants?|copilot|claude|gpt|code[- ]review(?:er)?s?"
    r"|automated review(?:er)?s?|review(?:ing)? (?:bots?|agents?|models?|tools?))"
)
_PROMPTS = (
    re.compile(
        rf"\b{_READER}\b.{{0,60}}\b(?:approve|skip|ignore|do not (?:flag|report|mention|comment)"
        rf"|don't (?:flag|report|mention|comment)|must not (?:flag|report|mention)"
        r"|treat .{0,30} as (?:safe|approved|reviewed))\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your )?(?:previous|prior|above|earlier) "
        r"(?:instructions|prompts?|rules)\b",
        re.IGNORECASE,
    ),
)
MAX_LINE = 4_000


@dataclass(frozen=True)
class TextHit:
    """One line that hides something. ``excerpt`` is safe to show (invisible characters named)."""

    rule: str
    title: str
    message: str
    severity: Severity
    path: str
    line: int
    excerpt: str
    cwe: tuple[str, ...]


def added_lines(target: Target) -> Iterator[tuple[int, str]]:
    """(number, text) of lines of head that base does not have, each copy counted."""
    before = Counter((target.base or "").split("\n"))
    for number, line in enumerate((target.head or "").split("\n"), 1):
        if before[line] > 0:
            before[line] -= 1
        else:
            yield number, line


def text_hits(target: Target) -> Iterator[TextHit]:
    """What the added lines of one file hide, at most one hit a line."""
    if target.head is None:
        return
    for number, line in added_lines(target):
        if line.isascii() and not target.language and not target.path.endswith((".md", ".rst", ".txt")):
            continue
        hit = _hit(target, number, line[:MAX_LINE])
        if hit:
            yield hit


def _hit(target: Target, number: int, line: str) -> TextHit | None:
    def made(rule: str, title: str, message: str, severity: Severity, *cwe: str) -> TextHit:
        return TextHit(rule, title, message, severity, target.path, number, shown(line), cwe)

    if not line.isascii():
        if _BIDI.search(line) and target.language:
            return made(
                "text-bidirectional", "Characters reorder the shown code",
                "Bidirectional control characters make an editor show this line in another order than it "
                "is executed in. Remove them; where a text needs them, write them as escapes.",
                "high", "CWE-1007",
            )  # fmt: skip
        if _TAGS.search(line):
            return made(
                "text-invisible-message", "An invisible message is hidden in the text",
                "Unicode tag characters spell text that no editor shows but that programs and language models "
                "read. Remove them.", "high", "CWE-1007",
            )  # fmt: skip
        if target.language and _INVISIBLE.search(line):
            return made(
                "text-invisible", "Invisible characters in code",
                "This line holds characters that take no space on the screen, so two names or strings that look "
                "alike differ. Remove them, or write them as escapes.", "medium", "CWE-1007",
            )  # fmt: skip
        if target.language and not target.is_test and _mixed_word(line):
            return made(
                "text-mixed-scripts", "A word mixes Latin and Cyrillic letters",
                "Letters of two alphabets that look alike stand in one word, so it is another name than it seems. "
                "Type the word again.", "medium", "CWE-1007",
            )  # fmt: skip
    if not target.is_test and any(pattern.search(line) for pattern in _PROMPTS):
        return made(
            "text-addresses-reviewer", "Text addresses a reviewing assistant",
            "This line tells an automated reviewer what to conclude. Such text must not influence a review: "
            "read the change without it, and ask why it is there.", "medium", "CWE-1427",
        )  # fmt: skip
    return None


def _mixed_word(line: str) -> bool:
    for word in _MIXED.findall(line):
        if not word.isascii() and any(unicodedata.name(char, "").startswith("CYRILLIC") for char in word):
            return True
    return False


def shown(line: str) -> str:
    """The line with every invisible or controlling character written as its code point."""
    return "".join(
        f"<U+{ord(char):04X}>"
        if unicodedata.category(char) in ("Cf", "Cc", "Co", "Cn") and char != "\t"
        else char
        for char in line.strip()[:200]
    )
