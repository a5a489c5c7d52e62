"""Whether half precision explains what rounding does not.

Two hypotheses, for float16 and for bfloat16 each:

*weights*: the float64 run with every weight rounded explains the outputs within float32's own floor.
*arithmetic*: the outputs are within the floor measured at that precision, around the float64 run or around the
one with rounded weights. Such a floor is 2^13 or 2^16 times as wide, and a conversion mistake of a hundredth
fits in. So it counts only where half precision has left a trace: outputs have its type, or numbers that it has made
(`trace`), or weights in the candidate itself are rounded to it. Outputs that are too few to show anything count as
those of another case of the same candidate do, and as made in the half precision that the reference itself declares:
the verdict says which of both it is taken from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..engine.limits import TooMuch
from ..engine.rounded_weights import rounded_weights
from ..engine.run import run
from ..errors import GraphError
from ..graph import Array
from .judgement import Output
from .reference import Reference
from .trace import Trace, coarse, traced

#: From the strictest hypothesis to the widest.
PRECISIONS = ("float16", "bfloat16")
#: The explanation where nothing but the type of outputs is narrower than the reference's.
NARROW_OUTPUTS = "float16 outputs"
#: (outputs, truth, floors) -> each output judged.
Comparison = Callable[[Mapping[str, Array], Mapping[str, Array], Mapping[str, Array]], tuple[Output, ...]]
#: Another case in which the candidate's outputs show a half precision: that precision, and the case; None without.
Elsewhere = Callable[[], tuple[str, str] | None]


def explanation(
    reference: Reference,
    outputs: Mapping[str, Array],
    compare: Comparison,
    held: str | None = None,
    elsewhere: Elsewhere | None = None,
) -> str | None:
    """The first hypothesis that accounts for every output, strictest first; ``None`` if none does.

    ``held`` is the precision that the candidate's own weights were seen to have, if less than the source's;
    ``elsewhere`` is asked only where the outputs show nothing and a half precision would account for them.
    """

    def fits(rounded: str | None, precision: str) -> bool:
        try:
            truth = with_rounded_weights(reference, rounded) if rounded else reference.truth
            found = compare(outputs, truth, reference.floor(precision).outputs)
        except TooMuch:
            raise
        except GraphError:  # as where indices are computed from weights: so rounded, the network does not run
            return False
        return all(output.band != "wrong" for output in found)

    def computes(precision: str) -> bool:
        return fits(None, precision) or fits(precision, precision)

    for precision in PRECISIONS:
        if fits(precision, "float32"):
            return f"{precision} weights"
    if held:
        return f"{held} arithmetic" if computes(held) and not _coarser(reference, outputs, held) else None
    comparable = {name: a for name, a in outputs.items() if a.shape == reference.truth[name].shape}
    traces = {precision: traced(comparable, reference.truth, precision) for precision in PRECISIONS}
    for precision, trace in traces.items():
        if trace is Trace.SHOWN and computes(precision):
            return f"{precision} arithmetic"
    own = reference.graph.native
    if traces.get(own) is Trace.OPEN and computes(own):
        return f"{own} arithmetic, which the reference declares; these outputs are too few to show it"
    if elsewhere is None or Trace.SHOWN in traces.values():
        return None
    fitting = [
        precision for precision, trace in traces.items() if trace is Trace.OPEN and computes(precision)
    ]
    other = elsewhere() if fitting else None
    if other is None or other[0] not in fitting:
        return None
    return f"{other[0]} arithmetic, which the outputs show in case {other[1]}"


def _coarser(reference: Reference, outputs: Mapping[str, Array], precision: str) -> bool:
    """Whether something coarser than ``precision`` has made an output, and that precision itself would not have.

    What large numbers leave when they cancel stands in steps of one size, in the reference at that precision too.
    """
    if not coarse(outputs, precision):
        return False
    try:
        own = run(reference.graph, reference.feeds, arithmetic=precision)
    except GraphError:
        return True
    return any(
        coarse({name: array}, precision) and not coarse({name: own[name]}, precision)
        for name, array in outputs.items()
        if name in own
    )


def shown(outputs: Mapping[str, Array], truth: Mapping[str, Array]) -> str | None:
    """The half precision that the outputs show to have made them; ``truth`` has their names."""
    alike = {name: a for name, a in outputs.items() if name in truth and a.shape == truth[name].shape}
    return next((p for p in PRECISIONS if traced(alike, truth, p) is Trace.SHOWN), None)


def with_rounded_weights(reference: Reference, precision: str) -> Mapping[str, Array]:
    """{output: float64 array} of the reference with every weight rounded to ``precision``."""
    return reference.kept(
        f"{precision} weights", lambda: run(rounded_weights(reference.graph, precision), reference.feeds)
    )
