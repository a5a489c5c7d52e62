"""magnitude_spectrum against the sum that defines it, in every arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed
from modelparity.engine.run import run_lanes
from modelparity.errors import GraphError


def by_hand(x, shares, periodic, divisor, first, bins, power):
    size = x.shape[-1]
    n = np.arange(size)
    turn = 2 * np.pi * n / max(1, size if periodic else size - 1)
    w = (shares[0] - shares[1] * np.cos(turn) + shares[2] * np.cos(2 * turn)) / divisor
    k = first + np.arange(bins)
    z = (x * w) @ np.exp(-2j * np.pi * np.outer(n, k) / size)
    return np.abs(z) ** power


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 33),
    st.booleans(),
    st.sampled_from([(0.5, 0.5, 0.0), (0.54, 0.46, 0.0), (0.42, 0.5, 0.08), (1.0, 0.0, 0.0)]),
    st.sampled_from([1, 2]),
    st.sampled_from(["int16", "uint8", "int32", "float32", "float64"]),
    st.data(),
)
def test_agrees_with_the_sum(apply, size, periodic, shares, power, dtype, data):
    first = data.draw(st.integers(0, size // 2))
    bins = data.draw(st.integers(0, size // 2 + 1 - first))
    x = (np.random.default_rng(size).standard_normal((2, 3, size)) * 100).astype(dtype)
    attrs = {"shares": shares, "periodic": periodic, "divisor": 30.0, "first": first, "power": power}
    y = apply("magnitude_spectrum", x, bins=bins, **attrs)
    want = by_hand(x, bins=bins, **attrs)
    assert y.shape == (2, 3, bins)
    np.testing.assert_allclose(y, want, rtol=1e-11, atol=1e-10)
    rest = apply("magnitude_spectrum", x[0, 0], **attrs)
    assert rest.shape == (size // 2 + 1 - first,)


def test_windows_are_those_of_numpy(apply):
    for name, shares in (
        ("hanning", (0.5, 0.5, 0)),
        ("hamming", (0.54, 0.46, 0)),
        ("blackman", (0.42, 0.5, 0.08)),
    ):
        x = np.random.default_rng(0).standard_normal(64)
        want = np.abs(np.fft.rfft(x * getattr(np, name)(64)))
        np.testing.assert_allclose(apply("magnitude_spectrum", x, shares=shares), want, rtol=1e-10)


def test_sums_are_float64_whatever_the_arithmetic(apply):
    """Beside a loud tone stands what float32 would drown: a hundred million times quieter."""
    n = np.arange(256)
    tone = lambda k, a: a * np.sin(2 * np.pi * k * n / 256)  # noqa: E731
    x = np.round(tone(32, 2**30)) + np.round(tone(96, 16))
    y = apply("magnitude_spectrum", x.astype(np.int32), ar="float32", bins=128)
    want = by_hand(x, (0.5, 0.5, 0.0), False, 1.0, 0, 128, 1)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, want, rtol=2e-7)


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16"])
def test_results_are_what_the_arithmetic_holds(apply, name):
    y = apply("magnitude_spectrum", np.random.default_rng(1).standard_normal((4, 32)), ar=name)
    again = apply("cast", y, to="float", ar=name)
    np.testing.assert_array_equal(y, again)


def test_lanes_are_perturbed_each_for_itself():
    spec = TensorSpec("x", (Axis("frame"), Axis("n", 64)), "int16")
    graph = Graph("g", (spec,), ("y",), (Node("m", "magnitude_spectrum", ("x",), ("y",)),), {})
    x = np.random.default_rng(2).integers(-9999, 9999, (5, 64)).astype(np.int16)
    lanes = run_lanes(graph, x, Perturbed("float32", lanes=4))["y"]
    want = by_hand(x, (0.5, 0.5, 0.0), False, 1.0, 0, 33, 1)
    for one in lanes:
        assert 0 < np.abs(one / want - 1).max() < 4 * 2.0**-23
    assert len({one.tobytes() for one in lanes}) == 4


def test_lanes(lanewise):
    lanewise("magnitude_spectrum", np.random.default_rng(0).standard_normal((3, 4, 16)), divisor=2.0)


def test_refuses(apply):
    for wrong in ({"first": -1}, {"bins": 10}, {"first": 6}, {"power": 3}):
        with pytest.raises(GraphError, match="no such spectrum"):
            apply("magnitude_spectrum", np.ones((2, 8)), **wrong)
    with pytest.raises(GraphError, match="no such spectrum"):
        apply("magnitude_spectrum", np.ones((2, 0)))
    assert apply("magnitude_spectrum", np.ones((0, 8))).shape == (0, 5)


def test_streaming(streams):
    assert streams("magnitude_spectrum", 2) == Step(0)
    assert "along the time axis" in streams("magnitude_spectrum", 2, times=(1,))


def test_a_transform_in_float32_is_as_far_off_as_single_says():
    """scipy in float32 lies within ten times the spread of perturbed runs, which is no wider than it needs to be."""
    import scipy.fft

    from modelparity.engine.arithmetic import Arithmetic
    from modelparity.engine.perturbed import Perturbed
    from modelparity.ops.magnitude_spectrum import magnitude_spectrum, window

    shares = (0.5, 0.5, 0.0)
    x = (np.random.default_rng(5).normal(size=(4, 2560)) + 100 * np.sin(np.arange(2560))).astype(np.float32)
    exact = magnitude_spectrum(Arithmetic("float64"), x[None].astype(np.float64), periodic=True)[0]
    weights = window(2560, shares, True).astype(np.float32)
    off = np.abs(np.abs(scipy.fft.rfft(x * weights, axis=-1)) - exact)
    ar = Perturbed("float32", seed=3)
    lanes = magnitude_spectrum(ar, np.broadcast_to(x, (ar.lanes, *x.shape)), periodic=True, single=True)
    floor = np.abs(lanes - exact).max(axis=0)
    ratio = off.max() / floor.max()
    assert (off <= 10 * np.maximum(floor, floor.max(axis=-1, keepdims=True) / 100)).all()
    assert 0.02 < ratio < 3
