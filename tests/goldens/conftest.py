"""Two small networks, and goldens of them."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity import Axis, Golden, Graph, Node, TensorSpec, golden
from modelparity.graph import Source


def weights(seed: int, **shapes: tuple[int, ...]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: (0.4 * rng.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture(scope="session")
def dense() -> Graph:
    """y = tanh(x W + b), x (time, 3) -> y (time, 2)."""
    return Graph(
        "small/dense",
        (TensorSpec("x", (Axis("time"), Axis("feature", 3))),),
        ("y",),
        (Node("d", "dense", ("x", "W", "b"), ("z",)), Node("t", "tanh", ("z",), ("y",))),
        weights(1, W=(3, 2), b=(2,)),
        Source("madmom", "C:\\models\\dense.pkl", "ab" * 32),
    )


@pytest.fixture(scope="session")
def lstm() -> Graph:
    """An LSTM with peepholes; its sequence and its last cell are outputs."""
    names = ("x", "W", "R", "b", "p")
    return Graph(
        "small/lstm",
        (TensorSpec("x", (Axis("time", None, 2), Axis("feature", 3))),),
        ("y", "c"),
        (Node("l", "lstm", names, ("y", "h", "c")),),
        weights(2, W=(1, 3, 16), R=(1, 4, 16), b=(1, 16), p=(1, 3, 4)),
    )


@pytest.fixture(scope="session")
def path() -> Graph:
    """Viterbi: its output is whole numbers."""
    return Graph(
        "small/path",
        (TensorSpec("x", (Axis("time"), Axis("state", 4))),),
        ("y",),
        (Node("v", "viterbi", ("x", "A", "p"), ("y",)),),
        weights(3, A=(4, 4), p=(4,)),
    )


@pytest.fixture(scope="session")
def gold(dense: Graph) -> Golden:
    return golden(dense, length=6)
