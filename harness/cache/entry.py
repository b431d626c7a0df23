"""The form of one entry: a line of its own, the digest of the content, the content compressed."""

import hashlib
import zlib

from harness.cache.interface import MAX_ENTRY

MAGIC = b"change-harness result 1\n"
_DIGEST = 64


def pack(content: bytes) -> bytes:
    """The entry that holds ``content``."""
    return MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n" + zlib.compress(content, 3)


def unpack(entry: bytes) -> bytes | None:
    """The content of an entry, None when it is cut, altered, too large or of another version."""
    start = len(MAGIC) + _DIGEST + 1
    if not entry.startswith(MAGIC) or len(entry) < start or entry[start - 1 : start] != b"\n":
        return None
    digest = entry[len(MAGIC) : start - 1]
    decompressor = zlib.decompressobj()
    try:
        content = decompressor.decompress(entry[start:], MAX_ENTRY + 1)
    except zlib.error:
        return None
    if len(content) > MAX_ENTRY or not decompressor.eof or decompressor.unused_data:
        return None
    return content if hashlib.sha256(content).hexdigest().encode() == digest else None
