"""The shape of every tensor of a graph, found by running it on zeros; and how shapes follow free sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from ..engine.limits import TooMuch, limits
from ..engine.run import filed
from ..errors import InputError, ModelparityError
from ..graph import Array, Graph
from .modes import blank
from .walk import Walked, walked

#: Lengths at which graphs are tried: multiples of 60, which the usual strides divide; smaller ones where a run at
#: those takes too much, as of a batch of long windows; larger ones where they are too short.
LENGTHS, SMALL, LONG = ((60, 120),), ((12, 24), (4, 8), (2, 4), (2, 3)), ((600, 1200),)
#: Elements at once and multiplications that a run for shapes alone may take before smaller sizes are tried; elements
#: may be as many as there are weights where those are more.
ALIVE, WORK = 1 << 22, 1 << 31
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
        made[spec.name] = blank(graph, spec, tuple(shape))
    return made


def shapes(graph: Graph, sizes: Mapping[str, int]) -> Shapes:
    """Tensor name -> shape, for inputs, constants and every node's outputs, with these sizes of free axes.

    Runs the graph on zeros; nothing is kept but shapes. Raises `GraphError` if it does not run at these sizes.
    """
    return dict(_walked(graph, sizes).shapes)


def kinds(graph: Graph) -> dict[str, str]:
    """Tensor name -> kind of its elements as numpy has it ("f", "i", "u", "b"), for the same tensors."""
    return dict(_walked(graph, free_axes(graph)).kinds)


def _walked(graph: Graph, sizes: Mapping[str, int], *, bounded: bool = False) -> Walked:
    most = max(ALIVE, graph.parameters)
    ran = walked(
        graph, zeros(graph, sizes), most_alive=most if bounded else None, most_work=WORK if bounded else None
    )
    if ran.refusal is not None:
        raise filed(ran.refusal, graph)
    return ran


def two_lengths(
    graph: Graph, axis: str, others: Mapping[str, int] | None = None
) -> tuple[int, Shapes, int, Shapes]:
    """Shapes at two sizes of one free axis: (size, shapes, larger size, shapes).

    Tries a few sizes, smaller ones where a run takes too much, the least ones last. Raises the `GraphError` of the
    first try if none runs.
    """
    least = free_axes(graph)
    base = {**least, **(others or {})}
    start = least[axis]
    failure: ModelparityError | None = None
    costly = False
    tries = [tuple(-(-max(start, n) // 60) * 60 for n in pair) for pair in LENGTHS]
    longer = [tuple(-(-max(start, n) // 60) * 60 for n in pair) for pair in LONG]
    smaller = [pair for pair in SMALL if pair[0] >= start]
    for small, large in (*tries, *longer, *smaller, (start, 2 * start)):
        if costly and small >= 60:
            continue  # which would take more still
        large = max(large, small + 60) if small >= 60 else large
        last = (small, large) == (start, 2 * start)
        try:
            many = _walked(graph, {**base, axis: large}, bounded=not last).shapes
            return small, shapes(graph, {**base, axis: small}), large, dict(many)
        except TooMuch as error:
            costly, failure = True, failure or error
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
