"""Random numbers. No two engines draw the same ones: only shapes and distributions can be compared."""

from __future__ import annotations

import zlib

from ..operators import Op, reads


def _seed(op: Op) -> int:
    """The operation's seed; without one (-1) every operation has its own, made from its name."""
    seed = op.attr("seed", -1, int)
    return seed if seed != -1 else zlib.crc32(op.outputs[0][0].encode())


@reads("random_uniform")
def random_uniform(op: Op) -> None:
    """y evenly distributed in [low, high)"""
    low, high = op.attr("low", 0.0, float), op.attr("high", 1.0, float)
    op.give("random_uniform", [op.input("shape")], low=low, high=high, seed=_seed(op))


@reads("random_normal")
def random_normal(op: Op) -> None:
    """y normally distributed"""
    mean, deviation = op.attr("mean", 0.0, float), op.attr("stddev", 1.0, float)
    op.give("random_normal", [op.input("shape")], mean=mean, deviation=deviation, seed=_seed(op))


@reads("random_bernoulli")
def random_bernoulli(op: Op) -> None:
    """y = 1 with probability ``prob``, else 0"""
    op.give("random_bernoulli", [op.input("shape")], probability=op.attr("prob", 0.5, float), seed=_seed(op))


@reads("random_categorical")
def random_categorical(op: Op) -> None:
    """y = classes drawn with the probabilities (or exponents of them) of the last axis"""
    op.give(
        "random_categorical",
        [op.input("x")],
        count=op.attr("size", 1),
        logits=op.choice("mode", {"logits": True, "probs": False}, "logits"),
        seed=_seed(op),
    )
