"""What each recipe draws, by + - * / and sqrt only: IEEE 754 rounds these alike everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..graph import Array
from .generator import Generator

#: (generator, shape, time axis) -> float64 array.
Draw = Callable[[Generator, tuple[int, ...], int], Array]
#: (shape, time axis) -> booleans of that shape: where a sequence goes on, rather than being padded.
Kept = Callable[[tuple[int, ...], int], Array]


@dataclass(frozen=True)
class Recipe:
    """A way to fill an input. ``length`` is its number of frames, ``None`` for the least that the graph runs on.

    ``kind`` is that of the inputs it is for (`kinds.kind`), if they are of one: others beside them get plain noise.
    ``kept`` says where a recipe with padding has none; there are zeros elsewhere. ``about`` is what lists print.
    """

    name: str
    draw: Draw
    length: int | None = 100
    odd: bool = False
    kind: str | None = None
    kept: Kept | None = None
    about: str = ""

    def whole(self, generator: Generator, shape: tuple[int, ...], time: int, below: int) -> Array:
        """The recipe for whole numbers in 0 .. below - 1."""
        if self.name == "silence":
            return np.zeros(shape, np.int64)
        if self.name == "saturating":
            return np.full(shape, below - 1, np.int64)
        if self.name == "impulse":
            return np.where(impulse(generator, shape, time) > 0, below - 1, 0)
        if self.name == "pixels" and below == 256:
            return self.draw(generator, shape, time).astype(np.int64)
        return generator.whole(math.prod(shape), below).reshape(shape)


def noise(scale: float) -> Draw:
    """Normal deviates times ``scale``."""
    return lambda generator, shape, time: generator.normal(math.prod(shape)).reshape(shape) * scale


def silence(generator: Generator, shape: tuple[int, ...], time: int) -> Array:
    """Zeros: what is left is bias, initial state and padding."""
    return np.zeros(shape)


def impulse(generator: Generator, shape: tuple[int, ...], time: int) -> Array:
    """Zeros but for one frame, a quarter in, whose elements rise evenly to 1, so that no two are alike."""
    x = np.zeros(shape)
    if not shape or not x.size:
        return x + 1
    frame = np.moveaxis(x, time, 0)[shape[time] // 4 :][:1]
    frame[...] = (np.arange(1, frame.size + 1) / frame.size).reshape(frame.shape)
    return x


def saturating(generator: Generator, shape: tuple[int, ...], time: int) -> Array:
    """Magnitudes from 100 to 200 of either sign: far out on every sigmoid and tanh."""
    count = math.prod(shape)
    sign = generator.whole(count, 2) * 2 - 1
    x: Array = sign * (100 + 100 * generator.uniform(count))
    return x.reshape(shape)


def features(generator: Generator, shape: tuple[int, ...], time: int) -> Array:
    """Like log-filterbank magnitudes: notes of three partials with quick onsets and slow decays.

    Never negative, smooth over time and over the axis behind it (frequency); any further axes get fainter,
    later copies. Attack: two frames; decay: 1 / (1 + t / tau)^2; a partial: 1 / (1 + (f - f0)^2 / w^2).
    """
    if not shape:
        return generator.uniform(1).reshape(shape)
    frames, others = shape[time], shape[:time] + shape[time + 1 :]
    behind = min(time, len(others) - 1)  # among the others, the axis behind time, or the last one
    bands = others[behind] if others else 1
    copies = math.prod(others) // bands if bands else 0
    t = np.arange(frames, dtype=np.float64)[:, None, None]
    copy = np.arange(copies, dtype=np.float64)[None, :, None]
    f = np.arange(bands, dtype=np.float64)
    level = np.zeros((frames, copies, bands))
    for _ in range(2 + frames // 12):
        onset, pitch, width, loud, decay = generator.uniform(5).tolist()
        since = t - int(onset * frames) - 2 * copy
        rise = np.clip((since + 1) * 0.5, 0, 1)
        fade = 1 + np.maximum(since, 0) / (3 + 20 * decay)
        band = np.zeros(bands)
        for partial in (1, 2, 3):
            off = (f - pitch * bands * 0.6 * partial) / (0.75 + bands * (0.01 + 0.05 * width))
            band += 1 / ((1 + off * off) * partial)
        level += (0.5 + 2 * loud) * rise / (fade * fade) * band
    level /= 1 + copy * 0.25
    level += generator.uniform(level.size).reshape(level.shape) * 0.001
    rest = tuple(n for i, n in enumerate(others) if i != behind)
    x = (
        np.moveaxis(np.sqrt(level).reshape(frames, *rest, bands), -1, 1 + behind)
        if others
        else np.sqrt(level)
    )
    return np.moveaxis(x.reshape(frames, *others), 0, time)


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("noise", noise(1), about="normal deviates"),
        Recipe("noise_small", noise(1e-3), about="a thousandth of them"),
        Recipe("noise_large", noise(30), about="thirty times as large"),
        Recipe("silence", silence, about="zeros"),
        Recipe("impulse", impulse, about="one frame a quarter in, its elements rising evenly to 1"),
        Recipe("saturating", saturating, about="magnitudes from 100 to 200, either sign"),
        Recipe(
            "one_frame", noise(1), length=None, about="noise of the least length that the network runs on"
        ),
        Recipe("odd_length", noise(1), length=97, odd=True, about="noise of an odd length"),
        Recipe("long", noise(1), length=400, about="noise of 400 frames"),
        Recipe("features", features, about="like a log filter bank: quick onsets, slow decays"),
    )
}
