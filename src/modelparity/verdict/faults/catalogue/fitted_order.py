"""Mistakes of order that are taken from what the candidate has: lags, permutations, transpositions, cuts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import permutations

import numpy as np

from ....graph import Array, Graph
from ..fault import Application
from ..making import Written
from ..observation import FittedFault, Observation
from .fitted import GROUP, fitted_application

#: Frames by which a tensor is looked for late or early, along each axis.
FURTHEST = 64
#: What may be left of the squared difference, and of the tensor's own variation, where a move explains it.
EXPLAINED = 1e-3
#: Frames that are looked at first: a few say of most moves that they explain nothing.
FRAMES = 8
#: Axes of a tensor whose orders are all tried.
FEW = 5


class FittedLag(FittedFault):
    id = "lag"
    group = GROUP
    where = "any tensor; along each axis, by up to 64"
    text = "A tensor is late or early by some frames, or moved along another axis."
    happens = (
        "A delay of a causal layer is not taken out, frames are centred or not, positions or bins start "
        "elsewhere."
    )
    repair = "Shift by so many frames."

    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        if not seen.alike:
            return
        distance = float(np.square(np.subtract(seen.got, seen.wanted, dtype=np.float64)).sum())
        for axis in range(seen.wanted.ndim):
            size = seen.wanted.shape[axis]
            furthest = min(FURTHEST, size - 2)
            shifts = sorted(range(-furthest, furthest + 1), key=abs) if size > 3 else ()
            wanted, got = (np.moveaxis(a.astype(np.float64), axis, 0) for a in (seen.wanted, seen.got))
            for by in shifts:
                fill = self._fill(wanted, got, distance, by) if by else None
                if fill is not None:
                    frames = f"{abs(by)} places {'late' if by > 0 else 'early'} along axis {axis}"
                    yield from fitted_application(
                        self,
                        graph,
                        seen,
                        f"axis {axis}, {by:+d}, {fill}",
                        f"is {frames}",
                        partial(_shifted, axis, by, fill),
                    )
                    return

    @staticmethod
    def _fill(wanted: Array, got: Array, distance: float, by: int) -> str | None:
        """What stands at the end that is free, if the rest is what was wanted, moved along the first axis.

        ``distance`` is the sum of all squared differences before anything is moved.
        """
        inside = (got[by:], wanted[:-by]) if by > 0 else (got[:by], wanted[-by:])
        few = slice(None, None, max(1, len(inside[0]) // FRAMES))
        if np.square(inside[0][few] - inside[1][few]).sum() > EXPLAINED * distance:
            return None  # as all frames would say, which are many
        scale = float(np.square(inside[1] - inside[1].mean(axis=0)).sum())
        if not scale or np.square(inside[0] - inside[1]).sum() > EXPLAINED * min(scale, distance):
            return None
        free = got[:by] if by > 0 else got[by:]
        edge = wanted[:1] if by > 0 else wanted[-1:]
        turned = wanted[-by:] if by > 0 else wanted[:-by]
        left = {
            "zeros": np.square(free).sum(),
            "edge": np.square(free - edge).sum(),
            "wrap": np.square(free - turned).sum(),
        }
        return min(left, key=lambda one: float(left[one]))


def _shifted(axis: int, by: int, fill: str, w: Written, x: str) -> str:
    def cut(start: int, end: int | None) -> str:
        return w("slice", x, starts=(start,), ends=(end,), axes=(axis,))

    kept = cut(0, -by) if by > 0 else cut(-by, None)
    if fill == "wrap":
        free = [cut(-by, None) if by > 0 else cut(0, -by)]
    elif fill == "edge":
        free = [cut(0, 1) if by > 0 else cut(-1, None)] * abs(by)
    else:
        free = [w("fill_like", cut(0, abs(by)))]
    return w("concat", *(*free, kept) if by > 0 else (kept, *free), axis=axis)


class FittedPermutation(FittedFault):
    id = "channels-permuted"
    group = GROUP
    where = "any tensor; along each axis"
    text = "The channels of a tensor stand in another order."
    happens = "Channels, heads, classes or units are sorted otherwise, or flattened and cut in another order."
    repair = "Bring them into the order of the source, in the weights before or behind."

    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        if not seen.alike:
            return
        rank = seen.wanted.ndim
        for axis in range(rank - 1, -1, -1):
            taken = self._order(seen, axis)
            if taken is not None and seen.explains(np.take(seen.wanted, taken, axis=axis)):
                said = ", ".join([*map(str, taken[:8]), *(["..."] if len(taken) > 8 else [])])
                words = f"has its axis {axis} in another order: {said}"
                yield from fitted_application(
                    self, graph, seen, f"axis {axis}", words, partial(_gathered, taken, axis)
                )
                return

    @staticmethod
    def _order(seen: Observation, axis: int) -> Array | None:
        """For each channel of what was got the channel wanted that is nearest, if that is another order."""
        size = seen.wanted.shape[axis]
        wanted, got = (
            np.moveaxis(a.astype(np.float64), axis, 0).reshape(size, -1) for a in (seen.wanted, seen.got)
        )
        if size < 2 or wanted.shape[1] < 2:
            return None
        look = np.random.default_rng(0).standard_normal(wanted.shape[1])
        one, two = np.argsort(wanted @ look, kind="stable"), np.argsort(got @ look, kind="stable")
        taken = np.empty(size, np.int64)
        taken[two] = one
        return None if np.array_equal(taken, np.arange(size)) else taken


def _gathered(taken: Array, axis: int, w: Written, x: str) -> str:
    return w("gather", x, w.constant(taken), axis=axis)


class FittedTranspose(FittedFault):
    id = "axes-permuted"
    group = GROUP
    where = "any tensor of up to five axes"
    text = "The axes of a tensor stand in another order."
    happens = "Channels first and last, time first and batch first."
    repair = "Transpose."

    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        rank = seen.wanted.ndim
        if not seen.finite or seen.got.ndim != rank or rank > FEW or np.array_equal(seen.wanted, seen.got):
            return
        for axes in permutations(range(rank)):
            turned = seen.wanted.transpose(axes)
            if axes != tuple(range(rank)) and turned.shape == seen.got.shape and seen.explains(turned):
                yield from fitted_application(
                    self, graph, seen, f"{axes}", f"has its axes in the order {axes}", partial(_turned, axes)
                )
                return


def _turned(axes: tuple[int, ...], w: Written, x: str) -> str:
    return w("transpose", x, axes=axes)


class FittedCut(FittedFault):
    id = "cut-along-an-axis"
    group = GROUP
    where = "any tensor that is shorter along one axis"
    text = "A part of a tensor is missing along one axis."
    happens = "Frames, classes or channels are cut off at an end, or only every second one is kept."
    repair = "Keep all of it."

    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        if not seen.finite or seen.got.ndim != seen.wanted.ndim:
            return
        differing = [k for k in range(seen.got.ndim) if seen.got.shape[k] != seen.wanted.shape[k]]
        if len(differing) != 1 or seen.got.shape[differing[0]] > seen.wanted.shape[differing[0]]:
            return
        (axis,) = differing
        have, whole = seen.got.shape[axis], seen.wanted.shape[axis]
        for step in (1, 2, 3, 4):
            for start in range(min(whole - (have - 1) * step, FURTHEST * 4) if have else 0):
                places = np.arange(start, start + have * step, step)
                if places[-1] < whole and seen.explains(np.take(seen.wanted, places, axis=axis)):
                    # an end that was kept is kept at every length
                    end = None if places[-1] + step >= whole else int(places[-1]) + 1 - whole
                    words = f"has places {start} to {int(places[-1])} of {whole} along axis {axis}" + (
                        f", every {step}." if step > 1 else ""
                    )
                    yield from fitted_application(
                        self,
                        graph,
                        seen,
                        f"axis {axis}, {start}:{end}:{step}",
                        words,
                        partial(_sliced, axis, start, end, step),
                    )
                    return


def _sliced(axis: int, start: int, end: int | None, step: int, w: Written, x: str) -> str:
    return w("slice", x, starts=(start,), ends=(end,), axes=(axis,), steps=(step,))
