"""What a candidate's own weights say about its precision, whatever its outputs show.

Half-precision weights move silent or saturated outputs by less than a runtime's own rounding, so outputs
alone cannot rule them out on every input. The arrays in the file can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ..engine.arithmetic import Arithmetic, arithmetic
from ..graph import Array, Graph
from .trace import telling

#: Numbers of one type are all numbers of a coarser one by chance, unless there are so many.
ENOUGH = 8
#: Values looked at per array; more would say the same.
SAMPLE = 4096
#: Numbers below have fewer bits in float16 than others, and are compared whatever their bits in float32.
HALF = 2.0**-14


def shrunken(graph: Graph, arrays: Mapping[str, Array]) -> str | None:
    """ "float16" or "bfloat16" if an array in ``arrays`` was rounded to that precision.

    Such an array is mostly numbers that the precision holds and that stand nowhere in ``graph``. So ternary
    weights or fractions of 16 are no sign of it as long as they are the source's own; and where most of the
    source needs no more, nothing is. Arrays with fewer than 8 telling values do not count.
    """
    for precision in (
        "bfloat16",
        "float16",
    ):  # most numbers of bfloat16 are float16's too, but not the other way
        ar, known = arithmetic(precision), None
        for array in arrays.values():
            values = telling([_sample(array)])
            held = _held(values, ar)
            if len(held) < max(ENOUGH, len(values) / 2):
                continue
            if known is None:
                own = telling(map(_sample, graph.constants.values()))
                if len(_held(own, ar)) * 2 >= len(own):
                    break
                known = _magnitudes(graph.constants.values())
            if np.count_nonzero(~np.isin(np.abs(held).astype(np.float32), known)) * 2 > len(values):
                return precision
    return None


def _sample(array: Array) -> Array:
    flat: Array = array.ravel()[:: max(1, array.size // SAMPLE)]
    return flat


def _held(values: Array, ar: Arithmetic) -> Array:
    """Those that the arithmetic's type holds exactly."""
    kept: Array = values[ar.cast(values) == values]
    return kept


def _magnitudes(arrays: Iterable[Array]) -> Array:
    """The numbers in the arrays, without their signs, that a half precision may hold: few, so all are compared."""
    parts = [_short(np.abs(a).ravel().astype(np.float32)) for a in arrays if a.dtype.kind == "f"]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _short(values: Array) -> Array:
    """Those of float32 values whose last bits are zero where float16 has none, and so has bfloat16."""
    kept: Array = values[(values.view(np.uint32) & ((1 << 13) - 1) == 0) | (values < HALF)]
    return kept
