"""MIL operations as they are read: against torch, in full and in half precision."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

import modelparity as mp

ct = pytest.importorskip("coremltools")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb

F = torch.nn.functional
RNG = np.random.default_rng(0)
IMAGE = (2, 6, 7, 5)
VECTOR = RNG.uniform(0.5, 1.5, 6).astype(np.float32)
OTHER = RNG.uniform(0.5, 1.5, 6).astype(np.float32)
KERNEL = RNG.standard_normal((4, 6, 3, 2)).astype(np.float32)
GROUPED = RNG.standard_normal((4, 2, 3, 2)).astype(np.float32)
BACK = RNG.standard_normal((6, 4, 3, 2)).astype(np.float32)
BYTES = RNG.integers(0, 255, (4, 6, 3, 2)).astype(np.uint8)
SCALE, SHIFT = (RNG.uniform(low, low + 0.1, 4).astype(np.float32) for low in (0.1, -9))
BIAS = RNG.standard_normal(4).astype(np.float32)


@dataclass(frozen=True)
class Case:
    """One operation: how it is built from x (and y), and what it means for torch tensors in float64."""

    label: str
    build: Callable[..., Any]
    twin: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...] = (IMAGE,)
    opset: Any = field(default_factory=lambda: ct.target.iOS15)
    dtype: str = "float32"
    low: float = -2.0

    def __str__(self) -> str:
        return self.label


def channels(vector):
    return torch.from_numpy(vector.astype(np.float64))[:, None, None]


def weights(array):
    return torch.from_numpy(array.astype(np.float64))


def same(t, kernel, strides, lower=False, value=0.0):
    """Padding by TensorFlow's rule, before and after each of the last two axes."""
    widths = []
    for n, k, s in zip(t.shape[2:], kernel, strides, strict=True):
        total = max(0, (-(-n // s) - 1) * s + k - n)
        widths.append((total - total // 2, total // 2) if lower else (total // 2, total - total // 2))
    return F.pad(t, (*widths[1], *widths[0]), value=value)


def unary(name, twin=None, **more):
    return Case(name, lambda x: getattr(mb, name)(x=x), twin or getattr(torch, name), **more)


def binary(name, twin=None, **more):
    return Case(
        f"{name}-{more.get('dtype', 'float32')}",
        lambda x, y: getattr(mb, name)(x=x, y=y),
        twin or getattr(torch, name),
        shapes=((2, 3, 4), (3, 1)),
        **more,
    )


def reduced(name, twin):
    return Case(name, lambda x: getattr(mb, name)(x=x, axes=[1], keep_dims=True), lambda t: twin(t, 1, True))


CASES = [
    *(
        unary(name)
        for name in (
            "abs",
            "atan",
            "ceil",
            "cos",
            "cosh",
            "erf",
            "exp",
            "exp2",
            "floor",
            "relu",
            "round",
            "sigmoid",
            "sign",
            "sin",
            "sinh",
            "square",
            "tan",
            "tanh",
        )
    ),
    unary("silu", F.silu),
    unary("softplus", F.softplus),
    unary("softsign", F.softsign),
    unary("sqrt", low=0.1),
    unary("relu6", F.relu6),
    unary("gelu", F.gelu),
    Case("acos", lambda x: mb.acos(x=mb.sin(x=x)), lambda t: t.sin().acos()),
    Case("asin", lambda x: mb.asin(x=mb.sin(x=x)), lambda t: t.sin().asin()),
    Case("atanh", lambda x: mb.atanh(x=mb.mul(x=x, y=0.25)), lambda t: (0.25 * t).atanh()),
    Case("inverse", lambda x: mb.inverse(x=x), lambda t: 1 / (t + 1e-4), low=0.1),
    Case("inverse-epsilon", lambda x: mb.inverse(x=x, epsilon=0.5), lambda t: 1 / (t + 0.5), low=0.1),
    Case("log", lambda x: mb.log(x=x, epsilon=0.25), lambda t: (t + 0.25).log(), low=0.1),
    Case("rsqrt", lambda x: mb.rsqrt(x=x), torch.rsqrt, low=0.1),
    Case("clip", lambda x: mb.clip(x=x, alpha=-0.5, beta=1.0), lambda t: t.clamp(-0.5, 1)),
    Case("threshold", lambda x: mb.threshold(x=x, alpha=0.5), lambda t: t.clamp(min=0.5)),
    *(binary(name) for name in ("add", "sub", "mul", "maximum", "minimum", "greater", "less")),
    binary("equal", torch.eq),
    binary("not_equal", torch.ne),
    binary("greater_equal", torch.ge),
    binary("less_equal", torch.le),
    binary("pow", low=0.1),
    binary("real_div", torch.div, low=0.1),
    binary("floor_div", torch.floor_divide, low=0.1),
    binary("mod", torch.remainder, low=0.1),
    binary("real_div", lambda a, b: torch.div(a, b).trunc(), dtype="int32", low=1),
    binary("floor_div", torch.floor_divide, dtype="int32", low=1),
    binary("mod", torch.remainder, dtype="int32", low=1),
    binary("pow", dtype="int32", low=0),
    Case(
        "logical_and",
        lambda x, y: mb.logical_and(x=mb.greater(x=x, y=0.0), y=mb.less(x=y, y=1.0)),
        lambda a, b: (a > 0) & (b < 1),
        shapes=((3, 4), (4,)),
    ),
    Case("logical_not", lambda x: mb.logical_not(x=mb.greater(x=x, y=0.0)), lambda t: t <= 0),
    Case(
        "clamped_relu",
        lambda x: mb.clamped_relu(x=x, alpha=0.5, beta=1.0),
        lambda t: torch.minimum(F.leaky_relu(t, 0.5), torch.tensor(1.0, dtype=t.dtype)),
    ),
    Case("elu", lambda x: mb.elu(x=x, alpha=0.7), lambda t: F.elu(t, 0.7)),
    Case("leaky_relu", lambda x: mb.leaky_relu(x=x, alpha=0.3), lambda t: F.leaky_relu(t, 0.3)),
    Case(
        "gelu-tanh",
        lambda x: mb.gelu(x=x, mode="TANH_APPROXIMATION"),
        lambda t: F.gelu(t, approximate="tanh"),
    ),
    Case(
        "gelu-sigmoid",
        lambda x: mb.gelu(x=x, mode="SIGMOID_APPROXIMATION"),
        lambda t: t * (1.702 * t).sigmoid(),
    ),
    Case(
        "linear_activation", lambda x: mb.linear_activation(x=x, alpha=2.0, beta=0.5), lambda t: 2 * t + 0.5
    ),
    Case(
        "prelu", lambda x: mb.prelu(x=x, alpha=VECTOR), lambda t: torch.where(t > 0, t, t * channels(VECTOR))
    ),
    Case("scaled_tanh", lambda x: mb.scaled_tanh(x=x, alpha=1.7, beta=0.6), lambda t: 1.7 * (0.6 * t).tanh()),
    Case(
        "sigmoid_hard",
        lambda x: mb.sigmoid_hard(x=x, alpha=0.4, beta=0.3),
        lambda t: (0.4 * t + 0.3).clamp(0, 1),
    ),
    Case(
        "softplus_parametric",
        lambda x: mb.softplus_parametric(x=x, alpha=VECTOR, beta=OTHER),
        lambda t: channels(VECTOR) * F.softplus(channels(OTHER) * t),
    ),
    Case("softmax", lambda x: mb.softmax(x=x, axis=1), lambda t: t.softmax(1)),
    Case(
        "thresholded_relu",
        lambda x: mb.thresholded_relu(x=x, alpha=0.5),
        lambda t: torch.where(t >= 0.5, t, 0),
    ),
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
    Case("reduce_l1_norm", lambda x: mb.reduce_l1_norm(x=x, axes=[1, -1]), lambda t: t.abs().sum((1, 3))),
    Case(
        "reduce_l2_norm",
        lambda x: mb.reduce_l2_norm(x=x, axes=[1], keep_dims=True),
        lambda t: t.norm(dim=1, keepdim=True),
    ),
    Case("reduce_log_sum", lambda x: mb.reduce_log_sum(x=x, axes=[2]), lambda t: t.sum(2).log(), low=0.1),
    Case(
        "reduce_log_sum_exp", lambda x: mb.reduce_log_sum_exp(x=x, axes=[0, 2]), lambda t: t.logsumexp((0, 2))
    ),
    Case("reduce_prod", lambda x: mb.reduce_prod(x=x, axes=[3]), lambda t: t.prod(3)),
    Case("reduce_sum_square", lambda x: mb.reduce_sum_square(x=x, axes=[3]), lambda t: t.square().sum(3)),
    *(
        reduced(name, twin)
        for name, twin in {
            "reduce_max": torch.amax,
            "reduce_min": torch.amin,
            "reduce_mean": torch.mean,
            "reduce_sum": torch.sum,
        }.items()
    ),
    Case(
        "reduce_mean-int32",
        lambda x: mb.reduce_mean(x=x, axes=[1]),
        lambda t: t.double().mean(1).trunc(),
        shapes=((3, 4),),
        dtype="int32",
        low=0,
    ),
    Case(
        "reduce_sum-int32",
        lambda x: mb.reduce_sum(x=x, axes=[1]),
        lambda t: t.sum(1),
        shapes=((3, 4),),
        dtype="int32",
    ),
    Case("reduce_argmax", lambda x: mb.reduce_argmax(x=x, axis=1), lambda t: t.argmax(1)),
    Case(
        "reduce_argmin", lambda x: mb.reduce_argmin(x=x, axis=2, keep_dims=True), lambda t: t.argmin(2, True)
    ),
    Case("band_part", lambda x: mb.band_part(x=x, lower=1, upper=2), lambda t: t.triu(-1).tril(2)),
    Case("cumsum", lambda x: mb.cumsum(x=x, axis=1), lambda t: t.cumsum(1)),
    Case(
        "cumsum-reverse",
        lambda x: mb.cumsum(x=x, axis=1, exclusive=True, reverse=True),
        lambda t: t.flip(1).cumsum(1).flip(1) - t,
    ),
    Case(
        "pad",
        lambda x: mb.pad(x=x, pad=[1, 2, 0, 3], constant_val=2.5),
        lambda t: F.pad(t, (0, 3, 1, 2), value=2.5),
    ),
    Case(
        "pad-reflect",
        lambda x: mb.pad(x=x, pad=[1, 2, 0, 3], mode="reflect"),
        lambda t: F.pad(t, (0, 3, 1, 2), mode="reflect"),
    ),
    Case(
        "pad-replicate",
        lambda x: mb.pad(x=x, pad=[1, 2, 0, 3], mode="replicate"),
        lambda t: F.pad(t, (0, 3, 1, 2), mode="replicate"),
    ),
    Case("tile", lambda x: mb.tile(x=x, reps=[2, 1, 3, 1]), lambda t: t.tile(2, 1, 3, 1)),
    Case("argsort", lambda x: mb.argsort(x=x, axis=1), lambda t: t.argsort(1, descending=True)),
    Case("argsort-ascending", lambda x: mb.argsort(x=x, axis=1, ascending=True), lambda t: t.argsort(1)),
    Case("topk", lambda x: mb.topk(x=x, k=2, axis=1), lambda t: tuple(t.topk(2, 1))),
    Case(
        "topk-16",
        lambda x: mb.topk(x=x, k=2, axis=1, ascending=True, return_indices=False),
        lambda t: t.topk(2, 1, largest=False)[0],
        opset=ct.target.iOS16,
    ),
    Case(
        "topk-17",
        lambda x: mb.topk(x=x, k=3, axis=1, output_indices_dtype="uint16"),
        lambda t: tuple(t.topk(3, 1)),
        opset=ct.target.iOS17,
    ),
    Case("flatten2d", lambda x: mb.flatten2d(x=x, axis=2), lambda t: t.reshape(12, 35)),
    Case("shape", lambda x: mb.shape(x=mb.relu(x=x)), lambda t: torch.tensor(t.shape)),
    Case(
        "concat",
        lambda x, y: mb.concat(values=(x, y, x), axis=-2),
        lambda a, b: torch.cat((a, b, a), -2),
        shapes=((2, 3, 4), (2, 1, 4)),
    ),
    Case(
        "concat-interleaved",
        lambda x, y: mb.concat(values=(x, y), axis=1, interleave=True),
        lambda a, b: torch.stack((a, b), 2).reshape(2, 6, 4),
        shapes=((2, 3, 4), (2, 3, 4)),
    ),
    Case("split", lambda x: mb.split(x=x, num_splits=3, axis=1), lambda t: t.chunk(3, 1)),
    Case("split-sizes", lambda x: mb.split(x=x, split_sizes=[1, 5], axis=1), lambda t: t.split([1, 5], 1)),
    Case(
        "stack",
        lambda x, y: mb.stack(values=(x, y), axis=-1),
        lambda a, b: torch.stack((a, b), -1),
        shapes=((2, 3), (2, 3)),
    ),
    Case("non_zero", lambda x: mb.non_zero(x=mb.relu(x=x)), lambda t: t.relu().nonzero()),
    Case(
        "one_hot",
        lambda x: mb.one_hot(indices=x, one_hot_vector_size=9, axis=0, on_value=2.0, off_value=-1.0),
        lambda t: torch.nn.functional.one_hot(t.long(), 9).movedim(-1, 0) * 3.0 - 1,
        shapes=((3, 4),),
        dtype="int32",
        low=0,
    ),
    Case(
        "fill",
        lambda x: mb.fill(shape=mb.shape(x=mb.relu(x=x)), value=1.5),
        lambda t: torch.full_like(t, 1.5),
    ),
    Case(
        "fill_like",
        lambda x: mb.fill_like(ref_tensor=x, value=3),
        lambda t: torch.full_like(t, 3),
        opset=ct.target.iOS16,
    ),
    Case(
        "range_1d",
        lambda x: mb.range_1d(start=mb.squeeze(x=x), end=20, step=3),
        lambda t: torch.arange(int(t), 20, 3),
        shapes=((1,),),
        dtype="int32",
    ),
    Case(
        "attention",
        lambda x, y: mb.scaled_dot_product_attention(query=x, key=y, value=y),
        lambda q, k: F.scaled_dot_product_attention(q, k, k),
        shapes=((2, 3, 4, 8), (2, 3, 5, 8)),
        opset=ct.target.iOS18,
    ),
]
#: Where one rounding to float16 decides over whole numbers or places, so only float32 is compared.
JUMPING = {"ceil", "floor", "round", "floor_div-float32", "mod-float32", "tan", "acos", "asin", "atanh"}


def alike(case):
    """Cases that can share a program."""
    return case.opset, case.dtype, case.shapes, case.low


@pytest.fixture(scope="module")
def together(save_program, tmp_path_factory):
    """``together(key, precision)``: see `_together`; each program is made once."""
    return cache(lambda *which: _together(save_program, tmp_path_factory.mktemp("program"), *which))


def _together(save_program, folder, key, precision):
    """One program of all cases that are alike; its inputs, {case: results} in float64, and the same in native."""
    opset, dtype, shapes, low = key
    cases = [case for case in CASES if alike(case) == key]
    counts = []

    def everything(*inputs):
        found = [case.build(*inputs) for case in cases]
        each = [list(one) if isinstance(one, list | tuple) else [one] for one in found]
        counts.extend(map(len, each))
        return [mb.identity(x=one) for results in each for one in results]

    build = everything if len(shapes) != 1 else lambda x: everything(x)
    if len(shapes) == 2:
        build = lambda x, y: everything(x, y)  # noqa: E731 - inputs are named by the parameters
    graph = mp.load(save_program(folder, build, shapes, dtype, opset, precision))
    rng = np.random.default_rng(1)
    if dtype == "int32":
        arrays = [rng.integers(int(low), 8, shape).astype(np.int32) for shape in shapes]
    else:
        arrays = [rng.uniform(low, 2, shape).astype(np.float16).astype(np.float32) for shape in shapes]
    named = {spec.name: a for spec, a in zip(graph.inputs, arrays, strict=True)}
    runs = []
    for arithmetic in ("float64", "native"):
        found = mp.run(graph, named, arithmetic=arithmetic)
        values = iter([found[name] for name in graph.outputs])
        runs.append(
            {case.label: [next(values) for _ in range(n)] for case, n in zip(cases, counts, strict=True)}
        )
    return arrays, *runs


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_means_what_its_definition_says(case, precision, together):
    if precision == "float16" and (case.label in JUMPING or case.dtype == "int32"):
        pytest.skip("one rounding decides over its result, or it has none")
    arrays, exact, native = together(alike(case), precision)
    made = [torch.from_numpy(a if a.dtype.kind == "i" else a.astype(np.float64)) for a in arrays]
    found = case.twin(*made)
    wanted = found if isinstance(found, tuple | list) else (found,)
    # Weights and parameters of a float16 program are rounded in the file.
    far, further = {"float32": (1e-6, 2e-5), "float16": (0.02, 0.03)}[precision]
    for want, one, other in zip(wanted, exact[case.label], native[case.label], strict=True):
        assert one.shape == tuple(want.shape)
        np.testing.assert_allclose(one, want, rtol=far, atol=far)
        np.testing.assert_allclose(other, want, rtol=further, atol=further)
