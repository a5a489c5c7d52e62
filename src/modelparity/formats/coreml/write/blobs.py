"""Writes the weights file of an ML Program; `modelparity.formats.coreml.blob` says how it is laid out."""

from __future__ import annotations

import struct

import numpy as np

from ....graph import Array
from ..blob import HEADER, METADATA, SENTINEL, VERSION

#: Data and metadata start at multiples of this many bytes.
ALIGNED = 64
_TYPES = {"float16": 1, "float32": 2}


class Blobs:
    """Arrays one after another; the same bytes are stored once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._end = HEADER
        self._known: dict[tuple[str, bytes], int] = {}

    def add(self, array: Array) -> int:
        """The offset by which the model refers to the array (float32 or float16)."""
        kind = array.dtype.name
        data = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
        if (kind, data) not in self._known:
            self._known[kind, data] = offset = self._end
            start = offset + METADATA.size
            self._append(METADATA.pack(SENTINEL, _TYPES[kind], len(data), start, 0))
            self._append(data)
        return self._known[kind, data]

    def __len__(self) -> int:
        return len(self._known)

    def file(self) -> bytes:
        """The whole file."""
        header = struct.pack("<II", len(self._known), VERSION).ljust(HEADER, b"\0")
        return b"".join((header, *self._parts))

    def _append(self, data: bytes) -> None:
        padded = data + b"\0" * (-len(data) % ALIGNED)
        self._parts.append(padded)
        self._end += len(padded)
