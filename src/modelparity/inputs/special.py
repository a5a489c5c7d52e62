"""Recipes for inputs of one kind (`kinds` says which they are of): sound, spectra, pixels, sequences with padding."""

from __future__ import annotations

import math

import numpy as np

from ..graph import Array
from .generator import Generator
from .recipes import Recipe, noise
from .speech import from_silence, quiet, speech


def pixels(generator: Generator, shape: tuple[int, ...], time: int) -> Array:
    """Whole numbers from 0 to 255: a slope with grain, both limits in it."""
    count = math.prod(shape)
    slope = np.floor(np.arange(count, dtype=np.float64) / max(count, 1) * 192)
    x = slope + generator.whole(count, 64)
    if count > 1:
        x[0], x[-1] = 0, 255
    return x.reshape(shape)


def left(shape: tuple[int, ...], time: int) -> Array:
    """Which elements are no padding, where it comes first: booleans of that shape; see `right`."""
    return np.flip(right(shape, time), time) if shape else right(shape, time)


def right(shape: tuple[int, ...], time: int) -> Array:
    """The same where padding comes last.

    The first member of a batch (the first axis, unless that is time) has none and the others the more, up to less
    than two thirds; a sequence alone has a third.
    """
    if not shape:
        return np.ones(shape, bool)
    members = shape[0] if time else 1
    parts = np.arange(members) if members > 1 else np.ones(1, np.int64)
    padding = parts * shape[time] // (max(members, 2) + 1)
    rows = np.arange(shape[time]) < (shape[time] - padding)[:, None]
    form = [1] * len(shape)
    form[0], form[time] = members, shape[time]
    result: Array = np.broadcast_to(rows.reshape(form), shape).copy()
    return result


SPECIAL = {
    recipe.name: recipe
    for recipe in (
        Recipe("quiet", quiet, length=400, kind="sound", about="speech of 2^-15 at its loudest"),
        Recipe(
            "from_silence", from_silence, length=400, kind="sound", about="speech after zeros for a third"
        ),
        Recipe("speech", speech, kind="spectra", about="voiced syllables and pauses: spectra, or sound"),
        Recipe("pixels", pixels, kind="pixels", about="whole numbers from 0 to 255"),
        Recipe("left_padded", noise(1), kept=left, about="padding comes first, and masks say so"),
        Recipe("right_padded", noise(1), kept=right, about="padding comes last, and masks say so"),
    )
}
