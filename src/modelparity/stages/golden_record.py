"""What a golden of a pipeline holds: plain data, with no word of files or judging."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.arithmetic import ULP
from ..graph import Array
from ..verdict.floor import Floor
from .decoded import Decoded, Events, Label, Segments

#: Kinds of results that a file tells by name, with what they are made of.
KINDS: Mapping[str, type[Decoded]] = {"events": Events, "segments": Segments, "label": Label}
#: A kind that only a family knows.
OWN = "own"


@dataclass(frozen=True)
class RecordedStage:
    """One stage as it was recorded.

    ``takes`` names the recorded stages next before it, from which it follows; ``tensors`` is {tensor: the type that
    the original keeps} of numbers. ``networks`` is {member: start of its model's hash}. A decoder has a ``value`` and
    the ``runs`` of perturbed activations that differ from it, as JSON has them, and its kind ``gives``, which is None
    where a file was read whose kind only a family knows.
    """

    name: str
    kind: str
    takes: tuple[str, ...] = ()
    given: bool = False
    tensors: Mapping[str, str] | None = None
    networks: Mapping[str, str] | None = None
    gives: Decoded | None = None
    value: Any = None
    runs: tuple[Any, ...] = ()

    @property
    def decoded(self) -> bool:
        """Whether it is what a decoder gives."""
        return self.tensors is None


@dataclass(frozen=True, eq=False)
class PipelineRecord:
    """What a pipeline was given, and the value of each stage with its floor.

    ``given`` {tensor: array as the stages read it}, ``beside`` what was given beside it, such as a rate; ``truth``
    {tensor: float64, or whole numbers}; ``floors`` of the same tensors; ``ways`` {precision: {tensor: floor}}
    where sums ("float32") or all numbers (half precisions) have fewer bits; what is not there is as in ``floors``.
    ``settings`` and ``chosen`` are the pipeline's as JSON has them, ``provenance`` says what recorded it.
    """

    pipeline: str
    settings: Mapping[str, Any]
    chosen: Mapping[str, Any]
    beside: Mapping[str, Any]
    stages: tuple[RecordedStage, ...]
    given: Mapping[str, Array]
    truth: Mapping[str, Array]
    floors: Floor
    ways: Mapping[str, Mapping[str, Array]]
    provenance: Mapping[str, Any]

    def stage(self, name: str) -> RecordedStage | None:
        """The stage of that name, if it was recorded."""
        return next((one for one in self.stages if one.name == name), None)

    def before(self, name: str) -> tuple[str, ...]:
        """The recorded stages from which one follows, near and far, in order."""
        found: set[str] = {name}
        for one in reversed(self.stages):
            if one.name in found:
                found |= set(one.takes)
        return tuple(one.name for one in self.stages if one.name in found and one.name != name)

    def declared(self, name: str) -> str:
        """The type in which the original keeps a tensor."""
        return next(one.tensors[name] for one in self.stages if one.tensors and name in one.tensors)

    def floor(self) -> Floor:
        """The floor of every tensor in float32."""
        return self.floors

    def wider(self, names: Collection[str], precision: str, wide: str) -> Mapping[str, Array] | None:
        """{tensor: floor} in fewer bits; None where that was not recorded."""
        if precision not in self.ways or wide != ("float32" if precision == "float32" else "float64"):
            return None
        return {name: self.ways[precision].get(name, self.floors.outputs[name]) for name in names}

    def room(self, name: str) -> Array:
        """How far float64 runs of one pipeline may be apart at each element of a tensor."""
        scale = ULP["float64"] / ULP["float32"]
        with np.errstate(invalid="ignore"):
            room: Array = self.floors.outputs[name] * scale + np.abs(self.truth[name]) * ULP["float64"]
        return room


def upward(floor: Array) -> Array:
    """A floor as float32 holds it, never smaller; in float64."""
    with np.errstate(over="ignore"):
        narrow = floor.astype(np.float32)
    low = narrow < floor
    result: Array = np.where(low, np.nextafter(narrow, np.float32(np.inf)), narrow).astype(np.float64)
    return result
