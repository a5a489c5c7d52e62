"""LSTM with a projection against torch.nn.LSTM with proj_size."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from modelparity.errors import GraphError

HIDDEN, OUT, INPUTS, TIME, BATCH = 5, 3, 4, 6, 2


def theirs(both, bias):
    """torch's layer and its weights as the operator takes them."""
    layer = torch.nn.LSTM(INPUTS, HIDDEN, proj_size=OUT, bidirectional=both, bias=bias).double()
    rows = [0, 1, 3, 2]  # i f g o -> i f o g

    def columns(name):
        arrays = [getattr(layer, name + end).detach().numpy() for end in ["_l0", "_l0_reverse"][: 1 + both]]
        return np.stack([np.concatenate([np.split(a, 4)[r] for r in rows]).T for a in arrays])

    project = [
        getattr(layer, f"weight_hr_l0{end}").detach().numpy().T for end in ["", "_reverse"][: 1 + both]
    ]
    b = columns("bias_ih") + columns("bias_hh") if bias else None
    return layer, (columns("weight_ih"), columns("weight_hh"), np.stack(project), b)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("states", [False, True])
def test_agrees_with_torch(apply, both, bias, states):
    layer, weights = theirs(both, bias)
    rng = np.random.default_rng(2)
    x = rng.standard_normal((TIME, BATCH, INPUTS))
    h0, c0 = (rng.standard_normal((1 + both, BATCH, n)) if states else None for n in (OUT, HIDDEN))
    start = (torch.from_numpy(h0), torch.from_numpy(c0)) if states else None
    with torch.no_grad():
        want, (h, c) = layer(torch.from_numpy(x), start)
    attrs = {"direction": "bidirectional" if both else "forward"}
    got = apply("projected_lstm", x, *weights, h0, c0, **attrs)
    for mine, torchs in zip(got, (want, h, c), strict=True):
        np.testing.assert_allclose(mine, torchs.numpy(), rtol=1e-12, atol=1e-13)
    single = apply(
        "projected_lstm", x[:, 0], *weights, *(None if s is None else s[:, 0] for s in (h0, c0)), **attrs
    )
    for mine, whole in zip(single, got, strict=True):
        np.testing.assert_allclose(mine, whole[:, 0], rtol=1e-12, atol=1e-13)


def test_lanes_stand_alone(apply_lanes):
    _, (weight, recurrent, projection, bias) = theirs(False, True)
    rng = np.random.default_rng(5)
    x = rng.standard_normal((3, TIME, BATCH, INPUTS))
    shared = [a[None] for a in (weight, recurrent, projection, bias)]
    own = [np.concatenate([a, 1.5 * a, -a]) for a in shared]
    for arrays in (shared, own):
        together = apply_lanes("projected_lstm", x, *arrays)
        for lane in range(3):
            parts = [a[min(lane, len(a) - 1)][None] for a in arrays]
            alone = apply_lanes("projected_lstm", x[lane : lane + 1], *parts)
            for many, one in zip(together, alone, strict=True):
                np.testing.assert_allclose(many[lane], one[0], rtol=1e-12, atol=1e-13)


def test_streaming_and_what_does_not_fit(apply, streams):
    _, weights = theirs(False, True)
    step = streams("projected_lstm", 2, 3, 3, 3, 2)
    assert step.carry == ((5, 1), (6, 2))
    assert "backwards" in streams("projected_lstm", 2, 3, 3, 3, 2, direction="bidirectional")
    with pytest.raises(GraphError, match="weight"):
        apply("projected_lstm", np.ones((TIME, INPUTS + 1)), *weights)
    with pytest.raises(GraphError, match="direction"):
        apply("projected_lstm", np.ones((TIME, INPUTS)), *weights, direction="sideways")
