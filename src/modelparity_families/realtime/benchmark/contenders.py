"""One model, ready to be called a frame at a time, in each runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from modelparity import convert, stream
from modelparity.graph import Array

from ..graph import graph_of
from ..models import locate, weights
from ..stack import Layer, stack

#: Takes the frame (1, feature), keeps the state for the next.
Call = Callable[[Array], object]


def ready(name: str, runtime: str, folder: Path) -> Call:
    """The model called ``name`` in a runtime: onnxruntime, torch or engine."""
    own = stack(name)
    arrays = weights(own, locate(own.name))
    if runtime == "torch":
        return _torch(name, arrays)
    graph = graph_of(own, arrays, step=runtime == "onnxruntime" and own.recurrent is not None)
    if runtime == "engine":
        running = stream(graph, arithmetic="float32")
        return running.push
    return _onnx(convert(graph, folder / f"{name}.onnx"), dict(graph.states), own.recurrent)


def _torch(name: str, arrays: dict[str, Array]) -> Call:
    import torch

    from ..network import Network

    torch.set_num_threads(1)
    network = Network(stack(name), arrays).eval()
    state: list[tuple[torch.Tensor, torch.Tensor] | None] = [None]

    def call(frame: Array) -> object:
        with torch.inference_mode():
            y, state[0] = network.advance(torch.from_numpy(frame), state[0])
            return y.numpy()

    return call


def _onnx(path: Path, states: dict[str, str], layer: Layer | None) -> Call:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    width = layer.width if layer is not None else 0
    feeds = {name: np.zeros((1, width), np.float32) for name in states}
    names = ["y", *states.values()]

    def call(frame: Array) -> object:
        feeds["x"] = frame
        y, *after = session.run(names, feeds)
        feeds.update(zip(states, after, strict=True))
        return y

    return call
