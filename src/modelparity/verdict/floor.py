"""The floor: the spread that rounding alone can cause on this very network and input.

The network runs many times with every result off by one unit in the last place (`Perturbed`), and each
output element's floor follows from how far those runs depart from the float64 run there. So an element that
rounding hardly moves is judged strictly, although another one in the same tensor may be chaotic.

A handful of runs does not show the worst that can happen, so the floor covers for what they missed:
`COVER` times the largest departure at the element, and `POOLED` times the root mean square of the departures
around it (`pooling.around`), whichever is larger. docs/verdicts.md has the measurements behind the two numbers.

Most networks need few runs. Some amplify rounding so much that a gate flips in one run and not in another;
their spread has a heavy tail that few runs do not bound. They show themselves: then more runs, with larger
perturbations among them, are made, and the case is called ill-conditioned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..describe.ranges import output_ranges
from ..engine.arithmetic import ULP
from ..engine.inner_graphs import every_node
from ..engine.operator import find
from ..engine.perturbed import Perturbed
from ..engine.run import run, run_lanes
from ..graph import Array, Graph
from .pooling import around

#: The way floors are measured, in numbers. Raised whenever the same network and input would get another floor: what
#: was recorded by another method is then measured anew, and inputs and outputs recorded with it stay valid. Method 2
#: knows recurrence and quiet ranges by the operators' own facts, wherever in a graph they stand.
METHOD = 2
#: Perturbed runs at first, and in all where the spread proves to be heavy-tailed.
RUNS, MORE_RUNS = 8, 64
#: Without recurrence nothing feeds on its own errors, and what a run costs is arithmetic: fewer will do.
FEED_FORWARD_RUNS = 4
#: But where an output has few elements, little else tells what a run may do: (fewer elements than, least runs).
FEW = ((4, 16), (32, 8))
#: How far beyond what the runs showed a sound candidate may go; see above.
COVER, POOLED = 4.0, 5.0
#: Units in the last place of the output's scale: a larger spread counts as ill-conditioned, and up to the
#: other one, runs that disagree about it do not: a single number is near zero in one run and not in another.
ILL, CALM = 1024.0, 64.0
#: What is off by more of the output's scale, and in other runs not at all, has jumped.
JUMP = 1e-3
#: The least scale, for outputs that are zero throughout.
TINY = 1e-30


@dataclass(frozen=True)
class Floor:
    """Per output element (same shape as the output): what rounding at ``precision`` can do there, absolute.

    ``spread`` gives for each output the largest departure seen, in units in the last place of its scale;
    ``runs`` counts perturbed runs; ``conditioning`` is "well" or "ill"; ``method`` is the `METHOD` of its measuring.
    """

    precision: str
    outputs: Mapping[str, Array]
    runs: int
    conditioning: str
    spread: Mapping[str, float]
    method: int = METHOD

    @property
    def current(self) -> bool:
        """Whether it was measured as floors are measured today."""
        return self.method == METHOD


def measure(
    graph: Graph,
    feeds: Mapping[str, Array],
    truth: Mapping[str, Array] | None = None,
    *,
    precision: str = "float32",
    seed: int = 0,
) -> Floor:
    """Measure the floor of ``graph`` on ``feeds`` ({input: array}) at ``precision``.

    ``truth`` is the float64 run, made here if it is not given. Integer and boolean outputs have floor zero:
    they are judged by equality.
    """
    truth = run(graph, feeds) if truth is None else truth
    runs = _runs(graph, truth)
    seen = _departures(graph, feeds, truth, precision, seed, runs, 1.0)
    scales = _scales(graph, truth)
    heavy = _heavy_tailed(scales, seen, truth, ULP[precision])
    if heavy:
        # Chaos is not proportional to its cause: larger kicks show where it can lead.
        kicks = (1.0, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0)
        lanes = (MORE_RUNS - runs) // len(kicks)
        for part, ulps in enumerate(kicks, start=1):
            more = _departures(graph, feeds, truth, precision, seed + 1000 * part, lanes, ulps)
            seen = {name: np.concatenate((seen[name], more[name])) for name in seen}
            runs += lanes
    # A run that overflowed tells no distance; `compare` knows where the type ends.
    seen = {name: np.nan_to_num(away, nan=0.0) for name, away in seen.items()}
    floors = {name: _floor(seen[name], truth[name], precision) for name in truth}
    spread = {
        name: float(np.max(away, initial=0.0) / (ULP[precision] * scales[name]))
        for name, away in seen.items()
    }
    ill = heavy or any(value > ILL for value in spread.values())
    return Floor(precision, floors, runs, "ill" if ill else "well", spread, METHOD)


def _runs(graph: Graph, truth: Mapping[str, Array]) -> int:
    """How many runs to begin with."""
    sizes = [y.size for y in truth.values() if y.dtype.kind == "f" and y.size]
    few = [runs for fewer, runs in FEW if min(sizes, default=fewer) < fewer]
    recurrent = any(find(node.op).facts.recurrent for node, _ in every_node(graph))
    return max([RUNS if recurrent else FEED_FORWARD_RUNS, *few])


def _departures(
    graph: Graph,
    feeds: Mapping[str, Array],
    truth: Mapping[str, Array],
    precision: str,
    seed: int,
    lanes: int,
    ulps: float,
) -> dict[str, Array]:
    """{output: |perturbed - truth|} (lane, ...), zero where the truth is not finite, else NaN where a run is not."""
    runs = run_lanes(graph, feeds, Perturbed(precision, seed=seed, lanes=lanes, ulps=ulps))
    result = {}
    for name, y in runs.items():
        with np.errstate(invalid="ignore"):
            away = np.abs(y.astype(np.float64) - truth[name])
        away = np.where(np.isfinite(away), away, np.nan)
        result[name] = np.where(np.isfinite(truth[name]), away, 0.0)
    return result


def _floor(seen: Array, truth: Array, precision: str) -> Array:
    """The bound for one output: departures (lane, *shape) -> floor (*shape)."""
    if truth.dtype.kind != "f":
        return np.zeros(truth.shape)
    # The result itself is stored at this precision, however exactly it was computed.
    stored = ULP[precision] * np.where(np.isfinite(truth), np.abs(truth), 0.0)
    tiny = float(np.finfo(np.float16 if precision == "float16" else np.float32).tiny)
    floor: Array = np.maximum(COVER * seen.max(axis=0), POOLED * np.sqrt(around(_without_jumps(seen, truth))))
    return np.maximum(floor, stored + tiny)


def _without_jumps(seen: Array, truth: Array) -> Array:
    """Departures without those of elements that are now one number and now quite another, and else exact.

    Such an element is read from the one place or from its neighbour: its own floor covers both, and it says nothing
    of the elements around it.
    """
    scale = np.max(np.abs(truth), initial=0.0, where=np.isfinite(truth))
    jumps = (np.mean(seen == 0, axis=0) >= 0.1) & (seen.max(axis=0) > JUMP * scale)
    return np.where(jumps, 0.0, seen) if jumps.any() else seen


def _heavy_tailed(
    scales: Mapping[str, float], seen: Mapping[str, Array], truth: Mapping[str, Array], ulp: float
) -> bool:
    """Whether the runs disagree about the size of the spread, it is far beyond plain rounding, or one overflows."""
    for name, away in seen.items():
        if truth[name].dtype.kind != "f" or away.size == 0:
            continue
        if np.isnan(away).any():
            return True
        worst = away.reshape(len(away), -1).max(axis=1)
        spread = worst.max() / (ulp * scales[name])
        if spread > ILL or (spread > CALM and worst.max() > 8 * np.median(worst)):
            return True
    return False


def _scales(graph: Graph, truth: Mapping[str, Array]) -> dict[str, float]:
    """{output: the size of its values, or of their range where all of them may be next to nothing in it}."""
    ranges = output_ranges(graph)
    scales = {}
    for name, values in truth.items():
        found = ranges.get(name)
        if values.dtype.kind != "f":
            scales[name] = 1.0
        elif found is not None and found.quiet:
            scales[name] = max(found.size, TINY)
        else:
            scales[name] = max(float(np.max(np.abs(values[np.isfinite(values)]), initial=0.0)), TINY)
    return scales
