"""Fingerprints: the same finding has the same one across runs and line moves."""

import hashlib
import re

from harness.check.interface import Draft

_SPACE = re.compile(r"\s+")


def fingerprint(check: str, draft: Draft) -> str:
    """32 hex digits from check, rule, path, symbol, class of difference and the draft's key.

    No line numbers, and white space does not count, so that moved or reformatted code keeps
    its fingerprint.
    """
    difference = draft.difference
    parts = [
        check,
        draft.rule,
        draft.location.path,
        draft.location.symbol or "",
        f"{difference.before}>{difference.after}" if difference else "",
        _SPACE.sub(" ", draft.key).strip(),
    ]
    text = "\x1f".join(parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(text).hexdigest()[:32]
