"""Weights: nested lists as arrays of the shape that RTNeural makes, filled with zeros where the file has none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...graph import Array
from . import nested_lists
from .fields import Fields, shown

#: Elements of all arrays together, as declared sizes make them: a gigabyte of float64.
MOST = 1 << 27


class Weights:
    """The arrays of one layer, read on demand; `unread` knows those that RTNeural never looks at.

    The ``first`` layer is as wide as in_shape says.
    """

    def __init__(self, fields: Fields, budget: list[int], *, first: bool = False) -> None:
        self.fields, self.given = fields, fields.weights()
        self._budget, self.first = budget, first
        self._read: set[int] = set()

    def __len__(self) -> int:
        return len(self.given)

    def key(self, index: int) -> str:
        """The key of one array, for findings."""
        return f"weights[{index}]"

    def block(
        self,
        index: int,
        shape: tuple[int, ...],
        axes: tuple[str, ...],
        *,
        role: str,
        inputs: int | None = None,
    ) -> Array:
        """An array of ``shape`` whose missing elements are zeros, as RTNeural fills it; larger ones it throws at.

        ``axes`` names what stands along each axis, ``role`` the array; ``inputs`` is the axis as long as frames
        are wide.
        """
        given = self._array(index, role)
        self._afford(index, shape)
        made, size = (
            np.zeros(shape),
            nested_lists.extent(self.fields, given, self.key(index), len(shape), role),
        )
        for axis, (have, want) in enumerate(zip(size, shape, strict=True)):
            if have > want:
                kind, fix = self._mismatch("weights-too-large", size, shape, axes, inputs)
                raise self.fields.fail(
                    kind,
                    self.key(index),
                    f"the {role} has {have} {axes[axis]} for {want}, and RTNeural throws",
                    found="x".join(map(str, size)),
                    expected="x".join(map(str, shape)),
                    fix=fix,
                )
        try:
            array = nested_lists.rectangular(self.fields, given, self.key(index), len(shape))
        except nested_lists.Ragged:
            self.fields.silent(
                "weights-ragged",
                self.key(index),
                f"rows of the {role} differ in length; RTNeural fills them up with zeros",
                expected="x".join(map(str, shape)),
            )
            nested_lists.fill(self.fields, made, given, self.key(index))
            return self._stored(made, index)
        if array.shape != shape:
            kind, fix = self._mismatch("weights-short", size, shape, axes, inputs)
            self.fields.silent(
                kind,
                self.key(index),
                f"the {role} is smaller than the layer; RTNeural fills it up with zeros",
                found="x".join(map(str, size)),
                expected="x".join(map(str, shape)),
                fix=fix,
            )
        if array.size:
            made[tuple(slice(n) for n in array.shape)] = array
        return self._stored(made, index)

    def vector(
        self, index: int, size: int, *, role: str, short: float | None = None, long: bool = True
    ) -> Array:
        """A row of ``size`` numbers. RTNeural reads beyond a shorter one, unless ``short`` fills it up; it does not
        look at what is too much, unless that is ``long`` for it."""
        given = self._array(index, role)
        self._afford(index, (max(size, len(given)),))
        if given and isinstance(given[0], list):
            raise self.fields.fail(
                "nested-too-deep",
                f"{self.key(index)}[0]",
                f"a list where the {role} has a number, and RTNeural throws",
                found=shown(given[0]),
                expected=f"a list of {size} numbers",
            )
        array = nested_lists.rectangular(self.fields, given, self.key(index), 1)
        if len(array) < size and short is None:
            raise self.fields.fail(
                "array-short",
                self.key(index),
                f"RTNeural reads beyond the end of the {role}",
                found=len(array),
                expected=size,
            )
        if len(array) > size and not long:
            raise self.fields.fail(
                "array-long",
                self.key(index),
                f"RTNeural writes beyond its memory for the {role}",
                found=len(array),
                expected=size,
            )
        if len(array) != size:
            done = "does not look at the rest" if len(array) > size else f"takes {short:g} for the rest"
            self.fields.silent(
                "array-long" if len(array) > size else "array-short",
                self.key(index),
                f"the {role} has another size than the layer; RTNeural {done}",
                found=len(array),
                expected=size,
            )
        made = np.full(size, 0.0 if short is None else short)
        made[: len(array)] = array[:size]
        return self._stored(made, index)

    def slopes(self, size: int) -> Array:
        """The first row of the first array: one number for all, or ``size``; zeros where it is shorter."""
        key, given = f"{self.key(0)}[0]", self.given[0][0]
        array = nested_lists.rectangular(self.fields, given, key, 1)
        if len(array) > size and len(array) != 1:
            raise self.fields.fail(
                "array-long",
                key,
                "RTNeural writes beyond its memory for the slopes",
                found=len(array),
                expected=size,
            )
        if 1 != len(array) < size:
            self.fields.silent(
                "array-short",
                key,
                "there are fewer slopes than the layer is wide; RTNeural takes 0 for the rest",
                found=len(array),
                expected=f"{size}, or 1 for all",
            )
            array = np.concatenate((array, np.zeros(size - len(array))))
        return self._stored(array, 0)

    def raw(self, index: int) -> Sequence[Any]:
        """An array as it stands in the file."""
        return self._array(index, "array")

    def unread(self) -> list[int]:
        """Indices of the arrays that nobody read."""
        return [index for index in range(len(self.given)) if index not in self._read]

    def _array(self, index: int, role: str) -> list[Any]:
        self._read.add(index)
        if index >= len(self.given):
            raise self.fields.fail(
                "array-missing",
                "weights",
                f"there is no {role}, and RTNeural throws",
                found=f"{len(self.given)} arrays",
                expected=f"at least {index + 1}",
            )
        given = self.given[index]
        if given is None:
            return []  # RTNeural's library counts no elements in null
        if not isinstance(given, list):
            raise self.fields.fail(
                "not-an-array",
                self.key(index),
                f"the {role} is no list, and RTNeural throws",
                found=shown(given),
            )
        return given

    def _afford(self, index: int, shape: tuple[int, ...]) -> None:
        self._budget[0] -= math.prod(shape)
        if self._budget[0] < 0:
            raise self.fields.fail(
                "size-impossible",
                self.key(index),
                "the declared sizes ask for more memory than any real-time network has",
                found="x".join(map(str, shape)),
                expected=f"at most {MOST:,} weights in all",
            )

    def _stored(self, array: Array, index: int) -> Array:
        """float32 where that holds every value, as RTNeural's users have it; float64 where the file says more."""
        with np.errstate(over="ignore"):
            short = array.astype(np.float32)
        if not np.isfinite(short).all():
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(short))[0])
            raise self.fields.fail(
                "not-a-number",
                self.key(index) + "".join(f"[{i}]" for i in at),
                "a number too large for a float32",
                found=array[at],
                expected="a finite number",
            )
        return short if np.array_equal(short, array) else array

    def _mismatch(
        self,
        kind: str,
        size: tuple[int, ...],
        shape: tuple[int, ...],
        axes: tuple[str, ...],
        inputs: int | None,
    ) -> tuple[str, str]:
        """What an array of another size is called, and what to do."""
        if len(size) > 1 and (*size[:-2], size[-1], size[-2]) == shape:
            return kind, "transpose it: RTNeural has inputs in rows and outputs in columns, as Keras has"
        wrong = [axis for axis, (have, want) in enumerate(zip(size, shape, strict=True)) if have != want]
        if wrong == [inputs] and inputs is not None:
            if self.first:
                return (
                    "in-shape",
                    f"in_shape says {shape[inputs]}, these weights {size[inputs]}: see which is right",
                )
            return (
                "width-chain",
                f"what comes before is {shape[inputs]} wide, and these weights are for {size[inputs]}",
            )
        return kind, f"{axes[0]} come first, then {', then '.join(axes[1:])}; see also the layer's shape"
