"""Reductions and what looks for the largest element."""

from __future__ import annotations

from typing import Any

from ..node import Op, reads

REDUCTIONS = {
    "ReduceL1": "reduce_l1",
    "ReduceL2": "reduce_l2",
    "ReduceLogSum": "reduce_log_sum",
    "ReduceLogSumExp": "reduce_log_sum_exp",
    "ReduceMax": "reduce_max",
    "ReduceMean": "reduce_mean",
    "ReduceMin": "reduce_min",
    "ReduceProd": "reduce_prod",
    "ReduceSum": "reduce_sum",
    "ReduceSumSquare": "reduce_sum_square",
}


@reads(*REDUCTIONS)
def reduce(op: Op) -> None:
    """y = x reduced over axes, which stay with size one unless told otherwise"""
    axes: Any = op.attr("axes", None)
    if op.has(1):
        known = op.known(1)
        empty = op.kind(1).shape == (0,)
        if known is None and not empty:
            none = "numbers" if op.attr("noop_with_empty_axes", 0) else "some"
            given = {"keepdims": op.attr("keepdims", True, bool), **_empty(op)}
            op.give(
                "with_settings",
                op.inputs(0, 1),
                of=REDUCTIONS[op.type],
                settings=(("axes", none),),
                given=given,
            )
            return
        axes = () if known is None else tuple(int(n) for n in known.reshape(-1))
    op.attr("noop_with_empty_axes", 0)
    keep = op.attr("keepdims", True, bool)
    if not axes and op.attr("noop_with_empty_axes", 0):
        each(op)
        return
    op.give(
        REDUCTIONS[op.type], [op.input(0)], axes=tuple(axes) if axes else None, keepdims=keep, **_empty(op)
    )


def _empty(op: Op) -> dict[str, Any]:
    """What a reduction of nothing gives, where there is a choice: minus infinity and the like."""
    if op.type in ("ReduceMax", "ReduceMin", "ReduceLogSumExp") and 0 in (op.kind(0).shape or ()):
        return {"empty": "limit"}
    return {}


def each(op: Op) -> None:
    """A reduction over no axes: only what is done to the elements themselves."""
    x = op.input(0)
    if op.type == "ReduceSumSquare":
        op.give("square", [x])
    elif op.type in ("ReduceL1", "ReduceL2"):
        op.give("abs", [x])
    elif op.type == "ReduceLogSum":
        op.give("log", [x])
    else:  # the logarithm of the exponential included
        op.give("identity", [x])


@reads("ArgMax", "ArgMin")
def arg(op: Op) -> None:
    """y = where along an axis the largest (or smallest) element stands, the first or the last one"""
    attrs = {"axis": op.attr("axis", 0), "keepdims": op.attr("keepdims", True, bool)}
    core = {"ArgMax": "argmax", "ArgMin": "argmin"}[op.type]
    if not op.attr("select_last_index", 0):
        op.give(core, [op.input(0)], **attrs)
        return
    axis = op.axis(attrs["axis"])
    backwards = op.temp("reverse", [op.input(0)], dtype=op.dtype(), axes=(axis,))
    place = op.temp(core, [backwards], dtype="int64", **attrs)
    size = op.temp(
        "gather", [op.temp("shape", [op.input(0)], dtype="int64"), op.constant(axis)], dtype="int64"
    )
    size = op.temp("cast", [size], dtype="int64", to="int64")
    last = op.temp("sub", [size, op.constant(1)], dtype="int64")
    op.give("sub", [last, place])


@reads("CumSum", "CumProd")
def running(op: Op) -> None:
    """y = running sums or products along an axis"""
    attrs: dict[str, Any] = {
        "exclusive": op.attr("exclusive", False, bool),
        "reverse": op.attr("reverse", False, bool),
    }
    known = op.known(1)
    if known is not None:
        op.give(op.type.lower(), [op.input(0)], axis=int(known.reshape(())), **attrs)
    elif op.type == "CumSum":
        op.give("cumsum_along", op.inputs(0, 1), **attrs)
    else:
        op.give("with_settings", op.inputs(0, 1), of="cumprod", settings=(("axis", "number"),), given=attrs)


@reads("TopK")
def topk(op: Op) -> None:
    """values, places = the k largest (or smallest) elements along an axis"""
    attrs: dict[str, Any] = {"axis": op.attr("axis", -1), "largest": op.attr("largest", True, bool)}
    op.ignore("sorted")  # unsorted means any order, so the sorted one as well
    inputs = [op.input(0)]
    if op.version < 10:
        attrs["k"] = op.attr("k")
    elif op.known(1) is not None:
        attrs["k"] = int(op.const(1).reshape(()))
    else:
        inputs.append(op.temp("reshape", [op.input(1)], dtype="int64", shape=()))
    values, places = op.temps("topk", inputs, 2, **attrs)
    op.give("identity", [values], output=0)
    op.give("cast", [places], output=1, to="int64")
