"""Whether the numbers of an output show that half precision has made them.

That a type holds every number is not enough: float16 and bfloat16 hold what a quantiser makes (k / 256), one-hot rows
and anything else of few bits. What a type with a floating point has rounded stands the more finely the smaller it
is, and about half of the numbers need its last bit. So two other explanations have to fail: steps of one size, and
fewer bits. Evidence is counted in bits: on a grid of steps that are finer by d bits than a number's own last bit in
the type, one number in 2^d is one that the type holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

import numpy as np

from ..graph import Array

#: By precision: the bits of a number, and the exponent of the smallest one above zero.
BITS = {"float16": (11, -24), "bfloat16": (8, -133)}
#: So many different numbers must an output have to show anything, and so many steps has the finest grid of 8 bits.
DISTINCT, STEPS = 4, 255
#: Bits of evidence for a precision that show it, and against it that rule it out.
FOR, AGAINST = 12, 20
#: Whole numbers of more bits than this are not looked at for a common factor.
WIDEST = 62


class Trace(Enum):
    """What an output says of a precision."""

    SHOWN = "shown"
    OPEN = "open"  # too few numbers, or such as every type holds
    AGAINST = "against"  # numbers that it does not hold, or that something coarser has made


def telling(arrays: Iterable[Array]) -> Array:
    """The numbers that tell a precision: finite, and no multiples of an eighth, which every type holds."""
    parts = [a.ravel() for a in arrays if a.dtype.kind == "f"]
    values = np.concatenate(parts) if parts else np.zeros(0)
    result: Array = values[_tells(values)]
    return result


def traced(outputs: Mapping[str, Array], truth: Mapping[str, Array], precision: str) -> Trace:
    """What the floating-point ``outputs`` say of ``precision`` together; ``truth`` has the same names and shapes.

    Shown if one shows it and none speaks against it.
    """
    found = {
        _of_one(np.asarray(array), np.asarray(truth[name]), precision)
        for name, array in outputs.items()
        if np.asarray(array).dtype.kind == "f" and truth[name].dtype.kind == "f"
    }
    if Trace.AGAINST in found or not found:
        return Trace.AGAINST
    return Trace.SHOWN if Trace.SHOWN in found else Trace.OPEN


def coarse(outputs: Mapping[str, Array], precision: str) -> bool:
    """Whether an output has numbers that ``precision`` holds, all of which something coarser has made."""
    found = (np.unique(np.abs(telling([np.asarray(array)]))) for array in outputs.values())
    return any(held(values, precision) and _floating(values, precision) is Trace.AGAINST for values in found)


def held(values: Array, precision: str) -> bool:
    """Whether a precision holds all of these finite numbers, if any."""
    places, last = _exponents(values)
    return bool((last >= _finest(places, precision)).all())


def _of_one(got: Array, truth: Array, precision: str) -> Trace:
    got = got.ravel()
    with np.errstate(over="ignore", under="ignore"):
        own = truth.ravel().astype(np.float32)
    values = got[_tells(got)].astype(np.float64)
    if not held(values, precision):
        return Trace.AGAINST
    # What the truth has as well was not rounded: as rows of a table that holds such numbers.
    places, last = _exponents(np.where(np.isfinite(own), own, 0.0).astype(np.float64))
    fresh = got[_tells(got) & (last < _finest(places, precision))].astype(np.float64)
    said = _floating(np.unique(np.abs(fresh)), precision)
    return Trace.SHOWN if said is Trace.OPEN and precision == str(got.dtype) else said


def _tells(values: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        eighths = values.astype(np.float64) * 8
        result: Array = np.isfinite(values) & (eighths != np.round(eighths))
    return result


def _floating(sizes: Array, precision: str) -> Trace:
    """What numbers say that the precision holds: ``sizes`` are their magnitudes, each once."""
    if not sizes.size:
        return Trace.OPEN
    places, last = _exponents(sizes)
    finest = _finest(places, precision)
    lowest, factor = int(last.min()), 1
    if int(places.max()) - lowest <= WIDEST:
        factor = int(np.gcd.reduce(np.ldexp(sizes, -lowest).astype(np.int64)))
    # The coarsest grid that has them all has steps of factor * 2^lowest.
    gained = int((finest - (lowest + factor.bit_length() - 1)).sum())
    full = int((last == finest).sum())
    short = 8 * full < sizes.size
    if gained <= -AGAINST or (short and sizes.size >= AGAINST):
        return Trace.AGAINST
    if short or gained < 0 or sizes.size < DISTINCT:
        return Trace.OPEN
    # Where all are of one size, its numbers are steps of one size: float16's are more than quantisers have.
    steps = float(np.ldexp(sizes.max(), -lowest)) / factor
    many = steps > STEPS and BITS[precision][0] > STEPS.bit_length()
    return Trace.SHOWN if gained >= FOR or many else Trace.OPEN


def _exponents(values: Array) -> tuple[Array, Array]:
    """Of each number, the exponent of the power of two above it, and that of its last bit (large for zero)."""
    whole, places = np.frexp(np.abs(values.astype(np.float64)))
    bits = np.ldexp(whole, 53).astype(np.int64)
    last = np.frexp((bits & -bits).astype(np.float64))[1] - 1 + places - 53
    return places.astype(np.int64), np.where(bits == 0, 1 << 20, last).astype(np.int64)


def _finest(places: Array, precision: str) -> Array:
    """The exponent of the last bit that a precision has for numbers below such powers of two."""
    bits, least = BITS[precision]
    result: Array = np.maximum(places - bits, least)
    return result
