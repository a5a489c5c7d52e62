"""A run with floors: one set of perturbed runs of its chain, seen at every stage.

The perturbed runs start from what was given. Each stage is computed in all of them from what the stages before it
gave there, so that the floor of a stage is what rounding can do anywhere up to it; decoders decode what some of them
gave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..engine.perturbed import Perturbed
from ..errors import ModelparityError
from ..graph import Array
from ..verdict.floor import Floor, measured
from .running import Run
from .stage import Given
from .steps import DecodeStep, NumericStep, Step

#: Perturbed runs that are decoded at most.
DECODED = 8
#: So much further is the seed of each stage than that of the one before: no two draw the same errors.
APART = 7919
#: What a decoder may raise on values that another program computed.
FAILURES = (ModelparityError, ArithmeticError, LookupError, TypeError, ValueError)


class Chain:
    """The steps of a run, with the floors of all that is numbers, and what decoders give where rounding differs.

    ``rounded``: what was given was rounded once on its way here, as values that another program stored.
    """

    def __init__(self, run: Run, *, rounded: bool = False) -> None:
        self.run, self.rounded = run.compute(), rounded
        self._floor: Floor | None = None
        self._seen: dict[str, list[Array]] = {}

    @cached_property
    def numeric(self) -> tuple[NumericStep, ...]:
        """The steps that give numbers."""
        return tuple(step for step in self.run.steps if isinstance(step, NumericStep))

    @property
    def truth(self) -> dict[str, Array]:
        """{tensor: what it is in float64} of all that is numbers."""
        return self._truth(self.numeric)

    def declared(self, name: str) -> str:
        """The type in which the original keeps a tensor."""
        return str(self.run.values[name].dtype)

    def _truth(self, steps: Sequence[NumericStep]) -> dict[str, Array]:
        return {name: self.run.exact[name] for step in steps for name in step.gives}

    def floor(self) -> Floor:
        """The floor of every tensor in float32."""
        if self._floor is None:
            self._floor = self._measured(self.numeric, keep=True)
        return self._floor

    def wider(self, names: Collection[str], precision: str, wide: str) -> Mapping[str, Array]:
        """{tensor: floor} where everything up to the stage of ``names`` is computed in ``precision``.

        And in ``wide`` what is computed in float64 whatever the arithmetic.
        """
        last = max(place for place, step in enumerate(self.numeric) if {*step.gives} & {*names})
        return self._measured(self.numeric[: last + 1], precision, wide).outputs

    def _measured(
        self,
        steps: Sequence[NumericStep],
        precision: str = "float32",
        wide: str = "float64",
        *,
        keep: bool = False,
    ) -> Floor:
        return measured(
            lambda ar: self._lanes(ar, steps, wide, keep=keep),
            self._truth(steps),
            ranges={name: found for step in steps for name, found in step.ranges.items()},
            recurrent=any(step.recurrent for step in steps),
            precision=precision,
        )

    def _lanes(
        self, ar: Perturbed, steps: Sequence[NumericStep], wide: str, *, keep: bool
    ) -> dict[str, Array]:
        """{tensor: (lane, ...)} of all that is numbers, in every lane of ``ar``."""
        values = {
            name: _broadcast(value, ar) if name in self._exact else _in_lanes(value, ar)
            for name, value in self.run.values.items()
        }
        if self.rounded:
            values |= {name: ar.rounded(np.array(values[name])) for name in self._stored()}
        found: dict[str, Array] = {}
        for place, step in enumerate(steps):
            seed = ar.seed + APART * place
            own = Perturbed(ar.name, seed=seed, lanes=ar.lanes, ulps=ar.ulps, wide=wide)
            made = step.lanes(values, own)
            ar.work += own.work
            ar.alive = max(ar.alive, own.alive)
            values.update(made)
            found.update(made)
        if keep and ar.ulps == 1:
            self._keep(found)
        return found

    @cached_property
    def _exact(self) -> frozenset[str]:
        """What was given and carries no rounding."""
        parts = [self.run.pipeline.stage(name) for name in self.run.given]
        return frozenset(part.name for part in parts if isinstance(part, Given) and part.exact)

    def _stored(self) -> set[str]:
        """The tensors that were given, but for what a caller gives of the world, such as sound."""
        run = self.run
        stages = [name for name in run.given if not isinstance(run.pipeline.stage(name), Given)]
        names = {one for name in stages for one in run.pipeline.tensors(name, run.facts)}
        return {name for name in names if _numbers(run.values[name])}

    def _keep(self, found: Mapping[str, Array]) -> None:
        """Keep what decoders take, of the first lanes."""
        taken = {name for step in self.run.steps if isinstance(step, DecodeStep) for name in step.takes}
        for name in taken & found.keys():
            kept = self._seen.setdefault(name, [])
            kept += [np.array(lane) for lane in found[name][: max(DECODED - len(kept), 0)]]

    @cached_property
    def decoded(self) -> dict[str, list[Any]]:
        """{decoder: what it gives of each of some perturbed runs, and of the ends of what the floor allows}."""
        results: dict[str, list[Any]] = {step.name: [] for step in self._decoders}
        if self._decoders:
            for values in self._perturbed():
                for step in self._decoders:
                    try:
                        made = step.exact(values)
                    except FAILURES:  # it does not decode this; the reference itself decodes what it has
                        break
                    values.update(made)
                    results[step.name].append(made[step.name])
        return results

    @cached_property
    def _decoders(self) -> tuple[Step, ...]:
        return tuple(step for step in self.run.steps if isinstance(step, DecodeStep))

    def _perturbed(self) -> Iterator[dict[str, Any]]:
        """Values of the run, with what decoders take as it is in perturbed runs, or where floors end."""
        floors = self.floor().outputs if self.numeric else {}
        values = self.run.values
        taken = {name for step in self._decoders for name in step.takes if name in values}
        for lane in range(min(map(len, self._seen.values()), default=0)):
            seen = {name: lanes[lane].astype(values[name].dtype) for name, lanes in self._seen.items()}
            yield {**values, **seen}
        for way in (-1.0, 1.0) if self._seen else ():
            ends = {name: _end(self.run.exact[name], way * floors[name]) for name in self._seen}
            yield {**values, **{name: end.astype(values[name].dtype) for name, end in ends.items()}}
        if not self._seen:  # decoders alone: the last digit of what they are given may be another
            ar = Perturbed(lanes=DECODED // 2)
            given = {name: values[name] for name in taken - self._exact if _numbers(values[name])}
            lanes = {name: ar.rounded(np.array(_in_lanes(value, ar))) for name, value in given.items()}
            for lane in range(ar.lanes):
                yield {**values, **{name: lanes[name][lane].astype(given[name].dtype) for name in given}}


def _end(truth: Array, away: Array) -> Array:
    """The truth, moved; no further than to the least and largest value: probabilities stay probabilities."""
    if truth.dtype.kind != "f" or not truth.size:
        return truth
    result: Array = np.clip(truth + away, np.nanmin(truth), np.nanmax(truth))
    return result


def _numbers(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _in_lanes(value: Any, ar: Perturbed) -> Any:
    """What was given, the same in every lane."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        return value
    return np.broadcast_to(ar.cast(value), (ar.lanes, *value.shape))


def _broadcast(value: Array, ar: Perturbed) -> Array:
    """What was given, as it is, the same in every lane."""
    return np.broadcast_to(value, (ar.lanes, *value.shape))
