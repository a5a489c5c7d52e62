"""Operations with weights, normalisations and pools."""

from __future__ import annotations

import warnings

import numpy as np
import torch

from .case import (
    BACK,
    BIAS,
    BYTES,
    GROUPED,
    IMAGE,
    KERNEL,
    OTHER,
    SCALE,
    SHIFT,
    VECTOR,
    Case,
    F,
    channels,
    ct,
    same,
    weights,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb

LAYERS = [
    Case(
        "linear",
        lambda x: mb.linear(x=x, weight=KERNEL[:, :, 0, 0], bias=BIAS),
        lambda t: F.linear(t, weights(KERNEL[:, :, 0, 0]), weights(BIAS)),
        shapes=((3, 5, 6),),
    ),
    Case(
        "matmul",
        lambda x, y: mb.matmul(x=x, y=y, transpose_x=True, transpose_y=True),
        lambda a, b: a.mT @ b.mT,
        shapes=((2, 1, 4, 3), (5, 2, 4)),
    ),
    Case(
        "matmul-weight",
        lambda x: mb.matmul(x=x, y=KERNEL[0, :, :, 0], transpose_y=True),
        lambda t: t @ weights(KERNEL[0, :, :, 0]).mT,
        shapes=((5, 3),),
    ),
    Case(
        "einsum",
        lambda x, y: mb.einsum(values=(x, y), equation="nchw,nwhu->nchu"),
        lambda a, b: torch.einsum("nchw,nwhu->nchu", a.expand(2, -1, -1, -1), b),
        shapes=((1, 3, 4, 5), (2, 5, 4, 6)),
    ),
    Case(
        "batch_norm",
        lambda x: mb.batch_norm(x=x, mean=VECTOR, variance=OTHER, gamma=OTHER, beta=VECTOR, epsilon=0.1),
        lambda t: F.batch_norm(t, weights(VECTOR), weights(OTHER), weights(OTHER), weights(VECTOR), eps=0.1),
    ),
    Case(
        "batch_norm-bare",
        lambda x: mb.batch_norm(x=x, mean=VECTOR, variance=OTHER),
        lambda t: F.batch_norm(t, weights(VECTOR), weights(OTHER)),
    ),
    Case(
        "instance_norm",
        lambda x: mb.instance_norm(x=x, gamma=VECTOR, beta=OTHER),
        lambda t: F.instance_norm(t, weight=weights(VECTOR), bias=weights(OTHER)),
    ),
    Case("layer_norm", lambda x: mb.layer_norm(x=x, axes=[2, 3]), lambda t: F.layer_norm(t, t.shape[2:])),
    Case(
        "layer_norm-inner",
        lambda x: mb.layer_norm(x=x, axes=[1], gamma=VECTOR, beta=OTHER),
        lambda t: F.layer_norm(t.movedim(1, -1), (6,), weights(VECTOR), weights(OTHER)).movedim(-1, 1),
    ),
    Case(
        "l2_norm",
        lambda x: mb.l2_norm(x=x, epsilon=0.1),
        lambda t: t / (t.square().sum((1, 2, 3), keepdim=True) + 0.1).sqrt(),
    ),
    Case(
        "local_response_norm",
        lambda x: mb.local_response_norm(x=x, size=4, alpha=0.5),
        lambda t: F.local_response_norm(t, 4, alpha=0.5),
    ),
    Case(
        "local_response_norm-rank-3",
        lambda x: mb.local_response_norm(x=x, size=3, alpha=0.5),
        lambda t: F.local_response_norm(t[None], 3, alpha=0.5)[0],
        shapes=((6, 7, 5),),
    ),
    Case(
        "conv",
        lambda x: mb.conv(x=x, weight=KERNEL, bias=BIAS),
        lambda t: F.conv2d(t, weights(KERNEL), weights(BIAS)),
    ),
    Case(
        "conv_quantized",
        lambda x: mb.conv_quantized(
            x=x, weight=BYTES, quantization_type="linear", quant_scale=SCALE, quant_bias=SHIFT
        ),
        lambda t: F.conv2d(t, weights(BYTES) * channels(SCALE)[..., None] + channels(SHIFT)[..., None]),
    ),
    Case(
        "conv-custom",
        lambda x: mb.conv(
            x=x,
            weight=GROUPED,
            pad_type="custom",
            pad=[1, 2, 0, 1],
            strides=[2, 1],
            dilations=[1, 2],
            groups=2,
            bias=np.tile(BIAS, 1),
        ),
        lambda t: F.conv2d(F.pad(t, (0, 1, 1, 2)), weights(GROUPED), weights(BIAS), (2, 1), 0, (1, 2), 2),
        shapes=((2, 4, 7, 5),),
    ),
    Case(
        "conv-same",
        lambda x: mb.conv(x=x, weight=KERNEL, pad_type="same", strides=[2, 3]),
        lambda t: F.conv2d(same(t, (3, 2), (2, 3)), weights(KERNEL), stride=(2, 3)),
    ),
    Case(
        "conv-same_lower",
        lambda x: mb.conv(x=x, weight=KERNEL, pad_type="same_lower"),
        lambda t: F.conv2d(same(t, (3, 2), (1, 1), lower=True), weights(KERNEL)),
        opset=ct.target.iOS16,
    ),
    Case(
        "conv-weight-of-the-run", lambda x, y: mb.conv(x=x, weight=y), F.conv2d, shapes=(IMAGE, KERNEL.shape)
    ),
    Case(
        "conv-1d",
        lambda x: mb.conv(x=x, weight=KERNEL[..., 0]),
        lambda t: F.conv1d(t, weights(KERNEL[..., 0])),
        shapes=((2, 6, 9),),
    ),
    Case(
        "conv_transpose",
        lambda x: mb.conv_transpose(
            x=x, weight=BACK, bias=BIAS, strides=[2, 3], dilations=[1, 2], pad_type="custom", pad=[1, 0, 0, 2]
        ),
        lambda t: F.conv_transpose2d(t, weights(BACK), weights(BIAS), (2, 3), dilation=(1, 2))[:, :, 1:, :-2],
    ),
    Case(
        "conv_transpose-groups",
        lambda x: mb.conv_transpose(x=x, weight=BACK, groups=3),
        lambda t: F.conv_transpose2d(t, weights(BACK), groups=3),
    ),
    Case(
        "conv_transpose-same",
        lambda x: mb.conv_transpose(x=x, weight=BACK, pad_type="same", strides=[2, 1]),
        lambda t: F.conv_transpose2d(t, weights(BACK), stride=(2, 1))[:, :, :14, :5],
    ),
    Case(
        "conv_transpose-shape",
        lambda x: mb.conv_transpose(
            x=x, weight=BACK, pad_type="custom", pad=[1, 1, 0, 0], strides=[2, 1], output_shape=[2, 4, 14, 6]
        ),
        lambda t: F.conv_transpose2d(t, weights(BACK), stride=(2, 1), padding=(1, 0), output_padding=(1, 0)),
    ),
    Case(
        "max_pool",
        lambda x: mb.max_pool(x=x, kernel_sizes=[3, 2], strides=[2, 1], pad_type="valid"),
        lambda t: F.max_pool2d(t, (3, 2), (2, 1)),
    ),
    Case(
        "max_pool-same",
        lambda x: mb.max_pool(x=x, kernel_sizes=[3, 2], pad_type="same"),
        lambda t: F.max_pool2d(same(t, (3, 2), (1, 1), value=-np.inf), (3, 2), 1),
    ),
    Case(
        "max_pool-ceil",
        lambda x: mb.max_pool(
            x=x, kernel_sizes=[2, 2], strides=[2, 2], pad_type="custom", pad=[0, 0, 0, 0], ceil_mode=True
        ),
        lambda t: F.max_pool2d(t, 2, 2, ceil_mode=True),
    ),
    Case(
        "avg_pool",
        lambda x: mb.avg_pool(x=x, kernel_sizes=[3, 2], pad_type="custom", pad=[1, 1, 1, 1]),
        lambda t: F.avg_pool2d(t, (3, 2), 1, (1, 1)),
    ),
    Case(
        "avg_pool-excluding",
        lambda x: mb.avg_pool(
            x=x, kernel_sizes=[3, 2], pad_type="custom", pad=[1, 1, 1, 1], exclude_padding_from_average=True
        ),
        lambda t: F.avg_pool2d(t, (3, 2), 1, (1, 1), count_include_pad=False),
    ),
    Case(
        "l2_pool",
        lambda x: mb.l2_pool(x=x, kernel_sizes=[3, 2], strides=[3, 2], pad_type="valid"),
        lambda t: F.lp_pool2d(t, 2, (3, 2), (3, 2)),
    ),
]
