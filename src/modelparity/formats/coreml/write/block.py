"""A block of MIL operations under construction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....engine.bound_node import Call
from ....errors import ConversionError
from ....graph import Array
from ..proto import module
from .blobs import Blobs
from .names import Names
from .values import Shape, Value, broadcast, immediate, in_file, named, text

#: Arrays of fewer elements stand in the model itself, as coremltools writes them.
SMALL = 10
WEIGHTS = "weights/weight.bin"

#: What a parameter of an operation may be given as.
Given = Value | Array | str | bool | int | float | Sequence[Any]


class Writing:
    """What all blocks of one program share: the precision of its floats, its names, its weights file, and which node
    of the graph is being written."""

    def __init__(self, precision: str, kept: list[str], where: str) -> None:
        self.precision, self.where = precision, where
        self.names, self.blobs = Names(kept), Blobs()
        self.call: Call | None = None


class Block:
    """Operations in order. Floats have the program's precision unless they come in as something else."""

    def __init__(self, writing: Writing, inputs: Sequence[Value] = ()) -> None:
        self.writing, self.inputs = writing, tuple(inputs)
        self.outputs: list[Value] = []
        self.operations: list[Any] = []
        self._shared: dict[tuple[str, Any], Value] = {}
        self.prefix = ""

    def op(
        self,
        kind: str,
        *,
        sized: Shape,
        typed: str = "",
        name: str = "",
        listed: bool = False,
        **given: Any,
    ) -> Value:
        """Append an operation with one result of the shape ``sized`` and the element type ``typed`` (the program's
        float if left out); ``given`` are its parameters."""
        made = self._value(name or f"{self.prefix}{kind}", typed, sized, listed)
        self._append(kind, [made], given)
        return made

    def ops(self, kind: str, results: Sequence[tuple[str, Shape, str]], **given: Any) -> list[Value]:
        """As `op`, of several ``results``: (name, shape, element type) of each."""
        made = [self._value(name, typed, sized) for name, sized, typed in results]
        self._append(kind, made, given)
        return made

    def split(self, x: Value, sizes: Sequence[int], *, axis: int) -> list[Value]:
        """``x`` cut along an axis into parts of these sizes."""
        parts = [self._value(f"{self.prefix}part", x.dtype, _with(x.shape, axis, n), False) for n in sizes]
        self._append("split", parts, {"x": x, "split_sizes": tuple(sizes), "axis": axis})
        return parts

    def pointwise(self, kind: str, x: Given, y: Given, *, typed: str = "", name: str = "") -> Value:
        """An operation on two operands element by element, broadcast from the right."""
        first, second = self.value(x), self.value(y)
        sized = broadcast(first.shape, second.shape)
        return self.op(kind, x=first, y=second, sized=sized, typed=typed or first.dtype, name=name)

    def unary(self, kind: str, x: Value, *, typed: str = "", name: str = "", **given: Any) -> Value:
        """An operation whose result has the shape of ``x``."""
        return self.op(kind, x=x, sized=x.shape, typed=typed or x.dtype, name=name, **given)

    def loop(self, start: Sequence[Value], condition: Block, body: Block) -> list[Value]:
        """``while_loop`` from these values, with the outputs of ``body`` as values of the next turn."""
        made = [self._value(f"{self.prefix}last", v.dtype, v.shape, v.listed) for v in start]
        blocks = [condition.message(), body.message()]
        self._append("while_loop", made, {"loop_vars": tuple(start)}, blocks)
        return made

    def value(self, given: Given, wish: str = "") -> Value:
        """A parameter as a value: constants are written, those that belong to no weight shared."""
        if isinstance(given, Value):
            return given
        if isinstance(given, np.ndarray):
            return self.weight(wish or f"{self.prefix}constant", given)
        if isinstance(given, str):
            return self._constant(("str", given), given, "string", ())
        array = np.asarray(given, None if isinstance(given, float | bool) else _plain(given))
        if array.dtype.kind == "f":
            array = array.astype(self.writing.precision)
        key = (array.dtype.name, (array.shape, tuple(array.ravel().tolist())))
        return self._constant(key, array, array.dtype.name, array.shape)

    def weight(self, wish: str, array: Array) -> Value:
        """A constant of the network, floats rounded to the program's precision."""
        if array.dtype.kind == "f":
            with np.errstate(over="ignore"):
                rounded = array.astype(self.writing.precision)
            if (np.isfinite(array) & ~np.isfinite(rounded)).any():
                raise ConversionError(
                    f"weights of {wish!r} are too large for {self.writing.precision}",
                    where=self.writing.where,
                    found=float(np.abs(array).max()),
                    fix="keep float32",
                )
            array = rounded
        elif array.dtype.kind in "iu":
            array = whole(array, wish, self.writing.where)
        made = self._value(wish, array.dtype.name, array.shape, False)
        self._const(made, array)
        return made

    def message(self) -> Any:
        """The ``Block`` message."""
        return module("MIL").Block(
            inputs=[named(v) for v in self.inputs],
            outputs=[v.name for v in self.outputs],
            operations=self.operations,
        )

    def _value(self, wish: str, dtype: str, shape: Shape, listed: bool = False) -> Value:
        name = self.writing.names.fresh(wish)
        return Value(name, dtype or self.writing.precision, tuple(shape), listed)

    def _constant(self, key: tuple[str, Any], raw: Array | str, dtype: str, shape: Shape) -> Value:
        if key not in self._shared:
            made = self._shared[key] = self._value(f"{self.prefix}{dtype}", dtype, shape)
            self._const(made, raw)
        return self._shared[key]

    def _const(self, made: Value, raw: Array | str) -> None:
        """Write a constant; large arrays of floats go to the weights file."""
        if isinstance(raw, str):
            stored = text(raw)
        elif raw.size >= SMALL and raw.dtype.kind == "f":
            stored = in_file(raw, f"@model_path/{WEIGHTS}", self.writing.blobs.add(raw))
        else:
            stored = immediate(raw)
        self._append("const", [made], {}, attributes={"val": stored})

    def _append(
        self,
        kind: str,
        results: Sequence[Value],
        given: dict[str, Any],
        blocks: Sequence[Any] = (),
        attributes: dict[str, Any] | None = None,
    ) -> None:
        mil = module("MIL")
        operation = mil.Operation(type=kind, outputs=[named(v) for v in results], blocks=list(blocks))
        for parameter, one in given.items():
            several = isinstance(one, tuple) and bool(one) and isinstance(one[0], Value)
            values = [self.value(each) for each in one] if several else [self.value(one)]
            bindings = [mil.Argument.Binding(name=value.name) for value in values]
            operation.inputs[parameter].arguments.extend(bindings)
        operation.attributes["name"].CopyFrom(text(results[0].name))
        for parameter, stored in (attributes or {}).items():
            operation.attributes[parameter].CopyFrom(stored)
        self.operations.append(operation)


def whole(array: Array, what: str, where: str) -> Array:
    """Whole numbers as int32, the only kind that MIL computes with."""
    limits = np.iinfo(np.int32)
    if array.size and (array.min() < limits.min or array.max() > limits.max):
        raise ConversionError(f"{what!r} has whole numbers that do not fit into 32 bits", where=where)
    return array.astype(np.int32)


def _plain(given: Any) -> Any:
    """The element type of a Python number or a list of them; whole numbers are int32."""
    array = np.asarray(given)
    return np.int32 if array.dtype.kind == "i" else None


def _with(shape: Shape, axis: int, size: int) -> Shape:
    axis %= len(shape)
    return (*shape[:axis], size, *shape[axis + 1 :])
