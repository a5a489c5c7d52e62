"""LSTM: long short-term memory, with every form of peephole connection."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..errors import GraphError
from ..graph import Array
from ..operator import operator
from ..recurrence import Layout, carried, gate


@operator(carried((5, 1), (6, 2)))
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
    gate_activation: str = "sigmoid",
    cell_activation: str = "tanh",
    output_activation: str = "tanh",
    output_peephole: str = "new",
    direction: str = "forward",
) -> tuple[Array, Array, Array]:
    """i, f = gate(x W + b + h' R + c' p);  g = cell(x W + b + h' R);  c = f c' + i g
    o = gate(x W + b + h' R + c p);  h = out(c) o        (' is the step before)

    Gates stand in the order i, f, o, g; peepholes in the order i, f, o (a missing one is a row of zeros).
    With ``output_peephole="old"`` the output gate looks at c' instead of c.
    x (time, [batch,] in), W (direction, in, 4 hidden), R (direction, hidden, 4 hidden), b (direction, 4 hidden),
    p (direction, 3, hidden), h0 and c0 (direction, [batch,] hidden)
    -> y (time, [batch,] direction * hidden), h_n, c_n (direction, [batch,] hidden).
    Source: Gers, Schraudolph, Schmidhuber, "Learning precise timing with LSTM recurrent networks", 2002;
    checked against torch.nn.LSTM, onnxruntime and madmom's recorded outputs.
    """
    if output_peephole not in ("new", "old"):
        raise GraphError(f"unknown output_peephole {output_peephole!r}", expected="new or old")
    layout = Layout(x, weight, recurrent, direction, gates=4)
    pre = layout.project(ar, x, weight, bias)
    n, rnd = layout.hidden, ar.rounded
    act, act_cell, act_out = (gate(ar, a) for a in (gate_activation, cell_activation, output_activation))
    matrix, h, c = layout.recurrent, layout.state(ar, h0), layout.state(ar, c0)
    if peephole is not None:
        peep = layout.per_group(peephole)
        early = peep[..., :2, :].reshape(layout.groups, 1, 2 * n)  # of i and f: look at the old cell
        late = np.ascontiguousarray(peep[..., 2, :])
    steps = np.empty((layout.time, layout.groups, layout.rows, n), ar.dtype)
    with np.errstate(over="ignore", under="ignore"):
        for t in range(layout.time):
            z = rnd(np.matmul(h, matrix))
            z += pre[t]
            z = rnd(z)
            if peephole is None:
                ifo = act(z[..., : 3 * n])
                i, f, o = ifo[..., :n], ifo[..., n : 2 * n], ifo[..., 2 * n :]
            else:
                look = rnd(np.concatenate((c, c), axis=-1) * early)
                look += z[..., : 2 * n]
                gates = act(rnd(look))
                i, f = gates[..., :n], gates[..., n:]
            g = act_cell(z[..., 3 * n :])
            old, c = c, rnd(rnd(f * c) + rnd(i * g))
            if peephole is not None:
                look = rnd((c if output_peephole == "new" else old) * late)
                look += z[..., 2 * n : 3 * n]
                o = act(rnd(look))
            steps[t] = h = rnd(act_out(c.copy()) * o)
    return layout.sequence(steps), layout.final(h), layout.final(c)
