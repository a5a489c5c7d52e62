"""How the arrays of a model's caller become the frames that RTNeural is given one after another, and back.

RTNeural takes and gives one flat frame a call. A file of its own says no more; one that this package wrote also
says, under the key "modelparity" that RTNeural does not look at, what its source's arrays were like::

    {"input": {"name": "x", "axes": ["batch", "time", ["frequency", 80]]},
     "output": {"name": "y", "axes": ["batch", "time"]}}

An axis with a size is part of the frame, in that order. An input without "time" is one frame, an output without it
the last frame.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...graph import Array, Axis

#: The top-level key that holds what this package knows of the model.
KEY = "modelparity"
TIME, BATCH = "time", "batch"


@dataclass(frozen=True)
class FramedArray:
    """An input or output of the model: the array's name and its axes; sizes of those that make up the frame."""

    name: str
    axes: tuple[Axis, ...]

    @property
    def inner(self) -> tuple[int, ...]:
        """Sizes of the axes that make up a frame."""
        return tuple(axis.size for axis in self.axes if axis.size is not None)

    @property
    def width(self) -> int:
        """Numbers in a frame."""
        return math.prod(self.inner)

    @property
    def batched(self) -> bool:
        """Whether there are several sequences."""
        return any(axis.name == BATCH and axis.size is None for axis in self.axes)

    @property
    def timed(self) -> bool:
        """Whether there is a time axis."""
        return any(axis.name == TIME and axis.size is None for axis in self.axes)

    def order(self) -> tuple[int, ...]:
        """The axes as (batch, time, the frame's) of those that are there."""
        rank = {BATCH: 0, TIME: 1}
        keys = [rank[axis.name] if axis.size is None else 2 for axis in self.axes]
        return tuple(sorted(range(len(keys)), key=lambda place: (keys[place], place)))

    def frames(self, array: Array) -> Array:
        """An array with these axes as (batch, time, width)."""
        moved = array.transpose(self.order())
        batch = moved.shape[0] if self.batched else 1
        return np.ascontiguousarray(moved).reshape(batch, -1, self.width)

    def restored(self, frames: Array) -> Array:
        """(batch, time, width) as an array with these axes."""
        outer = (*frames.shape[:1],) if self.batched else ()
        outer += (frames.shape[1],) if self.timed else ()
        moved = (frames if self.timed else frames[:, -1]).reshape(*outer, *self.inner)
        return moved.transpose(np.argsort(self.order()))

    def described(self) -> dict[str, Any]:
        """As the file has it."""
        axes = [axis.name if axis.size is None else [axis.name, axis.size] for axis in self.axes]
        return {"name": self.name, "axes": axes}


def plain(name: str, width: int) -> FramedArray:
    """The input or output of a file that says nothing: (time, feature)."""
    return FramedArray(name, (Axis(TIME), Axis("feature", width)))


def declared(values: Any, width: int) -> FramedArray | None:
    """An input or output as the file describes it; None if the description does not fit a frame of that width."""
    if not isinstance(values, Mapping) or not isinstance(values.get("name"), str):
        return None
    axes: list[Axis] = []
    for one in values.get("axes") or ():
        if isinstance(one, str) and one in (TIME, BATCH):
            axes.append(Axis(one))
        elif isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) and type(one[1]) is int:
            axes.append(Axis(one[0], one[1]))
        else:
            return None
    names = [axis.name for axis in axes]
    array = FramedArray(values["name"], tuple(axes))
    if len(set(names)) < len(names) or array.width != width or min(array.inner, default=1) < 1:
        return None
    return array
