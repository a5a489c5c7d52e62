"""GRU: gated recurrent units, in both published forms and with either meaning of the update gate."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..errors import GraphError
from ..graph import Array
from ..operator import operator
from ..recurrence import Layout, carried, gate


@operator(carried((5, 1)))
def gru(
    ar: Arithmetic,
    x: Array,
    weight: Array,
    recurrent: Array,
    bias: Array | None = None,
    recurrent_bias: Array | None = None,
    h0: Array | None = None,
    *,
    reset: str = "after",
    update: str = "keeps",
    gate_activation: str = "sigmoid",
    cell_activation: str = "tanh",
    direction: str = "forward",
) -> tuple[Array, Array]:
    """r, z = gate(x W + b + h' R + rb)        (' is the step before; gates stand in the order r, z, n)
    reset="after":   n = cell(x W + b + r * (h' R + rb))
    reset="before":  n = cell(x W + b + (r * h') R + rb)
    update="keeps":     h = (1 - z) n + z h'      (PyTorch, ONNX, Keras, Core ML)
    update="replaces":  h = z n + (1 - z) h'      (madmom, Cho et al.)

    x (time, [batch,] in), W (direction, in, 3 hidden), R (direction, hidden, 3 hidden),
    b and rb (direction, 3 hidden), h0 (direction, [batch,] hidden)
    -> y (time, [batch,] direction * hidden), h_n (direction, [batch,] hidden).
    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014 (reset before);
    Chung et al., "Empirical evaluation of gated recurrent neural networks", 2014; checked against
    torch.nn.GRU, onnxruntime (linear_before_reset 0 and 1) and madmom's recorded outputs.
    """
    if reset not in ("after", "before"):
        raise GraphError(f"unknown reset {reset!r}", expected="after or before")
    if update not in ("keeps", "replaces"):
        raise GraphError(f"unknown update {update!r}", expected="keeps or replaces")
    layout = Layout(x, weight, recurrent, direction, gates=3)
    pre = layout.project(ar, x, weight, bias)
    n, rnd, one = layout.hidden, ar.rounded, ar.dtype.type(1)
    act, act_cell = gate(ar, gate_activation), gate(ar, cell_activation)
    h, matrix = layout.state(ar, h0), layout.recurrent
    shift = None if recurrent_bias is None else layout.per_group(recurrent_bias)
    if reset == "before":  # the candidate's product needs r first, so only r and z share one
        cell_matrix = np.ascontiguousarray(matrix[..., 2 * n :])
        matrix = np.ascontiguousarray(matrix[..., : 2 * n])
        if shift is not None:
            pre = rnd(pre + shift)  # outside the product with r, the two biases are one
    steps = np.empty((layout.time, layout.groups, layout.rows, n), ar.dtype)
    with np.errstate(over="ignore", under="ignore"):
        for t in range(layout.time):
            a, p = rnd(np.matmul(h, matrix)), pre[t]
            if reset == "after" and shift is not None:
                a += shift
                a = rnd(a)
            rz = act(rnd(a[..., : 2 * n] + p[..., : 2 * n]))
            r, z = rz[..., :n], rz[..., n:]
            if reset == "after":
                inner = rnd(r * a[..., 2 * n :])
            else:
                inner = rnd(np.matmul(rnd(r * h), cell_matrix))
            inner += p[..., 2 * n :]
            cell = act_cell(rnd(inner))
            rest = rnd(one - z)
            new, kept = (rest, z) if update == "keeps" else (z, rest)
            steps[t] = h = rnd(rnd(new * cell) + rnd(kept * h))
    return layout.sequence(steps), layout.final(h)
