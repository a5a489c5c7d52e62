"""Writing small pickles as madmom's were written."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from modelparity.formats.madmom import parse
from modelparity.graph import Graph

FIXTURES = Path(__file__).parents[3] / "fixtures"


@pytest.fixture(scope="session")
def write() -> ModuleType:
    """fixtures/pickles.py: Fn, Obj, network, dumps."""
    spec = importlib.util.spec_from_file_location("fixture_pickles", FIXTURES / "pickles.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["fixture_pickles"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


class Parts:
    """Layers with small weights, every attribute open to change."""

    def __init__(self, write: ModuleType) -> None:
        self.write = write
        self.rng = np.random.default_rng(7)

    def __call__(self, *shape: int) -> Any:
        return self.rng.normal(size=shape).astype(np.float32)

    def fn(self, name: str) -> Any:
        return self.write.Fn(name)

    def layer(self, kind: str, **state: Any) -> Any:
        return self.write.Obj(kind, state)

    def dense(self, width: int = 3, hidden: int = 2, act: str = "tanh", **more: Any) -> Any:
        own = {"weights": self(width, hidden), "bias": self(hidden), "activation_fn": self.fn(act)}
        return self.layer("FeedForwardLayer", **own | more)

    def gate(
        self, kind: str = "Gate", width: int = 3, hidden: int = 2, act: str = "sigmoid", **more: Any
    ) -> Any:
        own = {
            "weights": self(width, hidden),
            "bias": self(hidden),
            "recurrent_weights": self(hidden, hidden),
        }
        return self.layer(kind, **own | {"activation_fn": self.fn(act)} | more)

    def rnn(self, act: str = "tanh", **more: Any) -> Any:
        return self.gate("RecurrentLayer", act=act, **more)

    def lstm(self, **more: Any) -> Any:
        own = {name: self.gate() for name in ("input_gate", "forget_gate", "output_gate")}
        return self.layer(
            "LSTMLayer",
            **own | {"cell": self.gate("Cell", act="tanh"), "activation_fn": self.fn("tanh")} | more,
        )

    def gru(self, **more: Any) -> Any:
        own = {
            "reset_gate": self.gate(),
            "update_gate": self.gate(),
            "cell": self.gate("GRUCell", act="tanh"),
        }
        return self.layer("GRULayer", **own | more)

    def both(self, forward: Any, backward: Any) -> Any:
        return self.layer("BidirectionalLayer", fwd_layer=forward, bwd_layer=backward)

    def conv(self, *shape: int, act: str = "linear", **more: Any) -> Any:
        own = {
            "weights": self(*shape),
            "bias": self(shape[1]),
            "activation_fn": self.fn(act),
            "stride": 1,
            "pad": "valid",
        }
        return self.layer("ConvolutionalLayer", **own | more)

    def norm(self, *shape: int, act: str = "linear", **more: Any) -> Any:
        own = {name: self(*shape) for name in ("mean", "inv_std", "gamma", "beta")}
        return self.layer("BatchNormLayer", **own | {"activation_fn": self.fn(act)} | more)


@pytest.fixture
def parts(write: ModuleType) -> Parts:
    """Layers to build networks of."""
    return Parts(write)


@pytest.fixture
def graph_of(write: ModuleType) -> Callable[..., Graph]:
    """The graph that is read back from a pickle of these layers."""

    def build(*layers: Any, **extra: Any) -> Graph:
        return parse(write.dumps(write.network(*layers, **extra)), name="test")

    return build
