"""The known attack strings, and how two renderings are compared in structure."""

import json
from pathlib import Path

from hypothesis import strategies as st

ATTACKS: list[str] = json.loads((Path(__file__).parent / "attacks.json").read_text("utf-8"))

# Any text at all, lone surrogates too, but something that shows: blank text is left out by design.
_SIGNS = st.sampled_from(list("<>&\"'`*_[](){}#@!|\\~:/.-+=$%^;\n\r\t\x1b\x9b\x00\u202e\u200b\ud800aw1 "))
hostile_text = st.one_of(st.text(_SIGNS, min_size=1, max_size=40), st.text(st.characters(), max_size=30)).map(
    lambda text: f"a{text}"
)
