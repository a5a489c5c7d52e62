"""Types and constants as MIL's protobuf has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ....graph import Array
from ..proto import module

Shape = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """The result of an operation: its name, element type and shape, ``None`` for sizes known only at run time.

    ``listed`` marks a list whose elements have that shape.
    """

    name: str
    dtype: str
    shape: Shape = ()
    listed: bool = False

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.shape)


def value_type(dtype: str, shape: Shape = (), *, listed: bool = False) -> Any:
    """A ``ValueType`` message: a tensor, or a list of tensors whose length is known only at run time."""
    mil = module("MIL")
    made = mil.ValueType()
    tensor = made.listType.type.tensorType if listed else made.tensorType
    if listed:
        made.listType.length.unknown.variadic = False
    tensor.dataType = mil.DataType.Value(dtype.upper())
    tensor.rank = len(shape)
    for size in shape:
        dimension = tensor.dimensions.add()
        if size is None:
            dimension.unknown.variadic = False
        else:
            dimension.constant.size = size
    return made


def named(value: Value) -> Any:
    """A ``NamedValueType`` message."""
    kind = value_type(value.dtype, value.shape, listed=value.listed)
    return module("MIL").NamedValueType(name=value.name, type=kind)


def text(string: str) -> Any:
    """A ``Value`` message that holds a string."""
    made = module("MIL").Value(type=value_type("string"))
    made.immediateValue.tensor.strings.values.append(string)
    return made


def immediate(array: Array) -> Any:
    """A ``Value`` message that holds an array: float32, float16, int32 or bool."""
    made = module("MIL").Value(type=value_type(array.dtype.name, array.shape))
    tensor = made.immediateValue.tensor
    if array.dtype == np.float16:  # half precision stands as bytes
        tensor.bytes.values = np.ascontiguousarray(array, "<f2").tobytes()
        return made
    field = {"float32": tensor.floats, "int32": tensor.ints, "bool": tensor.bools}[array.dtype.name]
    field.SetInParent()  # an empty array is one too
    field.values.extend(array.ravel().tolist())
    return made


def in_file(array: Array, name: str, offset: int) -> Any:
    """A ``Value`` message that refers to a blob of the weights file."""
    made = module("MIL").Value(type=value_type(array.dtype.name, array.shape))
    made.blobFileValue.fileName, made.blobFileValue.offset = name, offset
    return made


def broadcast(*shapes: Shape) -> Shape:
    """The shape of what these make element by element; an unknown size meets a known one as the known."""
    rank = max(map(len, shapes))
    columns = zip(*((1,) * (rank - len(shape)) + shape for shape in shapes), strict=True)
    return tuple(_common(column) for column in columns)


def _common(sizes: tuple[int | None, ...]) -> int | None:
    known = {size for size in sizes if size not in (1, None)}
    if known:
        return known.pop()
    return None if None in sizes else 1
