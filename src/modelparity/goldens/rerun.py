"""Compare a fresh float64 run with a recorded one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..engine.arithmetic import ULP
from ..errors import GoldenError
from ..graph import Array
from .record import Record

#: How far float64 runs of one network may be apart, in floors scaled to float64: summation order and libm.
ROOM = 16.0


def compare_again(golden: Record, outputs: Mapping[str, Array]) -> None:
    """Raise `GoldenError` naming the worst element if ``outputs`` are not what ``golden`` holds."""
    about = golden.provenance
    for name, want in golden.outputs.items():
        got, where = outputs[name], f"{about['model']}, output {name!r}"
        if got.shape != want.shape or got.dtype != want.dtype:
            raise GoldenError(
                "shape or type is not what was recorded",
                where=where,
                found=f"{got.shape} {got.dtype}",
                expected=f"{want.shape} {want.dtype}",
            )
        away = departed(got, want, _room(golden, name, want))
        if away.size and away.max() > 1:
            place = tuple(int(i) for i in np.unravel_index(int(np.argmax(away)), away.shape))
            raise GoldenError(
                "the same model computes something else now: the engine or numpy has changed",
                where=f"{where}{list(place)}",
                found=f"{got[place]:.17g} ({away[place]:.3g} times what float64 rounding explains)",
                expected=f"{want[place]:.17g}, recorded by {about['created_by']}, numpy {about['numpy']}",
                fix="find out which change did it; record anew only if the new result is the right one",
            )


def _room(golden: Record, name: str, want: Array) -> Array:
    if want.dtype.kind != "f":
        return np.zeros(want.shape)
    scale = ULP["float64"] / ULP[golden.floor.precision]
    with np.errstate(invalid="ignore"):
        return ROOM * (golden.floor.outputs[name] * scale + np.abs(want) * ULP["float64"])


def departed(got: Array, want: Array, room: Array) -> Array:
    """Each element's difference in units of its room: 0 where equal (NaN equals NaN), infinite if not finite."""
    same = (got == want) | ((got != got) & (want != want))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio = np.abs(got.astype(np.float64) - want.astype(np.float64)) / room
    result: Array = np.where(same, 0.0, np.where(np.isfinite(ratio), ratio, np.inf))
    return result
