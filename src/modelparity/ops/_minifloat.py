"""Floating-point formats of eight bits and fewer: how they are rounded to and read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import GraphError
from ..graph import Array


@dataclass(frozen=True)
class Minifloat:
    """``exponent`` and ``mantissa`` bits, ``bias``, and what stands beyond the numbers.

    ``special`` is "ieee" (infinities, NaN), "fn" (NaN where all bits are set), "fnuz" (NaN in the place of -0) or
    "none" (numbers only).
    """

    exponent: int
    mantissa: int
    bias: int
    special: str

    @property
    def largest(self) -> float:
        """The largest number."""
        top = (1 << self.exponent) - 1 - (self.special == "ieee")
        steps = (2 << self.mantissa) - 1 - (self.special == "fn")
        return float(steps * 2.0 ** (top - self.bias - self.mantissa))

    def read(self, bits: Array) -> Array:
        """float32 numbers of these bits (...) uint8."""
        codes = np.arange(1 << (1 + self.exponent + self.mantissa))
        sign = np.where(codes >> (self.exponent + self.mantissa), -1.0, 1.0)
        power = (codes >> self.mantissa) & ((1 << self.exponent) - 1)
        part = codes & ((1 << self.mantissa) - 1)
        steps = np.where(power > 0, part + (1 << self.mantissa), part)
        values = sign * steps * 2.0 ** (np.maximum(power, 1) - self.bias - self.mantissa)
        magnitude = codes & ((1 << (self.exponent + self.mantissa)) - 1)
        if self.special == "ieee":
            top = power == (1 << self.exponent) - 1
            values = np.where(top, np.where(part > 0, np.nan, sign * np.inf), values)
        elif self.special == "fn":
            values = np.where(magnitude == codes[-1] >> 1, np.nan, values)
        elif self.special == "fnuz":
            values = np.where((magnitude == 0) & (sign < 0), np.nan, values)
        read: Array = values.astype(np.float32)[bits]
        return read

    def rounded(self, x: Array, *, saturate: bool) -> Array:
        """The nearest numbers of this format, ties to even, as float64. NaN becomes -0 in a format of numbers
        only. What is too large becomes the largest (``saturate``), else infinity, or NaN where there is none."""
        x = np.asarray(x, np.float64)
        _, power = np.frexp(x)  # |x| = m 2^power, m in [1/2, 1)
        quantum = np.ldexp(1.0, np.maximum(power - 1, 1 - self.bias) - self.mantissa)
        y = np.where(np.isfinite(x), np.rint(np.where(np.isfinite(x), x, 0) / quantum) * quantum, x)
        beyond = np.abs(y) > self.largest
        if saturate or self.special == "none":
            y = np.where(beyond, np.copysign(self.largest, y), y)
            if self.special == "none":
                y = np.where(np.isnan(y), -0.0, y)
        else:
            y = np.where(beyond, np.copysign(np.inf, y) if self.special == "ieee" else np.nan, y)
        return np.where(y == 0, 0.0, y) if self.special == "fnuz" else y


FORMATS = {
    "float8e4m3fn": Minifloat(4, 3, 7, "fn"),
    "float8e4m3fnuz": Minifloat(4, 3, 8, "fnuz"),
    "float8e5m2": Minifloat(5, 2, 15, "ieee"),
    "float8e5m2fnuz": Minifloat(5, 2, 16, "fnuz"),
    "float4e2m1": Minifloat(2, 1, 1, "none"),
}
#: Powers of two alone, 2^(code - 127); 255 is NaN.
POWERS = "float8e8m0"


def powers(x: Array, rounding: str, *, saturate: bool) -> Array:
    """x as powers of two from 2^-127 to 2^127: the next one up or down, or the nearest (ties up)."""
    x = np.asarray(x, np.float64)
    part, power = np.frexp(np.where(np.isfinite(x), np.abs(x), 1.0))
    whole = power - 1
    part = part * 2  # |x| = part 2^whole, part in [1, 2)
    if rounding == "up":
        whole = whole + (part > 1)
    elif rounding == "nearest":
        whole = whole + (part >= 1.5)
    elif rounding != "down":
        raise GraphError(f"unknown rounding {rounding!r}", expected="up, down or nearest")
    beyond = (whole > 127) | np.isinf(x)
    y = np.ldexp(1.0, np.clip(whole, -127, 127))
    if not saturate:
        y = np.where(beyond, np.nan, y)
    elif beyond.any():
        y = np.where(beyond, 2.0**127, y)
    y = np.where(x == 0, 2.0**-127, y)
    return np.where(np.isnan(x) | (x < 0), np.nan, y)


def read_powers(bits: Array) -> Array:
    """float32 numbers of these bits (...) uint8."""
    values = np.ldexp(1.0, np.arange(256) - 127)
    values[255] = np.nan
    read: Array = values.astype(np.float32)[bits]
    return read
