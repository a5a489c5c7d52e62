"""How the axes of one tensor stand on either side: which is which, which are missing, which are one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...errors import InputError
from ...graph import Array

#: What stands for an axis of size one that the other side lacks.
UNIT = "1"
#: What joins the names of axes that are one on this side.
JOIN = "*"
#: Calls of a candidate of which only the last counts.
LAST = "last"


@dataclass(frozen=True)
class Layout:
    """The axes of a tensor by name, as the reference has them and as the candidate does.

    A name that only one side has is an axis of size one; ``1`` is one without a name; ``a*b`` are two in one.
    """

    reference: tuple[str, ...]
    candidate: tuple[str, ...]

    @property
    def identity(self) -> bool:
        """Whether both sides have the same axes in the same order."""
        return self.reference == self.candidate

    def to_candidate(self, array: Array, shape: Sequence[int] = ()) -> Array:
        """An array of the reference as the candidate has it; ``shape`` is the candidate's, where axes are split.

        Raises `InputError` for an array of another shape.
        """
        return moved(array, self.reference, self.candidate, shape)

    def to_reference(self, array: Array, shape: Sequence[int] = ()) -> Array:
        """The way back; ``shape`` is the reference's, where axes are split. Raises `InputError`."""
        if self.candidate[:1] == (LAST,):
            array = array[-1:]
        return moved(array, self.candidate, self.reference, shape)

    def __str__(self) -> str:
        return f"({', '.join(self.reference)}) as ({', '.join(self.candidate)})"


def moved(array: Array, source: Sequence[str], target: Sequence[str], shape: Sequence[int] = ()) -> Array:
    """``array`` with the axes ``source`` as one with the axes ``target``, of which ``shape`` may be known.

    Raises `InputError` where its shape has no such axes.
    """
    sizes = _sizes(array.shape, source, shape, target)
    before = [name for axis in source for name in axis.split(JOIN) if name != UNIT]
    after = [name for axis in target for name in axis.split(JOIN) if name != UNIT]
    lost = [name for name in before if name not in after and sizes[name] != 1]
    if lost:
        raise InputError(
            f"axis {lost[0]!r} has no place on the other side",
            found=f"size {sizes[lost[0]]}",
            expected="size 1",
        )
    kept = [name for name in before if name in after]
    split = array.reshape([sizes[name] for name in kept])
    turned = np.transpose(split, [kept.index(name) for name in after if name in kept])
    return turned.reshape([math.prod(sizes.get(name, 1) for name in axis.split(JOIN)) for axis in target])


def _sizes(
    found: Sequence[int], source: Sequence[str], shape: Sequence[int], target: Sequence[str]
) -> dict[str, int]:
    """{name: size}, read from both shapes. Raises `InputError` where they do not fit."""
    wrong = InputError("an array has other axes", found=tuple(found), expected=f"({', '.join(source)})")
    if len(found) != len(source):
        raise wrong
    sizes: dict[str, int] = {UNIT: 1}
    for axis, size in [*zip(source, found, strict=True), *zip(target, shape, strict=False)]:
        if JOIN not in axis:
            sizes.setdefault(axis, size)
    for axis, size in zip(source, found, strict=True):
        unknown = [name for name in axis.split(JOIN) if name not in sizes]
        known = math.prod(sizes[name] for name in axis.split(JOIN) if name in sizes)
        if unknown and known and size % known == 0 and len(unknown) == 1:
            sizes[unknown[0]] = size // known
        elif unknown or known != size:
            raise wrong
    return sizes


def refined(one: Sequence[int], other: Sequence[int]) -> Layout | None:
    """Two shapes of one number of elements in one order, some axes of one lying in an axis of the other.

    None where their axes do not meet, or where nothing is joined.
    """
    edges = [_edges(one), _edges(other)]
    cuts = sorted(edges[0] | edges[1])
    if edges[0] == edges[1] or math.prod(one) != math.prod(other) or 0 in (*one, *other):
        return None
    if any(later % earlier for earlier, later in pairwise(cuts)):
        return None
    names = {cut: chr(ord("a") + place) for place, cut in enumerate(cuts)}
    return Layout(_joined(one, names), _joined(other, names))


def _edges(shape: Sequence[int]) -> set[int]:
    """The products of its sizes from the front on, one left out."""
    return {math.prod(shape[: place + 1]) for place in range(len(shape))} - {1}


def _joined(shape: Sequence[int], names: Mapping[int, str]) -> tuple[str, ...]:
    axes, before = [], 1
    for size in shape:
        inside = [name for cut, name in names.items() if before < cut <= before * size]
        axes.append(JOIN.join(inside) or UNIT)
        before *= size
    return tuple(axes)
