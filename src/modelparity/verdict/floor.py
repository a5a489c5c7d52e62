"""The floor: the spread that rounding alone can cause on this very network and input.

The network runs many times with every result off by one unit in the last place (`Perturbed`), and each
output element's floor follows from how far those runs depart from the float64 run there. So an element that
rounding hardly moves is judged strictly, although another one in the same tensor may be chaotic.

A handful of runs does not show the worst that can happen, so the floor covers for what they missed:
`COVER` times the largest departure at the element, and `POOLED` times the root mean square that the elements
around it make likely (`pooling.pooled`), whichever is larger. Runs are many where they are cheap, which is the best
cover: of sixteen runs hardly any element sees only mild ones. docs/verdicts.md has what was measured.

Some networks amplify rounding so much that a gate flips in one run and not in another;
their spread has a heavy tail that few runs do not bound. They show themselves: then more runs, with larger
perturbations among them, are made, and the case is called ill-conditioned. Elements that stay calm in all of
them are judged as strictly as before: what a larger kick did there counts in proportion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..describe.ranges import output_ranges
from ..engine.arithmetic import ULP
from ..engine.facts import Range
from ..engine.inner_graphs import every_node
from ..engine.limits import limits
from ..engine.operator import find
from ..engine.perturbed import Perturbed
from ..engine.run import run, run_lanes
from ..graph import Array, Graph
from .neighbours import pooled

#: The way floors are measured, in numbers. Raised whenever the same network and input would get another floor: what
#: was recorded by another method is then measured anew, and inputs and outputs recorded with it stay valid. Method 2
#: knew recurrence and quiet ranges by operators' facts; method 3 has more runs, and bounds what neighbours say;
#: method 4 shows positions in more than four patterns, and bounds nothing at half precisions; method 5 knows that
#: means and deviations of group normalisation are summed in float32; method 6 sums halves apart, and lets near ties
#: of what is ranked, compared and chosen go either way; method 7 draws the errors of the second four runs apart.
METHOD = 7
#: Runs at first, then in all as far as `WORK` reaches, and in all where the spread proves to be heavy-tailed.
FIRST, RUNS, MORE_RUNS = 4, 32, 64
#: And in further cases of a question that nobody asked for by name: their floors are a fifth wider.
FURTHER = 8
#: After so many it is asked whether those that are left can make a difference.
EARLY = (FIRST, 8)
#: What runs may cost, in multiplications of a matrix product (`Perturbed.work`): a third of a second or so, and what
#: they may cost where the spread is heavy-tailed.
WORK, MORE_WORK = 5e9, 4e10
#: Where an output has few elements, little else tells what a run may do: (fewer elements than, least runs). So many
#: multiplications they may cost; where there are fewer runs for it, a sound one may go further by the root of that.
FEW, FEW_WORK = ((4, 16), (32, 8)), 8e10
#: So many runs at once, because memory is finite.
AT_ONCE = 12
#: Units in the last place by which runs are off where the spread is heavy-tailed.
KICKS = (1.0, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0)
#: How far beyond what the runs showed a sound candidate may go: so far at least, and so much more over their number.
COVER, FEWER = 2.5, 6.0
#: And how far beyond the root mean square of those around.
POOLED = 4.5
#: Units in the last place of the output's scale: a larger spread counts as ill-conditioned, and up to the
#: other one, runs that disagree about it do not: a single number is near zero in one run and not in another.
ILL, CALM = 1024.0, 64.0
#: Runs disagree where the largest departure is so many times the middle one.
DISAGREE = 8.0
#: So many runs do not depart to one side by chance.
ONE_SIDED = 12
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
    #: What a run cost, in multiplications (`Perturbed.work`); 0 where it was recorded without.
    cost: float = 0.0

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
    most: int = RUNS,
) -> Floor:
    """Measure the floor of ``graph`` on ``feeds`` ({input: array}) at ``precision``.

    By ``most`` runs where it is calm. ``truth`` is the float64 run, made here if it is not given. Whole numbers and
    booleans have floor zero and are judged by equality, but where runs themselves say another one (places of what
    nearly ties, comparisons): there the floor is how far they go.
    """
    truth = run(graph, feeds) if truth is None else truth
    return measuring(graph, feeds, truth, precision=precision, seed=seed, most=most).whole()


def measuring(
    graph: Graph,
    feeds: Mapping[str, Array],
    truth: Mapping[str, Array],
    *,
    precision: str = "float32",
    seed: int = 0,
    most: int = RUNS,
) -> Measurement:
    """The measurement of a graph's floor, begun; arguments as for `measure`."""
    return Measurement(
        partial(run_lanes, graph, feeds),
        truth,
        ranges=output_ranges(graph),
        recurrent=any(find(node.op).facts.recurrent for node, _ in every_node(graph)),
        precision=precision,
        seed=seed,
        most=most,
    )


