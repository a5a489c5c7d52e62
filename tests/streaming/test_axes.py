"""Blocks come along any axis, that is named or found; windows and hops may be of any length."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity import Axis, TensorSpec, run, stream
from modelparity.errors import InputError

from .stacks import WIDTH, Build, pushed, rnn


def over(*axes):
    return Build(TensorSpec("x", (*axes, Axis("feature", WIDTH))))


@pytest.mark.parametrize(
    ("axes", "asked"),
    [
        ((Axis("sequence_length"),), None),
        ((Axis("input_dim_0"),), None),
        ((Axis("batch"), Axis("S")), None),
        ((Axis("a"), Axis("frames")), None),
        ((Axis("u"), Axis("v")), "v"),
        ((Axis("time"), Axis("frames")), "frames"),
    ],
)
def test_the_axis_is_found_or_named(axes, asked):
    b = over(*axes)
    net = b.graph(b("tanh", b("matmul", "x", b.weight(WIDTH, WIDTH))))
    s = stream(net, axis=asked)
    place = len(axes) - 1
    assert s.axes == {"t1": place}
    x = np.random.default_rng(0).standard_normal((*[2] * place, 20, WIDTH))
    blocks = [s.push(part)["t1"] for part in np.split(x, [3, 4, 11], axis=place)]
    np.testing.assert_allclose(np.concatenate(blocks, axis=place), run(net, x)["t1"], atol=1e-12)


def test_an_axis_that_does_not_follow_is_asked_for():
    b = over(Axis("u"), Axis("v"))
    net = b.graph(b("tanh", "x"))
    with pytest.raises(InputError, match=r"which axis blocks come along(.|\n)*axis='u'"):
        stream(net)
    with pytest.raises(InputError, match="no input has an axis 'c'"):
        stream(net, axis="c")


@pytest.mark.parametrize(
    ("axes", "asked", "place"),
    [
        ((Axis("batch", 1), Axis("axis1", 20)), None, 1),
        ((Axis("axis0", 1), Axis("axis1", 20)), None, 1),
        ((Axis("axis0", 2), Axis("axis1", 20)), "axis1", 1),
        ((Axis("axis0", 1), Axis("seq", 1)), None, 1),
    ],
)
def test_of_fixed_axes_it_is_the_one_that_could_be_of_another_length(axes, asked, place):
    """The features' width is what the weights have, and one row of a batch is no length."""
    b = over(*axes)
    net = b.graph(b("tanh", b("matmul", "x", b.weight(WIDTH, WIDTH))))
    if asked is not None:
        with pytest.raises(InputError, match=rf"which axis blocks come along(.|\n)*axis='{asked}'"):
            stream(net)
    s = stream(net, axis=asked)
    assert s.axes == {"t1": place}
    x = np.random.default_rng(0).standard_normal((axes[0].size, 40, WIDTH))
    got = np.concatenate([s.push(part)["t1"] for part in np.split(x, [7, 20], axis=1)], axis=1)
    np.testing.assert_allclose(got, np.tanh(x @ net.constants["w0"]), atol=1e-12)


@pytest.mark.parametrize(
    ("size", "hop", "dilation"),
    [(1, 1, 1), (3, 160, 1), (401, 160, 2), (1024, 1, 1), (2048, 512, 1), (2, 1000, 7), (61, 7, 3)],
)
def test_unpadded_windows_of_any_length_and_hop(size, hop, dilation):
    b = Build()
    net = b.graph(b("conv", "x", b.weight(size, WIDTH, 2), strides=(hop,), dilations=(dilation,)))
    x = np.random.default_rng(1).standard_normal((4000, WIDTH))
    np.testing.assert_allclose(pushed(stream(net), x, [1, 2, 700, 3001])["t0"], run(net, x)["t0"], atol=1e-10)


def test_an_input_without_the_axis_is_given_once():
    b = Build(TensorSpec("x", (Axis("time"), Axis("f", WIDTH))), TensorSpec("gain", (Axis("f", WIDTH),)))
    net = b.graph(b("mul", rnn(b, "x", WIDTH), b("exp", "gain")))
    x, gain = np.random.default_rng(2).standard_normal((12, WIDTH)), np.arange(WIDTH) / 4
    s = stream(net)
    with pytest.raises(InputError, match="input"):
        s.push({"x": x[:5]})
    for _ in range(2):
        blocks = [s.push({"x": x[:5], "gain": gain}), s.push({"x": x[5:8]}), s.push(x[8:])]
        got = np.concatenate([one["t2"] for one in blocks])
        np.testing.assert_allclose(got, run(net, {"x": x, "gain": gain})["t2"], atol=1e-12)
        with pytest.raises(InputError, match="'gain' is given with the first block"):
            s.push({"x": x, "gain": gain})
        s.reset()
