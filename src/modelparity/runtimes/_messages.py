"""What goes between a runtime and its child process: a JSON object and arrays by name.

::

    4 bytes magic, 8 + 8 bytes sizes (little-endian) of what follows: JSON in UTF-8, arrays as safetensors

Arrays are written from where they lie and read into the memory where they stay; nothing large is joined.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from ..graph import Array

MAGIC = b"MPc1"
_SIZES = struct.Struct("<QQ")
_SIZE = struct.Struct("<Q")
#: What is larger was not sent by a child that follows the rules.
LARGEST = 1 << 33
#: Element types that arrays can have, by what safetensors calls them.
TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|b1",
}
_CALLED = {np.dtype(code): name for name, code in TYPES.items()}


class Garbage(Exception):
    """Bytes that are no message; the first of them are its argument."""


def send(stream: BinaryIO, message: Mapping[str, Any], arrays: Mapping[str, Array] | None = None) -> None:
    """Write a message and flush. Raises `TypeError` for an element type that messages do not have."""
    for part in _parts(message, arrays or {}):
        stream.write(part)
    stream.flush()


def pack(message: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """A message as bytes."""
    return b"".join(bytes(part) for part in _parts(message, arrays))


def receive(stream: BinaryIO) -> tuple[dict[str, Any], dict[str, Array]]:
    """The next message. Raises `EOFError` where the stream ends, and `Garbage`."""
    start = _exactly(stream, len(MAGIC))
    if start != MAGIC:  # at once, for more may never come
        peek = getattr(stream, "peek", lambda: b"")
        raise Garbage(start + peek()[:76])
    text, data = _SIZES.unpack(_exactly(stream, _SIZES.size))
    if max(text, data) > LARGEST:
        raise Garbage(f"sizes {text} and {data}".encode())
    said = bytes(_exactly(stream, text))
    try:
        message = json.loads(said)
        arrays = _arrays(stream, data) if data else {}
    except (ValueError, TypeError, LookupError, AttributeError, MemoryError, RecursionError) as error:
        raise Garbage(said[:80]) from error
    if not isinstance(message, dict):
        raise Garbage(said[:80])
    return message, arrays


def _parts(message: Mapping[str, Any], arrays: Mapping[str, Array]) -> list[Any]:
    text = json.dumps(dict(message)).encode()
    if not arrays:
        return [MAGIC + _SIZES.pack(len(text), 0) + text]
    header: dict[str, Any] = {}
    views, end = [], 0
    # The widest elements first, so that each array begins where its elements may.
    for name, given in sorted(arrays.items(), key=lambda item: -np.asarray(item[1]).itemsize):
        array = np.asarray(given)
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
        if array.dtype not in _CALLED:
            raise TypeError(f"{name!r} has elements of type {array.dtype}, which no message has")
        start, end = end, end + array.nbytes
        called = _CALLED[array.dtype]
        header[name] = {"dtype": called, "shape": list(array.shape), "data_offsets": [start, end]}
        views.append(array.reshape(-1).view(np.uint8).data if array.size else b"")
    described = json.dumps(header).encode()
    described += b" " * (-len(described) % 8)
    sizes = MAGIC + _SIZES.pack(len(text), _SIZE.size + len(described) + end)
    return [sizes + text + _SIZE.pack(len(described)) + described, *views]


def _arrays(stream: BinaryIO, size: int) -> dict[str, Array]:
    """The arrays in the ``size`` bytes that follow, views of one block of memory."""
    (length,) = _SIZE.unpack(_exactly(stream, _SIZE.size))
    if length > size - _SIZE.size:
        raise ValueError("a header that is longer than what it heads")
    header = json.loads(bytes(_exactly(stream, length)))
    block = np.frombuffer(_exactly(stream, size - _SIZE.size - length), np.uint8)
    found = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        dtype, shape = np.dtype(TYPES[entry["dtype"]]), tuple(entry["shape"])
        start, end = entry["data_offsets"]
        if min(shape, default=0) < 0 or not 0 <= start <= end <= block.size:
            raise ValueError("an array that lies elsewhere")
        if end - start != math.prod(shape) * dtype.itemsize:
            raise ValueError("an array of another size")
        array = block[start:end].view(dtype) if start % dtype.itemsize == 0 else None
        found[name] = np.frombuffer(block[start:end].tobytes(), dtype) if array is None else array
        found[name] = found[name].reshape(shape)
    return found


def _exactly(stream: BinaryIO, count: int) -> Any:
    """``count`` bytes, read into memory that is theirs."""
    block = np.empty(count, np.uint8)
    view, done = block.data, 0
    while done < count:
        more = stream.readinto(view[done:])  # type: ignore[attr-defined]
        if not more:
            raise (Garbage(bytes(view[: min(done, 80)])) if done else EOFError)
        done += more
    return block.tobytes() if count <= 4096 else view
