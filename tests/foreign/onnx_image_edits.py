"""ONNX files edited: convolutions, norms, pooling, resizing."""

from __future__ import annotations

import numpy as np

from .onnx_files import File, array, edit, floats, node, setting


def conv() -> File:
    f = File((1, 3, 9, 8))
    f.hold(
        W=floats(1, 6, 3, 3, 3),
        b=floats(2, 6),
        s=floats(3, 6),
        o=floats(4, 6),
        m=floats(5, 6),
        v=abs(floats(6, 6)) + 0.1,
    )
    f.hold(V=floats(7, 4, 6, 3, 3), k=floats(8, 4, 1, 1))
    f.add("Conv", "x", "W", "b", out="c", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    f.add("BatchNormalization", "c", "s", "o", "m", "v", out="n", epsilon=1e-5)
    f.add("LeakyRelu", "n", out="r", alpha=0.1)
    f.add(
        "AveragePool",
        "r",
        out="p",
        kernel_shape=[3, 3],
        strides=[1, 1],
        pads=[1, 1, 1, 1],
        count_include_pad=1,
    )
    f.add("Conv", "p", "V", out="d", kernel_shape=[3, 3], pads=[2, 2, 2, 2], dilations=[2, 2])
    f.add("PRelu", "d", "k", out="y")
    return f


for _name, _change, _at, _right in (
    (
        "auto_pad SAME_LOWER for SAME_UPPER",
        setting("Conv", auto_pad="SAME_LOWER"),
        "conv pad",
        "padding-on-other-side",
    ),
    (
        "epsilon of an exporter's default",
        setting("BatchNormalization", epsilon=1e-3),
        "batch_norm",
        "epsilon-wrong",
    ),
    (
        "alpha of LeakyRelu taken for the default",
        setting("LeakyRelu", alpha=None),
        "leaky_relu",
        "activation-setting",
    ),
    (
        "count_include_pad missing",
        setting("AveragePool", count_include_pad=None),
        "avg_pool average_pool",
        "pooling-padding-counted",
    ),
    (
        "dilations missing and pads made to fit",
        lambda g: [
            (a.ints.__setitem__(slice(None), [1] * len(a.ints)))
            for one in [node(g, "Conv", 1)]
            for a in one.attribute
            if a.name in ("dilations", "pads")
        ],
        "conv pad",
        "dilation-wrong",
    ),
    ("slopes of a PRelu reversed", array("k", lambda a: a[::-1]), "prelu", "prelu-slopes channels-permuted"),
    (
        "channels of the first kernel for BGR",
        array("W", lambda a: a[:, ::-1]),
        "conv",
        "input-channels-reversed channels-permuted",
    ),
    ("sign of a bias", array("b", lambda a: -a), "conv", "bias-subtracted array-scaled"),
    ("weights of a convolution zeroed", array("V", lambda a: 0 * a), "conv", "weights-lost"),
    (
        "weights of a convolution with values of half precision",
        array("V", lambda a: a.astype(np.float16).astype(np.float32)),
        "conv",
        "array-rounded",
    ),
    ("scale of a quantiser on a kernel", array("W", lambda a: a / np.float32(128)), "conv", "array-scaled"),
    (
        "deviation for variance in a batch normalisation",
        array("v", np.sqrt),
        "batch_norm",
        "variance-for-deviation",
    ),
):
    edit(_name, "convolutional", conv, _change, at=_at, right=_right)


def image() -> File:
    f = File((1, 8, 6, 6))
    f.hold(
        scales=np.array([1, 1, 2, 2], np.float32),
        W=floats(1, 4, 4, 3, 3),
        pads=np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64),
    )
    f.add("DepthToSpace", "x", out="d", blocksize=2, mode="CRD")
    f.add("Pad", "d", "pads", out="p", mode="reflect")
    f.hold(U=floats(2, 2, 3, 3, 3))
    f.add(
        "ConvTranspose",
        "p",
        "U",
        out="c",
        kernel_shape=[3, 3],
        strides=[2, 2],
        pads=[1, 1, 1, 1],
        output_padding=[1, 1],
    )
    f.add(
        "Resize",
        "c",
        "",
        "scales",
        out="r",
        mode="cubic",
        coordinate_transformation_mode="half_pixel",
        cubic_coeff_a=-0.75,
    )
    f.add("InstanceNormalization", "r", "s", "o", out="y", epsilon=1e-5)
    f.hold(s=floats(3, 3), o=floats(4, 3))
    return f


for _name, _change, _at, _right in (
    ("mode DCR for CRD", setting("DepthToSpace", mode="DCR"), "pixel_shuffle", "pixel-shuffle-order"),
    ("edge for reflect", setting("Pad", mode="edge"), "pad", "padding-mode"),
    (
        "coordinates of align_corners",
        setting("Resize", coordinate_transformation_mode="align_corners"),
        "resample",
        "resize-grid",
    ),
    (
        "coordinates asymmetric, as in opset 10",
        setting("Resize", coordinate_transformation_mode="asymmetric"),
        "resample",
        "resize-grid",
    ),
    (
        "cubic coefficient of another framework",
        setting("Resize", cubic_coeff_a=-0.5),
        "resample",
        "resize-cubic-coefficient",
    ),
    ("linear for cubic", setting("Resize", mode="linear"), "resample", "resize-mode"),
    (
        "epsilon of an instance normalisation",
        setting("InstanceNormalization", epsilon=1e-2),
        "instance_norm",
        "epsilon-wrong",
    ),
    (
        "padding of a transposed convolution one to the other side",
        setting("ConvTranspose", pads=[0, 0, 1, 1], output_padding=[0, 0]),
        "conv_transpose pad slice",
        "padding-on-other-side pad-wrong",
    ),
):
    edit(_name, "convolutional", image, _change, at=_at, right=_right)
