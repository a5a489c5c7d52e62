"""LSTM: long short-term memory, with every form of peephole connection."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..engine.recurrence import Activation, Gate, Layout, carried, limiter, recurrent_facts
from ..errors import GraphError
from ..graph import Array


@operator(
    carried((5, 1), (6, 2)), facts=recurrent_facts(gates="ifog", states=2, c0={0: 0}, peephole={0: 0, 1: 0})
)
def lstm(
    ar: Arithmetic,
    x: Array,
    weight: Array,
    recurrent: Array,
    bias: Array | None = None,
    peephole: Array | None = None,
    h0: Array | None = None,
    c0: Array | None = None,
    *,
    gate_activation: Activation = "sigmoid",
    cell_activation: Activation = "tanh",
    output_activation: Activation = "tanh",
    output_peephole: str = "new",
    coupled: bool = False,
    clip: float | None = None,
    cell_clip: float | None = None,
    quantized: bool = False,
    direction: str = "forward",
) -> tuple[Array, Array, Array]:
    """i, f = gate(x W + b + h' R + c' p);  g = cell(x W + b + h' R);  c = f c' + i g
    o = gate(x W + b + h' R + c p);  h = out(c) o        (' is the step before)

    Gates stand in the order i, f, o, g; peepholes in the order i, f, o (a missing one is a row of zeros).
    With ``output_peephole="old"`` the output gate looks at c' instead of c; ``coupled`` lets 1 - i take the place
    of f; ``clip`` keeps what enters gate() and cell() within +-clip, ``cell_clip`` does so for c. With ``quantized``
    h' R takes h' in bytes, whose range is that of h' itself, 0 included, over the batch at each step.
    x (time, [batch,] in), W (direction, in, 4 hidden), R (direction, hidden, 4 hidden), b (direction, 4 hidden),
    p (direction, 3, hidden), h0 and c0 (direction, [batch,] hidden)
    -> y (time, [batch,] direction * hidden), h_n, c_n (direction, [batch,] hidden).
    Source: Gers, Schraudolph, Schmidhuber, "Learning precise timing with LSTM recurrent networks", 2002;
    checked against torch.nn.LSTM, onnxruntime (also coupled, clipped and quantised) and madmom's recorded outputs.
    """
    if output_peephole not in ("new", "old"):
        raise GraphError(f"unknown output_peephole {output_peephole!r}", expected="new or old")
    layout = Layout(x, weight, recurrent, direction, gates=4)
    pre = layout.project(ar, x, weight, bias)
    n, rnd, operand = layout.hidden, ar.rounded, ar.operand
    gate, cell, out = (Gate(ar, a) for a in (gate_activation, cell_activation, output_activation))
    matrix, h, c = layout.recurrent, layout.state(ar, h0), layout.state(ar, c0)
    limit, limit_cell = limiter(clip), limiter(cell_clip)
    gate.turn(pre[:, :3], matrix[..., : 3 * n])
    cell.turn(pre[:, 3], matrix[..., 3 * n :])
    product, by_gate = layout.buffers(ar)
    steps, gates = np.empty((layout.time, *h.shape), ar.dtype), np.empty((4, *h.shape), ar.dtype)
    i, f, o, g = gates
    early, all_three = gates[:2], gates[:3]
    if peephole is not None:
        peep = np.moveaxis(layout.per_group(peephole), 2, 0).copy()  # (gate, group, 1, hidden)
        gate.turn(peep)
        early_peep, late_peep = peep[:2], peep[2]
        look, look_late = np.empty_like(early), np.empty_like(c)
        seen = c if output_peephole == "new" else np.empty_like(c)
    placed = np.negative if out.negated else np.positive  # as the gate wants its argument
    for p, y in zip(pre, steps, strict=True):
        seen_h = layout.quantized(ar, h) if quantized else h
        rnd(np.matmul(operand(seen_h, n, fresh=True), matrix, out=product), inner=True)
        rnd(np.add(by_gate, p, out=gates))
        if peephole is not None:
            rnd(np.multiply(c, early_peep, out=look), inner=True)
            gate(limit(rnd(np.add(early, look, out=early))))
            if seen is not c:
                np.copyto(seen, c)
        else:
            gate(limit(all_three))
        if coupled:
            rnd(np.subtract(1, i, out=f), inner=True)
        rnd(np.multiply(i, cell(limit(g)), out=g), inner=True)
        rnd(np.multiply(f, c, out=c), inner=True)
        limit_cell(rnd(np.add(c, g, out=c)))
        if peephole is not None:
            rnd(np.multiply(seen, late_peep, out=look_late), inner=True)
            gate(limit(rnd(np.add(o, look_late, out=o))))
        placed(c, out=y)
        h = rnd(np.multiply(out(y), o, out=y))
    return layout.sequence(steps), layout.final(h), layout.final(c)
