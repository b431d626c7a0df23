"""Keeps what hostile programs print from steering the terminal of whoever looks on."""

import codecs
import re

# Colours and other looks of text do no harm; titles, clipboards, cursors and answers do.
_LOOKS = re.compile(r"\x1b\[[0-9;:]{0,40}m")
_START = re.compile(r"\x1b(?:\[[0-9;:]{0,40})?\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Plain:
    """Makes control characters of one stream visible, piece by piece.

    New lines, tabs and sequences that choose a colour pass; so does a carriage return before a
    new line. Everything else that a terminal would obey is written out, as are characters that
    turn the direction of text around.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._held = ""

    def feed(self, data: bytes, *, final: bool = False) -> str:
        """What may be shown of the next piece. At the end of the stream call it with ``final``."""
        text = self._held + self._decoder.decode(data, final)
        self._held = ""
        begun = None if final else _START.search(text) or re.search(r"\r\Z", text)
        if begun is not None:
            self._held, text = text[begun.start() :], text[: begun.start()]
        pieces = []
        at = 0
        for look in _LOOKS.finditer(text):
            pieces += [_shown(text[at : look.start()]), look[0]]
            at = look.end()
        return "".join([*pieces, _shown(text[at:])])


def _shown(text: str) -> str:
    text = text.replace("\r\n", "\n")
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
