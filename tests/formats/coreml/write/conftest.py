"""Graphs of a few nodes, and Apple's own reading of what was written."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ConversionError
from modelparity.formats.coreml.write import write


def weights(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.fixture
def chain() -> Callable[..., mp.Graph]:
    """A graph of nodes on one input x (time, feature)."""

    def make(
        *nodes: mp.Node,
        constants: dict[str, np.ndarray] | None = None,
        outputs: tuple[str, ...] = ("y",),
        axes: tuple[mp.Axis, ...] = (mp.Axis("time"), mp.Axis("feature", 6)),
        **fields: Any,
    ) -> mp.Graph:
        return mp.Graph("chain", (mp.TensorSpec("x", axes),), outputs, nodes, constants or {}, **fields)

    return make


@pytest.fixture
def lstm(chain: Callable[..., mp.Graph]) -> Callable[..., mp.Graph]:
    """One LSTM with peepholes, hidden size 5, on 6 features."""

    def make(*, outputs: int = 1, direction: str = "forward", state: bool = True, **attrs: Any) -> mp.Graph:
        d = 2 if direction == "bidirectional" else 1
        constants = {
            "w": weights(d, 6, 20),
            "r": weights(d, 5, 20, seed=2),
            "b": weights(d, 20, seed=3),
            "p": weights(d, 3, 5, seed=4),
        }
        reads = ["x", "w", "r", "b", "p"]
        if state:
            constants |= {"h0": weights(d, 5, seed=5), "c0": weights(d, 5, seed=6)}
            reads += ["h0", "c0"]
        names = ("y", "h", "c")[:outputs]
        attrs["direction"] = direction
        return chain(mp.Node("cell", "lstm", tuple(reads), names, attrs), constants=constants, outputs=names)

    return make


def refusal(graph: mp.Graph, path: Path) -> ConversionError | None:
    """Write the graph; the error, if it is refused."""
    try:
        write(graph, path)
    except ConversionError as error:
        return error
    return None


@pytest.fixture(scope="session")
def apple() -> Callable[[Path], Any]:
    """coremltools' reading of a package: it infers every type again and refuses what its definitions do not allow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import coremltools
        from coremltools.converters.mil.frontend.milproto import load

    def read(path: Path) -> Any:
        model = coremltools.models.MLModel(str(path), skip_model_load=True)
        spec = model.get_spec()
        return load.load(
            spec, specification_version=spec.specificationVersion, file_weights_dir=model.weights_dir
        )

    return read
