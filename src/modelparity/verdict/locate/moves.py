"""Ways in which one tensor holds the values of another: axes in another order, reshaped, reversed, cut, negated."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import permutations

import numpy as np

from ...graph import Array

Shape = tuple[int, ...]
#: Axes whose orders are all tried; of more, each exchange of two.
AXES = 5
#: Values along an axis of which another order is looked for, and of which two and more must be there.
ORDERED, DISTINCT = 1 << 16, 4


@dataclass(frozen=True)
class Move:
    """How an array of the reference comes to lie as the candidate has it; ``text`` is empty for the plain way.

    ``view`` gives it in a shape to which the candidate's reshapes without another order of elements. ``whole`` is
    false where the candidate has a part of it only.
    """

    text: str
    view: Callable[[Array], Array]
    whole: bool = True

    @property
    def plain(self) -> bool:
        """Whether all values lie in the reference's own order: unit axes and joined ones do not matter."""
        return not self.text

    def negated(self) -> Move:
        """The same with the other sign."""
        return Move(f"{self.text}, negated" if self.text else "negated", lambda a: -self.view(a), self.whole)


def _plainly(array: Array) -> Array:
    return array


PLAIN = Move("", _plainly)


def squeezed(shape: Shape) -> Shape:
    """The shape without axes of size one."""
    return tuple(size for size in shape if size != 1)


def moves(reference: Shape, candidate: Shape) -> Iterator[Move]:
    """Every other order of axes and every reversed axis, for two shapes of one number of elements."""
    have, want = squeezed(reference), squeezed(candidate)
    seen: set[tuple[bool, Shape, tuple[int, ...]]] = set()
    for ours, shape in ((True, have), (False, want)):
        if len(shape) < max(len(have), len(want)):
            continue  # the side with more axes tells all orders
        for order in _orders(len(shape)):
            taken = tuple(shape[axis] for axis in order)
            if len(have) == len(want) and (taken if ours else have) != (
                want if ours else tuple(have[axis] for axis in np.argsort(order))
            ):
                continue
            if (ours, shape, order) not in seen and not (len(have) == len(want) and not ours):
                seen.add((ours, shape, order))
                yield _turned(order, shape, ours=ours)
    if have == want:
        for axis in range(len(have)):
            yield Move(f"reversed along axis {axis}", partial(_reversed, have, axis))


def _turned(order: tuple[int, ...], shape: Shape, *, ours: bool) -> Move:
    """Axes in another order; ``ours``: those of the reference, else the candidate's, into which ours are split."""
    text = f"transposed {order}"
    if ours:
        return Move(text, lambda a: np.transpose(a.reshape(shape), order))
    back = tuple(int(axis) for axis in np.argsort(order))
    split = tuple(shape[axis] for axis in order)
    return Move(text, lambda a: np.transpose(a.reshape(split), back))


def _orders(count: int) -> Iterator[tuple[int, ...]]:
    """Orders of so many axes but the plain one."""
    plain = tuple(range(count))
    if count <= AXES:
        yield from (order for order in permutations(plain) if order != plain)
        return
    for one in plain:
        for other in plain[one + 1 :]:
            swapped = list(plain)
            swapped[one], swapped[other] = other, one
            yield tuple(swapped)


def reordered(reference: Array, candidate: Array) -> Iterator[Move]:
    """Orders along one axis that bring weighted sums over the others to the candidate's, if there is such one."""
    shape = squeezed(reference.shape)
    if shape != squeezed(candidate.shape) or not shape:
        return
    ours, theirs = reference.reshape(shape), candidate.reshape(shape)
    for axis, size in enumerate(shape):
        if not 2 <= size <= ORDERED:
            continue
        one, other = (_weighed(np.moveaxis(a, axis, 0).reshape(size, -1)) for a in (ours, theirs))
        if not (np.isfinite(one).all() and np.isfinite(other).all()) or len(np.unique(one)) < min(
            DISTINCT, size
        ):
            continue
        order = np.empty(size, np.intp)
        order[np.argsort(other, kind="stable")] = np.argsort(one, kind="stable")
        yield Move(f"in another order along axis {axis}", partial(_ordered, shape, axis, order))


def _weighed(rows: Array) -> Array:
    """A number for each row: a sum with weights of which no two are alike."""
    weights = 1 + np.modf(np.arange(1, rows.shape[1] + 1) * ((1 + math.sqrt(5)) / 2))[0]
    with np.errstate(invalid="ignore", over="ignore"):
        result: Array = rows @ weights
    return result


def parts(reference: Shape, candidate: Shape) -> Iterator[Move]:
    """Every equal part along one axis of the reference's that has the candidate's number of elements."""
    have, want = squeezed(reference), squeezed(candidate)
    total, part = math.prod(have), math.prod(want)
    if not part or total % part or total == part:
        return
    count = total // part
    for axis, size in enumerate(have):
        if size % count:
            continue
        step = size // count
        cut = squeezed((*have[:axis], step, *have[axis + 1 :]))
        if cut != want:
            continue
        for which in range(count):
            at = slice(which * step, (which + 1) * step)
            yield Move(
                f"part {which + 1} of {count} along axis {axis}", partial(_part, have, axis, at), whole=False
            )


def _reversed(shape: Shape, axis: int, array: Array) -> Array:
    return np.flip(array.reshape(shape), axis)


def _ordered(shape: Shape, axis: int, order: Array, array: Array) -> Array:
    result: Array = np.take(array.reshape(shape), order, axis)
    return result


def _part(shape: Shape, axis: int, at: slice, array: Array) -> Array:
    """The elements ``at`` an axis of the array in that shape."""
    result: Array = array.reshape(shape)[(slice(None),) * axis + (at,)]
    return result
