"""What goes between a runtime and its child process: a JSON object and arrays by name.

::

    4 bytes magic, 8 + 8 bytes sizes (little-endian) of what follows: JSON in UTF-8, arrays as safetensors
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from ..graph import Array

MAGIC = b"MPc1"
_SIZES = struct.Struct("<QQ")
#: What is larger was not sent by a child that follows the rules.
LARGEST = 1 << 33


class Garbage(Exception):
    """Bytes that are no message; the first of them are its argument."""


def pack(message: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """A message as bytes."""
    import numpy as np
    from safetensors.numpy import save

    text = json.dumps(dict(message)).encode()
    data = save({name: np.ascontiguousarray(a) for name, a in arrays.items()}) if arrays else b""
    return MAGIC + _SIZES.pack(len(text), len(data)) + text + data


def receive(stream: BinaryIO) -> tuple[dict[str, Any], dict[str, Array]]:
    """The next message. Raises `EOFError` where the stream ends, and `Garbage`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    start = _exactly(stream, len(MAGIC))
    if start != MAGIC:  # at once, for more may never come
        peek = getattr(stream, "peek", lambda: b"")
        raise Garbage(start + peek()[:76])
    text, data = _SIZES.unpack(_exactly(stream, _SIZES.size))
    if max(text, data) > LARGEST:
        raise Garbage(f"sizes {text} and {data}".encode())
    said = _exactly(stream, text)
    try:
        message = json.loads(said)
        packed = _exactly(stream, data)
        arrays = load(packed) if data else {}
    except (ValueError, SafetensorError) as error:
        raise Garbage(said[:80]) from error
    if not isinstance(message, dict):
        raise Garbage(said[:80])
    return message, arrays


def _exactly(stream: BinaryIO, count: int) -> bytes:
    parts: list[bytes] = []
    while count:
        part = stream.read(min(count, 1 << 20))
        if not part:
            raise (Garbage(b"".join(parts)[:80]) if parts else EOFError)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
