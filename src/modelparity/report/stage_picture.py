"""Values of a stage as an SVG picture: spectrograms as images, activations as lines, events as marks.

With a candidate the reference stands first, then the candidate, then how far they are apart. Nothing is loaded from
anywhere; the colours stand on light and dark ground alike.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..graph import Array
from .png import image

#: Pixels: of a panel, of its margins, and between two.
WIDTH, IMAGE, LINES, MARKS, LEFT, RIGHT, TOP, GAP = 900, 200, 130, 70, 64, 14, 40, 44
#: As many columns at most are lines; more are an image.
FEW = 6
#: Most pixels of an image.
ACROSS, UP = 1200, 320
INK, SOFT, BLUE, ORANGE, RED = "#7a808a", "#9aa0a8", "#2f6fde", "#d9772b", "#d23b3b"
LINE_COLOURS = (BLUE, ORANGE, "#2a9d8f", "#8d5fd3", "#c2a02c", RED)


@dataclass(frozen=True)
class Mark:
    """An event: from ``start`` to ``end`` seconds (the same for a moment), how high (a pitch), and a text."""

    start: float
    end: float
    height: float | None = None
    text: str = ""


@dataclass(frozen=True)
class Panel:
    """One drawing of a picture: its heading, its parts in SVG at the origin, and how high it is."""

    title: str
    parts: tuple[str, ...]
    height: int


Value = Array | Mapping[str, Array] | Sequence[Mark]


def picture(title: str, reference: Value, candidate: Value | None = None) -> str:
    """The picture of a stage's value, with that of a candidate where there is one, as the text of an SVG file."""
    panels: list[Panel] = []
    if isinstance(reference, Mapping):
        for name, one in reference.items():
            other = candidate.get(name) if isinstance(candidate, Mapping) else None
            panels += _numbers(name, np.asarray(one), None if other is None else np.asarray(other))
    elif isinstance(reference, np.ndarray | np.generic):
        other = np.asarray(candidate) if candidate is not None else None
        panels += _numbers(title, np.asarray(reference), other)
    else:
        panels += _events(title, reference, candidate if isinstance(candidate, Sequence) else None)
    height = TOP + sum(panel.height + GAP for panel in panels)
    drawn, y = [], TOP
    for panel in panels:
        drawn.append(f'<text x="{LEFT}" y="{y - 10}" fill="{INK}">{escape(panel.title)}</text>')
        drawn.append(f'<g transform="translate({LEFT},{y})">{"".join(panel.parts)}</g>')
        y += panel.height + GAP
    whole = LEFT + WIDTH + RIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="system-ui,sans-serif" font-size="12">'
        f"<title>{escape(title)}</title>{''.join(drawn)}</svg>\n"
    )


def _numbers(name: str, reference: Array, candidate: Array | None) -> list[Panel]:
    ours = _table(reference)
    if candidate is None:
        return [_panel(name, ours, _extent([ours]))]
    theirs = _table(candidate)
    if theirs.shape != ours.shape:
        shapes = f"{reference.shape} and {candidate.shape}"
        return [
            _panel(f"{name}: the reference", ours, _extent([ours])),
            _panel(f"{name}: the candidate, of another shape ({shapes})", theirs, _extent([theirs])),
        ]
    both = _extent([ours, theirs])
    with np.errstate(invalid="ignore"):
        apart = np.abs(theirs - ours)
    most = float(np.max(apart[np.isfinite(apart)], initial=0.0))
    return [
        _panel(f"{name}: the reference", ours, both),
        _panel(f"{name}: the candidate", theirs, both),
        _panel(f"{name}: the difference, {most:.3g} at most", apart, (0.0, most)),
    ]


def _table(array: Array) -> Array:
    """(time, column) of any array of numbers."""
    if array.ndim == 0:
        return np.asarray(array, np.float64).reshape(1, 1)
    return np.asarray(array, np.float64).reshape(len(array), -1) if array.size else np.zeros((0, 1))


def _extent(tables: Sequence[Array]) -> tuple[float, float]:
    finite = [one[np.isfinite(one)] for one in tables]
    found = [part for part in finite if part.size]
    if not found:
        return 0.0, 1.0
    return float(min(part.min() for part in found)), float(max(part.max() for part in found))


def _panel(title: str, table: Array, extent: tuple[float, float]) -> Panel:
    if not table.size:
        return Panel(f"{title}: empty", (), 0)
    if table.shape[1] <= FEW:
        return _lines(title, table, extent)
    return _image(title, table, extent)


def _lines(title: str, table: Array, extent: tuple[float, float]) -> Panel:
    low, high = extent
    span = high - low or 1.0
    parts = [*_frame(LINES), *_scale(extent, LINES), *_frames(len(table), LINES)]
    edges = _edges(len(table), WIDTH)
    for column in range(table.shape[1]):
        values = np.where(np.isfinite(table[:, column]), table[:, column], low)
        tops = np.maximum.reduceat(values, edges)
        bottoms = np.minimum.reduceat(values, edges)
        points = []
        for edge, top, bottom in zip(edges.tolist(), tops.tolist(), bottoms.tolist(), strict=True):
            x = WIDTH * (edge + 0.5) / len(table)
            points += [
                f"{x:.1f},{LINES - LINES * (one - low) / span:.1f}" for one in dict.fromkeys((bottom, top))
            ]
        colour = LINE_COLOURS[column % len(LINE_COLOURS)]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="1"/>'
        )
    return Panel(title, tuple(parts), LINES)


