"""Windows: a known one in the place of another, symmetric for periodic, or none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from ....graph import Array
from ..making import NodeFault, Way, dropped, with_array
from ..view import At
from .inputs import GROUP

#: Samples below which a vector is no window, and how near a known one it lies, relative to its largest value.
LEAST, NEAR = 6, 1e-5


def windows(size: int) -> dict[str, Array]:
    """Name -> window of ``size`` samples, largest value near one; Harris, Proceedings of the IEEE 66, 1978."""
    made: dict[str, Array] = {}
    for words, over in (("periodic", size), ("symmetric", size - 1)):
        turn = 2 * np.pi * np.arange(size) / over
        hann = 0.5 - 0.5 * np.cos(turn)
        made[f"{words} Hann"] = hann
        made[f"{words} Hamming"] = 0.54 - 0.46 * np.cos(turn)
        made[f"{words} Blackman"] = 0.42 - 0.5 * np.cos(turn) + 0.08 * np.cos(2 * turn)
        made[f"root of a {words} Hann"] = np.sqrt(hann)
        made[f"{words} Povey"] = hann**0.85
        made[f"{words} triangular"] = 1 - np.abs(np.arange(size) - over / 2) / (over / 2)
    made["rectangular"] = np.ones(size)
    return made


class WindowWrong(NodeFault):
    id = "window-wrong"
    group = GROUP
    ops = ("mul",)
    where = "products with a window that is known: Hann, Hamming, Blackman, Povey, triangular"
    text = "Frames are multiplied with another window: symmetric for periodic, Hamming for Hann, none."
    happens = (
        "scipy.signal.get_window is periodic and numpy.hanning symmetric; Kaldi has Povey's window, "
        "python_speech_features none, librosa Hann."
    )
    repair = "Take the window of the source, with as many samples and as periodic."

    def ways(self, at: At) -> Iterator[Way]:
        parameter = next((one for one in at.tensors if _long(at.array(one))), "")
        array = at.array(parameter)
        others = [one for one in at.tensors if one != parameter]
        if array is None or len(others) != 1 or at.array(others[0]) is not None:
            return
        size = max(array.shape)
        flat = array.reshape(-1).astype(np.float64)
        known = windows(size)
        for name, window in known.items():
            gain = flat.max() / window.max()
            if np.abs(flat - gain * window).max() > NEAR * gain:
                continue
            for other, new in known.items():
                if other == "rectangular":
                    yield Way(other, f"the window of {at.name} is left out", dropped(at, others[0]))
                elif other != name:
                    text = f"the window of {at.name} is a {other} one, not a {name} one"
                    yield Way(other, text, with_array(at, parameter, partial(_in_place, gain * new)))
            return


def _long(array: Array | None) -> bool:
    """Whether it is one vector along any axis, long enough for a window and not the same everywhere."""
    return (
        array is not None
        and array.dtype.kind == "f"
        and array.size == max(array.shape, default=0) >= LEAST
        and bool(np.ptp(array) > 0)
    )


def _in_place(new: Array, array: Array) -> Array:
    return new.reshape(array.shape)
