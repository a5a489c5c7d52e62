"""Whether half precision explains what rounding does not.

Two hypotheses, for float16 and for bfloat16 each:

*weights*: the float64 run with every weight rounded explains the outputs within float32's own floor.
*arithmetic*: the outputs are within the floor measured at that precision, around the float64 run or around the
one with rounded weights. Such a floor is 2^13 or 2^16 times as wide, and a conversion mistake of a hundredth
fits in. So it counts only where half precision has left a trace: every output is a number that the type holds,
or weights in the candidate itself are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from ..engine.arithmetic import arithmetic
from ..engine.rounded_weights import rounded_weights
from ..engine.run import run
from ..errors import GraphError
from ..graph import Array
from .judgement import Output
from .reference import Reference

#: From the strictest hypothesis to the widest.
PRECISIONS = ("float16", "bfloat16")
#: Numbers of one type are all numbers of a coarser one by chance, unless there are so many.
ENOUGH = 8
#: (outputs, truth, floors) -> each output judged.
Comparison = Callable[[Mapping[str, Array], Mapping[str, Array], Mapping[str, Array]], tuple[Output, ...]]


def explanation(
    reference: Reference, outputs: Mapping[str, Array], compare: Comparison, held: str | None = None
) -> str | None:
    """The first hypothesis that accounts for every output, strictest first; ``None`` if none does.

    ``held`` is the precision that the candidate's own weights were seen to have, if less than the source's.
    """

    def fits(rounded: str | None, precision: str) -> bool:
        try:
            truth = with_rounded_weights(reference, rounded) if rounded else reference.truth
            found = compare(outputs, truth, reference.floor(precision).outputs)
        except GraphError:  # as where indices are computed from weights: so rounded, the network does not run
            return False
        return all(output.band != "wrong" for output in found)

    for precision in PRECISIONS:
        if fits(precision, "float32"):
            return f"{precision} weights"
    for precision in _traces(outputs, held):
        if fits(None, precision) or fits(precision, precision):
            return f"{precision} arithmetic"
    return None


def telling(arrays: Iterable[Array]) -> Array:
    """The numbers that tell a precision: finite, and no multiples of an eighth, which every type holds."""
    parts = [a.ravel() for a in arrays if a.dtype.kind == "f"]
    values = np.concatenate(parts) if parts else np.zeros(0)
    with np.errstate(over="ignore", invalid="ignore"):
        result: Array = values[np.isfinite(values) & (values * 8 != np.round(values * 8))]
    return result


def _traces(outputs: Mapping[str, Array], held: str | None) -> list[str]:
    """The precisions that left a trace; weights tell more than outputs."""
    if held:
        return [held]
    values = telling(np.asarray(a) for a in outputs.values())
    on_grid = [p for p in PRECISIONS if values.size and np.array_equal(arithmetic(p).cast(values), values)]
    if len(on_grid) == 2 and values.size >= ENOUGH:
        return ["bfloat16"]  # float16 holds most numbers of bfloat16, but hardly the other way round
    return on_grid


def with_rounded_weights(reference: Reference, precision: str) -> Mapping[str, Array]:
    """{output: float64 array} of the reference with every weight rounded to ``precision``."""
    return reference.kept(
        f"{precision} weights", lambda: run(rounded_weights(reference.graph, precision), reference.feeds)
    )
