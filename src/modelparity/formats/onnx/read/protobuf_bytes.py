"""A model's bytes without its weights: protocol buffers copied with long numbers left where they are in the file.

The protobuf library keeps a copy of everything that it parses, and hands out a further one of every tensor. So
the file is mapped, its messages are walked once, and tensors' numbers are cut out of what the library gets
to see; each then carries the place of its numbers in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ....errors import ArtefactError

#: Bytes of a field above which it is left in the file; shapes and other small things stay readable.
LONG = 2048
#: Messages within messages beyond which a file is taken for hostile; protobuf's own limit is 100.
DEEPEST = 90

#: For each kind of message, which of its fields hold which kind (https://github.com/onnx/onnx, onnx.proto).
_INSIDE: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
#: A tensor's fields of fixed width, as numpy calls an element: float_data, raw_data, double_data.
_NUMBERS = {4: "<f4", 9: "raw", 10: "<f8"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor's numbers stand in the file: first byte, number of bytes, and how they are held."""

    offset: int
    length: int
    held: str


def skeleton(data: memoryview, where: str, token: str) -> bytes:
    """A ``ModelProto`` without long numbers; a tensor that lost its own has ``external_data`` under ``token``.

    Raises `ArtefactError` where the bytes are no protocol buffer.
    """
    return b"".join(_copied(data, 0, len(data), "model", where, token.encode(), 0))


def place(text: str) -> Place:
    """What `skeleton` wrote."""
    offset, length, held = text.split(",")
    return Place(int(offset), int(length), held)


def _copied(
    data: memoryview, start: int, end: int, kind: str, where: str, token: bytes, depth: int
) -> Iterator[bytes]:
    if depth > DEEPEST:
        raise ArtefactError(
            "messages are nested too deeply", where=where, found=f"more than {DEEPEST} levels at byte {start}"
        )
    inside = _INSIDE.get(kind, {})
    at = kept = start
    while at < end:
        begin = at
        key, at = _varint(data, at, end, where)
        field, wire = key >> 3, key & 7
        if field == 0:
            raise ArtefactError("not a protocol buffer", where=where, found=f"field 0 at byte {begin}")
        if wire == 0:
            _, at = _varint(data, at, end, where)
            continue
        if wire in (1, 5):
            at += 8 if wire == 1 else 4
            if at > end:
                raise _short(where, begin)
            continue
        if wire != 2:
            raise ArtefactError(
                "not a protocol buffer", where=where, found=f"wire type {wire} at byte {begin}"
            )
        length, at = _varint(data, at, end, where)
        if at + length > end:
            raise _short(where, begin)
        content, at = at, at + length
        if length <= LONG:
            continue
        if field in inside:
            parts = list(_copied(data, content, at, inside[field], where, token, depth + 1))
            yield bytes(data[kept:begin])
            yield from (_number(key), _number(sum(map(len, parts))), *parts)
            kept = at
        elif kind == "tensor" and field in _NUMBERS:
            yield bytes(data[kept:begin])
            yield _entry(token, f"{content},{length},{_NUMBERS[field]}".encode())
            kept = at
    yield bytes(data[kept:end])


def _entry(token: bytes, text: bytes) -> bytes:
    """An ``external_data`` entry (field 13): key and value."""
    pair = b"\x0a" + _number(len(token)) + token + b"\x12" + _number(len(text)) + text
    return b"\x6a" + _number(len(pair)) + pair


def _varint(data: memoryview, at: int, end: int, where: str) -> tuple[int, int]:
    result = shift = 0
    begin = at
    while at < end:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7
        if shift > 63:
            raise ArtefactError(
                "not a protocol buffer", where=where, found=f"an endless number at byte {begin}"
            )
    raise _short(where, begin)


def _number(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _short(where: str, at: int) -> ArtefactError:
    return ArtefactError(
        "the file is damaged or truncated",
        where=where,
        found=f"it ends inside what begins at byte {at}",
        fix="download or export it again",
    )
