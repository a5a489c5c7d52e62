"""Weights files of ML Programs ("blob storage", version 2): arrays mapped from disk, never copied until needed.

A file starts with a header of 64 bytes (number of blobs, version). A blob is found by the offset of its 64 bytes
of metadata: a sentinel, its element type, size in bytes, offset of its data, and, for elements smaller than a
byte, how many bits at its end are padding. Numbers are little-endian.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from ...errors import ArtefactError
from ...graph import Array

SENTINEL, VERSION, HEADER, METADATA = 0xDEADBEEF, 2, 64, struct.Struct("<IIQQQ32x")
#: Element types by their number in the file (BlobDataType).
TYPES = {
    1: "float16",
    2: "float32",
    3: "uint8",
    4: "int8",
    5: "bfloat16",
    6: "int16",
    7: "uint16",
    8: "int4",
    9: "uint1",
    10: "uint2",
    11: "uint4",
    12: "uint3",
    13: "uint6",
    14: "int32",
    15: "uint32",
    16: "float8e4m3fn",
    17: "float8e5m2",
}


class Weights:
    """One weights file, mapped once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            size = path.stat().st_size
            self._bytes: Array = np.memmap(path, np.uint8, "r") if size else np.zeros(0, np.uint8)
        except (OSError, ValueError) as error:
            raise ArtefactError(f"weights are not readable: {error}", where=path) from error
        if len(self._bytes) < HEADER:
            found, expected = f"{size} bytes", f"at least {HEADER}"
            raise ArtefactError("the weights file is truncated", where=path, found=found, expected=expected)
        _, version = struct.unpack("<II", bytes(self._bytes[:8]))
        if version != VERSION:
            raise ArtefactError("weights of another version", where=path, found=version, expected=VERSION)

    def blob(self, offset: int, dtype: str, where: str) -> Array:
        """The bytes of the blob whose metadata is at ``offset``, after checking that it holds ``dtype``.

        Returns uint8, read-only, a view of the mapped file.
        """
        end = len(self._bytes)
        if offset + METADATA.size > end:
            raise ArtefactError(
                f"{where} points beyond the weights file",
                where=self.path,
                found=f"offset {offset}",
                expected=f"at most {end - METADATA.size}",
            )
        found = METADATA.unpack(bytes(self._bytes[offset : offset + METADATA.size]))
        sentinel, kind, size, start, _padding = found
        if sentinel != SENTINEL:
            raise ArtefactError(
                f"{where} points at something that is no blob",
                where=self.path,
                found=f"{sentinel:#010x} at offset {offset}",
                expected=f"{SENTINEL:#010x}",
            )
        if TYPES.get(kind) != dtype:
            raise ArtefactError(
                f"{where} points at a blob of another type",
                where=self.path,
                found=TYPES.get(kind, f"type number {kind}"),
                expected=dtype,
            )
        if start < HEADER or (start < offset + METADATA.size and start + size > offset):
            raise ArtefactError(
                f"{where} points at a blob whose data lie over its own description",
                where=self.path,
                found=f"data from byte {start}",
                expected=f"behind byte {offset + METADATA.size}",
            )
        if start + size > end:
            raise ArtefactError(
                f"the weights file is truncated: {where} does not fit",
                where=self.path,
                found=f"{end:,} bytes",
                expected=f"{start + size:,}",
            )
        return self._bytes[start : start + size]
