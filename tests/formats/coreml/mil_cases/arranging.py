"""Operations that reduce, accumulate, pad, sort, join, split and fill; attention."""

from __future__ import annotations

import warnings

import torch

from .case import Case, F, ct, reduced

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb

ARRANGING = [
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
