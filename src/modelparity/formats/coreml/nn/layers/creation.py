"""Constants, ranges, fillings, shapes and random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..layer import Op
from ..registry import reads


@reads("loadConstant", "loadConstantND")
def load_constant(op: Op) -> None:
    """Numbers of the file; the classic layer's have the axes [1, 1, C, H, W]."""
    op.expects(0)
    shape = op.sizes("shape", least=1)
    if op.type == "loadConstant" and len(shape) != 3:
        raise op.error("shape is not valid", found=shape, expected="[C, H, W]")
    values = op.weight("data", shape)
    op.results(op.constant(values[None, None] if op.type == "loadConstant" else values))


@reads("getShape")
def get_shape(op: Op) -> None:
    """The sizes of the axes."""
    op.expects(1)
    op.results(op.floats(op.temp("shape", [op.input(0)])))


@reads("fillLike", "fillStatic", "fillDynamic")
def fill(op: Op) -> None:
    """One value everywhere."""
    value = op.attr("value")
    if op.type == "fillLike":
        op.expects(1)
        op.give("fill_like", [op.input(0)], value=value)
        return
    shape, rank = _shape(op, "Static" in op.type, "targetShape")
    op.give("fill", [shape], value=value, rank=rank)


def _shape(op: Op, static: bool, name: str) -> tuple[str, int | None]:
    """A shape as a tensor of whole numbers, from the parameters or from the only input, and its length."""
    op.expects(0 if static else 1)
    if static:
        sizes = op.sizes(name, least=1)
        return op.constant(np.array(sizes, np.int64), "shape"), len(sizes)
    fixed = op.known(0)
    return op.whole(op.input(0)), None if fixed is None else fixed.size


@reads("rangeStatic", "rangeDynamic")
def range_(op: Op) -> None:
    """Evenly laid numbers; inputs are end, start and step."""
    given = list(op.inputs())
    op.expects((1, 3) if op.type == "rangeDynamic" else 0)
    parts = [op.temp("reshape", [tensor], shape=()) for tensor in given]
    names = ("endValue", "startValue", "stepSizeValue")
    for name in names[len(given) :]:
        parts.append(op.scalar(op.attr(name), name))
    op.ignore("startValue", "stepSizeValue")
    end, start, step = parts
    op.give("range_1d", [start, end, step], rank=1)


_RANDOM = [
    f"random{kind}{way}"
    for kind in ("Normal", "Uniform", "Bernoulli")
    for way in ("Like", "Static", "Dynamic")
]


@reads(*_RANDOM)
def random(op: Op) -> None:
    """Numbers of a distribution: no two runtimes draw the same."""
    kind = op.type.removeprefix("random")
    if kind.endswith("Like"):
        op.expects(1)
        shape, rank = op.temp("shape", [op.input(0)]), op.scope.rank(op.input(0))
    else:
        shape, rank = _shape(op, kind.endswith("Static"), "outputShape")
    attrs: dict[str, Any] = {"seed": abs(op.attr("seed", kind=int))}
    if kind.startswith("Normal"):
        core, attrs["mean"], attrs["deviation"] = "random_normal", op.attr("mean"), op.attr("stdDev")
    elif kind.startswith("Uniform"):
        core, attrs["low"], attrs["high"] = "random_uniform", op.attr("minVal"), op.attr("maxVal")
    else:
        core, attrs["probability"] = "random_bernoulli", op.attr("prob")
    op.give(core, [shape], rank=rank, **attrs)


@reads("categoricalDistribution")
def categorical(op: Op) -> None:
    """Classes drawn by their probabilities or logits."""
    op.expects(1)
    x = op.input(0)
    count, temperature, epsilon = (
        op.attr("numSamples", kind=int),
        op.attr("temperature") or 1.0,
        op.attr("eps") or 1e-10,
    )
    if not 0 < count < 1 << 31:
        raise op.error("numSamples is not valid", found=count, expected="a positive number")
    if not op.attr("isLogits"):
        x = op.temp("log", [op.temp("add", [x, op.scalar(epsilon, "eps")])])
    if temperature != 1:
        x = op.temp("div", [x, op.scalar(temperature, "temperature")])
    op.give("random_categorical", [x], count=count, logits=True, seed=abs(op.attr("seed", kind=int)))
