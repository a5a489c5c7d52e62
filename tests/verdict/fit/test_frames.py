"""A module without a time axis is called once a frame, its state kept in a buffer or an attribute."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity.graph import Axis, Graph, Node, TensorSpec

from .nets import TIME


class Frame(torch.nn.Module):
    """A GRU's cell; what it keeps from call to call is ``share`` of what it should be."""

    def __init__(self, buffer, flat, share=1.0):
        super().__init__()
        torch.manual_seed(0)
        self.cell, self.flat, self.share = torch.nn.GRUCell(3, 5), flat, share
        start = torch.zeros(5) if flat else torch.zeros(1, 5)
        if buffer:
            self.register_buffer("h", start)
        else:
            self.h = start

    def forward(self, x):
        y = self.cell(x, self.h)
        self.h = y * self.share
        return y


def whole():
    """The same over a whole sequence, in this package's own words."""
    table = {name: value.detach().numpy() for name, value in Frame(True, False).cell.state_dict().items()}
    arrays = {
        "W": table["weight_ih"].T[None],
        "R": table["weight_hh"].T[None],
        "b": table["bias_ih"][None],
        "rb": table["bias_hh"][None],
    }
    node = Node("gru", "gru", ("x", "W", "R", "b", "rb"), ("y", "hn"))
    return Graph("gru", (TensorSpec("x", (TIME, Axis("feature", 3))),), ("y",), (node,), arrays)


X = np.random.default_rng(0).standard_normal((14, 3)).astype(np.float32)


@pytest.mark.parametrize("buffer", [True, False])
@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("inputs", [None, X])
def test_a_module_that_takes_one_frame(buffer, flat, inputs):
    verdict = mp.check(whole(), Frame(buffer, flat).eval(), inputs=inputs)
    assert verdict.ok, str(verdict)
    assert "the candidate is run frame by frame along 'time'" in str(verdict)
    found = mp.check(whole(), Frame(buffer, flat, share=0.99).eval(), inputs=inputs, explain=False)
    assert found.band == "wrong"


class Products(torch.nn.Module):
    """A frame a call, the state in and out; exported, it is plain products, sums and gates."""

    def __init__(self, share=1.0):
        super().__init__()
        torch.manual_seed(0)
        self.cell, self.share = torch.nn.GRUCell(3, 5), share

    def forward(self, x, h):
        y = self.cell(x, h)
        return y * 1.0, y * self.share


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [(("x", "h"), ("y", "hn")), (("in0", "in1"), ("o0", "o1")), (("x", "state_in"), ("y", "state_out"))],
)
def test_a_cell_exported_as_plain_products_has_a_state(inputs, outputs, tmp_path):
    for share, band in ((1.0, "rounding"), (0.999, "wrong")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                Products(share).eval(),
                (torch.randn(1, 3), torch.zeros(1, 5)),
                tmp_path / "cell.onnx",
                dynamo=False,
                input_names=list(inputs),
                output_names=list(outputs),
            )
        verdict = mp.check(whole(), tmp_path / "cell.onnx", explain=False)
        assert verdict.band == band
        assert f"{inputs[1]} started from zeros, as states do; {outputs[1]} is its next value" in str(verdict)
        assert verdict.fit.states == ((inputs[1], outputs[1]),)
