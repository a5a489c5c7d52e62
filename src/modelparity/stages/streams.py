"""A pipeline block by block: each stage keeps what it needs of the past, and gives what can be told by now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from ..errors import InputError, ModelparityError, NotCausalError
from ..graph import Array
from ..streaming.stream import stream
from .description import Description, facts_of
from .running import reading, wanted_until
from .stage import Decoder, Given
from .steps import GraphStep, Step


class Pushed(Protocol):
    """What takes block after block."""

    def push(self, block: Any) -> Any:
        """The next block -> what can be told by now and was not before."""


class PipelineStream:
    """A pipeline in the middle of a sound; made by `Pipeline.stream`, not to be shared between threads.

    What all pushes since the last `reset` gave, joined, is what `Pipeline.run` gives of the joined blocks: the same
    but for the last digits of sums that run in another order.
    """

    def __init__(self, pipeline: Description, beside: Mapping[str, Any], until: str | None) -> None:
        self.pipeline, self._beside = pipeline, dict(beside)
        self._wanted = wanted_until(pipeline, until)
        given = [part for part in pipeline.parts if isinstance(part, Given)]
        needed = [part for part in given if part.name in _sources(pipeline, self._wanted)]
        if len(needed) != 1:
            raise NotCausalError(
                "a stream takes one sound",
                where=pipeline.name,
                found=", ".join(part.name for part in needed) or "nothing",
                fix="use run()",
            )
        self._given = needed[0].name
        self._facts: dict[str, Any] | None = None
        #: Refused here and now, not with the first block.
        self._moving = self._started({"dtype": "float32", "channels": None})

    def reset(self) -> None:
        """Forget the past: the next block is the first of a new sound, of any type."""
        self._facts = None

    def push(self, block: Array) -> dict[str, Any]:
        """{stage: what it gives now and has not given before} of the next block of sound, of any length.

        Raises `InputError` for a block that is no sound, or of another type than those before it.
        """
        read = reading(self.pipeline, {self._given: block, **self._beside})[self._given]
        facts = facts_of(read)
        if self._facts is None:
            self._moving, self._facts = self._started(facts), facts
        if facts != self._facts:
            raise InputError(
                "a block differs from the blocks before it",
                where=self.pipeline.name,
                found=facts,
                expected=self._facts,
                fix="call reset() before another sound",
            )
        values: dict[str, Any] = {self._given: read}
        for step, moving in self._moving:
            if isinstance(step, GraphStep):
                made = moving.push({name: values[name] for name in step.takes})
                values.update(step.stored({name: np.asarray(one) for name, one in made.items()}))
            else:
                values[step.name] = moving.push(*(values[name] for name in step.takes))
        return {step.name: _of(values, step.gives) for step, _ in self._moving}

    def _started(self, facts: Mapping[str, Any]) -> list[tuple[Step, Pushed]]:
        """Each step with what runs it block by block. Raises `NotCausalError` that names the stage."""
        steps = self.pipeline.steps([self._given], self._wanted, facts)
        return [(step, self._moving_one(step)) for step in steps]

    def _moving_one(self, step: Step) -> Pushed:
        part = self.pipeline.stage(step.name)
        if isinstance(part, Decoder) and part.online is not None:
            settings = {name: self.pipeline.settings[name] for name in part.settings}
            made: Pushed = part.online(**settings)
            return made
        if not isinstance(step, GraphStep):
            raise NotCausalError(
                f"stage {step.name!r} needs all that comes before it at once",
                where=self.pipeline.name,
                found=part.kind,
                fix=self._fix(step.name),
            )
        try:
            moving: Pushed = stream(step.graph)
            return moving
        except ModelparityError as error:
            raise NotCausalError(
                f"stage {step.name!r} does not run block by block: {error.what}",
                where=self.pipeline.name,
                found=error.where,
                fix=self._fix(step.name),
            ) from error

    def _fix(self, name: str) -> str:
        """What to do where a stage does not stream."""
        before = [one for one in self._wanted if one in self.pipeline.stages]
        place = before.index(name) if name in before else 0
        return (
            "use run()" if place < 2 else f"use run(), or end before it: stream(until={before[place - 1]!r})"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.pipeline!r}>"


def _sources(pipeline: Description, wanted: tuple[str, ...]) -> set[str]:
    """All stages that those lead back to, and themselves."""
    needed = set(wanted)
    for part in reversed(pipeline.parts):
        if part.name in needed:
            needed |= set(part.takes)
    return needed


def _of(values: Mapping[str, Any], gives: tuple[str, ...]) -> Any:
    return values[gives[0]] if len(gives) == 1 else {name: values[name] for name in gives}
