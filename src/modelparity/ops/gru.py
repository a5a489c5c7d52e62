"""GRU: gated recurrent units, in both published forms and with either meaning of the update gate."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..engine.recurrence import Activation, Gate, Layout, carried, limiter, recurrent_facts
from ..errors import GraphError
from ..graph import Array


@operator(carried((5, 1)), facts=recurrent_facts(gates="rzn", states=1, recurrent_bias={0: 0, -1: 3}))
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
    gate_activation: Activation = "sigmoid",
    cell_activation: Activation = "tanh",
    clip: float | None = None,
    direction: str = "forward",
) -> tuple[Array, Array]:
    """r, z = gate(x W + b + h' R + rb)        (' is the step before; gates stand in the order r, z, n)
    reset="after":   n = cell(x W + b + r * (h' R + rb))
    reset="before":  n = cell(x W + b + (r * h') R + rb)
    update="keeps":     h = (1 - z) n + z h'      (PyTorch, ONNX, Keras, Core ML)
    update="replaces":  h = z n + (1 - z) h'      (madmom, Cho et al.)
    ``clip`` keeps what enters gate() and cell() within +-clip.

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
    n, rnd, operand = layout.hidden, ar.rounded, ar.operand
    gate, cell = Gate(ar, gate_activation), Gate(ar, cell_activation)
    h, matrix, limit = layout.state(ar, h0), layout.recurrent, limiter(clip)
    shift = None if recurrent_bias is None else layout.per_group(recurrent_bias)
    for kind, columns, gates in (
        (gate, slice(None, 2 * n), slice(2)),
        (cell, slice(2 * n, None), slice(2, 3)),
    ):
        kind.turn(pre[:, gates], matrix[..., columns])
        if shift is not None:
            kind.turn(shift[..., columns])
    cell_matrix = np.ascontiguousarray(matrix[..., 2 * n :])
    if reset == "before":  # the candidate's product needs r first, so only r and z share one
        matrix = np.ascontiguousarray(matrix[..., : 2 * n])
        if shift is not None:  # outside the product with r, the two biases are one
            by_gate = np.moveaxis(shift.reshape(layout.groups, 1, 3, n), 2, 0)
            rnd(np.add(pre, by_gate, out=pre))
            shift = None
    product, by_gate = layout.buffers(ar, gates=2 if reset == "before" else 3)
    steps, rz = np.empty((layout.time, *h.shape), ar.dtype), np.empty((2, *h.shape), ar.dtype)
    r, z = rz
    inner, rest, scaled = np.empty_like(h), np.empty_like(h), np.empty_like(h)
    new, kept = (rest, z) if update == "keeps" else (z, rest)
    for p, y in zip(pre, steps, strict=True):
        rnd(np.matmul(operand(h, n, fresh=True), matrix, out=product), inner=True)
        if shift is not None:
            rnd(np.add(product, shift, out=product))
        gate(limit(rnd(np.add(by_gate[:2], p[:2], out=rz))))
        if reset == "after":
            rnd(np.multiply(r, by_gate[2], out=inner))
        else:
            rnd(np.multiply(r, h, out=scaled))
            rnd(np.matmul(operand(scaled, n, fresh=True), cell_matrix, out=inner), inner=True)
        cell(limit(rnd(np.add(inner, p[2], out=inner))))
        rnd(np.subtract(1, z, out=rest), inner=True)
        rnd(np.multiply(new, inner, out=inner), inner=True)
        rnd(np.multiply(kept, h, out=y), inner=True)
        h = rnd(np.add(y, inner, out=y))
    return layout.sequence(steps), layout.final(h)
