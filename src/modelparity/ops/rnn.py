"""RNN: a simple recurrent layer (Elman)."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..engine.recurrence import Activation, Gate, Layout, carried, limiter, recurrent_facts
from ..graph import Array


@operator(carried((4, 1)), facts=recurrent_facts(gates="h", states=1))
def rnn(
    ar: Arithmetic,
    x: Array,
    weight: Array,
    recurrent: Array,
    bias: Array | None = None,
    h0: Array | None = None,
    *,
    activation: Activation = "tanh",
    clip: float | None = None,
    direction: str = "forward",
) -> tuple[Array, Array]:
    """h[t] = act(x[t] W + b + h[t-1] R), what enters act() kept within +-``clip``

    x (time, [batch,] in), W (direction, in, hidden), R (direction, hidden, hidden), b (direction, hidden),
    h0 (direction, [batch,] hidden) -> y (time, [batch,] direction * hidden), h_n (direction, [batch,] hidden).
    Source: Elman, "Finding structure in time", 1990; checked against torch.nn.RNN and onnxruntime.
    """
    layout = Layout(x, weight, recurrent, direction, gates=1)
    pre = layout.project(ar, x, weight, bias)[:, 0]
    act, matrix, h, limit = Gate(ar, activation), layout.recurrent, layout.state(ar, h0), limiter(clip)
    act.turn(pre, matrix)
    steps = np.empty_like(pre)
    for p, z in zip(pre, steps, strict=True):
        ar.rounded(np.matmul(ar.operand(h, layout.hidden, fresh=True), matrix, out=z), inner=True)
        z += p
        h = act(limit(ar.rounded(z)))
    return layout.sequence(steps), layout.final(h)