def measured(
    runs_of: Callable[[Perturbed], Mapping[str, Array]],
    truth: Mapping[str, Array],
    *,
    ranges: Mapping[str, Range],
    recurrent: bool,
    precision: str = "float32",
    seed: int = 0,
    most: int = RUNS,
) -> Floor:
    """The floor of whatever runs in a perturbed arithmetic, such as a chain of stages.

    Args:
        runs_of: what it gives, {output: (lane, ...)}, in every lane of the arithmetic that it is handed.
        truth: {output: its float64 run}.
        ranges: between which numbers outputs lie, as far as that is known.
        recurrent: whether anything of it feeds on its own result.
        precision: of the runs.
        seed: of their errors.
        most: how many there are where it is calm and they are cheap.

    Returns:
        The floor.

    Raises:
        GraphError: it does not run.
    """
    return Measurement(
        runs_of, truth, ranges=ranges, recurrent=recurrent, precision=precision, seed=seed, most=most
    ).whole()


class Measurement:
    """The runs of one floor, made little by little; arguments and errors as for `measured`.

    ``planned`` are the runs that it has where it is calm.
    """

    def __init__(
        self,
        runs_of: Callable[[Perturbed], Mapping[str, Array]],
        truth: Mapping[str, Array],
        *,
        ranges: Mapping[str, Range],
        recurrent: bool,
        precision: str = "float32",
        seed: int = 0,
        most: int = RUNS,
    ) -> None:
        self._runs_of, self._truth, self._precision, self._seed = runs_of, truth, precision, seed
        self._recurrent = recurrent
        self._scales = {name: ULP[precision] * scale for name, scale in _scales(ranges, truth).items()}
        first = Perturbed(precision, seed=seed, lanes=FIRST)
        self._seen = _departures(runs_of, truth, first)
        self._made, self._cost, self._together = FIRST, first.work, _together(first.alive)
        self._least = {name: _least(y) for name, y in truth.items()}
        few = min(
            max(self._least.values(), default=FIRST),
            max(int(FEW_WORK / max(self._cost, 1.0)) // 4 * 4, FIRST),
        )
        self.planned = max(min(affordable(self._cost), most), few)

    def go_on(self, runs: int) -> None:
        """Make runs until there are so many, or all that are planned."""
        end = min(runs, self.planned)
        for start in range(self._made, end, self._together):
            lanes = min(self._together, end - start)
            more = Perturbed(self._precision, seed=self._seed + 100 * start, lanes=lanes)
            self._seen = _joined(self._seen, _departures(self._runs_of, self._truth, more))
        self._made = max(self._made, end)

    def least(self) -> dict[str, Array]:
        """What the floor is at least, whatever the runs show that are still to be made."""
        floors = {}
        for name, away in self._seen.items():
            y, most = self._truth[name], np.abs(np.nan_to_num(away, nan=0.0)).max(axis=0)
            floors[name] = (
                np.maximum(COVER * most, _stored(y, self._precision)) if y.dtype.kind == "f" else most
            )
        return floors

    def so_far(self) -> Floor:
        """The floor by the runs that were made."""
        heavy = _heavy_tailed(self._scales, self._seen, self._truth)
        return self._come_to(self._seen, np.ones(self._made), heavy)

    def whole(self) -> Floor:
        """The floor by all runs that are planned, and those with larger kicks where the spread is heavy-tailed."""
        for runs in (*EARLY, self.planned):  # the same ones, whether anybody asked on the way or not
            self.go_on(runs)
        seen, kicks = self._seen, np.ones(self.planned)
        heavy = _heavy_tailed(self._scales, seen, self._truth)
        if heavy:
            # Chaos is not proportional to its cause: larger kicks show where it can lead.
            lanes = (MORE_RUNS - self.planned) // len(KICKS)
            lanes = max(1, min(lanes, int(MORE_WORK / max(self._cost, 1.0)) // len(KICKS)))
            lanes = min(lanes, self._together)
            for part, ulps in enumerate(KICKS, start=1):
                kicked = Perturbed(self._precision, seed=self._seed + 1000 * part, lanes=lanes, ulps=ulps)
                seen = _joined(seen, _departures(self._runs_of, self._truth, kicked))
                kicks = np.append(kicks, [ulps] * lanes)
        return self._come_to(seen, kicks, heavy)

    def _come_to(self, seen: Mapping[str, Array], kicks: Array, heavy: bool) -> Floor:
        """The floor by departures that were ``seen`` {output: (lane, ...)} in runs with these kicks (lane)."""
        # A run that overflowed tells no distance; `compare` knows where the type ends.
        seen = {name: np.nan_to_num(away, nan=0.0) for name, away in seen.items()}
        squares = {name: _squares(away, self._truth[name]) for name, away in seen.items()}
        floors, spread = {}, {}
        for name, signed in seen.items():
            y, away = self._truth[name], np.abs(signed)
            spread[name] = float(np.max(away, initial=0.0) / self._scales[name])
            if heavy and y.dtype.kind == "f":
                away = _in_proportion(away, kicks, ILL * self._scales[name])
            cover = _cover(len(away)) * max(self._least[name] / len(away), 1.0) ** 0.5
            margins = np.where(squares[name], cover**2, cover)
            floors[name] = _floor(away, y, self._precision, margins, spreading=heavy and self._recurrent)
        ill = heavy or any(value > ILL for value in spread.values())
        how = "ill" if ill else "well"
        return Floor(self._precision, floors, len(kicks), how, spread, METHOD, self._cost)


def affordable(cost: float) -> int:
    """How many runs of that cost there may be, in fours."""
    return int(np.clip(WORK / max(cost, 1.0) // 4 * 4, FIRST, RUNS))


def _together(alive: int) -> int:
    """How many runs there may be at once where each holds so many elements: fewer where memory is limited."""
    most = limits().alive
    return AT_ONCE if most is None or not alive else min(max(most // alive, FIRST), AT_ONCE)


def _least(y: Array) -> int:
    """How many runs an output asks for."""
    if y.dtype.kind != "f" or not y.size:
        return FIRST
    return max([FIRST, *(runs for fewer, runs in FEW if y.size < fewer)])


def _joined(seen: Mapping[str, Array], more: Mapping[str, Array]) -> dict[str, Array]:
    return {name: np.concatenate((away, more[name])) for name, away in seen.items()}


def _in_proportion(away: Array, kicks: Array, ill: float) -> Array:
    """Departures (lane, ...) in units of their kicks where an element is calm in all lanes, else as they are."""
    each = away / kicks.reshape(-1, *(1,) * (away.ndim - 1))
    most = each.max(axis=0)
    chaotic = (most > ill) | (most > DISAGREE * np.median(each, axis=0))
    result: Array = np.where(chaotic, away, each)
    return result


def _departures(
    runs_of: Callable[[Perturbed], Mapping[str, Array]], truth: Mapping[str, Array], ar: Perturbed
) -> dict[str, Array]:
    """{output: perturbed - truth} (lane, ...): zero where the truth is not finite, else NaN where a run is not."""
    runs = runs_of(ar)
    result = {}
    for name, y in runs.items():
        with np.errstate(invalid="ignore"):
            away = y.astype(np.float64) - truth[name]
        away = np.where(np.isfinite(away), away, np.nan)
        result[name] = np.where(np.isfinite(truth[name]), away, 0.0)
    return result


def _cover(runs: int) -> float:
    """How far beyond the largest departure of so many runs a sound candidate may go."""
    return COVER + FEWER / runs


def _squares(away: Array, truth: Array) -> Array:
    """Where departures (lane, ...) are squares of an error: all of one sign, and larger than the value itself.

    So it is with the power of what cancels. A margin in the error is its square there.
    """
    if truth.dtype.kind != "f" or len(away) < ONE_SIDED:
        return np.zeros(truth.shape, bool)
    one_sided = (away.min(axis=0) >= 0) | (away.max(axis=0) <= 0)
    result: Array = one_sided & (np.abs(away).max(axis=0) > np.abs(truth))
    return result


def _floor(seen: Array, truth: Array, precision: str, margins: Array, *, spreading: bool) -> Array:
    """The bound for one output: departures (lane, *shape), and margins for the largest (*shape) -> floor (*shape).

    ``spreading``: a jump at one element makes one at its neighbours likely, since one is computed from the other.
    """
    if truth.dtype.kind != "f":
        said: Array = seen.max(axis=0)  # where runs do not agree, what they say, and no margin beyond it
        return said
    calm = _without_jumps(seen, truth)
    rare = seen.max(axis=0) > DISAGREE * np.median(seen, axis=0) if spreading else None
    around = pooled(calm, truth, spreading=rare, few_bits=ULP[precision] >= ULP["float16"])
    floor: Array = np.maximum(margins * seen.max(axis=0), POOLED * around)
    return np.maximum(floor, _stored(truth, precision))


def _stored(truth: Array, precision: str) -> Array:
    """How far off a result is that is stored at this precision, however exactly it was computed."""
    stored = ULP[precision] * np.where(np.isfinite(truth), np.abs(truth), 0.0)
    tiny = float(np.finfo(np.float16 if precision == "float16" else np.float32).tiny)
    result: Array = stored + tiny
    return result


def _without_jumps(seen: Array, truth: Array) -> Array:
    """Departures without those of elements that are now one number and now quite another, and else exact.

    Such an element is read from the one place or from its neighbour: its own floor covers both, and it says nothing
    of the elements around it.
    """
    scale = np.max(np.abs(truth), initial=0.0, where=np.isfinite(truth))
    jumps = (np.mean(seen == 0, axis=0) >= 0.1) & (seen.max(axis=0) > JUMP * scale)
    return np.where(jumps, 0.0, seen) if jumps.any() else seen


def _heavy_tailed(scales: Mapping[str, float], seen: Mapping[str, Array], truth: Mapping[str, Array]) -> bool:
    """Whether the runs disagree about the size of the spread, it is far beyond plain rounding, or one overflows."""
    for name, away in seen.items():
        if truth[name].dtype.kind != "f" or away.size == 0:
            continue
        if np.isnan(away).any():
            return True
        worst = np.abs(away).reshape(len(away), -1).max(axis=1)
        spread = worst.max() / scales[name]
        if spread > ILL or (spread > CALM and worst.max() > DISAGREE * np.median(worst)):
            return True
    return False


def _scales(ranges: Mapping[str, Range], truth: Mapping[str, Array]) -> dict[str, float]:
    """{output: the size of its values, or of their range where all of them may be next to nothing in it}."""
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
