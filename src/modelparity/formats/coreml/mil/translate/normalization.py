"""Normalisation."""

from __future__ import annotations

from ..operators import Op, mil
from ._operands import along_channels, numbers


@mil("batch_norm")
def batch_norm(op: Op) -> None:
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, each a vector along axis 1"""
    rank = op.rank("x")
    vectors = [along_channels(op, param, rank) for param in ("mean", "variance")]
    vectors += [along_channels(op, param, rank) if op.has(param) else "" for param in ("gamma", "beta")]
    op.emit("batch_norm", [op.tensor("x"), *vectors], epsilon=op.const("epsilon", 1e-5))


@mil("instance_norm")
def instance_norm(op: Op) -> None:
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with statistics over the spatial axes"""
    rank = op.rank("x")
    stretch = [along_channels(op, param, rank) if op.has(param) else "" for param in ("gamma", "beta")]
    _standardise(op, stretch, tuple(range(2, rank)))


@mil("layer_norm")
def layer_norm(op: Op) -> None:
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with statistics over ``axes``"""
    rank = op.rank("x")
    axes = tuple(range(rank)) if not op.has("axes") else numbers(op, "axes")
    if any(not -rank <= axis < rank for axis in axes):
        raise op.error("axes do not fit", found=axes, expected=f"from {-rank} to {rank - 1}")
    axes = tuple(sorted({axis % rank for axis in axes}))
    stretch = [_over(op, param, axes, rank) if op.has(param) else "" for param in ("gamma", "beta")]
    _standardise(op, stretch, axes)


def _standardise(op: Op, stretch: list[str], axes: tuple[int, ...]) -> None:
    """Statistics are taken in float32 and the result rounded to the declared type.

    Apple's tests of float16 programs need that: a mean rounded to float16 loses the difference of two close numbers.
    """
    inputs, epsilon = [op.tensor("x"), *stretch], op.const("epsilon", 1e-5)
    if op.out.dtype != "float16":
        op.emit("layer_norm", inputs, axes=axes, epsilon=epsilon)
        return
    y = op.temp("layer_norm", inputs, dtype="float32", axes=axes, epsilon=epsilon)
    op.emit("cast", [y], to="float")


def _over(op: Op, param: str, axes: tuple[int, ...], rank: int) -> str:
    """gamma or beta, which have the normalised axes alone, so that they broadcast from the right over x."""
    if axes == tuple(range(rank - len(axes), rank)):
        return op.tensor(param)
    given = op.shape(param)
    if len(given) != len(axes) or None in given:
        raise op.error(
            f"{param!r} does not have the normalised axes", found=given, expected=f"sizes along {axes}"
        )
    sizes = dict(zip(axes, given, strict=True))
    shape = tuple(sizes.get(axis, 1) for axis in range(axes[0], rank))
    known = op.known(param)
    if known is not None:
        return op.constant(known.reshape(shape), param)
    return op.temp("reshape", [op.tensor(param)], dtype=op.dtype(param), shape=shape)


@mil("l2_norm")
def l2_norm(op: Op) -> None:
    """y = x / sqrt(sum of x^2 over the last three axes + epsilon)"""
    op.emit("l2_normalize", [op.tensor("x")], axes=(-3, -2, -1), epsilon=op.const("epsilon", 1e-6))


@mil("local_response_norm")
def local_response_norm(op: Op) -> None:
    """y = x / (k + alpha / size * sum of x^2 over neighbouring channels) ^ beta

    Neighbours lie along the third axis from the end. That is the channels' for images; for x (n, channel, width)
    it is the first, though the definition speaks of channels: Apple's test of float32 programs expects so.
    """
    settings = {"alpha": op.const("alpha", 1e-4), "beta": op.const("beta", 0.75), "k": op.const("k", 1.0)}
    op.emit("local_response_norm", [op.tensor("x")], size=op.const("size"), axis=-3, **settings)
