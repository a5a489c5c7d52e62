"""A candidate takes an image and scales its pixels itself; the reference takes what comes of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.errors import InputError
from modelparity.verdict.fit import Fit

SCALE, BIAS = 1 / 58, (-2.1, -2.0, -1.8)
NODES = (Node("conv", "conv", ("t", "w"), ("c",)), Node("relu", "relu", ("c",), ("y",)))


def weights(channels=3):
    return np.random.default_rng(0).standard_normal((3, 3, channels, 4)).astype("f4")


def original(channels=3, size=(8, 8), axes=("channel", "height", "width"), order=(0, 2, 3, 1)):
    """x (1, channel, height, width) float -> y."""
    sizes = dict(zip(("channel", "height", "width"), (channels, *size), strict=True))
    spec = TensorSpec("x", (Axis("batch", 1), *(Axis(name, sizes[name]) for name in axes)))
    nodes = (Node("t", "transpose", ("x",), ("t",), {"axes": order}), *NODES)
    return Graph("original", (spec,), ("y",), nodes, {"w": weights(channels)})


def image(channels=3, size=(8, 8), *, bgr=False, scale=SCALE, bias=BIAS, factor=1.0):
    """x (height, width, channel) pixels -> y, as Core ML files with an image input are read."""
    axes = [Axis("x_height", size[0]), Axis("x_width", size[1])]
    names = iter(("first", "second", "third"))
    nodes, at = [], "x"

    def add(op, *more, to=None, origin="input 'x'", **attrs):
        nonlocal at
        name = to or next(names)
        nodes.append(Node(name, op, (at, *more), (name,), attrs, origin))
        at = name

    if channels > 1:
        axes.append(Axis("x_channel", channels))
        if bgr:
            add("reverse", axes=(2,))
        add("transpose", axes=(2, 0, 1))
        add("expand_dims", axes=(0,))
    else:
        add("expand_dims", axes=(0, 1))
    nodes.append(Node("array", "cast", (at,), ("x.array",), {"to": "float"}, "input 'x'"))
    at = "x.array"
    add("mul", "scale", to="x__scaled__", origin="main/op 0")
    add("add", "bias", to="x__biased__", origin="main/op 1")
    nodes.append(Node("t", "transpose", (at,), ("t",), {"axes": (0, 2, 3, 1)}))
    constants = {
        "scale": np.array(scale, "f4"),
        "bias": np.array(bias[:channels], "f4").reshape(1, -1, 1, 1),
        "w": weights(channels) * np.float32(factor),
    }
    return Graph("image", (TensorSpec("x", tuple(axes), "uint8"),), ("y",), (*nodes, *NODES), constants)


@pytest.mark.parametrize("bgr", [False, True])
def test_the_files_own_scale_bias_and_order_are_applied_and_said(bgr):
    verdict = mp.check(original(), image(bgr=bgr))
    assert verdict.ok, verdict
    assert "made of pixels, times 0.0172414 plus -2.1, -2, -1.8" in str(verdict)
    assert ("blue first" in str(verdict)) == bgr
    assert Fit.from_json(json.loads(json.dumps(verdict.fit.to_json()))) == verdict.fit
    assert mp.check(original(), image(bgr=bgr, factor=1.01)).band == "wrong"


def test_grey_images_and_originals_with_channels_last():
    grey = mp.check(original(1, (6, 9)), image(1, (6, 9), scale=1 / 255, bias=(0.0,)))
    assert grey.ok, grey
    last = original(size=(6, 9), axes=("height", "width", "channel"), order=(0, 1, 2, 3))
    assert mp.check(last, image(size=(6, 9))).ok


def test_rows_stay_rows():
    """Height and width of an image are known: a square one whose sides were swapped is wrong."""
    swapped = original(axes=("channel", "width", "height"), order=(0, 3, 2, 1))
    assert mp.check(original(), image()).ok
    assert mp.check(swapped, image()).band == "wrong"
    with pytest.raises(InputError, match="another shape"):
        mp.check(original(size=(6, 9)), image(size=(9, 6)))


def test_what_is_given_is_taken_at_the_nearest_pixels():
    pixels = np.random.default_rng(1).integers(0, 256, (1, 3, 8, 8))
    made = (pixels * SCALE + np.array(BIAS).reshape(1, 3, 1, 1)).astype("f4")
    exact = mp.check(original(), image(), inputs=made)
    assert exact.ok, exact
    assert "nearest pixels" not in str(exact)
    between = mp.check(original(), image(), inputs=made + np.float32(SCALE / 3))
    assert between.ok, between
    assert "both sides saw the nearest pixels" in str(between)


def test_an_image_against_itself_is_the_identity():
    verdict = mp.check(image(), image().changed(name="other"))
    assert verdict.ok
    assert verdict.fit.identity
