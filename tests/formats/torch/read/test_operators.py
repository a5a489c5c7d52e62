"""Operators of ATen, each against PyTorch in float64: many functions in one module, so that one export serves all."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import modelparity as mp
from modelparity.errors import ArtefactError, ModelparityError

RNG = np.random.default_rng(11)
A = {
    "x": RNG.standard_normal((2, 4, 6)),
    "y": RNG.standard_normal((4, 1)) + 0.1,
    "p": RNG.uniform(0.1, 0.9, (2, 4, 6)),
    "i": RNG.integers(0, 4, (2, 3)),
    "k": RNG.integers(-5, 6, (4, 6)),
    "b": RNG.random((4, 6)) > 0.5,
    "m": RNG.standard_normal((3, 6, 6)),
    "g": RNG.integers(0, 6, (2, 4, 3)),
}

#: Name -> function of the arrays above (as tensors, attributes of one object).
ELEMENTWISE = {
    "arithmetic": lambda t: t.x + t.y - 2 * t.x / (t.y + 3) + 1,
    "alpha": lambda t: torch.add(t.x, t.y, alpha=2.5) - torch.sub(t.x, t.y, alpha=3),
    "rsub": lambda t: torch.rsub(t.x, 2, alpha=3) + (1 - t.y),
    "mixed": lambda t: t.x * t.k + t.b + t.k / 2,
    "mixed whole": lambda t: t.k * t.b + 3,
    "powers": lambda t: t.p**2 + t.p**0.5 + t.p**-1 + t.p**-0.5 + t.p**t.y + 2**t.x,
    "whole powers": lambda t: t.k**2,
    "remainders": lambda t: torch.remainder(t.x, t.y) + torch.fmod(t.x, t.y) + t.x % 0.7,
    "whole remainders": lambda t: torch.remainder(t.k, 3) + torch.fmod(t.k, 4) + t.k // 2,
    "quotients": lambda t: (
        torch.div(t.x, t.y, rounding_mode="floor") + torch.div(t.x, t.y, rounding_mode="trunc")
    ),
    "whole quotients": lambda t: (
        torch.div(t.k, 2, rounding_mode="trunc") + torch.div(t.k, 2, rounding_mode="floor")
    ),
    "comparisons": lambda t: (t.x > 0.5) | (t.x <= -1) & (t.k != 2) ^ (t.x == t.y),
    "mixed comparisons": lambda t: (t.k > 0.5).long() + (t.b > 0).long() + (t.k >= 1) + (t.x < t.k),
    "logic": lambda t: (
        torch.logical_and(t.k, t.b) | torch.logical_not(t.k) | torch.logical_xor(t.k, t.b) & ~t.b
    ),
    "where": lambda t: torch.where(t.b, t.x, 0.0) + torch.where(t.x > 0, t.x, t.k),
    "masks": lambda t: t.x.masked_fill(t.b, -3.0) + t.x.masked_fill(t.b, torch.tensor(2.0)),
    "bounds": lambda t: t.x.clamp(-0.5, 0.7) + t.x.clamp(min=0) + t.k.clamp(max=2) + t.x.clamp(t.y, t.y + 1),
    "extremes": lambda t: torch.maximum(t.x, t.y) + torch.minimum(t.x, t.y) + torch.max(t.x, t.p),
    "functions": lambda t: (
        t.x.sin() + t.x.cos() + t.x.exp() + t.p.log() + t.p.sqrt() + t.p.rsqrt() + t.x.abs()
    ),
    "more functions": lambda t: (
        t.x.erf() + t.x.tanh() + t.x.sigmoid() + t.x.neg() + t.p.reciprocal() + t.x.sign()
    ),
    "angles": lambda t: t.p.asin() + t.p.acos() + t.x.atan() + torch.atan2(t.x, t.y) + t.x.tan() + t.x.sinh(),
    "near zero": lambda t: t.p.log1p() + t.p.expm1() + t.p.log2() + t.p.log10() + t.x.exp2(),
    "roundings": lambda t: t.x.round() + t.x.floor() + t.x.ceil() + t.x.trunc() + t.x.round(decimals=2),
    "special": lambda t: torch.isnan(t.x / 0 * 0) | torch.isinf(t.x / 0) | torch.isfinite(t.x),
    "not numbers": lambda t: torch.nan_to_num(torch.where(t.x > 0, t.x / 0, t.x * math.nan), 1.5, 7.0, -7.0),
    "fused": lambda t: torch.addcmul(t.x, t.x, t.y, value=2) + torch.addcdiv(t.x, t.p, t.p + 1, value=-1),
    "lerp": lambda t: torch.lerp(t.x, t.p, 0.3) + torch.lerp(t.x, t.p, t.p),
    "casts": lambda t: t.x.long() + t.b.to(torch.int32) + t.x.bool(),
    "floats": lambda t: t.k.double() + t.b.double() + t.x.float().double() * 0 + t.x,
}
ACTIVATIONS = {
    "relu": lambda t: F.relu(t.x) + F.relu6(5 * t.x) + F.leaky_relu(t.x, 0.2) + F.hardtanh(t.x, -0.3, 0.9),
    "elu": lambda t: (
        F.elu(t.x, 0.7) + F.selu(t.x) + F.celu(t.x, 1.3) + F.gelu(t.x) + F.gelu(t.x, approximate="tanh")
    ),
    "soft": lambda t: (
        F.softplus(t.x) + F.softplus(t.x, 2.0, 1.0) + F.softsign(t.x) + F.logsigmoid(t.x) + F.mish(t.x)
    ),
    "hard": lambda t: (
        F.hardsigmoid(3 * t.x) + F.hardswish(3 * t.x) + F.silu(t.x) + F.hardshrink(t.x) + F.tanhshrink(t.x)
    ),
    "thresholds": lambda t: F.threshold(t.x, 0.1, 20.0) + F.softshrink(t.x, 0.3),
    "glu": lambda t: F.glu(t.x) + F.glu(t.x.transpose(1, 2), 1)[:, :2].repeat(1, 2, 1)[:, :4, :3],
    "prelu": lambda t: F.prelu(t.x, t.y[:, 0]) + F.prelu(t.x, t.y[0, :1]),
    "softmax": lambda t: F.softmax(t.x, 1) + F.log_softmax(t.x, -1) + F.softmin(t.x, 0),
    "norms": lambda t: (
        F.normalize(t.x, dim=-1) + t.x.norm(dim=1, keepdim=True) + t.x.norm(p=1) + t.x.abs().amax(0)
    ),
}
SHAPES = {
    "views": lambda t: t.x.view(8, 6).reshape(-1, 2, 3).flatten(1).unflatten(1, (3, 2)),
    "orders": lambda t: t.x.permute(2, 0, 1).transpose(0, 1).mT.movedim(0, 2),
    "units": lambda t: t.x.unsqueeze(1).unsqueeze(-1).squeeze().squeeze(0)[:, None].squeeze(1),
    "expanded": lambda t: t.y.expand(3, 4, 5) + t.y.expand(-1, 5),
    "slices": lambda t: t.x[:, 1:-1, ::2] + t.x[:, -2:, :3] * t.x[..., 3:][:, :2],
    "picked": lambda t: t.x[1, :, -1] + t.x.select(2, 2)[0] + t.x.narrow(2, 1, 2)[0, :, 0],
    "joined": lambda t: torch.cat([t.x, t.p[:, :1]], 1)[:, 3:] + torch.stack([t.x[0], t.p[0]])[:, :2],
    "parts": lambda t: (
        sum(t.x.split(2, 2)) + sum(t.x.chunk(3, -1)) + sum(t.x.split([1, 2, 3], 2)[2:])[..., :2]
    ),
    "unbound": lambda t: torch.stack([a * n for n, a in enumerate(t.x.unbind(1))], 2),
    "mirrored": lambda t: t.x.flip(0, 2) + t.x.roll(2, 1) + t.x.roll((1, -1), (0, 2)),
    "repeated": lambda t: t.y.repeat(2, 1, 3) + t.y.tile(3) + t.y.repeat_interleave(3, 1),
    "padded": lambda t: F.pad(t.x, (1, 2), value=7.0)[:, :, 1:-2] + F.pad(t.x, (-1, 1, 2, -2)),
    "padded by itself": lambda t: F.pad(t.x, (2, 1), mode="reflect") + F.pad(t.x, (2, 1), mode="replicate"),
    "padded around": lambda t: F.pad(t.x, (2, 1), mode="circular"),
    "windows": lambda t: t.x.unfold(2, 3, 2) + t.x.unfold(1, 2, 1)[:, :, :2].sum(-1, keepdim=True)[:, :1],
    "triangles": lambda t: t.m.tril() + t.m.triu(2) + t.m.tril(-1) + torch.ones(6, 6).tril(1),
    "diagonals": lambda t: t.m.diagonal(dim1=1, dim2=2) + t.m.diagonal(1, 1, 2).sum(-1, keepdim=True),
    "pixels": lambda t: F.pixel_unshuffle(F.pixel_shuffle(t.x.view(1, 8, 2, 3), 2), 2),
    "ranges": lambda t: (
        torch.arange(6) + torch.arange(0, 3, 0.5) + torch.linspace(0, 1, 6) + torch.eye(6).sum(0)
    ),
    "filled": lambda t: (
        torch.full((4, 6), 2.5) + torch.ones_like(t.x) + torch.zeros(6) + t.x.new_full((6,), 3.0)
    ),
    "written": lambda t: _written(t.x.clone()),
}
INDICES = {
    "gathered": lambda t: t.x.gather(2, t.g) + t.x.index_select(2, torch.tensor([5, 0, 3])),
    "embedded": lambda t: F.embedding(t.i, t.y) + F.one_hot(t.i, 5).double()[..., :1],
    "indexed": lambda t: t.x[:, t.i[0]] + t.x[:, t.i[0], :].mean() + t.m[[0, 2], 1].sum(),
    "indexed twice": lambda t: (
        t.x[torch.tensor([0, 1, 1]), torch.tensor([3, 0, 2])] + t.m[:, [1], [[2], [3]]].sum()
    ),
    "indexed between": lambda t: (
        t.m[:, torch.tensor([1, 4]), torch.tensor([0, 5])] + t.m[torch.tensor([1]), :, 2].sum()
    ),
    "put": lambda t: t.x.index_put((torch.tensor([0, 1]), torch.tensor([2, 3])), t.p[0, :2]),
    "added": lambda t: t.x.index_put((torch.tensor([1, 1]),), t.p[:, :, :], accumulate=True),
    "scattered": lambda t: t.x.scatter(2, t.g, 9.0) + t.x.scatter_add(2, t.g, t.p[..., :3]),
    "masked": lambda t: _masked(t.x.clone()),
    "top": lambda t: t.x.topk(3).values + t.x.topk(3, largest=False, dim=2).values,
    "places": lambda t: t.x.topk(2, 1).indices + t.x.argmax(1, keepdim=True)[:, :1] + t.x.argmin(1, True),
    "anywhere": lambda t: t.x.argmax() + t.x.flatten().argmin(),
    "sorted": lambda t: t.x.sort(1).values + t.x.sort(2, descending=True).values,
    "order": lambda t: t.x.argsort(1) + t.x.sort(2).indices,
}
REDUCED = {
    "sums": lambda t: t.x.sum(1) + t.x.mean((0, 1)) + t.x.sum() + t.b.sum() + t.k.sum(0).double(),
    "extremes": lambda t: (
        t.x.amax((1, 2)) + t.x.amin(2).sum(1) + t.x.max() + t.x.min() + t.x.max(1).values.sum(1)
    ),
    "where": lambda t: t.x.max(1).indices + t.x.min(1, keepdim=True).indices[:, 0],
    "products": lambda t: t.x.prod(2) + t.x.cumsum(2)[..., -1] + t.b.cumsum(0)[:, 0],
    "spread": lambda t: (
        t.x.var(2) + t.x.std(1).sum(1, True) + t.x.var(2, correction=0) + torch.var_mean(t.x, 2)[1]
    ),
    "logs": lambda t: t.x.logsumexp(2) + torch.logsumexp(t.x, (0, 2)),
    "any": lambda t: t.b.any(0) & t.b.all(0) | (t.k > 0).any() & t.b.all(),
}
PRODUCTS = {
    "matrices": lambda t: t.x @ t.m[0] + torch.bmm(t.x, t.m[:2]) + torch.matmul(t.x, t.m[0, 0])[..., None],
    "vectors": lambda t: t.m[0] @ t.x[0, 0] + torch.dot(t.x[0, 0], t.x[0, 1]) + torch.mv(t.m[1], t.x[1, 1]),
    "added": lambda t: (
        torch.addmm(t.x[0], t.x[1], t.m[0], beta=0.5, alpha=2.0) + torch.baddbmm(t.x, t.x, t.m[:2])
    ),
    "letters": lambda t: (
        torch.einsum("bij,kjl->bikl", t.x, t.m) + torch.einsum("bij,bij->bi", t.x, t.p)[..., None, None]
    ),
    "linear": lambda t: F.linear(t.x, t.m[0], t.m[1, 0]) + F.linear(t.x, t.m[2]),
    "bilinear": lambda t: F.bilinear(t.x[0], t.x[1], t.m, t.m[0, 0, :3]),
    "outer": lambda t: torch.outer(t.x[0, 0], t.x[0, 1]) + torch.cdist(t.m, t.m)[0],
}
IMAGES = {
    "pools": lambda t: (
        F.max_pool1d(t.x, 3, 2, 1)
        + F.avg_pool1d(t.x, 3, 2, 1)
        + F.avg_pool1d(t.x, 2, count_include_pad=False)
    ),
    "pools of images": lambda t: F.max_pool2d(t.m[None], 2, 1, dilation=2) + F.avg_pool2d(t.m[None], 3, 1),
    "adaptive": lambda t: F.adaptive_avg_pool1d(t.x, 4) + F.adaptive_max_pool1d(t.x, 4),
    "adaptive images": lambda t: (
        F.adaptive_avg_pool2d(t.m, (4, 1))
        + F.adaptive_max_pool2d(t.m, (4, 1))
        + F.adaptive_avg_pool2d(t.m, 1)
    ),
    "nearest": lambda t: F.interpolate(t.x, scale_factor=2) + F.interpolate(t.x, size=12),
    "linear": lambda t: (
        F.interpolate(t.x, size=9, mode="linear")
        + F.interpolate(t.x, size=9, mode="linear", align_corners=True)
    ),
    "bilinear": lambda t: F.interpolate(t.m[None], scale_factor=3, mode="bilinear"),
    "sampled": lambda t: F.grid_sample(t.m[None], t.x[:, :, :2][None, 0, None] * 0.6, align_corners=False),
    "normalised": lambda t: (
        F.layer_norm(t.x, (4, 6)) + F.group_norm(t.x, 2) + F.instance_norm(t.x) + F.rms_norm(t.x, (6,))
    ),
    "responses": lambda t: F.local_response_norm(t.x, 3),
}
GROUPS = {
    "elementwise": ELEMENTWISE,
    "activations": ACTIVATIONS,
    "shapes": SHAPES,
    "indices": INDICES,
    "reduced": REDUCED,
    "products": PRODUCTS,
    "images": IMAGES,
}


def _written(x):
    x[:, 0] = 5
    x[:, :, 1:3] += 2
    x[0].mul_(3)
    x[:, -1, ::2] = x[:, 0, ::2]
    return x


def _masked(x):
    x[x > 1] = 0
    x[:, [0, 2]] = -x[:, [1, 3]]
    return x


class Together(torch.nn.Module):
    def __init__(self, functions):
        super().__init__()
        self.functions = functions

    def forward(self, x, y, p, i, k, b, m, g):
        given = type("Arrays", (), {"x": x, "y": y, "p": p, "i": i, "k": k, "b": b, "m": m, "g": g})
        return {name: function(given) for name, function in self.functions.items()}


@pytest.fixture(scope="module")
def both():
    """``both(group)``: what PyTorch and the engine make of every function of a group."""
    made = {}

    def run(group):
        if group not in made:
            module = Together(GROUPS[group])
            example = {name: torch.from_numpy(array) for name, array in A.items()}
            try:
                graph = mp.load(module, example=example)
                made[group] = module(**example), mp.run(graph, A)
            except ModelparityError as error:
                made[group] = error
        if isinstance(made[group], Exception):
            pytest.fail(str(made[group]))
        return made[group]

    return run


@pytest.mark.parametrize(("group", "name"), [(g, n) for g, functions in GROUPS.items() for n in functions])
def test_agrees_with_torch(group, name, both):
    want, got = (each[name] for each in both(group))
    assert got.shape == want.shape
    assert got.dtype.kind == want.numpy().dtype.kind
    near = 1e-6 if name in ("floats", "ranges") else 1e-12  # these ask for float32 on the way
    np.testing.assert_allclose(got, want.numpy(), rtol=near, atol=near)


class Free(torch.nn.Module):
    """What sizes that are computed come to."""

    def forward(self, x):
        batch, time = x.shape[:2]
        places = torch.arange(time, dtype=torch.float32)
        return {
            "halves": x[:, : time // 2],
            "last": x[:, time - 2 :],
            "every": x[:, 1 : time - 1 : 2],
            "flat": x.reshape(batch * time, 6),
            "groups": x.view(batch, time, 2, 3).transpose(1, 2).reshape(batch, 2, -1),
            "places": x + places[:, None],
            "grid": torch.zeros(batch, time) + places,
            "ones": torch.ones_like(x) * 2,
            "wide": x.new_ones(time).expand(batch, 3, time),
            "mask": torch.ones(time, time).tril().bool(),
            "spread": x.std(1) + x.var(1, correction=0),
            "repeat": x[:, :1].repeat(1, time, 1),
            "count": x.mean((0, 1)),
            "larger": x[:, :, None].expand(-1, -1, 4, -1).flatten(1, 2),
            "both": torch.cat([x, x.flip(1)], 1),
            "padded": torch.nn.functional.pad(x, (0, 0, 1, 2)),
            "scaled": x / time,
            "root": x * batch**2,
        }


def test_sizes_are_computed_when_the_graph_runs():
    graph = mp.load(Free(), example=torch.zeros(2, 8, 6), dynamic_shapes={"x": {0: "batch", 1: "time"}})
    for shape in ((2, 8, 6), (3, 5, 6), (1, 12, 6)):
        x = np.random.default_rng(shape[1]).standard_normal(shape).astype(np.float32)
        want, got = Free()(torch.from_numpy(x)), mp.run(graph, x, arithmetic="float32")
        for name, array in want.items():
            assert got[name].shape == tuple(array.shape), (name, shape)
            np.testing.assert_allclose(got[name], array.numpy(), rtol=1e-5, atol=1e-6, err_msg=name)


def refused(module, example, match, **settings):
    with pytest.raises(ArtefactError, match=match) as caught:
        mp.load(module, example=example, **settings)
    return str(caught.value)


class By(torch.nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


RESIZED = {
    **{
        f"{mode} by {factor}": lambda x, mode=mode, factor=factor: F.interpolate(
            x, scale_factor=factor, mode=mode
        )
        for mode in ("nearest", "nearest-exact", "bilinear")
        for factor in (0.5, 1.7)
    },
    "corners": lambda x: F.interpolate(x, scale_factor=1.3, mode="bilinear", align_corners=True),
    "factors beside sizes": lambda x: torch.ops.aten.upsample_nearest2d(x, [7, 10], 1.5, 1.5),
    "smoothed": lambda x: F.interpolate(x, (3, 4), mode="bilinear", antialias=True),
    "smoothed cubic": lambda x: F.interpolate(x, (3, 4), mode="bicubic", antialias=True),
    "smoothed, by factors": lambda x: F.interpolate(
        x, scale_factor=(0.4, 0.7), mode="bilinear", antialias=True
    ),
}


@pytest.mark.parametrize("name", RESIZED)
def test_images_are_resized_by_factors_that_are_not_whole(name):
    """PyTorch lays the points by the factor, not by the ratio of the sizes."""
    x = torch.randn(1, 2, 5, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    module = By(RESIZED[name])
    got = mp.run(mp.load(module, example=x), x.numpy())
    np.testing.assert_allclose(next(iter(got.values())), module(x).numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("equation", "second"),
    [
        ("...ij,...kj->...ik", None),
        ("...ij,...ij->...", None),
        ("b...d,de->b...e", (7, 3)),
        ("...d,de", (7, 3)),
        ("...,...", (1, 7)),
        ("a...B,B", (7,)),
    ],
)
def test_an_ellipsis_stands_for_any_axes(equation, second):
    x = torch.randn(2, 3, 5, 7, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    y = x if second is None else torch.arange(float(math.prod(second)), dtype=torch.float64).reshape(second)
    module = By(lambda x: torch.einsum(equation, x, y))
    got = mp.run(mp.load(module, example=x), x.numpy())
    np.testing.assert_allclose(next(iter(got.values())), module(x).numpy(), rtol=1e-9)


@pytest.mark.parametrize("size", [3, 4])
def test_convolution_with_same_padding_by_name(size):
    kernel = torch.arange(2.0 * size).reshape(1, 2, size)
    same = By(lambda x: torch.nn.functional.conv1d(x, kernel, padding="same", dilation=2))
    x = torch.randn(1, 2, 9, generator=torch.Generator().manual_seed(size))
    got = mp.run(mp.load(same, example=x), x.numpy())
    np.testing.assert_allclose(next(iter(got.values())), same(x).numpy(), rtol=1e-5, atol=1e-5)


class Inner(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def outer(function):
    return torch.nn.Sequential(torch.nn.ReLU(), Inner(function))


def test_what_is_not_read_is_named_with_its_place():
    text = refused(outer(lambda x: torch.linalg.svd(x).S), torch.zeros(2, 2), "svd")
    assert "1: aten" in text
    assert "one of" in text
    assert "random" in refused(outer(lambda x: x + torch.rand(2)), torch.zeros(2), "random numbers")


def test_what_a_module_must_be():
    assert "example=x" in refused(torch.nn.ReLU(), None, "was not given")
    refused(outer(lambda x: x if x.sum() > 0 else -x), torch.zeros(2), "cannot export")
    refused(outer(lambda x: (x, 3)), torch.zeros(2), "no tensor")
    refused(torch.nn.ReLU(), torch.zeros(2), "dynamic_shapes name 'z'", dynamic_shapes={"z": {0: "time"}})
    with pytest.raises(ArtefactError, match="without 'examples'"):
        mp.load(torch.nn.ReLU(), examples=torch.zeros(2))


def test_a_constant_that_fills_the_memory_is_refused():
    assert "absurd" in refused(outer(lambda x: x + torch.arange(1 << 40).sum()), torch.zeros(2), "absurd")
