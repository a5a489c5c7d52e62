"""Arrays of numpy as tensors of the bridge and back, without copies that are not needed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InputError
from ...graph import Array
from .declaration import DTYPES, MOST_AXES

TYPES = tuple(np.dtype(name) for name in DTYPES)
_NUMBERS = {dtype: number for number, dtype in enumerate(TYPES)}


def lent(ffi: Any, tensor: Any, name: Any, array: Array, label: str) -> Array:
    """Fill ``tensor`` so that it shows ``array`` where it lies; returns what must stay alive for it.

    Strided arrays are shown as they are; negative or broken strides and a foreign byte order need a copy. Raises
    `InputError` for element types and ranks that the interface does not have.
    """
    number = _NUMBERS.get(array.dtype)
    if number is None:
        native = array.dtype.newbyteorder("=")
        if native not in _NUMBERS:
            raise InputError(
                f"input {label!r} has elements that Core ML does not take",
                found=array.dtype,
                expected=", ".join(DTYPES),
            )
        array, number = array.astype(native), _NUMBERS[native]
    rank = array.ndim
    if rank > MOST_AXES:
        raise InputError(f"input {label!r} has too many axes", found=rank, expected=MOST_AXES)
    shape = array.shape
    if array.flags.c_contiguous:
        steps, left = [1] * rank, 1
        for axis in range(rank - 1, -1, -1):
            steps[axis] = left
            left *= shape[axis] or 1
        tensor.bytes = array.nbytes
        tensor.data = ffi.from_buffer(array) if array.nbytes else ffi.NULL
    elif array.size and all(step > 0 and step % array.itemsize == 0 for step in array.strides):
        steps = [step // array.itemsize for step in array.strides]
        last = sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
        tensor.bytes = (last + 1) * array.itemsize
        tensor.data = ffi.cast("void *", array.ctypes.data)
    else:
        return lent(ffi, tensor, name, np.ascontiguousarray(array), label)
    tensor.name, tensor.dtype, tensor.rank = name, number, rank
    tensor.shape, tensor.strides = shape, steps
    return array


def shown(ffi: Any, tensor: Any) -> Array:
    """A read-only array of what ``tensor`` shows, valid as long as its memory is."""
    dtype, rank = TYPES[tensor.dtype], tensor.rank
    shape = tuple(tensor.shape[0:rank])
    if 0 in shape:
        return np.zeros(shape, dtype)
    strides = tuple(step * dtype.itemsize for step in tensor.strides[0:rank])
    whole = np.frombuffer(ffi.buffer(tensor.data, tensor.bytes), dtype)
    array: Array = np.ndarray(shape, dtype, whole, 0, strides)
    array.flags.writeable = False
    return array


def owned(ffi: Any, pointer: Any, dtype: Any, shape: tuple[int, ...], owner: object) -> Array:
    """An array over memory at ``pointer`` that belongs to ``owner``, which lives as long as the array does."""
    count = math.prod(shape)
    if not count:
        return np.empty(shape, dtype)
    held = ffi.gc(pointer, lambda _, owner=owner: None)  # what the array holds on to
    array: Array = np.frombuffer(ffi.buffer(held, count * dtype.itemsize), dtype)
    array.shape = shape
    return array
