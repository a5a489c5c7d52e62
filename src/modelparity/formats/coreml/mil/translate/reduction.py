"""Reductions over axes."""

from __future__ import annotations

from typing import Any

from ..operators import Op, reads
from ._operands import as_numbers, whole

#: MIL operation -> core operator.
REDUCTIONS = {
    "reduce_l1_norm": "reduce_l1",
    "reduce_l2_norm": "reduce_l2",
    "reduce_log_sum": "reduce_log_sum",
    "reduce_log_sum_exp": "reduce_log_sum_exp",
    "reduce_max": "reduce_max",
    "reduce_mean": "reduce_mean",
    "reduce_min": "reduce_min",
    "reduce_prod": "reduce_prod",
    "reduce_sum": "reduce_sum",
    "reduce_sum_square": "reduce_sum_square",
}
#: Those that need floats on the way, and drop the fraction of whole numbers at the end.
FRACTIONAL = ("reduce_l2", "reduce_log_sum", "reduce_log_sum_exp", "reduce_mean")


@reads(*REDUCTIONS)
def reduction(op: Op) -> None:
    """y = f of x over ``axes``, all of them if left out"""
    core = REDUCTIONS[op.type]
    attrs: dict[str, Any] = {
        "axes": op.numbers("axes") if op.has("axes") else None,
        "keepdims": op.attr("keep_dims", False, bool),
    }
    if core in FRACTIONAL and whole(op, "x"):
        y = op.temp(core, [as_numbers(op, "x")], dtype="float32", **attrs)
        op.give("cast", [y], to=op.out.dtype)
    elif core == "reduce_sum" and whole(op, "x"):
        op.give("cast", [op.temp(core, [op.input("x")], **attrs)], to=op.out.dtype)  # numpy widens sums
    else:
        op.give(core, [op.input("x")], **attrs)


@reads("reduce_argmax", "reduce_argmin")
def places(op: Op) -> None:
    """y = where along ``axis`` the largest (smallest) element stands"""
    to = op.attr("output_dtype", "int32", str).lower()
    if to not in ("int32", "uint16"):
        raise op.error("unknown output_dtype", found=to, expected="int32 or uint16")
    settings = {"axis": op.attr("axis", -1), "keepdims": op.attr("keep_dims", False, bool)}
    op.give(op.type.removeprefix("reduce_"), [op.input("x")], to=to, **settings)
