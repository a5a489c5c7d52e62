"""A model called frame by frame, as an audio host calls it, whatever runs it: its state goes out and in again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from modelparity.describe.shapes import zeros
from modelparity.graph import Array, Graph
from modelparity.runtimes.registry import Runtime
from modelparity.verdict.matching import outputs_of


def frame_by_frame(runtime: Runtime, artefact: object, graph: Graph, x: Array) -> dict[str, Array]:
    """{"y": (time, feature), and the last states} of ``artefact``, a form of ``graph``, given x one frame a call.

    The first call gets states of zeros; each other one what the call before gave.
    """
    feeds: Mapping[str, Array] = zeros(graph, {"time": 1})
    state = {name: np.zeros(feeds[name].shape, np.float32) for name in graph.states}
    rows = []
    outputs: dict[str, Array] = {}
    for frame in x:
        ran = runtime.run(artefact, {"x": np.ascontiguousarray(frame[None], np.float32), **state})
        outputs, _ = outputs_of(runtime, artefact, graph, ran, {}, where=graph.name)
        rows.append(outputs["y"])
        state = {name: outputs[after] for name, after in graph.states.items()}
    last = {after: outputs[after] for after in graph.states.values()}
    return {"y": np.concatenate(rows), **last}
