"""Single arrays and single elements: scaled, lost, with the other sign, rounded."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from ....graph import Array
from ..edit import ArrayChange
from ..fault import Group, by_format
from ..making import NodeFault, Way, with_array
from ..view import At
from .biases import BIASES, WITH_BIAS
from .weights import MATRICES

GROUP = Group("values", "Single arrays and elements", 90)
OPS = (*WITH_BIAS, "matmul", "embedding", "layer_norm", "batch_norm", "normalize", "add", "mul")
#: Parameters that hold numbers that were trained.
TRAINED = (*MATRICES, *BIASES, "gamma", "beta", "mean", "variance", "inv_std", "slope", "peephole")
#: Factors of an array that was scaled: a layer or a file that keeps one factor too many or too few.
FACTORS = (2.0, 0.5, -1.0, 1 + 1e-3, 1 + 1e-4, 1 + 1e-5, 1 + 1e-6)
#: Steps of whole numbers that a quantiser's scale was divided by, or a sound's or an image's range.
STEPS = (1 / 127, 1 / 128, 1 / 255, 1 / 256, 127.0, 128.0, 255.0, 256.0, 1 / 32768, 32768.0)


def trained(at: At) -> Iterator[tuple[str, Array]]:
    """(parameter, array) of its trained constants with anything in them."""
    for parameter in TRAINED:
        array = at.array(parameter)
        if array is not None and array.dtype.kind == "f" and np.any(array):
            yield parameter, array


class ArrayScaled(NodeFault):
    id = "array-scaled"
    group = GROUP
    ops = OPS
    where = "every trained array, by factors from 2 to 1.000001, and with the other sign"
    text = "An array is larger or smaller by one factor, or has the other sign."
    happens = (
        "A scale of quantised weights, a weight norm, a learning-rate multiplier or a gain was applied "
        "once too often or not at all."
    )
    repair = "Apply the factor once."

    def ways(self, at: At) -> Iterator[Way]:
        for parameter, array in trained(at):
            rows = array.shape[0] if array.ndim == 2 else 1
            sizes = (1 / rows, 1 / math.sqrt(rows)) if rows > 1 else ()
            for factor in dict.fromkeys((*FACTORS, *STEPS, *sizes)):
                said = f"{parameter} by {factor:.7g}"
                yield Way(
                    said,
                    f"{parameter} of {at.name} is multiplied by {factor:.7g}",
                    with_array(at, parameter, partial(_scaled, factor)),
                )


def _scaled(factor: float, array: Array) -> Array:
    return array.astype(np.float64) * factor


class ElementWrong(NodeFault):
    id = "element-wrong"
    group = GROUP
    ops = OPS
    where = "the largest element of every trained array of two axes or more"
    text = "One element of an array is lost, has the other sign, or is off by a thousandth or less."
    happens = "A text file with too few digits, a transfer that failed, a value that was written by hand."
    repair = "Write the array again, from its source, in binary or with nine digits."
    repairs = by_format(rtneural="Write numbers with repr or %.9g: json.dump of float32 values does.")

    def ways(self, at: At) -> Iterator[Way]:
        changes: tuple[tuple[str, Callable[[float], float]], ...] = (
            ("lost", lambda value: 0.0),
            ("negated", lambda value: -value),
            *((f"by {1 + by:.7g}", partial(_times, 1 + by)) for by in (1e-3, 1e-4, 1e-5, 1e-6)),
        )
        for parameter, array in trained(at):
            if array.ndim < 2:
                continue
            for words, change in changes:
                yield Way(
                    f"{parameter} {words}",
                    f"one element of {parameter} of {at.name} is wrong ({words})",
                    with_array(at, parameter, partial(_largest, change)),
                )


def _times(factor: float, value: float) -> float:
    return factor * value


def _largest(change: Callable[[float], float], array: Array) -> Array:
    made = array.astype(np.float64)
    place = np.unravel_index(np.argmax(np.abs(made)), made.shape)
    made[place] = change(float(made[place]))
    return made


def _half(array: Array) -> Array:
    rounded: Array = np.clip(array, -65504, 65504).astype(np.float16)
    return rounded


def _bytes(array: Array) -> Array:
    """The nearest of 255 even steps, zero among them."""
    step = np.abs(array).max() / 127
    rounded: Array = np.round(array / step) * step if step else array
    return rounded


def _decimals(array: Array) -> Array:
    rounded: Array = np.round(array, 3)
    return rounded


#: What an array is rounded to.
ROUNDED: Mapping[str, ArrayChange] = {"float16": _half, "8 bits": _bytes, "3 decimals": _decimals}


class ArrayRounded(NodeFault):
    id = "array-rounded"
    group = GROUP
    ops = OPS
    where = "every trained array: to float16, to 8 bits, to three decimals"
    text = "One array has fewer bits or digits than the others."
    happens = (
        "Biases or a table are saved in half precision, or printed with few digits, in a file that is "
        "float32 otherwise."
    )
    repair = "Write the array in float32."
    repairs = by_format(
        rtneural="Write numbers with repr or %.9g.",
        coreml="Convert with compute_precision=FLOAT32, and without palettization of this layer.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        for parameter, array in trained(at):
            for words, change in ROUNDED.items():
                some = array.reshape(-1)[:64]  # the first elements tell of most arrays
                if np.array_equal(change(some).astype(some.dtype), some) and (
                    array.size <= some.size or np.array_equal(change(array).astype(array.dtype), array)
                ):
                    continue
                yield Way(
                    f"{parameter} to {words}",
                    f"{parameter} of {at.name} is rounded to {words}",
                    with_array(at, parameter, change),
                )


class ArrayLost(NodeFault):
    id = "vector-lost"
    group = GROUP
    ops = ("layer_norm", "batch_norm", "normalize", "lstm", "mul")
    where = "trained vectors other than biases"
    text = "A vector of a layer is zeros."
    happens = "A name did not match and zeros stayed."
    repair = "Load the vector."

    def ways(self, at: At) -> Iterator[Way]:
        for parameter, _ in trained(at):
            if parameter in ("gamma", "mean", "inv_std"):
                yield Way(
                    parameter, f"{parameter} of {at.name} is zeros", with_array(at, parameter, np.zeros_like)
                )
