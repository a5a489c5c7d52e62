"""Mistakes with numbers of their own: found from what a candidate has at a node, and true of another input."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.verdict.faults import FittedFault, Observation, fault, faults, fitted

RNG = np.random.default_rng(5)
SPEC = TensorSpec("x", (Axis("time"), Axis("feature", 6)))
CONSTANTS = {name: RNG.standard_normal((6, 6)).astype(np.float32) for name in ("w", "v")}
GRAPH = Graph(
    "two",
    (SPEC,),
    ("y",),
    (
        Node("first", "dense", ("x", "w"), ("h",)),
        Node("act", "tanh", ("h",), ("a",)),
        Node("last", "dense", ("a", "v"), ("y",)),
    ),
    CONSTANTS,
)
ORDER = np.array([2, 0, 1, 5, 4, 3])
OFFSETS = np.linspace(-1, 1, 6)
#: fault -> (tensor that it is made at, what the candidate has there)
MADE = {
    "constant-factor": ("h", lambda a, x: 0.43 * a),
    "constant-offset": ("h", lambda a, x: a + 0.25),
    "constant-factor-and-offset": ("x", lambda a, x: 2 * a - 1),
    "another-bias": ("h", lambda a, x: a + OFFSETS),
    "another-scale": ("y", lambda a, x: a * (2 + OFFSETS)),
    "another-mean-and-deviation": ("x", lambda a, x: (a - OFFSETS) / (2 + OFFSETS)),
    "lag": ("a", lambda a, x: np.concatenate([np.zeros((3, 6)), a[:-3]])),
    "channels-permuted": ("a", lambda a, x: a[:, ORDER]),
    "axes-permuted": ("y", lambda a, x: a.T),
    "cut-along-an-axis": ("y", lambda a, x: a[:-2]),
    "limited": ("h", lambda a, x: np.clip(a, -1, 1.5)),
    "tensor-added-or-left-out": ("y", lambda a, x: a + x),
}


def seen(tensor: str, change, x: np.ndarray) -> tuple[Observation, np.ndarray]:
    """What a candidate with that mistake at that tensor has there, in float32, and gives."""
    taps = {**mp.run(GRAPH, x, taps=True), "x": x}
    got = np.asarray(change(taps[tensor], x), np.float32)
    there = {"x": 0, "h": 1, "a": 2, "y": 3}[tensor]
    rest = GRAPH.changed(
        inputs=(TensorSpec(tensor, tuple(Axis(f"axis{k}") for k in range(2))),), nodes=GRAPH.nodes[there:]
    )
    given = mp.run(rest, got)["y"] if there < 3 else got
    return Observation(tensor, taps[tensor], got, taps), given


@pytest.mark.parametrize("id", sorted(MADE))
def test_numbers_that_are_found_hold_on_another_input(id: str) -> None:
    one = fault(id)
    assert isinstance(one, FittedFault)
    rng = np.random.default_rng(7)
    x, unseen = rng.standard_normal((40, 6)), rng.standard_normal((40, 6))
    observation, _ = seen(*MADE[id], x)
    (made,) = one.fits(GRAPH, observation)
    assert made.fault == id
    assert made.nodes
    _, expected = seen(*MADE[id], unseen)
    limit = 1e-2 if id == "limited" else 1e-4
    np.testing.assert_allclose(mp.run(made.changed(), unseen)["y"], expected, atol=limit)


def test_every_fitted_fault_is_tried_here() -> None:
    assert {one.id for one in fitted()} == set(MADE)
    assert len(fitted()) < len(faults())


@pytest.mark.parametrize("one", fitted(), ids=lambda one: one.id)
def test_nothing_is_fitted_to_noise_or_to_what_is_equal(one: FittedFault) -> None:
    rng = np.random.default_rng(8)
    wanted = mp.run(GRAPH, rng.standard_normal((40, 6)), taps=True)["h"]
    for got in (wanted, wanted + rng.standard_normal(wanted.shape), wanted * np.nan, wanted[:0]):
        assert not list(one.fits(GRAPH, Observation("h", wanted, got)))


def test_without_an_observation_there_are_no_numbers() -> None:
    assert not [made for one in fitted() for made in one.applications(GRAPH)]


def test_the_special_comes_before_the_general() -> None:
    """A factor is also a factor and an offset of nought; the first that fits is the factor."""
    x = np.random.default_rng(9).standard_normal((40, 6))
    observation, _ = seen(*MADE["constant-factor"], x)
    found = [one.id for one in fitted() if list(one.fits(GRAPH, observation))]
    assert found[0] == "constant-factor"
    assert "constant-offset" not in found
    assert "lag" not in found
