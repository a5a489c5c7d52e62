"""A network called frame by frame, as an audio host calls it, whatever runs it: its state goes out and in again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from modelparity.graph import Array, Graph
from modelparity.runtimes import Runtime


class FrameByFrame(Runtime):
    """Another runtime, given one frame a call, and the states that the call before gave: zeros at first.

    ``graph`` is what the artefacts are forms of: an input with time along its first axis, and the states. What is
    given for them is where the first call begins.
    """

    def __init__(self, runtime: Runtime, graph: Graph) -> None:
        self.runtime, self.graph, self.name = runtime, graph, runtime.name

    def missing(self) -> str | None:
        """As the other runtime."""
        return self.runtime.missing()

    def accepts(self, artefact: object) -> bool:
        """As the other runtime."""
        return self.runtime.accepts(artefact)

    def describe(self) -> dict[str, str]:
        """As the other runtime, and how it was called."""
        return {**self.runtime.describe(), "called": "frame by frame"}

    def weights(self, artefact: object) -> Mapping[str, Array] | None:
        """As the other runtime."""
        return self.runtime.weights(artefact)

    def carried(self, artefact: object) -> Mapping[str, str]:
        """The states of the graph."""
        return self.graph.states

    def inputs(self, artefact: object) -> tuple[str, ...]:
        """Everything but the states."""
        return tuple(spec.name for spec in self.graph.inputs if spec.name not in self.graph.states)

    def run(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """{output: (time, ...)}, and the last states."""
        states = {
            spec.name: feeds.get(spec.name, np.zeros([axis.size or 1 for axis in spec.axes], np.float32))
            for spec in self.graph.inputs
            if spec.name in self.graph.states
        }
        (name,) = self.inputs(artefact)
        kept: dict[str, list[Array]] = {}
        for frame in feeds[name]:
            outputs = self.runtime.run(
                artefact, {name: np.ascontiguousarray(frame[None], np.float32), **states}
            )
            for output, array in outputs.items():
                kept.setdefault(output, []).append(array)
            states = {state: outputs[after] for state, after in self.graph.states.items()}
        after = set(self.graph.states.values())
        return {
            output: arrays[-1] if output in after else np.concatenate(arrays)
            for output, arrays in kept.items()
        }
