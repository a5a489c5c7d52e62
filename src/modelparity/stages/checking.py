"""What `Pipeline.check` does: the reference's chain beside the candidate's, and a verdict for each stage.

The candidate's chain is the reference's with what the candidate gave in its place: values, or networks. What stands
behind that is computed here, from the candidate's values. So each stage is compared twice: with the reference's chain
(``through``), and with what it gives from the candidate's own values before it (``alone``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InputError
from ..runtimes import Runtime
from ..verdict.bands import ACCEPTABLE, UNJUDGED
from ..verdict.cause import Cause
from ..verdict.explain.clock import Clock
from ..verdict.model import Verdict
from .candidates import candidates, judged, results
from .chain import FAILURES, Chain
from .deciding import Compared
from .description import Description
from .ensembles import EnsembleStep
from .explaining import SECONDS, Explaining
from .judging import decoded, numbers
from .outcome import Checked
from .result import Judged, Sides, StageVerdict
from .running import Run, facts, reading, refuse_missing, wanted_until
from .stage import Decoder, Given, gives


def check(
    pipeline: Description,
    given: Mapping[str, Any],
    *,
    networks: Mapping[str, object] | object,
    expect: str,
    explain: bool | float,
    runtime: str | Runtime | None,
    until: str | None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Checked:
    """The result of `Pipeline.check`, whose arguments these are."""
    if expect not in ACCEPTABLE:
        raise InputError(
            f"{expect!r} is not a band to expect", where="expect", expected=", ".join(ACCEPTABLE)
        )
    files = candidates(pipeline, networks)
    read = reading(pipeline, given)
    wanted = wanted_until(pipeline, until)
    base, theirs = _parted(pipeline, read)
    refuse_missing(pipeline, set(base), wanted)
    if beyond := [name for name in (*theirs, *files) if name not in (*wanted, *pipeline.fine)]:
        raise InputError(
            f"stage {beyond[0]!r} is not looked at", where=pipeline.name, found=f"until={until!r}"
        )
    if not theirs and not files:
        raise InputError(
            "nothing is to be judged",
            where=pipeline.name,
            found=", ".join(base),
            fix=f"give the candidate's values beside what they are computed from, such as {_example(pipeline)}",
        )
    whole = tuple(dict.fromkeys((*wanted, *theirs)))
    names = [part.name for part in pipeline.parts if part.name in whole]
    run = Run(pipeline, base, tuple(names), facts(pipeline, base))
    total = 2 * len(run.steps)
    told = None if progress is None else _Told(progress, total)
    reference = Chain(run.compute(None if told is None else told.computing))
    return Check(reference, theirs, files, expect, explain, runtime).result(told)


class _Told:
    """Tells how far a check is: every step of the reference is computed once, and every stage judged once."""

    def __init__(self, progress: Callable[[str, int, int], None], total: int) -> None:
        self._progress, self._total = progress, total

    def computing(self, name: str, done: int, total: int) -> None:
        """``name`` comes next."""
        self._progress(f"computing {name}", done, self._total)

    def judging(self, name: str, done: int) -> None:
        """``name`` is judged next."""
        self._progress(f"judging {name}", self._total // 2 + done, self._total)


def _parted(pipeline: Description, read: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the reference starts from, and what is to be judged: the values that follow from others given."""
    base: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    have: set[str] = set()
    for part in pipeline.parts:
        follows = bool(part.takes) and set(part.takes) <= have
        if part.name in read:
            (theirs if follows else base)[part.name] = read[part.name]
        if follows or part.name in read:
            have.add(part.name)
    return base, theirs


def _example(pipeline: Description) -> str:
    first = next(part.name for part in pipeline.parts if isinstance(part, Given))
    last = next((name for name in pipeline.stages if pipeline.stage(name).takes), first)
    return f"check({first}=..., {last}=...)"


