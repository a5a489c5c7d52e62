"""Sums, products, norms and extremes over axes."""

from __future__ import annotations

from ..layer import Op
from ..registry import reads

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


@reads(*_ND)
def reduce_nd(op: Op) -> None:
    """Over the axes that the parameters name, or over all; at least one axis stays."""
    op.expects(1)
    rank, core = op.scope.rank(op.input(0)), _ND[op.type]
    axes = None if op.attr("reduceAll") else tuple(int(n) for n in op.attr("axes"))
    if axes == ():
        raise op.error("no axes are given", expected="axes, or reduceAll")
    if op.attr("reduceAll"):
        op.ignore("axes")
    elif rank is not None and axes is not None:
        axes = tuple(sorted({op.axis(axis, rank) for axis in axes}))
    if op.attr("keepDims"):
        op.give(core, [op.input(0)], axes=axes, keepdims=True)
        return
    whole = axes is None or (rank is not None and len(axes) == rank)
    left = 0 if whole else None if rank is None else rank - len(axes or ())
    y = op.temp(core, [op.input(0)], axes=axes, rank=left)
    op.results(op.temp("reshape", [y], shape=(1,)) if whole else y)


@reads("reduce")
def reduce(op: Op) -> None:
    """Classic: over channel, height, width or several of them; the rank stays."""
    op.expects(1)
    mode, where = op.attr("mode"), op.attr("axis")
    axes = _AXES[where]
    op.at_least(-min(axes))
    op.ignore("epsilon")  # for LOGSUM only
    if mode == "ARGMAX":
        if len(axes) > 1:
            raise op.error("ARGMAX is along one axis", found=where, expected="C, H or W")
        op.results(op.floats(op.temp("argmax", [op.input(0)], axis=axes[0], keepdims=True)))
        return
    if mode == "LOGSUM":
        shifted = op.temp("add", [op.input(0), op.scalar(op.attr("epsilon") or 1e-6, "epsilon")])
        op.give("reduce_sum", [op.temp("log", [shifted])], axes=axes, keepdims=True)
        return
    op.give(_CLASSIC[mode], [op.input(0)], axes=axes, keepdims=True)
