"""Constants, ranges, fillings, shapes and random numbers."""

from __future__ import annotations

import numpy as np

from ..layer import Layer
from ..registry import layer


@layer("loadConstant", "loadConstantND")
def load_constant(layer: Layer) -> None:
    """Numbers of the file; the classic layer's have the axes [1, 1, C, H, W]."""
    layer.count(0)
    shape = layer.sizes("shape", least=1)
    if layer.kind == "loadConstant" and len(shape) != 3:
        raise layer.error("shape cannot be", found=shape, expected="[C, H, W]")
    values = layer.weight("data", shape)
    layer.give(layer.const(values[None, None] if layer.kind == "loadConstant" else values))


@layer("getShape")
def get_shape(layer: Layer) -> None:
    """The sizes of the axes."""
    layer.count(1)
    layer.give(layer.floats(layer.emit("shape", layer.x, rank=1)))


@layer("fillLike", "fillStatic", "fillDynamic")
def fill(layer: Layer) -> None:
    """One value everywhere."""
    value = layer.p.value
    if layer.kind == "fillLike":
        layer.count(1)
        layer.give(layer.emit("fill_like", layer.x, value=value))
        return
    shape, rank = _shape(layer, "Static" in layer.kind, "targetShape")
    layer.give(layer.emit("fill", shape, value=value, rank=rank))


def _shape(layer: Layer, static: bool, name: str) -> tuple[str, int | None]:
    """A shape as a tensor of whole numbers, from the parameters or from the only input, and its length."""
    layer.count(0 if static else 1)
    if static:
        sizes = layer.sizes(name, least=1)
        return layer.const(np.array(sizes, np.int64), "shape"), len(sizes)
    fixed = layer.known(layer.x)
    return layer.whole(layer.x), None if fixed is None else fixed.size


@layer("rangeStatic", "rangeDynamic")
def range_(layer: Layer) -> None:
    """Evenly laid numbers; inputs are end, start and step."""
    p, given = layer.p, list(layer.inputs)
    layer.count((1, 3) if layer.kind == "rangeDynamic" else 0)
    parts = [layer.emit("reshape", tensor, shape=(), rank=0) for tensor in given]
    names = ("endValue", "startValue", "stepSizeValue")
    for name in names[len(given) :]:
        parts.append(layer.scalar(getattr(p, name), name))
    p.ignore("startValue", "stepSizeValue")
    end, start, step = parts
    layer.give(layer.emit("range_1d", start, end, step, rank=1))


_RANDOM = [
    f"random{kind}{way}"
    for kind in ("Normal", "Uniform", "Bernoulli")
    for way in ("Like", "Static", "Dynamic")
]


@layer(*_RANDOM)
def random(layer: Layer) -> None:
    """Numbers of a distribution: no two runtimes draw the same."""
    p, kind = layer.p, layer.kind.removeprefix("random")
    if kind.endswith("Like"):
        layer.count(1)
        shape, rank = layer.emit("shape", layer.x, rank=1), layer.scope.rank(layer.x)
    else:
        shape, rank = _shape(layer, kind.endswith("Static"), "outputShape")
    attrs: dict[str, float] = {"seed": abs(int(p.seed))}
    if kind.startswith("Normal"):
        op, attrs["mean"], attrs["deviation"] = "random_normal", p.mean, p.stdDev
    elif kind.startswith("Uniform"):
        op, attrs["low"], attrs["high"] = "random_uniform", p.minVal, p.maxVal
    else:
        op, attrs["probability"] = "random_bernoulli", p.prob
    layer.give(layer.emit(op, shape, rank=rank, **attrs))


@layer("categoricalDistribution")
def categorical(layer: Layer) -> None:
    """Classes drawn by their probabilities or logits."""
    layer.count(1)
    p, x = layer.p, layer.x
    count, temperature, epsilon = int(p.numSamples), p.temperature or 1.0, p.eps or 1e-10
    if not 0 < count < 1 << 31:
        raise layer.error("numSamples cannot be", found=count, expected="a positive number")
    if not p.isLogits:
        x = layer.emit("log", layer.emit("add", x, layer.scalar(epsilon, "eps")))
    if temperature != 1:
        x = layer.emit("div", x, layer.scalar(temperature, "temperature"))
    layer.give(layer.emit("random_categorical", x, count=count, logits=True, seed=abs(int(p.seed))))
