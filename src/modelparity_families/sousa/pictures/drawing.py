"""Figures that nobody must close: they are made apart from matplotlib's list of open ones."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from modelparity.errors import InputError, Unavailable
from modelparity.graph import Array

from ..encoding import NAMES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What a stroke is drawn as: the first of these features that is above one half, else a tap.
COLOURS = {
    "grace": ("is_grace", "#F39C12"),
    "diddle": ("is_diddle", "#2ECC71"),
    "buzz": ("is_buzz", "#9B59B6"),
    "accent": ("is_accent", "#E74C3C"),
}
TAP = "#4A90D9"
WAVE = "#CCCCCC"
#: A waveform is drawn by the least and the largest sample of so many parts.
PARTS = 4000


def kind_of(features: Array) -> str:
    """What a stroke of features (12,) is drawn as: grace, diddle, buzz, accent or tap."""
    return next((kind for kind, (name, _) in COLOURS.items() if features[NAMES.index(name)] > 0.5), "tap")


def timeline(audio: Array, rate: int, times: Array, features: Array) -> Figure:
    """The waveform (sample,) in grey, and a line for each onset in the colour of its kind, with a legend.

    times (onset,) in s, features (stroke, 12) -> a figure of 12 x 3 inches. Onsets without features, past those that
    the networks take, are not drawn. Raises `InputError` for what are no features, and `Unavailable` without
    matplotlib.
    """
    features = _checked(features)
    figure = empty((12, 3))
    axes = figure.add_subplot()
    axes.plot(*_wave(np.asarray(audio), rate), color=WAVE, linewidth=0.5)
    shown: set[str] = set()
    for time, row in zip(times, features, strict=False):
        kind = kind_of(row)
        colour = COLOURS[kind][1] if kind in COLOURS else TAP
        axes.axvline(time, color=colour, linewidth=1.2, alpha=0.8, label=None if kind in shown else kind)
        shown.add(kind)
    axes.set_xlabel("time (s)")
    axes.set_yticks([])
    axes.set_xlim(0, max(len(audio) / rate, 1e-3))
    if shown:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(shown), fontsize=8, frameon=False)
    figure.tight_layout()
    return figure


def heat_map(features: Array, count: int | None = None) -> Figure:
    """Features (stroke, 12) of the first ``count`` strokes, one line a feature. Raises as `timeline`."""
    rows = _checked(features)[:count]
    figure = empty((max(8, 0.3 * len(rows)), 4))
    axes = figure.add_subplot()
    if len(rows):
        edges = (0.5, len(rows) + 0.5, len(NAMES) - 0.5, -0.5)  # strokes count from 1, as people do
        image = axes.imshow(rows.T, aspect="auto", cmap="YlOrRd", interpolation="nearest", extent=edges)
        figure.colorbar(image, ax=axes)
    axes.set_yticks(range(len(NAMES)), NAMES, fontsize=8)
    axes.set_xlabel("stroke")
    figure.tight_layout()
    return figure


def _checked(features: Array) -> Array:
    array = np.asarray(features, np.float64)
    if array.ndim != 2 or array.shape[1] != len(NAMES) or not np.isfinite(array).all():
        found = array.shape if array.ndim != 2 or array.shape[1] != len(NAMES) else "not finite"
        raise InputError("not features of strokes", found=found, expected=f"(stroke, {len(NAMES)})")
    return array


def _wave(audio: Array, rate: int) -> tuple[Array, Array]:
    """Times and samples of a line that covers what the whole waveform does."""
    if len(audio) <= 2 * PARTS:
        return np.arange(len(audio)) / rate, audio
    starts = np.arange(PARTS) * len(audio) // PARTS
    ends = np.stack([one.reduceat(audio, starts) for one in (np.minimum, np.maximum)], axis=1).reshape(-1)
    return np.repeat(starts / rate, 2), ends


def empty(size: tuple[float, float]) -> Figure:
    """A figure of that many inches. Raises `Unavailable` without matplotlib."""
    if find_spec("matplotlib") is None:
        raise Unavailable("matplotlib is not installed: pip install 'modelparity[sousa]'", where="pictures")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    return figure
