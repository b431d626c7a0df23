"""MessagePack as Terraform uses it: JSON-like values, and unknown ones as an extension."""

import struct
from typing import Any, Dict, List


class Unknown:
    """A value that only apply tells. The class itself stands for it."""


def pack(value: Any) -> bytes:
    """The MessagePack of a JSON-like value; ``Unknown`` becomes Terraform's extension."""
    if value is Unknown:
        return b"\xd4\x00\x00"
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, (str, bytes)):
        data = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        return (b"\xdb" if isinstance(value, str) else b"\xc6") + struct.pack(">I", len(data)) + data
    if isinstance(value, (list, tuple)):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(pack, value))
    pairs = [pack(key) + pack(item) for key, item in value.items()]
    return b"\xdf" + struct.pack(">I", len(pairs)) + b"".join(pairs)


def _integer(value: int) -> bytes:
    if -(2**63) <= value < 2**63:
        return b"\xd3" + struct.pack(">q", value)
    if 0 <= value < 2**64:
        return b"\xcf" + struct.pack(">Q", value)
    return pack(str(value))  # cty reads a number of any size from its decimal text


def unpack(data: bytes) -> Any:
    """One MessagePack value; extension values (Terraform's unknowns) become ``Unknown``."""
    return _Unpacker(data).value()


class _Unpacker:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, size: int) -> bytes:
        if self.position + size > len(self.data):
            raise ValueError("cut off")
        self.position += size
        return self.data[self.position - size : self.position]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def value(self) -> Any:
        code = self.take(1)[0]
        if code < 0x80:
            return code
        if code < 0x90:
            return self.mapping(code & 0x0F)
        if code < 0xA0:
            return self.array(code & 0x0F)
        if code < 0xC0:
            return self.text(code & 0x1F)
        if code >= 0xE0:
            return code - 256
        return self.special(code)

    def special(self, code: int) -> Any:
        if code in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[code]
        if 0xC4 <= code <= 0xC6:
            return self.take(self.number(1 << (code - 0xC4)))
        if 0xC7 <= code <= 0xC9:
            self.take(self.number(1 << (code - 0xC7)) + 1)
            return Unknown
        if code in (0xCA, 0xCB):
            return struct.unpack(">f" if code == 0xCA else ">d", self.take(4 if code == 0xCA else 8))[0]
        if 0xCC <= code <= 0xCF:
            return self.number(1 << (code - 0xCC))
        if 0xD0 <= code <= 0xD3:
            return int.from_bytes(self.take(1 << (code - 0xD0)), "big", signed=True)
        if 0xD4 <= code <= 0xD8:
            self.take((1 << (code - 0xD4)) + 1)
            return Unknown
        if 0xD9 <= code <= 0xDB:
            return self.text(self.number(1 << (code - 0xD9)))
        if code in (0xDC, 0xDD):
            return self.array(self.number(2 if code == 0xDC else 4))
        if code in (0xDE, 0xDF):
            return self.mapping(self.number(2 if code == 0xDE else 4))
        raise ValueError("no MessagePack")

    def text(self, size: int) -> str:
        return self.take(size).decode("utf-8", "replace")

    def array(self, size: int) -> List[Any]:
        return [self.value() for _ in range(size)]

    def mapping(self, size: int) -> Dict[Any, Any]:
        return {self.value(): self.value() for _ in range(size)}
