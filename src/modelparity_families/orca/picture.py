"""A picture of what was found: the spectrogram, and below it the confidence of each window."""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape

import numpy as np

from modelparity.graph import Array

from .detection import Found

WIDTH, HIGH, LOW, EDGE = 960, 256, 120, 48


def svg(found: Found, title: str, *, threshold: float = 0.5) -> str:
    """An SVG: dark is quiet, bright is loud; rows that are calls are marked on the curve of confidences."""
    rows = found.verdict.rows
    end = max([found.seconds, 1e-9, *(row.start_s + row.duration_s for row in rows)])

    def x(seconds: float) -> float:
        return EDGE + WIDTH * seconds / end

    def y(share: float) -> float:
        return EDGE + HIGH + 16 + LOW * (1 - share)

    line = " ".join(
        f"{x(at):.1f},{y(row.confidence):.1f}"
        for row in rows
        for at in (row.start_s, min(end, row.start_s + row.duration_s))
    )
    calls = "".join(
        f'<rect x="{x(row.start_s):.1f}" y="{y(0):.1f}" width="{x(row.duration_s) - EDGE:.1f}" height="6" '
        'fill="#d62728"/>'
        for row in rows
        if row.prediction
    )
    said = "calls" if found.verdict.global_prediction else "no calls"
    image = ""
    if found.spectrogram.size:
        data = base64.b64encode(png(found.spectrogram[::-1])).decode()
        image = (
            f'<image x="{EDGE}" y="{EDGE}" width="{WIDTH}" height="{HIGH}" preserveAspectRatio="none" '
            f'href="data:image/png;base64,{data}"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 2 * EDGE} {HIGH + LOW + 3 * EDGE}" '
        'font-family="sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" fill="white"/><text x="{EDGE}" y="28">{escape(title)}: {said} '
        f"({found.verdict.global_confidence:.4g})</text>{image}"
        f'<line x1="{EDGE}" x2="{EDGE + WIDTH}" y1="{y(threshold):.1f}" y2="{y(threshold):.1f}" stroke="#999" '
        f'stroke-dasharray="4"/><polyline points="{line}" fill="none" stroke="#1f77b4"/>{calls}'
        f'<text x="{EDGE}" y="{y(0) + 24:.1f}">0 s</text>'
        f'<text x="{EDGE + WIDTH}" y="{y(0) + 24:.1f}" text-anchor="end">{end:.4g} s</text></svg>'
    )


def png(values: Array) -> bytes:
    """Numbers (row, column) as a grey PNG of 8 bits, from the lowest (black) to the highest (white)."""
    low, high = float(values.min()), float(values.max())
    grey = (
        np.uint8(np.rint(255 * (values - low) / (high - low)))
        if high > low
        else np.zeros(values.shape, np.uint8)
    )
    lines = np.zeros((values.shape[0], 1 + values.shape[1]), np.uint8)
    lines[:, 1:] = grey
    head = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
