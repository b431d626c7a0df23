"""Who has to agree to changes of which files (CODEOWNERS)."""

import re
from collections.abc import Iterator, Sequence

from .dangers import Danger

NAME = re.compile(r"(?:^|/)CODEOWNERS$")


def owners_dropped(base: str, head: str | None, files: Sequence[str]) -> Iterator[Danger]:
    """Places of head's tree that somebody had to agree to on base, and for which nobody in particular is named."""
    before, after = _owned(base), _owned(head or "")
    lost = [
        (pattern, owners) for pattern, owners in before.items()
        if owners and not after.get(pattern) and (head is None or pattern != "*") and _matches(pattern, files)
    ]  # fmt: skip
    if not lost:
        return
    named = ", ".join(f"{pattern} ({' '.join(owners)})" for pattern, owners in lost)[:300]
    yield Danger(
        "pipeline-owners-dropped", ",".join(sorted(pattern for pattern, _ in lost))[:300], 1, "medium",
        f"Owners of {lost[0][0][:60]} no longer have to agree" + (f", and of {len(lost) - 1} more" if lost[1:] else ""),
        f"Base names who has to agree to changes of {named}; head names nobody for these places by themselves.",
        "Keep the lines, or let these owners agree to this change.", ("CWE-693",),
    )  # fmt: skip


def _owned(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in text.split("\n"):
        words = re.sub(r"(^|\s)#.*", "", line).split()
        if words and not words[0].startswith(("[", "^[")):
            found[words[0]] = tuple(words[1:])
    return found


def _matches(pattern: str, files: Sequence[str]) -> bool:
    """Whether there is still something at the place, roughly: by what stands before the first wildcard."""
    place = re.split(r"[*?\[]", pattern)[0].lstrip("/")
    return any(path.startswith(place) or f"/{place}" in f"/{path}" for path in files)
