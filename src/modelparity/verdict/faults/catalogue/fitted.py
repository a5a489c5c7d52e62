"""Mistakes whose numbers are taken from what the candidate has: factors, offsets, limits, what is added."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ....graph import Array, Graph
from ..fault import Application, Group
from ..making import Written, on_tensor
from ..observation import FittedFault, Observation
from ..view import view

GROUP = Group("fitted", "Mistakes with numbers of their own", 100)


def fitted_application(
    fault: FittedFault,
    graph: Graph,
    seen: Observation,
    variant: str,
    words: str,
    write: Callable[[Written, str], str],
) -> Iterator[Application]:
    edit = on_tensor(graph, seen.tensor, fault.id, write)
    if edit is None:
        return
    seen_from = view(graph)
    maker = seen_from.makers.get(seen.tensor)
    nodes = (
        (maker.name,)
        if maker is not None
        else tuple(node.name for node in seen_from.users.get(seen.tensor, []))
    )
    what = repr(seen.tensor) if maker is None else f"what {maker.name!r} gives"
    yield Application(fault.id, nodes, variant, f"{what} {words}", graph, edit)


def _affine(factor: float, offset: float, w: Written, x: str) -> str:
    return w("scale_shift", x, alpha=factor, beta=offset)


def _flat(seen: Observation) -> tuple[Array, Array]:
    return seen.wanted.astype(np.float64).ravel(), seen.got.astype(np.float64).ravel()


class FittedFactor(FittedFault):
    id = "constant-factor"
    group = GROUP
    where = "any tensor of real numbers"
    text = "A tensor is multiplied by a number."
    happens = "A scale, gain, temperature or unit is applied twice or not at all."
    repair = "Find the factor in the source (its square root, inverse and logarithm too) and apply it once."

    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        if not seen.alike:
            return
        wanted, got = _flat(seen)
        power = float(wanted @ wanted)
        factor = float(wanted @ got) / power if power else 1.0
        if seen.explains(factor * seen.wanted):
            yield from fitted_application(
                self,
                graph,
                seen,
                f"{factor:.9g}",
                f"is multiplied by {factor:.6g}",
                partial(_affine, factor, 0.0),
            )


class FittedOffset(FittedFault):
    id = "constant-offset"
    group = GROUP
    where = "any tensor of real numbers"
    text = "A number is added to a tensor."
    happens = "A mean, a bias of one element or an epsilon is added twice or not at all."
    repair = "Find the offset in the source and add it once."

    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        if not seen.alike:
            return
        wanted, got = _flat(seen)
        offset = float(np.mean(got - wanted))
        if seen.explains(seen.wanted + offset):
            yield from fitted_application(
                self, graph, seen, f"{offset:.9g}", f"has {offset:.6g} added", partial(_affine, 1.0, offset)
            )


class FittedScaleAndOffset(FittedFault):
    id = "constant-factor-and-offset"
    group = GROUP
    where = "any tensor of real numbers"
    text = "A tensor is multiplied by one number, and another is added."
    happens = (
        "A range is mapped otherwise (0..1, -1..1, 0..255), or a mean and a deviation are one for all "
        "channels."
    )
    repair = "Map the range as the source does."

    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        if not seen.alike:
            return
        wanted, got = _flat(seen)
        spread = float(np.var(wanted))
        if not spread:
            return
        factor = float(np.mean((wanted - wanted.mean()) * (got - got.mean()))) / spread
        offset = float(got.mean() - factor * wanted.mean())
        if seen.explains(factor * seen.wanted + offset):
            words = f"is multiplied by {factor:.6g} and has {offset:.6g} added"
            yield from fitted_application(
                self, graph, seen, f"{factor:.9g}, {offset:.9g}", words, partial(_affine, factor, offset)
            )


class _PerChannel(FittedFault):
    group = GROUP

    @abstractmethod
    def numbers(self, wanted: Array, got: Array) -> tuple[Array, Array]:
        """(factor, offset) a channel, of arrays (channel, element)."""

    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        if not seen.alike:
            return
        rank = seen.wanted.ndim
        for axis in range(rank - 1, -1, -1):
            size = seen.wanted.shape[axis]
            if size < 2 or 4 * size > seen.wanted.size:
                continue  # as many numbers as are explained explain nothing
            wanted, got = (
                np.moveaxis(a.astype(np.float64), axis, 0).reshape(size, -1) for a in (seen.wanted, seen.got)
            )
            shape = (size,) + (1,) * (rank - axis - 1)
            factor, offset = (a.reshape(shape) for a in self.numbers(wanted, got))
            if seen.explains(factor * seen.wanted + offset):
                words = f"is {self.said} along axis {axis}"
                yield from fitted_application(
                    self, graph, seen, f"axis {axis}", words, partial(_by_channel, factor, offset)
                )
                return

    said: str


def _by_channel(factor: Array, offset: Array, w: Written, x: str) -> str:
    y = w("mul", x, w.constant(factor)) if np.any(factor != 1) else x
    return w("add", y, w.constant(offset)) if np.any(offset) or y == x else y


class FittedBias(_PerChannel):
    id = "another-bias"
    where = "any tensor of real numbers with several elements a channel"
    text = "A layer has another bias: a number is added to each channel."
    happens = "A bias is another layer's, rounded, folded wrongly, or of another checkpoint."
    repair = "Write the source's bias here."
    said = "moved by an offset a channel"

    def numbers(self, wanted: Array, got: Array) -> tuple[Array, Array]:
        return np.ones(len(wanted)), np.mean(got - wanted, axis=1)


class FittedScales(_PerChannel):
    id = "another-scale"
    where = "any tensor of real numbers with several elements a channel"
    text = "Each channel is multiplied by a number: another deviation, scale or sign."
    happens = "A scale of normalisation or quantisation is lost, or another checkpoint's."
    repair = "Write the source's scales here."
    said = "multiplied by a factor a channel"

    def numbers(self, wanted: Array, got: Array) -> tuple[Array, Array]:
        power = np.square(wanted).sum(axis=1)
        return np.where(power > 0, (wanted * got).sum(axis=1) / np.where(power > 0, power, 1), 1.0), np.zeros(
            len(wanted)
        )


class FittedStatistics(_PerChannel):
    id = "another-mean-and-deviation"
    where = "any tensor of real numbers with several elements a channel, inputs first of all"
    text = "Each channel has another mean and deviation."
    happens = (
        "Inputs are standardised by other statistics (of another data set, ImageNet's), or a batch norm "
        "by its batch's."
    )
    repair = "Standardise by the statistics of training."
    said = "standardised otherwise a channel"

    def numbers(self, wanted: Array, got: Array) -> tuple[Array, Array]:
        means = wanted.mean(axis=1), got.mean(axis=1)
        spread = np.var(wanted, axis=1)
        mixed = np.mean((wanted - means[0][:, None]) * (got - means[1][:, None]), axis=1)
        factor = np.where(spread > 0, mixed / np.where(spread > 0, spread, 1), 1.0)
        return factor, means[1] - factor * means[0]


class FittedLimits(FittedFault):
    id = "limited"
    group = GROUP
    where = "any tensor of real numbers"
    text = (
        "A tensor is kept within limits: a clip, a saturated type, or a rectifier that should not be there."
    )
    happens = "Numbers saturate in 8 or 16 bits, a clip or ReLU6 was added, infinities are replaced."
    repair = "Take the limits out."

    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        if not seen.alike:
            return
        low, high = float(seen.got.min()), float(seen.got.max())
        under, over = bool(np.any(seen.wanted < low)), bool(np.any(seen.wanted > high))
        limits = {**({"min": low} if under else {}), **({"max": high} if over else {})}
        if limits and seen.explains(np.clip(seen.wanted, low if under else None, high if over else None)):
            said = " and ".join(
                f"{'above' if key == 'min' else 'below'} {value:.6g}" for key, value in limits.items()
            )
            yield from fitted_application(
                self, graph, seen, said, f"is kept {said}", lambda w, x: w("clip", x, **limits)
            )


class FittedSkip(FittedFault):
    id = "tensor-added-or-left-out"
    group = GROUP
    where = "any tensor, with every other tensor of its shape that stands before it"
    text = "Another tensor, such as the input, is added to a tensor, or left out of it."
    happens = "A skip connection is missing, is there twice, or begins elsewhere."
    repair = "Add it as the source does."

    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        if not seen.alike:
            return
        places = view(graph).places
        maker = view(graph).makers.get(seen.tensor)
        here = -1 if maker is None else places[maker.outputs[0]]
        for name, array in seen.others.items():
            other = view(graph).makers.get(name)
            before = name in view(graph).inputs or (other is not None and places[other.outputs[0]] < here)
            if name == seen.tensor or array.shape != seen.wanted.shape or not before or not np.any(array):
                continue
            for op, made, words in (
                ("add", seen.wanted + array, "added"),
                ("sub", seen.wanted - array, "taken away"),
            ):
                if seen.explains(made):
                    yield from fitted_application(
                        self,
                        graph,
                        seen,
                        f"{name} {words}",
                        f"has {name!r} {words}",
                        partial(_with, op, name),
                    )
                    return


def _with(op: str, tensor: str, w: Written, x: str) -> str:
    return w(op, x, tensor)
