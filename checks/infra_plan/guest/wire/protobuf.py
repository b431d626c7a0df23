"""The wire form of protobuf: enough to read a few fields and pass everything else on untouched.

No generated classes: a message is a list of (field number, value), so that fields which this
code does not know travel through as they came.
"""

from typing import Any, Dict, Iterable, Iterator, List, Tuple, Union

Value = Union[int, bytes]
Field = Tuple[int, Value]


def fields(message: bytes) -> Iterator[Field]:
    """(field number, value) of a protobuf message: ints for numbers, bytes for the rest.

    Raises ValueError or IndexError for what is no message.
    """
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        if kind == 0:
            value, position = _varint(message, position)
            yield key >> 3, value
        elif kind == 2:
            length, position = _varint(message, position)
            if position + length > len(message):
                raise ValueError("cut off")
            yield key >> 3, message[position : position + length]
            position += length
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            yield key >> 3, int.from_bytes(message[position : position + size], "little")
            position += size
        else:
            raise ValueError("no protobuf message")


def _varint(data: bytes, position: int) -> Tuple[int, int]:
    result = shift = 0
    while True:
        byte = data[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, position
        shift += 7
        if shift > 63:
            raise ValueError("no varint")


def last(message: bytes) -> Dict[int, Any]:
    """The last value of each field."""
    return dict(fields(message))


def texts(message: bytes, number: int) -> List[str]:
    """All values of a field of type string."""
    return [v.decode("utf-8", "replace") for n, v in fields(message) if n == number and isinstance(v, bytes)]


def encode(items: Iterable[Tuple[int, Union[int, bytes, str]]]) -> bytes:
    """A message of varints and length-delimited values."""
    parts = []
    for number, value in items:
        if isinstance(value, int):
            parts += [_number(number << 3), _number(value)]
        else:
            data = value.encode() if isinstance(value, str) else value
            parts += [_number(number << 3 | 2), _number(len(data)), data]
    return b"".join(parts)


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
