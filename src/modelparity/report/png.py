"""Numbers of two axes as a PNG image: a palette from dark to bright, one pixel a number."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from ..graph import Array

#: Colours from the least to the largest number, evenly spaced; told apart without red and green, and in grey too.
COLOURS = (
    (13, 8, 60),
    (72, 23, 105),
    (103, 47, 122),
    (150, 62, 116),
    (195, 78, 97),
    (231, 107, 68),
    (249, 156, 40),
    (252, 231, 130),
)


def image(levels: Array) -> bytes:
    """``levels`` (row, column) from 0 to 1, the first row at the bottom; what is not finite is grey."""
    flipped = np.asarray(levels, np.float64)[::-1]
    finite = np.isfinite(flipped)
    numbers = np.where(finite, np.clip(np.where(finite, flipped, 0), 0, 1) * 254, 255).astype(np.uint8)
    rows = np.concatenate([np.zeros((len(numbers), 1), np.uint8), numbers], axis=1)
    height, width = numbers.shape
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", _palette()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)),
            _chunk(b"IEND", b""),
        ]
    )


def _palette() -> bytes:
    """255 colours between `COLOURS`, and grey."""
    known = np.asarray(COLOURS, np.float64)
    places = np.linspace(0, len(known) - 1, 255)
    made = [np.interp(places, range(len(known)), known[:, channel]) for channel in range(3)]
    colours = np.rint(np.stack(made, axis=1)).astype(np.uint8)
    return colours.tobytes() + bytes((128, 128, 128))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
