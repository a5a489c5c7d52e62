"""A golden as a notebook shows it: what it is, what came out, and how far rounding alone can move it.

Plain HTML and SVG, in the text's own colour and mid tones that stand on light and dark ground alike.
"""

from __future__ import annotations

import math
from html import escape

import numpy as np

from ..graph import Array
from .record import Record

#: At least 3:1 against white and against a near-black page.
COLOURS = ("#3987e5", "#d9730d", "#0d9f6e", "#b45cd6")
WIDTH, UPPER, LOWER, LEFT, GAP = 620, 120, 56, 64, 26
#: More points than the drawing has pixels say nothing more.
POINTS = 400


def as_html(golden: Record) -> str:
    """A table of provenance, inputs and outputs, and a drawing of each of the first four outputs."""
    about = golden.provenance
    made = "given inputs"
    if about["recipe"] is not None:
        made = f"{about['recipe']}, seed {about['seed']}"
        made += "" if about["length"] is None else f", {about['length']} frames"
    rows = [("recipe", made)]
    rows += [(f"input {name}", _said(a)) for name, a in golden.inputs.items()]
    for name, array in golden.outputs.items():
        worst = float(np.max(golden.floor.outputs[name], initial=0.0))
        rows.append((f"output {name}", f"{_said(array)}, floor at most {worst:.3g}"))
    floor = golden.floor
    rows.append(
        ("floor", f"{floor.precision}, {floor.runs} perturbed runs, {floor.conditioning}-conditioned")
    )
    if about["source_name"]:
        rows.append(("source", f"{about['source_name']} ({about['source_format']})"))
    rows.append(("model hash", about["model_hash"][:16]))
    rows.append(("recorded by", f"{about['created_by']}, numpy {about['numpy']}"))
    cell = "text-align:left;padding:1px 12px 1px 0;vertical-align:top;background:none;border:none"
    table = "".join(
        f'<tr style="background:none"><th scope="row" style="{cell};font-weight:normal;opacity:.7">{escape(key)}</th>'
        f'<td style="{cell}">{escape(value)}</td></tr>'
        for key, value in rows
    )
    drawings = "".join(
        drawing(name, array, golden.floor.outputs[name]) for name, array in list(golden.outputs.items())[:4]
    )
    return (
        f'<div style="color:inherit;max-width:{WIDTH}px"><b>Golden {escape(about["model"])}</b>'
        f'<table style="border-collapse:collapse;border:none;margin:4px 0">{table}</table>{drawings}</div>'
    )


def drawing(name: str, output: Array, floor: Array) -> str:
    """SVG: the output over its first axis (four channels at most) with its floor as a band, and the floor below."""
    if output.ndim == 0 or output.size == 0 or output.dtype.kind not in "fiub":
        return ""
    lines = output.reshape(len(output), -1).astype(np.float64)
    bands = floor.reshape(len(output), -1)
    shown = min(lines.shape[1], len(COLOURS))
    step = math.ceil(len(lines) / POINTS)
    y, band = lines[::step, :shown], bands[::step, :shown]
    finite = y[np.isfinite(y)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low == high:
        margin = max(0.5, abs(low) / 4)
        low, high = low - margin, high + margin
    x = LEFT + np.arange(len(y)) * ((WIDTH - LEFT - 8) / max(len(y) - 1, 1))
    parts = [_axis(8, UPPER, f"{high:.3g}", f"{low:.3g}")]
    for channel in range(shown):
        parts += _line(x, y[:, channel], band[:, channel], low, high, COLOURS[channel])
    parts.append(_floors(x, np.max(bands, axis=1)[::step]))
    more = f", {shown} of {lines.shape[1]} channels" if lines.shape[1] > shown else ""
    label = escape(f"output {name} over {len(lines)} steps{more}; below, its floor")
    height = 8 + UPPER + GAP + LOWER + 20
    parts.append(_text(LEFT, height - 5, label))
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}" '
        f'style="width:100%;max-width:{WIDTH}px;background:none" fill="none" font-family="sans-serif">'
        f"{''.join(parts)}</svg>"
    )


def _line(x: Array, y: Array, floor: Array, low: float, high: float, colour: str) -> list[str]:
    """One channel: its band, if it is wide enough to be seen, and its line, broken where it is not finite."""
    span = high / 2 - low / 2  # halves, so that no finite range overflows
    good = np.isfinite(y)
    parts = []
    with np.errstate(invalid="ignore", over="ignore"):
        at = np.clip(8 + (high / 2 - y / 2) / span * UPPER, 8, 8 + UPPER)
        half = np.clip(floor / 2 / span * UPPER, 0, UPPER)
    if good.all() and half.max(initial=0) > 0.5 and len(x) > 1:
        upper, lower = np.clip(at - half, 8, None), np.clip(at + half, None, 8 + UPPER)
        ring = [*zip(x, upper, strict=True), *zip(x[::-1], lower[::-1], strict=True)]
        parts.append(f'<path d="{_path(ring)}Z" fill="{colour}" fill-opacity=".25"/>')
    for run in np.split(np.arange(len(y)), np.flatnonzero(np.diff(good)) + 1):
        if good[run[0]]:
            points = [*zip(x[run], at[run], strict=True)]
            shape = _path(points if len(points) > 1 else [points[0], (points[0][0] + 1, points[0][1])])
            parts.append(f'<path d="{shape}" stroke="{colour}" stroke-width="1.5" stroke-linejoin="round"/>')
    return parts


def _floors(x: Array, floor: Array) -> str:
    """The largest floor at each step, on a logarithmic scale."""
    top = 8 + UPPER + GAP
    good = np.isfinite(floor) & (floor > 0)
    if not good.any():
        return _axis(top, LOWER, "0", "")
    high = math.ceil(math.log10(float(floor[good].max())) + 1e-9)
    low = min(math.floor(math.log10(float(floor[good].min()))), high - 1)
    level = np.log10(np.where(good, floor, 10.0**low))
    y = top + (high - np.clip(level, low, high)) * (LOWER / (high - low))
    ring = [(x[0], top + LOWER), *zip(x, y, strict=True), (x[-1] + (len(x) == 1), top + LOWER)]
    area = f'<path d="{_path(ring)}Z" fill="currentColor" fill-opacity=".3"/>'
    return _axis(top, LOWER, f"1e{high}", f"1e{low}") + area


def _axis(top: int, height: int, upper: str, lower: str) -> str:
    frame = f"M{LEFT - 4} {top}V{top + height}H{WIDTH - 8}"
    return (
        f'<path d="{frame}" stroke="currentColor" stroke-opacity=".4"/>'
        + _text(LEFT - 8, top + 8, upper, "end")
        + _text(LEFT - 8, top + height, lower, "end")
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" font-size="11" fill="currentColor" text-anchor="{anchor}">{text}</text>'


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _said(array: Array) -> str:
    return f"({', '.join(map(str, array.shape))}) {array.dtype}"
