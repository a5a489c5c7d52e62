"""Element types: what a format lacks is no fault where values are equal; float64 is expected where it is declared."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.graph import Axis, Graph, Node, TensorSpec

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

X = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)


class Doubled(nn.Module):
    """A layer in float64 between what it is given and ``last``, the type that it returns."""

    def __init__(self, last: torch.dtype) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.layer, self.last = nn.Linear(3, 4).double(), last

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x.double()).to(self.last)


class Widened(nn.Module):
    """float32 until its last step."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.layer = nn.Linear(3, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x).double()


MODULES = {
    "inside": Doubled(torch.float64),
    "back": Doubled(torch.float32),
    "last": Widened(),
}


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("suffix", ["", ".onnx", ".mlpackage", ".mlmodel"])
def test_float64_that_a_module_declares_is_expected(kind, suffix, tmp_path):
    module = MODULES[kind].eval()
    graph = mp.load(module, example={"x": X})
    candidate = mp.convert(graph, tmp_path / f"converted{suffix}") if suffix else module
    verdict = mp.check(module, candidate, inputs={"x": X})
    assert verdict.ok, str(verdict)
    said = "float64 in a type that its format has" in str(verdict)
    assert said == (suffix.startswith(".ml") and kind != "back")


def test_float32_is_another_type_than_the_float64_that_is_declared():
    module, narrow = MODULES["inside"].eval(), Doubled(torch.float32).eval()
    narrow.load_state_dict(module.state_dict())
    verdict = mp.check(module, narrow, inputs={"x": X})
    assert verdict.band == "wrong"
    assert "should be float64" in str(verdict)
    assert mp.check(MODULES["back"].eval(), module, inputs={"x": X}, explain=False).band == "wrong"


@pytest.mark.parametrize("suffix", ["", ".onnx"])
def test_a_graph_of_both_types_gives_what_it_declares(suffix, tmp_path):
    graph = mp.load(MODULES["last"].eval(), example={"x": X})
    candidate = mp.convert(graph, tmp_path / "converted.onnx") if suffix else graph
    assert mp.check(graph, candidate, inputs={"x": X}, runtime="engine").ok


def test_a_module_is_given_numbers_in_the_one_type_of_its_weights():
    module = nn.Linear(3, 4).double().eval()
    graph = mp.load(module, example={"input": X.astype(np.float64)})
    assert mp.check(graph, module, inputs={"input": X}).ok


def positive(constant):
    """Which are above a constant, and the numbers themselves."""
    axes = (Axis("time"), Axis("feature", 3))
    nodes = (
        Node("product", "matmul", ("x", "W"), ("p",)),
        Node("above", "greater", ("p", "limit"), ("y",)),
        Node("counted", "cast", ("y",), ("n",), {"to": "int64"}),
    )
    held = {
        "W": np.random.default_rng(1).standard_normal((3, 4)).astype("f4"),
        "limit": np.float32(constant),
    }
    return Graph("positive", (TensorSpec("x", axes),), ("y", "n", "p"), nodes, held)


def test_booleans_and_wide_whole_numbers_may_be_what_core_ml_has(tmp_path):
    right = mp.convert(positive(0.0), tmp_path / "right.mlpackage")
    verdict = mp.check(positive(0.0), right, length=20)
    assert verdict.ok, str(verdict)
    assert "y, bool in a type that its format has" in str(verdict)
    assert "n, int64 in a type that its format has" in str(verdict)
    wrong = mp.convert(positive(0.2), tmp_path / "wrong.mlpackage")
    assert mp.check(positive(0.0), wrong, length=20, explain=False).band == "wrong"
