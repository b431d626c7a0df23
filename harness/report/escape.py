"""The only door for untrusted text, one function a format.

File names, symbols, messages, inputs, outputs and commit texts come from the change under
test. Each function here returns text that cannot become markup, a link, a mention, a control
sequence or a command in its format. Renderers put nothing untrusted into their output that
has not come through one of them (HTML: through ``visible`` and the template's autoescape).
"""

import re
import unicodedata
from urllib.parse import quote

# Kinds of characters that act instead of showing: controls, formats (bidi, zero width, tags),
# surrogates, private use, unassigned (noncharacters too), line and paragraph separators.
_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters that draw nothing: Hangul fillers, the Khmer inherent vowels, the combining joiner.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5\u034f\u2800")
_PLAIN = re.compile(r"[\n\t\x20-\x7e]*")
_STACKED_MARKS = 4
ZERO_WIDTH_SPACE = "\u200b"


def visible(text: str) -> str:
    r"""The text with every character that acts instead of showing written as an escape.

    Newline and tab stay. ``\x1b`` becomes the four characters ``\x1b``, a bidi override
    ``\u202e``, a lone surrogate ``\udc80``. The result can be encoded and is valid in XML 1.0.
    A literal backslash is left alone: the result is for reading, not for parsing back.
    """
    if _PLAIN.fullmatch(text):
        return text
    shown: list[str] = []
    marks = 0
    for character in text.replace("\r\n", "\n"):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if character in "\n\t":
            shown.append(character)
        elif category in _ACTING or character in _BLANK or _is_selector(character) or marks > _STACKED_MARKS:
            shown.append(_spelled(character))
        else:
            shown.append(character)
    return "".join(shown)


def _is_selector(character: str) -> bool:
    """Variation selectors other than the emoji one can carry hidden bytes."""
    return "\ufe00" <= character <= "\ufe0e" or "\U000e0100" <= character <= "\U000e01ef"


def _spelled(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str, limit: int = 0) -> str:
    """Visible text on one line, runs of white space as one space, at most ``limit`` characters."""
    # What lies far behind the limit cannot show: a value of megabytes is not spelled out for one line.
    kept = text[: 8 * limit] if limit else text
    line = " ".join(visible(kept).split())
    if limit and (len(line) > limit or len(kept) < len(text)):
        return line[: limit - 1].rstrip() + "…"
    return line


def clipped(text: str, limit: int, lines: int = 0) -> str:
    """At most ``limit`` characters and ``lines`` lines, and a note of how much was left out."""
    kept = text[:limit]
    if lines:
        kept = "\n".join(kept.split("\n")[:lines])
    return kept if len(kept) == len(text) else f"{kept}\n… ({len(text) - len(kept):,} characters more)"


def code_parts(text: str) -> list[tuple[bool, str]]:
    """(is code, text) for each part of a message that marks code with backticks, as ours do.

    Text whose backticks do not pair up on their lines is one part and no code.
    """
    parts = text.split("`")
    if len(parts) % 2 == 0 or any("\n" in part or not part for part in parts[1::2]):
        return [(False, text)]
    return [(index % 2 == 1, part) for index, part in enumerate(parts) if part]


# Markdown ------------------------------------------------------------------------------

_REFERENCES = frozenset("@#!~%&$^:*=+")
# Starts nothing behind the first character of a line, so a comment's source stays readable.
_QUIET = frozenset(",;?'\"().-/ ")


def markdown_text(text: str, limit: int = 0) -> str:
    """Prose for Markdown as GitHub and GitLab render it, on one line.

    ASCII punctuation that could mean something becomes a numeric entity, which by CommonMark
    can never start structure, HTML, a link or an autolink. Both hosts look for mentions,
    references and addresses in the *rendered* text, where an entity no longer helps: there a
    zero-width space behind the sign keeps it from being one.
    """
    line = one_line(text, limit)
    parts: list[str] = []
    for index, character in enumerate(line):
        before, behind = line[max(0, index - 2) : index].lower(), line[index + 1 : index + 2]
        plain = not character.isascii() or character.isalnum() or (character in _QUIET and index)
        # Numbered lists: a digit and a dot or a bracket.
        if plain and not (character in ".)" and before[-1:].isdecimal()):
            parts.append(character)
        else:
            parts.append(f"&#{ord(character)};")
        if _would_link(character, before, behind):
            parts.append("&#8203;")
    return "".join(parts)


def _would_link(character: str, before: str, behind: str) -> bool:
    """Whether hosts would make a reference or an address of what stands here in rendered text."""
    if character in _REFERENCES:
        return behind not in ("", " ")
    if character == "-":
        return before == "gh" and behind.isdecimal()
    return character in "wW" and before == "ww"


def markdown_code(text: str, limit: int = 0) -> str:
    """A code span on one line. Hosts look for no mentions and no links inside code."""
    line = one_line(text, limit)
    if not line:
        return "` `"
    fence = "`" * (_longest_run(line, "`") + 1)
    # A table row splits at pipes even inside code, and a blank keeps edge backticks apart.
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"


def markdown_block(text: str, language: str = "") -> str:
    """A fenced block whose content cannot close it. Put a blank line before and after."""
    content = visible(text).rstrip("\n")
    fence = "`" * max(3, _longest_run(content, "`") + 1)
    return f"{fence}{language}\n{content}\n{fence}"


def _longest_run(text: str, character: str) -> int:
    return max((len(run) for run in re.findall(re.escape(character) + "+", text)), default=0)


# Terminal and CI logs --------------------------------------------------------------------

_LOG_COMMAND = re.compile(r"(?:(?<=\s)|^)(:)(?=:)|(#)(?=#(?:\[|vso\[|teamcity\[))")


def terminal_text(text: str, limit: int = 0) -> str:
    """One line for a terminal or a CI log: no control sequence and no workflow command.

    Runners read commands from logs (``::set-env …`` at the start of a line, ``##[…]``,
    ``##vso[`` and ``##teamcity[`` anywhere). Test ids such as ``a.py::test_b`` stay as they are.
    """
    return _LOG_COMMAND.sub(lambda found: found.group() + ZERO_WIDTH_SPACE, one_line(text, limit))


def workflow_data(text: str) -> str:
    """The message part of a GitHub workflow command (``::error …::MESSAGE``)."""
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property value of a GitHub workflow command (``file=…``)."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


# SARIF and XML ---------------------------------------------------------------------------


def sarif_text(text: str) -> str:
    """Plain text of a SARIF message; brackets would start an embedded link (SARIF 3.11.6)."""
    return re.sub(r"([\\\[\]])", r"\\\1", visible(text))


def relative_uri(path: str) -> str:
    """A path of the repository as a relative URI reference: no scheme, no host, no climbing."""
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    encoded = "/".join(part.encode("utf-8", "backslashreplace").decode() for part in parts)
    return quote(encoded, safe="/") or "unknown"


def xml_text(text: str) -> str:
    """Text for XML 1.0: no character that the format forbids. The writer escapes markup."""
    return visible(text)
