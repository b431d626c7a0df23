"""Which assistants took part in a change, by the trailers and authors of its commits."""

import re
from collections.abc import Mapping, Sequence

from harness.model.change import Commit, Provenance

ToolPatterns = Mapping[str, Sequence[str]]
"""Tool name to regular expressions, matched without regard to case against a trailer's value
or an author's ``Name <address>``."""

BUILTIN_TOOLS: ToolPatterns = {
    "claude": (r"\bclaude\b", r"@anthropic\.com"),
    "copilot": (r"\bcopilot\b", r"copilot-swe-agent"),
    "cursor": (r"\bcursor(\s|agent|-agent|\b.*@cursor\.(com|sh))", r"@cursor\.(com|sh)", r"^cursor$"),
    "codex": (r"\bcodex\b", r"\bchatgpt\b", r"@openai\.com"),
    "gemini": (r"\bgemini\b", r"gemini-code-assist"),
    "devin": (r"\bdevin[\s-]?(ai|agent)\b", r"devin-ai-integration", r"@cognition(-labs|\.ai)", r"^devin$"),
    "kiro": (r"\bkiro\b", r"@kiro\.dev"),
    "amazon-q": (r"\bamazon[\s-]?q\b", r"amazonq"),
    "windsurf": (r"\bwindsurf\b", r"\bcascade\b.*@codeium", r"@codeium\.com"),
    "aider": (r"\baider\b", r"@aider\.chat"),
    "jules": (r"google-labs-jules", r"\bjules\b.*\b(google|bot)\b", r"^jules$"),
}
_TRAILER = re.compile(
    r"^\W{0,4}\s*(co-authored-by|assisted-by|generated-by|generated[ -]with|ai-assisted-by)\s*:?\s+(.{1,300})$",
    re.IGNORECASE | re.MULTILINE,
)
_ASSISTANT_TRAILERS = ("assisted-by", "generated-by", "generated with", "generated-with", "ai-assisted-by")
_LINK = re.compile(r"\[([^\]]{1,100})\]\([^)]{1,200}\)")
MAX_MESSAGE = 100_000


def assess(commits: Sequence[Commit], patterns: ToolPatterns) -> Provenance:
    """Provenance of the commits: tools sorted by name, one evidence sentence a hit."""
    compiled = {
        tool: [
            re.compile(pattern, re.IGNORECASE)
            for pattern in [*BUILTIN_TOOLS.get(tool, ()), *patterns.get(tool, ())]
        ]
        for tool in {*BUILTIN_TOOLS, *patterns}
    }
    tools: set[str] = set()
    evidence: list[str] = []
    for commit in commits:
        for text, source in _claims(commit):
            found = sorted(
                tool for tool, rules in compiled.items() if any(rule.search(text) for rule in rules)
            )
            if not found and source.lower().startswith(_ASSISTANT_TRAILERS):
                found = ["unnamed"]
            if found:
                tools.update(found)
                evidence.append(f"{source} in {commit.id[:7]}")
    return Provenance(bool(tools), tuple(sorted(tools)), tuple(dict.fromkeys(evidence)))


def _claims(commit: Commit) -> list[tuple[str, str]]:
    """(text, where it stands) of everything in a commit that names who made it."""
    claims = []
    for match in _TRAILER.finditer(commit.message[:MAX_MESSAGE]):
        name, value = match.group(1), _LINK.sub(r"\1", match.group(2)).strip()
        source = f"{name} trailer" if "-by" in name.lower() else f"{name.capitalize()} line"
        claims.append((value, source))
    claims.append((f"{commit.author} <{commit.author_email}>"[:300], "author"))
    if commit.author.strip():
        claims.append((commit.author.strip()[:100], "author"))
    return claims
