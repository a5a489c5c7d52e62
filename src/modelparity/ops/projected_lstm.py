"""LSTM with a projection: what is handed on is a product of the cell's output, of another width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Shape
from ..engine.operator import affine, operator
from ..engine.recurrence import DIRECTIONS, carried, recurrent_facts
from ..errors import GraphError
from ..graph import Array
from .sigmoid import sigmoid
from .tanh import tanh


def _state(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
    """h is as wide as the result, c as wide as what is projected."""
    return shapes["recurrent"][-2] + shapes["projection"][-2]


@operator(
    carried((5, 1), (6, 2)),
    facts=replace(recurrent_facts(gates="ifog", states=2, c0={0: 0}, projection={0: 0}), state=_state),
)
def projected_lstm(
    ar: Arithmetic,
    x: Array,
    weight: Array,
    recurrent: Array,
    projection: Array,
    bias: Array | None = None,
    h0: Array | None = None,
    c0: Array | None = None,
    *,
    direction: str = "forward",
) -> tuple[Array, Array, Array]:
    """i, f, o = sigmoid(x W + b + h' R);  g = tanh(x W + b + h' R);  c = f c' + i g;  h = (o tanh(c)) P

    Gates stand in the order i, f, o, g; ' is the step before.
    x (time, [batch,] in), W (direction, in, 4 hidden), R (direction, out, 4 hidden), P (direction, hidden, out),
    b (direction, 4 hidden), h0 (direction, [batch,] out), c0 (direction, [batch,] hidden)
    -> y (time, [batch,] direction * out), h_n (direction, [batch,] out), c_n (direction, [batch,] hidden).
    Raises `GraphError` for widths that do not fit.
    Source: Sak, Senior, Beaufays, "Long short-term memory based recurrent neural network architectures", 2014;
    checked against torch.nn.LSTM with proj_size.
    """
    if direction not in DIRECTIONS:
        raise GraphError(f"unknown direction {direction!r}", expected=", ".join(DIRECTIONS))
    hidden, out = projection.shape[-2:]
    dirs = len(DIRECTIONS[direction])
    for name, array, shape in (
        ("weight", weight, (x.shape[-1], 4 * hidden)),
        ("recurrent", recurrent, (out, 4 * hidden)),
    ):
        if array.shape[1:] != (dirs, *shape):
            raise GraphError(f"shape of {name} does not fit", found=array.shape[1:], expected=(dirs, *shape))
    batched = x.ndim == 4
    frames = x if batched else x[:, :, None]
    lanes = max(x.shape[0], weight.shape[0], recurrent.shape[0], projection.shape[0])
    parts = [
        _run(
            ar,
            frames[:, ::-1] if backwards else frames,
            lanes,
            weight[:, d],
            recurrent[:, d],
            projection[:, d],
            None if bias is None else bias[:, d],
            *(_start(s, d, batched) for s in (h0, c0)),
        )
        for d, backwards in enumerate(DIRECTIONS[direction])
    ]
    ys = [y[:, ::-1] if back else y for (y, _, _), back in zip(parts, DIRECTIONS[direction], strict=True)]
    y, h, c = np.concatenate(ys, axis=-1), *(np.stack([part[at] for part in parts], axis=1) for at in (1, 2))
    return (y, h, c) if batched else (y[:, :, 0], h[:, :, 0], c[:, :, 0])


def _start(state: Array | None, d: int, batched: bool) -> Array | None:
    """A direction's first state (lane or 1, batch, width)."""
    if state is None:
        return None
    return state[:, d] if batched and state.ndim == 4 else state[:, d, None]


def _run(
    ar: Arithmetic,
    x: Array,
    lanes: int,
    weight: Array,
    recurrent: Array,
    projection: Array,
    bias: Array | None,
    h0: Array | None,
    c0: Array | None,
) -> tuple[Array, Array, Array]:
    """One direction: x (lane, time, batch, in) -> y (lane, time, batch, out), h and c of the last step."""
    pre = affine(ar, x, weight, bias)
    hidden, out = projection.shape[-2:]
    batch, rnd = x.shape[2], ar.rounded
    h, c = (
        np.zeros((lanes, batch, n), ar.dtype) if s is None else np.broadcast_to(s, (lanes, batch, n))
        for s, n in ((h0, out), (c0, hidden))
    )
    steps = np.empty((lanes, x.shape[1], batch, out), ar.dtype)
    for t in range(x.shape[1]):
        z = rnd(np.matmul(ar.operand(h, out, fresh=True), recurrent), inner=True)
        z = rnd(z + pre[:, t])
        i, f, o = (sigmoid(ar, z[..., k * hidden : (k + 1) * hidden]) for k in range(3))
        g = tanh(ar, z[..., 3 * hidden :])
        c = rnd(rnd(f * c, inner=True) + rnd(i * g, inner=True))
        inner = rnd(o * tanh(ar, c))
        h = rnd(np.matmul(ar.operand(inner, hidden, fresh=True), projection))
        steps[:, t] = h
    return steps, np.array(h), np.array(c)
