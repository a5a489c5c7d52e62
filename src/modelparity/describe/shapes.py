"""The shape of every tensor of a graph, found by running it on zeros; and how shapes follow free sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from ..engine.limits import limits
from ..engine.run import run
from ..errors import InputError, ModelparityError
from ..graph import Array, Graph

#: Lengths at which graphs are tried: multiples of 60, which the usual strides divide.
LENGTHS = ((60, 120), (600, 1200))
#: numpy's arrays have no more axes, lanes of perturbed runs and the like included.
MOST_AXES = 60
Shapes = dict[str, tuple[int, ...]]
#: A number where a size is fixed, else a formula of a free axis: "time", "time-6", "time//2".
Symbolic = tuple[int | str, ...]


def free_axes(graph: Graph) -> dict[str, int]:
    """Name of each axis whose size the caller chooses -> the least size that runs."""
    least: dict[str, int] = {}
    for spec in graph.inputs:
        for axis in spec.axes:
            if axis.size is None:
                least[axis.name] = max(axis.least, least.get(axis.name, 1))
    return least


def zeros(graph: Graph, sizes: Mapping[str, int]) -> dict[str, Array]:
    """Input name -> zeros, with these sizes of free axes. Raises `InputError` for an absurd size."""
    made = {}
    for spec in graph.inputs:
        shape = [sizes[axis.name] if axis.size is None else axis.size for axis in spec.axes]
        if len(shape) > MOST_AXES:
            raise InputError(
                f"input {spec.name!r} has too many axes",
                where=graph.name,
                found=len(shape),
                expected=f"at most {MOST_AXES}, as numpy has them",
            )
        if math.prod(shape) > limits().elements:
            raise InputError(
                f"input {spec.name!r} is absurdly large",
                where=graph.name,
                found=tuple(shape),
                expected=f"at most {limits().elements:,} elements",
            )
        made[spec.name] = np.zeros(shape, spec.dtype)
    return made


def shapes(graph: Graph, sizes: Mapping[str, int]) -> Shapes:
    """Tensor name -> shape, for inputs, constants and every node's outputs, with these sizes of free axes.

    Runs the graph on zeros. Raises `GraphError` if it does not run at these sizes.
    """
    return {name: a.shape for name, a in _tensors(graph, sizes).items()}


def kinds(graph: Graph) -> dict[str, str]:
    """Tensor name -> kind of its elements as numpy has it ("f", "i", "u", "b"), for the same tensors."""
    return {name: a.dtype.kind for name, a in _tensors(graph, free_axes(graph)).items()}


def _tensors(graph: Graph, sizes: Mapping[str, int]) -> dict[str, Array]:
    feeds = zeros(graph, sizes)
    return {**graph.constants, **feeds, **run(graph, feeds, arithmetic="float32", taps=True)}


def two_lengths(
    graph: Graph, axis: str, others: Mapping[str, int] | None = None
) -> tuple[int, Shapes, int, Shapes]:
    """Shapes at two sizes of one free axis: (size, shapes, larger size, shapes).

    Tries a few sizes, the least ones last. Raises the `GraphError` of the first try if none runs.
    """
    least = free_axes(graph)
    base = {**least, **(others or {})}
    start = least[axis]
    tries = [tuple(-(-max(start, n) // 60) * 60 for n in pair) for pair in LENGTHS]
    tries.append((start, 2 * start))
    failure: ModelparityError | None = None
    for small, large in tries:
        large = max(large, small + 60) if small >= 60 else large
        try:
            return small, shapes(graph, {**base, axis: small}), large, shapes(graph, {**base, axis: large})
        except ModelparityError as error:
            failure = failure or error
    assert failure is not None
    raise failure


def symbolic(graph: Graph) -> dict[str, Symbolic]:
    """Tensor name -> shape in terms of the free axes, for inputs, constants and every node's outputs.

    Sizes are measured at two lengths of every free axis, the other axes at lengths that run. A size that follows
    several axes is written in terms of the last one. Raises `GraphError` if the graph does not run.
    """
    base = free_axes(graph)
    if not base:
        return dict(shapes(graph, {}))
    found: dict[str, list[int | str]] = {}
    for axis in list(base):
        others = {name: size for name, size in base.items() if name != axis}
        small, few, large, many = two_lengths(graph, axis, others)
        for name, shape in few.items():
            sizes = found.setdefault(name, list(shape))
            for place, (one, other) in enumerate(zip(shape, many[name], strict=True)):
                if one != other:
                    sizes[place] = along(axis, small, one, large, other)
        base[axis] = small  # the next axis is measured where this one is known to run
    return {name: tuple(sizes) for name, sizes in found.items()}


def along(name: str, small: int, at_small: int, large: int, at_large: int) -> str:
    """A size that was measured at two lengths of an axis, as a formula: "time", "time-6", "time//2-1".

    A rounded-down quotient is exact at multiples of 60 along the axis.
    """
    if at_small == at_large:
        return str(at_small)
    rise = Fraction(at_large - at_small, large - small)
    text = name if rise == 1 else f"{name}//{rise.denominator}" if rise.numerator == 1 else f"{rise}*{name}"
    offset = at_small - small * rise
    if offset.denominator != 1:
        return f"~{text}"
    return f"{text}{int(offset):+d}" if offset else text
