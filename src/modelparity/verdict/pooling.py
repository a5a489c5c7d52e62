"""What the departures around an element tell about its own: a few runs are few samples, its neighbours are more."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d

from ..graph import Array

#: Frames before and after an element that tell about its spread.
NEAR = 4
#: A channel with fewer departures does not know its own spread; it counts as no quieter than the average.
ENOUGH = 64


def around(seen: Array) -> Array:
    """Departures (lane, frame, ..., channel) -> mean square near each element (frame, ..., channel).

    That of the frames near it, times that of its channel over that of all. So a loud frame does not excuse a
    quiet one, nor a loud channel another. Zeros do not count where there are channels: behind a rectifier they
    show that nothing came through, not that nothing was off. A batch of one is no row of frames.
    """
    if seen.ndim > 3 and seen.shape[1] == 1:
        return around(seen[:, 0])[None]
    if seen.ndim <= 2 or not seen.size:
        square: Array = np.mean(np.square(seen), axis=0)
        return _smooth(square) if square.ndim and square.size else square
    square, shown = np.square(seen), seen > 0
    in_frame, in_channel = (0, *range(2, seen.ndim)), tuple(range(seen.ndim - 1))
    frames = _ratio(_smooth(square.sum(axis=in_frame)), _smooth(shown.sum(axis=in_frame).astype(float)))
    count = shown.sum(axis=in_channel)
    channels = _ratio(square.sum(axis=in_channel), count)
    scale = channels / max(float(square.sum()) / max(int(count.sum()), 1), 1e-300)
    scale = np.where(count < ENOUGH, np.maximum(scale, 1.0), scale)
    result: Array = frames.reshape(-1, *(1,) * (seen.ndim - 2)) * scale
    return result


def _smooth(frames: Array) -> Array:
    smooth: Array = uniform_filter1d(frames, 2 * NEAR + 1, mode="nearest")
    return np.maximum(smooth, 0.0)


def _ratio(total: Array, count: Array) -> Array:
    result: Array = np.where(count > 1e-9, total / np.maximum(count, 1e-9), 0.0)
    return result
