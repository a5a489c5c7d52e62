"""Normalisation."""

from __future__ import annotations

from ....reading.channels import along_channels
from ..operators import Op, reads


@reads("batch_norm")
def batch_norm(op: Op) -> None:
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, each a vector along axis 1"""
    rank = op.rank("x")
    vectors = [along_channels(op, param, rank) for param in ("mean", "variance")]
    vectors += [along_channels(op, param, rank) if op.has(param) else "" for param in ("gamma", "beta")]
    op.give("batch_norm", [op.input("x"), *vectors], epsilon=op.attr("epsilon", 1e-5))


@reads("instance_norm")
def instance_norm(op: Op) -> None:
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with statistics over the spatial axes"""
    rank = op.rank("x")
    stretch = [along_channels(op, param, rank) if op.has(param) else "" for param in ("gamma", "beta")]
    _standardise(op, stretch, tuple(range(2, rank)))


@reads("layer_norm")
def layer_norm(op: Op) -> None:
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with statistics over ``axes``"""
    rank = op.rank("x")
    axes = tuple(range(rank)) if not op.has("axes") else op.numbers("axes")
    if any(not -rank <= axis < rank for axis in axes):
        raise op.error("axes do not fit", found=axes, expected=f"from {-rank} to {rank - 1}")
    axes = tuple(sorted({axis % rank for axis in axes}))
    stretch = [_over(op, param, axes, rank) if op.has(param) else "" for param in ("gamma", "beta")]
    _standardise(op, stretch, axes)


def _standardise(op: Op, stretch: list[str], axes: tuple[int, ...]) -> None:
    """Statistics are taken in float32 and the result rounded to the declared type.

    Apple's tests of float16 programs need that: a mean rounded to float16 loses the difference of two close numbers.
    """
    inputs, epsilon = [op.input("x"), *stretch], op.attr("epsilon", 1e-5)
    if op.out.dtype != "float16":
        op.give("layer_norm", inputs, axes=axes, epsilon=epsilon)
        return
    y = op.temp("layer_norm", inputs, dtype="float32", axes=axes, epsilon=epsilon)
    op.give("cast", [y], to="float")


def _over(op: Op, param: str, axes: tuple[int, ...], rank: int) -> str:
    """gamma or beta, which have the normalised axes alone, so that they broadcast from the right over x."""
    if axes == tuple(range(rank - len(axes), rank)):
        return op.input(param)
    given = [size for size in op.shape(param) if size is not None]
    if len(given) != len(axes):
        found, expected = op.shape(param), f"sizes along {axes}"
        raise op.error(f"{param!r} does not have the normalised axes", found=found, expected=expected)
    sizes = dict(zip(axes, given, strict=True))
    shape = tuple(sizes.get(axis, 1) for axis in range(axes[0], rank))
    return op.shaped(param, shape)


@reads("l2_norm")
def l2_norm(op: Op) -> None:
    """y = x / sqrt(sum of x^2 over the last three axes + epsilon)"""
    op.give("l2_normalize", [op.input("x")], axes=(-3, -2, -1), epsilon=op.attr("epsilon", 1e-6))


@reads("local_response_norm")
def local_response_norm(op: Op) -> None:
    """y = x / (k + alpha / size * sum of x^2 over neighbouring channels) ^ beta

    Neighbours lie along the third axis from the end. That is the channels' for images; for x (n, channel, width)
    it is the first, though the definition speaks of channels: Apple's test of float32 programs expects so.
    """
    settings = {"alpha": op.attr("alpha", 1e-4), "beta": op.attr("beta", 0.75), "k": op.attr("k", 1.0)}
    op.give("local_response_norm", [op.input("x")], size=op.attr("size"), axis=-3, **settings)
