"""Small graphs whose interface a test chooses: y = tanh(x W + b), in any layout; recurrences with their states."""

from __future__ import annotations

import numpy as np

from modelparity.graph import Axis, Graph, Node, TensorSpec

TIME = Axis("time")


def weights(seed=0, rows=3, columns=4):
    return np.random.default_rng(seed).standard_normal((rows, columns)).astype(np.float32)


def dense(axes, *, order=None, name="net", inner="x", outer="y", scale=1.0, back=None):
    """A dense layer over the axis of three features; ``order`` brings the input to (..., features), ``back`` back."""
    nodes, at = [], inner
    if order is not None:
        nodes.append(Node("in", "transpose", (at,), ("turned",), {"axes": order}))
        at = "turned"
    nodes += [
        Node("product", "matmul", (at, "W"), ("product",)),
        Node("tanh", "tanh", ("product",), (outer if back is None else "made",)),
    ]
    if back is not None:
        nodes.append(Node("out", "transpose", ("made",), (outer,), {"axes": back}))
    spec = TensorSpec(inner, tuple(axes))
    return Graph(name, (spec,), (outer,), tuple(nodes), {"W": weights() * np.float32(scale)})


def heads(names, seeds=(0, 1, 2), *, scale=1.0, columns=(4, 4, 4)):
    """Dense layers side by side, an output each."""
    spec = TensorSpec("x", (TIME, Axis("feature", 3)))
    nodes = [Node(f"p{i}", "matmul", ("x", f"W{i}"), (name,)) for i, name in enumerate(names)]
    tables = {f"W{i}": weights(seed, 3, columns[seed]) * np.float32(scale) for i, seed in enumerate(seeds)}
    return Graph("heads", (spec,), tuple(names), tuple(nodes), tables)


def cell(*, whole, state, seed=0, scale=1.0, show=True):
    """A GRU over a ``whole`` sequence or a frame a call, with its ``state`` (h -> hn) as input and output or not."""
    rng = np.random.default_rng(seed)
    tables = {
        "W": rng.standard_normal((1, 3, 15)).astype(np.float32) * np.float32(scale),
        "R": rng.standard_normal((1, 5, 15)).astype(np.float32) * np.float32(0.5),
    }
    axes = (TIME if whole else Axis("time", 1), Axis("feature", 3))
    inputs = (
        TensorSpec("x", axes),
        *((TensorSpec("h", (Axis("d", 1), Axis("hidden", 5))),) if state else ()),
    )
    node = Node("gru", "gru", ("x", "W", "R", *(("", "", "h") if state else ())), ("y", "hn"))
    return Graph("gru", inputs, ("y", "hn") if state and show else ("y",), (node,), tables)
