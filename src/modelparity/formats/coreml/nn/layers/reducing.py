"""Sums, products, norms and extremes over axes."""

from __future__ import annotations

from ..layer import Layer
from ..registry import layer

_ND = {
    "reduceL1": "reduce_l1",
    "reduceL2": "reduce_l2",
    "reduceMax": "reduce_max",
    "reduceMin": "reduce_min",
    "reduceSum": "reduce_sum",
    "reduceProd": "reduce_prod",
    "reduceMean": "reduce_mean",
    "reduceLogSum": "reduce_log_sum",
    "reduceSumSquare": "reduce_sum_square",
    "reduceLogSumExp": "reduce_log_sum_exp",
}
_CLASSIC = {
    "SUM": "reduce_sum",
    "AVG": "reduce_mean",
    "PROD": "reduce_prod",
    "SUMSQUARE": "reduce_sum_square",
    "L1": "reduce_l1",
    "L2": "reduce_l2",
    "MAX": "reduce_max",
    "MIN": "reduce_min",
}
_AXES = {"CHW": (-3, -2, -1), "HW": (-2, -1), "C": (-3,), "H": (-2,), "W": (-1,)}


@layer(*_ND)
def reduce_nd(layer: Layer) -> None:
    """Over the axes that the parameters name, or over all; at least one axis stays."""
    layer.count(1)
    p, rank, op = layer.p, layer.scope.rank(layer.x), _ND[layer.kind]
    axes = None if p.reduceAll else tuple(int(n) for n in p.axes)
    if axes == ():
        raise layer.error("no axes are given", expected="axes, or reduceAll")
    if p.reduceAll:
        p.ignore("axes")
    elif rank is not None and axes is not None:
        axes = tuple(sorted({layer.axis(axis, rank) for axis in axes}))
    if p.keepDims:
        layer.give(layer.emit(op, layer.x, axes=axes, keepdims=True))
        return
    whole = axes is None or (rank is not None and len(axes) == rank)
    left = 0 if whole else None if rank is None else rank - len(axes or ())
    y = layer.emit(op, layer.x, axes=axes, rank=left)
    layer.give(layer.emit("reshape", y, shape=(1,), rank=1) if whole else y)


@layer("reduce")
def reduce(layer: Layer) -> None:
    """Classic: over channel, height, width or several of them; the rank stays."""
    layer.count(1)
    p = layer.p
    mode, where = p.choice("mode"), p.choice("axis")
    axes = _AXES[where]
    layer.at_least(-min(axes))
    p.ignore("epsilon")  # for LOGSUM only
    if mode == "ARGMAX":
        if len(axes) > 1:
            raise layer.error("ARGMAX is along one axis", found=where, expected="C, H or W")
        layer.give(layer.floats(layer.emit("argmax", layer.x, axis=axes[0], keepdims=True)))
        return
    if mode == "LOGSUM":
        shifted = layer.emit("add", layer.x, layer.scalar(p.epsilon or 1e-6, "epsilon"))
        layer.give(layer.emit("reduce_sum", layer.emit("log", shifted), axes=axes, keepdims=True))
        return
    layer.give(layer.emit(_CLASSIC[mode], layer.x, axes=axes, keepdims=True))
