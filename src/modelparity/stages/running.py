"""One run of a pipeline: what was given, which steps follow from it, and the value of each stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InputError, ModelparityError, near
from .description import Description, facts_of
from .stage import Decoder, Given, as_it_is
from .steps import Step


@dataclass(eq=False)
class Run:
    """A pipeline on values that were ``given`` (by stage, as it reads them), for ``wanted`` stages.

    ``values`` holds tensors in the types that the original keeps, ``exact`` what each step gave in float64, if the
    run is ``keeping`` that: of hours of sound it takes twice as much.
    """

    pipeline: Description
    given: Mapping[str, Any]
    wanted: tuple[str, ...]
    facts: Mapping[str, Any]
    exact: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    keeping: bool = True

    @classmethod
    def of(cls, pipeline: Description, given: Mapping[str, Any], until: str | None = None) -> Run:
        """The run of what a caller gave. Raises `InputError` for what is no stage, or cannot start."""
        read = reading(pipeline, given)
        wanted = wanted_until(pipeline, until)
        refuse_missing(pipeline, set(read), wanted)
        return cls(pipeline, read, wanted, facts(pipeline, read), keeping=False)

    @cached_property
    def steps(self) -> list[Step]:
        """What is computed, in order."""
        computed = [name for name in self.wanted if name not in self.given]
        return self.pipeline.steps([*self.given], self._reachable(computed), self.facts)

    def _reachable(self, names: Sequence[str]) -> list[str]:
        """Those that can be computed of what was given: stages before a value that is given need not be."""
        found, have = [], set(self.given)
        for part in self.pipeline.parts:
            if part.name not in have and part.takes and set(part.takes) <= have:
                have.add(part.name)
                if part.name in names:
                    found.append(part.name)
        return found

    def compute(self, progress: Callable[[str, int, int], None] | None = None) -> Run:
        """Run all steps; returns itself. ``progress`` is told which comes next, how many are done, of how many."""
        if not self.values:
            for name, value in self.given.items():
                self.values.update(self.spread(name, value))
            for done, step in enumerate(self.steps):
                if progress is not None:
                    progress(step.name, done, len(self.steps))
                exact = step.exact(self.values)
                if self.keeping:
                    self.exact.update(exact)
                self.values.update(step.stored(exact))
        return self

    def results(self) -> dict[str, Any]:
        """{stage: value} of what was given and computed, in order of the stages."""
        self.compute()
        have = {*self.given, *(step.name for step in self.steps)}
        return {part.name: self.value(part.name) for part in self.pipeline.parts if part.name in have}

    def value(self, name: str) -> Any:
        """The value of a stage: one, or a dict of several."""
        names = self.pipeline.tensors(name, self.facts)
        return self.values[names[0]] if len(names) == 1 else {one: self.values[one] for one in names}

    def spread(self, name: str, value: Any) -> dict[str, Any]:
        """{tensor: array} of a stage's value that was given."""
        names = self.pipeline.tensors(name, self.facts)
        if not isinstance(value, Mapping):
            if len(names) == 1:
                return {names[0]: value}
            raise InputError(
                f"stage {name!r} has several values",
                where=self.pipeline.name,
                found=type(value).__name__,
                expected=f"a dict of {', '.join(names)}",
            )
        if set(value) != set(names):
            raise InputError(
                f"stage {name!r} has other values",
                where=self.pipeline.name,
                found=", ".join(map(str, value)),
                expected=", ".join(names),
            )
        return {one: np.asarray(value[one]) for one in names}


def reading(pipeline: Description, given: Mapping[str, Any]) -> dict[str, Any]:
    """{stage: value} of what was given, in order, as the stages read it. Raises `InputError` for what is no stage."""
    names = [part.name for part in pipeline.parts]
    for name in given:
        if name not in names and name not in pipeline.beside:
            setting = name in pipeline.known
            raise InputError(
                f"there is no stage {name!r}",
                where=pipeline.name,
                expected=near(name, [*names, *pipeline.beside]),
                fix=f"{name!r} is a setting: with_settings({name}=...), or give it to mp.pipeline"
                if setting
                else None,
            )
    found: dict[str, Any] = {}
    for part in pipeline.parts:
        if part.name not in given:
            continue
        value = given[part.name]
        try:
            if isinstance(part, Given):
                beside = {name: given[name] for name in part.beside if name in given}
                found[part.name] = part.read(value, **beside)
            elif isinstance(part, Decoder):
                found[part.name] = part.gives.read(value)
            elif isinstance(value, Mapping):
                found[part.name] = {str(name): as_it_is(one) for name, one in value.items()}
            else:
                found[part.name] = as_it_is(value)
        except ModelparityError as error:
            raise error.changed(where=f"{pipeline.name}, stage {part.name!r}") from error
    return found


def wanted_until(pipeline: Description, until: str | None) -> tuple[str, ...]:
    """The stages that are wanted: all coarse ones, or those up to one that is named, and that one."""
    if until is None:
        return pipeline.stages
    pipeline.stage(until)
    upto, needed = [], {until}
    for part in reversed(pipeline.parts):
        if part.name in needed:
            needed |= set(part.takes)
            if part.name == until or part.name in pipeline.stages:
                upto.append(part.name)
    return tuple(upto[::-1])


def refuse_missing(pipeline: Description, given: set[str], wanted: Sequence[str]) -> None:
    """Raise `InputError` where nothing that was given leads to the last stage that is wanted."""
    have = set(given)
    for part in pipeline.parts:
        if part.takes and set(part.takes) <= have:
            have.add(part.name)
    if wanted[-1] in have:
        return
    missing = [part.name for part in pipeline.parts if isinstance(part, Given) and part.name not in given]
    raise InputError(
        f"stage {wanted[-1]!r} does not follow from what was given",
        where=pipeline.name,
        found=", ".join(sorted(given)) or "nothing",
        expected=f"{' and '.join(missing)}, or values of the stages behind" if missing else None,
        fix=f"give {missing[0]}=..." if missing else None,
    )


def facts(pipeline: Description, read: Mapping[str, Any]) -> dict[str, Any]:
    """What graphs are made for, as the first value that was given has it."""
    for part in pipeline.parts:
        if part.name in read:
            value = read[part.name]
            first = next(iter(value.values()), np.zeros(0)) if isinstance(value, Mapping) else value
            found = facts_of(first) if not isinstance(part, Decoder) else {}
            return found if isinstance(part, Given) else {**found, "channels": None}
    return {"dtype": "float32", "channels": None}
