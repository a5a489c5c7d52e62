"""Random numbers. No two engines draw the same ones: only shapes and distributions can be compared."""

from __future__ import annotations

import zlib

from ..operators import Op, mil


def _seed(op: Op) -> int:
    """The operation's seed; without one (-1) every operation has its own, made from its name."""
    seed = int(op.const("seed", -1))
    return seed if seed != -1 else zlib.crc32(op.outputs[0][0].encode())


@mil("random_uniform")
def random_uniform(op: Op) -> None:
    """y evenly distributed in [low, high)"""
    low, high = float(op.const("low", 0.0)), float(op.const("high", 1.0))
    op.emit("random_uniform", [op.tensor("shape")], low=low, high=high, seed=_seed(op))


@mil("random_normal")
def random_normal(op: Op) -> None:
    """y normally distributed"""
    mean, deviation = float(op.const("mean", 0.0)), float(op.const("stddev", 1.0))
    op.emit("random_normal", [op.tensor("shape")], mean=mean, deviation=deviation, seed=_seed(op))


@mil("random_bernoulli")
def random_bernoulli(op: Op) -> None:
    """y = 1 with probability ``prob``, else 0"""
    op.emit(
        "random_bernoulli", [op.tensor("shape")], probability=float(op.const("prob", 0.5)), seed=_seed(op)
    )


@mil("random_categorical")
def random_categorical(op: Op) -> None:
    """y = classes drawn with the probabilities (or exponents of them) of the last axis"""
    mode = op.const("mode", "logits")
    if mode not in ("logits", "probs"):
        raise op.error("unknown mode", found=repr(mode), expected="logits or probs")
    op.emit(
        "random_categorical",
        [op.tensor("x")],
        count=op.const("size", 1),
        logits=mode == "logits",
        seed=_seed(op),
    )