def _image(title: str, table: Array, extent: tuple[float, float]) -> Panel:
    low, high = extent
    # The largest number of each pixel's, so that none is lost between two.
    shown = np.where(np.isnan(table), -np.inf, table)
    shown = np.maximum.reduceat(shown, _edges(shown.shape[0], ACROSS), axis=0)
    shown = np.maximum.reduceat(shown, _edges(shown.shape[1], UP), axis=1)
    levels = (shown - low) / ((high - low) or 1.0)
    code = base64.b64encode(image(levels.T)).decode("ascii")
    parts = (
        f'<image width="{WIDTH}" height="{IMAGE}" preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{code}"/>',
        *_frame(IMAGE),
        *_frames(len(table), IMAGE),
        f'<text x="-6" y="{IMAGE}" text-anchor="end" fill="{SOFT}">0</text>',
        f'<text x="-6" y="11" text-anchor="end" fill="{SOFT}">{table.shape[1] - 1}</text>',
    )
    return Panel(f"{title} (dark {low:.3g}, bright {high:.3g})", parts, IMAGE)


def _events(title: str, reference: Sequence[Mark], candidate: Sequence[Mark] | None) -> list[Panel]:
    every = [*reference, *(candidate or ())]
    last = max((mark.end for mark in every), default=0.0) or 1.0
    if candidate is None:
        return [_marks(f"{title}: {len(reference)}", reference, last, BLUE)]
    ours, theirs = _without(reference, candidate), _without(candidate, reference)
    apart = ((f"missing {len(ours)}", ours), (f"beyond the reference {len(theirs)}", theirs))
    return [
        _marks(f"{title}: the reference, {len(reference)}", reference, last, BLUE),
        _marks(f"{title}: the candidate, {len(candidate)}", candidate, last, ORANGE),
        *(_marks(f"{title}: {said}", marks, last, RED) for said, marks in apart if marks),
    ]


def _without(marks: Sequence[Mark], others: Sequence[Mark]) -> list[Mark]:
    """Those of the marks that have none like them, within a millisecond, among the others."""
    known = {_place(one, shift, other) for one in others for shift in (-1, 0, 1) for other in (-1, 0, 1)}
    return [mark for mark in marks if _place(mark) not in known]


def _place(mark: Mark, start: int = 0, end: int = 0) -> tuple[int, int, float | None, str]:
    return round(mark.start * 1000) + start, round(mark.end * 1000) + end, mark.height, mark.text


def _marks(title: str, marks: Sequence[Mark], last: float, colour: str) -> Panel:
    parts = [*_frame(MARKS)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(
            f'<text x="{WIDTH * share:.0f}" y="{MARKS + 14}" text-anchor="middle" fill="{SOFT}">'
            f"{last * share:.4g} s</text>"
        )
    heights = [mark.height for mark in marks if mark.height is not None]
    low, high = (min(heights), max(heights)) if heights else (0.0, 0.0)
    for mark in marks:
        x, width = WIDTH * mark.start / last, WIDTH * (mark.end - mark.start) / last
        top, tall = 0.0, float(MARKS)
        if mark.height is not None and high > low:
            top, tall = (MARKS - 8) * (1 - (mark.height - low) / (high - low)), 8.0
        height = "" if mark.height is None else f"{mark.height:g}"
        said = " ".join(filter(None, [f"{mark.start:.4g} s", mark.text or height]))
        parts.append(
            f'<g><title>{escape(said)}</title><rect x="{x:.1f}" y="{top:.1f}" width="{max(width - 1, 1.6):.1f}" '
            f'height="{tall:.0f}" fill="{colour}" fill-opacity="{0.35 if width else 1}"/></g>'
        )
        if mark.text:
            parts.append(f'<text x="{x + 3:.1f}" y="{MARKS / 2:.0f}" fill="{INK}">{escape(mark.text)}</text>')
    return Panel(title, tuple(parts), MARKS)


def _edges(count: int, most: int) -> Array:
    """Where each of at most ``most`` parts of ``count`` begins."""
    return np.unique(np.linspace(0, count, min(count, most), endpoint=False).astype(np.int64))


def _frame(height: int) -> tuple[str, ...]:
    return (f'<rect width="{WIDTH}" height="{height}" fill="none" stroke="{SOFT}" stroke-width="0.7"/>',)


def _scale(extent: tuple[float, float], height: int) -> tuple[str, ...]:
    return tuple(
        f'<text x="-6" y="{y}" text-anchor="end" fill="{SOFT}">{value:.3g}</text>'
        for value, y in ((extent[1], 11), (extent[0], height))
    )


def _frames(count: int, height: int) -> tuple[str, ...]:
    """The numbers of the first and the last frame."""
    return tuple(
        f'<text x="{x}" y="{height + 14}" text-anchor="{anchor}" fill="{SOFT}">{number}</text>'
        for number, x, anchor in ((0, 0, "start"), (count - 1, WIDTH, "end"))
    )