@dataclass
class Check:
    """One check: the reference's chain, what the candidate gave, and what follows from it, stage by stage."""

    reference: Chain
    given: Mapping[str, Any]
    files: Mapping[str, tuple[object, ...]]
    expect: str
    explain: bool | float
    runtime: str | Runtime | None
    #: {stage: value} of the candidate's chain, in the reference's axes; and which of them are not the reference's.
    world: dict[str, Any] = field(default_factory=dict)
    other: set[str] = field(default_factory=set)
    #: Why a stage of the candidate's chain has no value.
    lost: dict[str, str] = field(default_factory=dict)
    found: dict[str, StageVerdict] = field(default_factory=dict)

    @property
    def pipeline(self) -> Description:
        """What is checked."""
        return self.reference.run.pipeline

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """The stages of the reference's chain that are computed, in order."""
        return tuple(step.name for step in self.reference.run.steps)

    def result(self, told: _Told | None = None) -> Checked:
        """Every stage, one after another."""
        self.world.update(self.reference.run.given)
        for done, name in enumerate(self.stages):
            if told is not None:
                told.judging(name, done)
            if (
                name in self.given
                or name in self.files
                or self._before(name) & (self.other | self.lost.keys())
            ):
                self.found[name] = self._stage(name)
                self.other.add(name)
            else:
                self.world[name] = self.reference.run.value(name)
        kept = self.pipeline
        sides = {
            name: Sides(name, gives(kept.stage(name)), self.reference.run.value(name), self.world[name])
            for name in self.found
            if self.world.get(name) is not None
        }
        return Checked(kept.name, self.expect, tuple(self.found.values()), kept.settings, kept.chosen, sides)

    def _before(self, name: str) -> set[str]:
        """The stages of the chain from which one is computed, fine ones that are part of it left out."""
        found: set[str] = set()
        open_ones = list(self.pipeline.stage(name).takes)
        while open_ones:
            one = open_ones.pop()
            if one in self.stages or one in self.reference.run.given:
                found.add(one)
            else:
                open_ones += self.pipeline.stage(one).takes
        return found

    def _stage(self, name: str) -> StageVerdict:
        part = self.pipeline.stage(name)
        verdicts: tuple[Verdict, ...] = ()
        alone: Judged | None = None
        if name in self.files:
            verdicts = self._networks(name)
        through = self._lost(name)
        if through is None:
            value = self._value(name)
            through = self._lost(name)
        if through is None:
            through = self._through(name, value)
            if name in self.given and self._before(name) & self.other and name not in self.lost:
                alone = self._alone(name)
        before = tuple(found for one, found in self.found.items() if one in self._upstream(name))
        given = name in self.given or name in self.files
        found = Compared(name, part.kind, given, self.expect, through, alone, verdicts, before).verdict()
        return replace(found, causes=self._causes(found))

    def _causes(self, found: StageVerdict) -> tuple[Cause, ...]:
        """What explains that a value departs that was given, as far as there is time."""
        if not found.failed or found.name not in self.given or self._clock.left <= 0:
            return ()
        own = found.alone is not None and found.alone.judged and not found.alone.accepted(self.expect)
        try:
            chain = Chain(self._computed(found.name), rounded=True) if own else self.reference
            return Explaining(chain, found.name, self.world[found.name], self._clock, found.floors).causes()
        except (*FAILURES, MemoryError):  # the verdict stands without it
            return ()

    @cached_property
    def _clock(self) -> Clock:
        seconds = SECONDS if self.explain is True else float(self.explain)
        return Clock(seconds)

    def _upstream(self, name: str) -> set[str]:
        """All stages before one, near and far."""
        found: set[str] = set()
        open_ones = list(self.pipeline.stage(name).takes)
        while open_ones:
            one = open_ones.pop()
            if one not in found:
                found.add(one)
                open_ones += self.pipeline.stage(one).takes
        return found

    def _lost(self, name: str) -> Judged | None:
        """That a stage has no value in the candidate's chain, if so."""
        if name not in self.lost:
            missing = sorted(self._before(name) & self.lost.keys(), key=self.stages.index)
            if not missing or name in self.given:
                return None
            self.lost[name] = f"it does not follow: {missing[0]} has no value"
        return Judged(UNJUDGED, reason=self.lost[name])

    def _value(self, name: str) -> Any:
        """What the candidate's chain has: given, from its networks, or computed here; None where that fails."""
        if name in self.given:
            return self.given[name]
        try:
            if name in self.files:
                return self._joined(name)
            if all(_same(self.world[one], self.reference.run.value(one)) for one in self._before(name)):
                return self.reference.run.value(name)
            return self._computed(name).value(name)
        except FAILURES as error:
            said = " ".join(str(error).split())
            self.lost[name] = f"it does not follow from the candidate's values: {said}"
            return None

    def _computed(self, name: str) -> Run:
        """The run of one stage on the candidate's values before it."""
        needed = self._before(name)
        values = {one: value for one, value in self.world.items() if one in needed}
        return Run(self.pipeline, values, (name,), self.reference.run.facts).compute()

    def _networks(self, name: str) -> tuple[Verdict, ...]:
        """The verdict on each network of a stage, on the reference's features."""
        (source,) = self._before(name)
        features = self.reference.run.value(source)
        members = self.pipeline.members(name)
        return judged(
            members,
            self.files[name],
            features,
            expect=self.expect,
            runtime=self.runtime,
            explain=self.explain,
        )

    def _joined(self, name: str) -> Any:
        """What the candidate's networks give together of the candidate's features, or else of the reference's."""
        (source,) = self._before(name)
        step = next(one for one in self.reference.run.steps if one.name == name)
        assert isinstance(step, EnsembleStep)
        each = results(self.pipeline.members(name), self.files[name], self.world[source], self.runtime)
        return step.stored({name: step.joined(each)})[name]

    def _through(self, name: str, value: Any) -> Judged:
        """Its value beside that of the reference's chain; the candidate's chain goes on with it."""
        part, run = self.pipeline.stage(name), self.reference.run
        if isinstance(part, Decoder):
            self.world[name] = value
            return decoded(part.gives, value, run.values[name], self.reference.decoded[name])
        found, fitted = numbers(self.reference, _as_arrays(run.spread(name, value)))
        self.world[name] = next(iter(fitted.values())) if len(fitted) == 1 else fitted
        return found

    def _alone(self, name: str) -> Judged | None:
        """Its value beside what follows from the candidate's own values before it; None where nothing does."""
        part = self.pipeline.stage(name)
        try:
            run = self._computed(name)
            chain = Chain(run, rounded=True)
            if isinstance(part, Decoder):
                return decoded(part.gives, self.world[name], run.values[name], chain.decoded[name])
            return numbers(chain, _as_arrays(run.spread(name, self.world[name])))[0]
        except FAILURES:
            return None


def _as_arrays(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(value) for name, value in values.items()}


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same, bit for bit."""
    if isinstance(one, Mapping):
        return all(_same(value, other[name]) for name, value in one.items())
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return False
