"""Why a stage departs: known mistakes are made to the reference's pipeline until it gives what the candidate gave.

First every change by itself, then two at once. What comes near is proven: the changed pipeline is judged as the
reference is, by its own floor.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..graph import Array
from ..verdict.bands import BANDS
from ..verdict.cause import Cause
from ..verdict.explain.clock import Clock
from .chain import FAILURES, Chain
from .description import Description
from .judging import numbers
from .mistakes import Change, changes
from .running import Run
from .stage import Decoder, Given
from .value_faults import value_faults

#: Seconds in which mistakes are looked for that explain why values depart, if nothing else is said.
SECONDS = 60.0
#: Changes that are proven at most, best ones first; and of how many others are tried together with all.
PROVEN, PAIRED = 4, 4
#: What leaves less than this share of the difference is near enough to be proven.
NEAR = 0.05
#: So many events say enough that any number may be named; of fewer, only mistakes that are declared.
TELLING = 2
#: Values beyond which no stage's intermediate results are kept.
KEPT = 2_000_000


@dataclass(frozen=True)
class Try:
    """Changes that were made together, what the stage gives with them, and how far that is from the candidate's."""

    changes: tuple[Change, ...]
    value: Any
    away: float


class Explaining:
    """The search for what explains ``got``, the value of stage ``name``, beside ``chain``.

    Args:
        chain: the reference's, or one from the candidate's own values before the stage.
        name: of the stage.
        got: what the candidate gave, in the reference's axes.
        clock: how much time is left.
        floors: how far the value is from the chain's, in floors.
    """

    def __init__(self, chain: Chain, name: str, got: Any, clock: Clock, floors: float) -> None:
        self.chain, self.name, self.clock, self.floors = chain, name, clock, floors
        self.pipeline = chain.run.pipeline
        self.part = self.pipeline.stage(name)
        self.decodes = isinstance(self.part, Decoder)
        self.got = got if self.decodes else _arrays(chain.run.spread(name, got))
        self.want = chain.run.values[name] if self.decodes else self._tensors(chain.run)

    def causes(self) -> tuple[Cause, ...]:
        """The causes that are proven; several only where they explain it together."""
        before = self._away(self.want)
        singles: list[Try] = []
        for known in (True, False):
            singles += self._tried((one,) for one in self._changes if one.known is known)
            proven = self._first(singles, before) or (self._of_value() if known else ())
            if proven:
                return proven
        singles.sort(key=lambda one: one.away)
        nearer = [one for one in singles if one.away < before][:PAIRED]
        return self._first(list(self._tried(self._pairs(nearer))), before)

    def _of_value(self) -> tuple[Cause, ...]:
        """A mistake in the value itself."""
        if self.decodes:
            return ()
        truth = {name: self.chain.truth[name] for name in self.got}
        found = value_faults(self.got, truth, self.chain.floor().outputs, self.name)
        return () if found is None else (found,)

    @cached_property
    def _changes(self) -> list[Change]:
        return changes(self.pipeline, self._computed)

    def _pairs(self, nearer: Sequence[Try]) -> Iterator[tuple[Change, ...]]:
        for one in nearer:
            (first,) = one.changes
            for other in self._changes:
                if other.fault != first.fault and other.known:
                    yield first, other

    def _tried(self, some: Iterable[tuple[Change, ...]]) -> Iterator[Try]:
        for each in some:
            if self.clock.left <= 0:
                return
            value = self._quick(each)
            if value is not None:
                away = self._away(value)
                if np.isfinite(away) and not self._equal(value, self.want):
                    yield Try(each, value, away)

    @cached_property
    def _computed(self) -> tuple[str, ...]:
        """The stages from what was given to this one."""
        needed, found = {self.name}, []
        for part in reversed(self.pipeline.parts):
            if part.name in needed and (part.name == self.name or part.name not in self._base):
                found.append(part.name)
                needed |= set(part.takes)
        return tuple(name for name in found[::-1] if not isinstance(self.pipeline.stage(name), Given))

    @property
    def _base(self) -> Mapping[str, Any]:
        return self.chain.run.given

    @cached_property
    def _stages(self) -> dict[str, Any]:
        """{stage: value} before this one, fine ones too, from which a changed pipeline may go on."""
        run = self.chain.run
        known = {name: run.value(name) for name in self._computed if self._has(run, name)}
        if sum(np.size(one) for one in self._base.values() if isinstance(one, np.ndarray)) > KEPT:
            return known
        # As the fused stages compute, each from what is not yet rounded to what the original keeps.
        wanted = tuple(name for name in self._computed if name != self.name and name not in known)
        try:
            own = Run(self.pipeline, {**self._base, **known}, wanted, run.facts).compute()
        except FAILURES:
            return known
        return known | {name: own.value(name) for name in wanted if self._has(own, name)}

    def _has(self, run: Run, name: str) -> bool:
        return name != self.name and all(one in run.values for one in self.pipeline.tensors(name, run.facts))

    def _quick(self, each: tuple[Change, ...]) -> Any:
        """What the stage gives with these changes, computed from the first stage that they touch; None if nothing."""
        touched: set[str] = set()
        for part in self.pipeline.parts:
            own = any(part.name in one.touches for one in each) and part.name in self._computed
            if own or touched & set(part.takes):
                touched.add(part.name)
        kept = {name: value for name, value in self._stages.items() if name not in touched}
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                run = self._run(each, {**self._base, **kept})
        except FAILURES:
            return None
        return run.values[self.name] if self.decodes else self._tensors(run)

    def _run(self, each: tuple[Change, ...], given: Mapping[str, Any]) -> Run:
        changed: Description = self.pipeline
        for one in each:
            changed = one.made(changed)
        given = {name: value for name, value in given.items() if name != self.name}
        return Run(changed, given, (self.name,), self.chain.run.facts).compute()

    def _tensors(self, run: Run) -> dict[str, Array]:
        return {name: np.asarray(run.values[name]) for name in run.pipeline.tensors(self.name, run.facts)}

    def _away(self, value: Any) -> float:
        """How far a value is from the candidate's: in floors of the reference, or in differing items."""
        if self.decodes:
            assert isinstance(self.part, Decoder)
            found = self.part.gives.compare(self.got, value)
            return float(len(found.missing) + len(found.beyond))
        if len(value) != len(self.got):
            return float("inf")
        pairs = list(zip(value.values(), self.got.items(), strict=True))
        if any(one.shape != got.shape for one, (_, got) in pairs):
            return float("inf")
        return max(_most(_difference(one, got) / self._wide(name, got.shape)) for one, (name, got) in pairs)

    def _wide(self, name: str, shape: tuple[int, ...]) -> Array:
        """The floor, no less than a thousandth of its largest: what is exactly 0 must not outweigh all others.

        For another shape the largest of the floor.
        """
        floor = self.chain.floor().outputs[name]
        largest = max(_most(np.where(np.isfinite(floor), floor, 0.0)), 1e-300)
        return np.maximum(floor, 1e-3 * largest) if floor.shape == shape else np.full(shape, largest)

    def _equal(self, one: Any, other: Any) -> bool:
        """Whether a change changes nothing here."""
        if self.decodes:
            assert isinstance(self.part, Decoder)
            return bool(self.part.gives.compare(one, other).agree)
        return all(np.array_equal(one[name], other.get(name), equal_nan=True) for name in one)

    def _first(self, tried: list[Try], before: float) -> tuple[Cause, ...]:
        """The causes of the first try that is proven."""
        enough = 0.0 if self.decodes else max(16.0, NEAR * before) if np.isfinite(before) else float("inf")
        near = sorted((one for one in tried if one.away <= enough), key=lambda one: one.away)
        if self.decodes:
            near = [one for one in near if self._telling or all(change.known for change in one.changes)]
            near.sort(key=self._likelihood)
        for one in near[:PROVEN]:
            after = 0.0 if self.decodes else self._proven(one)
            if after is not None:
                others = [other for other in near if other is not one and self._alike(one, other)]
                return self._told(one, others, after)
        return ()

    @cached_property
    def _telling(self) -> bool:
        """Whether a decoder's result says enough that a number which nobody declared is no guess."""
        return not isinstance(self.part, Decoder) or len(self.part.gives.items(self.got)) >= TELLING

    def _likelihood(self, one: Try) -> tuple[bool, int]:
        """Known mistakes first, and those in stages nearer to the decoder."""
        touched = frozenset[str]().union(*(change.touches for change in one.changes))
        nearest = max(place for place, name in enumerate(self._computed) if name in touched)
        return not all(change.known for change in one.changes), -nearest

    def _proven(self, one: Try) -> float | None:
        """What is left, in floors of the changed pipeline, computed anew from what was given; None if too much."""
        try:
            run = self._run(one.changes, self._base)
            judged, _ = numbers(Chain(run, rounded=self.chain.rounded), self.got)
        except FAILURES:
            return None
        return judged.floors if judged.judged and judged.band != BANDS[-1] else None

    def _alike(self, one: Try, other: Try) -> bool:
        if self.decodes:
            return True
        return list(one.value) == list(other.value) == list(self.got) and all(
            mine.shape == other.value[name].shape
            and _most(_difference(mine, other.value[name]) / self._wide(name, mine.shape)) <= 1
            for name, mine in one.value.items()
        )

    def _told(self, one: Try, others: Sequence[Try], after: float) -> tuple[Cause, ...]:
        becomes = f"{self._size(self.want)} becomes {self._size(one.value)}"
        found = []
        same = f" (the same here: {_some([_text(other) for other in others])})" if others else ""
        for change in one.changes:
            beside = [other.text for other in one.changes if other is not change]
            undone = f"undone together with {' and '.join(beside)}" if beside else "undone"
            nodes = tuple(name for name in self._computed if name in change.touches)
            found.append(
                Cause(
                    fault=change.fault,
                    nodes=nodes,
                    before=None if self.decodes else self.floors,
                    after=None if self.decodes else after,
                    text=f"{change.text}{same}: {undone}, {becomes}",
                    repair=change.repair,
                    variant=change.variant,
                    alike=tuple(" and ".join(one.key for one in other.changes) for other in others),
                )
            )
        return tuple(found)

    def _size(self, value: Any) -> str:
        """How far a value is from the candidate's, for a person."""
        if self.decodes:
            assert isinstance(self.part, Decoder)
            compared = self.part.gives.compare(self.got, value)
            count = len(compared.missing) + len(compared.beyond)
            return f"{count} {'difference' if count == 1 else 'differences'}" if count else "none"
        pairs = list(zip(value.values(), self.got.values(), strict=False))
        if len(value) != len(self.got) or any(one.shape != got.shape for one, got in pairs):
            return "another shape"
        return f"{max(_most(_difference(one, got)) for one, got in pairs):.1g}"


def _text(one: Try) -> str:
    return " and ".join(change.text for change in one.changes)


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - 2} more" if len(texts) > 2 else ""
    return "; ".join(texts[:2]) + more


def _arrays(values: Mapping[str, Any]) -> dict[str, Array]:
    return {name: np.asarray(value) for name, value in values.items()}


def _difference(one: Array, other: Array) -> Array:
    with np.errstate(invalid="ignore", over="ignore"):
        away = np.abs(np.asarray(one, np.float64) - np.asarray(other, np.float64))
    result: Array = np.where(np.isfinite(one) & np.isfinite(other), away, np.where(one == other, 0.0, np.inf))
    return result


def _most(values: Array) -> float:
    return float(np.max(values, initial=0.0))
