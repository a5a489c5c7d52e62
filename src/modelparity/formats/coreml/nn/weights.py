"""Weights of a NeuralNetwork: full, half precision, or quantised to 1 to 8 bits, as arrays of the file's values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ....errors import ArtefactError
from ....graph import Array
from .fields import Fields

#: The forms in which values may be stored; exactly one of them is filled.
_FORMS = ("floatValue", "float16Value", "rawValue", "int8RawValue")


def read_weight(fields: Fields, name: str, shape: Sequence[int], where: str, *, axis: int = 0) -> Array:
    """The weight field ``name`` as an array of ``shape`` (C order in the file).

    float32 and float16 values keep their type; quantised ones are float64, which holds scale times number exactly.
    ``axis`` is the axis along which scales and biases of a linear quantisation run, if there are several.
    Raises `ArtefactError` if the weight is missing, of another size, or its quantisation contradicts itself.
    """
    params = getattr(fields, name)
    message = params.message
    params.ignore("isUpdatable")
    here = f"{where}, {name}"
    stored = [form for form in _FORMS if len(getattr(message, form))]
    if len(stored) != 1:
        raise ArtefactError(
            "the weight is missing" if not stored else "the weight is stored in several forms",
            where=here,
            found=", ".join(stored) or "no values",
            expected=f"{math.prod(shape)} values for {tuple(shape)}",
        )
    form, count = stored[0], math.prod(shape)
    quantised = message.HasField("quantization")
    if quantised != (form in ("rawValue", "int8RawValue")):
        found = f"{form} {'with' if quantised else 'without'} quantization"
        expected = "quantization beside raw values, and only there"
        raise ArtefactError(
            "quantisation does not fit the values", where=here, found=found, expected=expected
        )
    if quantised:
        return _quantised(message, form, count, tuple(shape), axis, here)
    if form == "float16Value":
        data = message.float16Value
        _expect(here, len(data) / 2, count, "half-precision values")
        values = np.frombuffer(data, "<f2")
    else:
        _expect(here, len(message.floatValue), count, "values")
        values = np.fromiter(message.floatValue, np.float32, count)
    return values.reshape(shape)


def _quantised(message: Any, form: str, count: int, shape: tuple[int, ...], axis: int, where: str) -> Array:
    quantisation = message.quantization
    bits, data = quantisation.numberOfBits, getattr(message, form)
    if not 1 <= bits <= 8 or (form == "int8RawValue" and bits != 8):
        raise ArtefactError(
            "number of bits is not valid", where=where, found=bits, expected="1 to 8 (int8: 8)"
        )
    _expect(where, len(data), -(-count * bits // 8), f"bytes for {count} values of {bits} bits")
    if form == "int8RawValue":
        numbers: Array = np.frombuffer(data, np.int8).astype(np.int16)
    elif bits == 8:
        numbers = np.frombuffer(data, np.uint8).astype(np.int16)
    else:  # the highest bit of each number first, numbers without gaps between them
        ones = np.unpackbits(np.frombuffer(data, np.uint8), count=count * bits).reshape(count, bits)
        numbers = ones.astype(np.int16) @ (1 << np.arange(bits)[::-1]).astype(np.int16)
    kind = quantisation.WhichOneof("QuantizationType")
    if kind == "lookupTableQuantization":
        table = np.array(quantisation.lookupTableQuantization.floatValue, np.float32)
        _expect(where, len(table), 1 << bits, "entries of the lookup table")
        return table[numbers].reshape(shape)
    if kind != "linearQuantization":
        raise ArtefactError(
            "no quantisation type", where=where, found="none", expected="linear or lookup table"
        )
    linear = quantisation.linearQuantization
    values = numbers.astype(np.float64).reshape(shape)
    along = [1] * len(shape)
    if shape:
        along[axis] = -1
    for what, by in (("scale", linear.scale), ("bias", linear.bias)):
        if what == "bias" and not len(by):
            continue
        if len(by) not in (1, shape[axis] if shape else 1):
            expected = f"1 or {shape[axis]}"
            raise ArtefactError(
                f"length of {what} does not fit", where=where, found=len(by), expected=expected
            )
        term = np.array(by, np.float64).reshape(along if len(by) > 1 else ())
        values = values * term if what == "scale" else values + term
    return values


def _expect(where: str, found: float, expected: int, what: str) -> None:
    if found != expected:
        shown = int(found) if found == int(found) else found
        raise ArtefactError(f"number of {what} does not fit", where=where, found=shown, expected=expected)


def stored(fields: Fields, name: str) -> int:
    """How many values a weight field holds."""
    message = getattr(fields, name).message
    if len(message.float16Value):
        return len(message.float16Value) // 2
    raw = len(message.rawValue) or len(message.int8RawValue)
    return raw * 8 // max(1, message.quantization.numberOfBits) if raw else len(message.floatValue)
