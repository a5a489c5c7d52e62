"""Pooling: rounding of the number of windows, what counts, maximum for mean."""

from __future__ import annotations

from collections.abc import Iterator

from ..fault import Group, by_format
from ..making import NodeFault, Way, with_attrs, with_operator
from ..view import At
from .convolution import widths

GROUP = Group("pooling", "Pooling and reductions", 55)
POOLS = ("max_pool", "average_pool")
REDUCTIONS = ("reduce_mean", "reduce_max", "reduce_sum", "reduce_min", "reduce_l2")


class CeilOrFloor(NodeFault):
    id = "pooling-ceil-or-floor"
    group = GROUP
    ops = POOLS
    where = "pooling"
    text = "The number of windows is rounded up instead of down, or the other way round."
    happens = (
        "Caffe rounds up, PyTorch and ONNX down unless ceil_mode is set, TensorFlow's SAME up: a last "
        "partial window is there or not."
    )
    repair = "Set the rounding as the source has it."
    repairs = by_format(
        onnx="Set the node's attribute ceil_mode.",
        torch="Give ceil_mode=.",
        coreml="Set ceil_mode (ML Program) or includeLastPixel (NeuralNetwork).",
    )

    def ways(self, at: At) -> Iterator[Way]:
        other = not at.attrs["ceil"]
        yield Way(
            "ceil" if other else "floor",
            f"{at.name} rounds its number of windows {'up' if other else 'down'}",
            with_attrs(at, ceil=other),
        )


class PaddingCounted(NodeFault):
    id = "pooling-padding-counted"
    group = GROUP
    ops = ("average_pool",)
    where = "average pooling with padding"
    text = (
        "A mean divides by the size of the window where it should divide by what lies inside, or the "
        "other way round."
    )
    happens = "PyTorch counts padding unless told, ONNX, Keras and Core ML do not."
    repair = "Say whether padding counts."
    repairs = by_format(
        onnx="Set count_include_pad to 1 for PyTorch's default.",
        torch="Give count_include_pad=.",
        coreml="Set exclude_padding_from_average (avgPoolExcludePadding).",
    )

    def ways(self, at: At) -> Iterator[Way]:
        padding = widths(at)
        if padding is None or any(map(any, padding)):
            other = not at.attrs["count_padding"]
            yield Way(
                "",
                f"{at.name} {'counts' if other else 'does not count'} its padding",
                with_attrs(at, count_padding=other),
            )


class PoolSwapped(NodeFault):
    id = "pooling-maximum-or-mean"
    group = GROUP
    ops = (*POOLS, "adaptive_average_pool", "adaptive_max_pool")
    where = "pooling"
    text = "The mean is taken instead of the maximum, or the other way round."
    happens = "A port has one kind of pooling, or reads a default."
    repair = "Take the pooling that was trained."

    def ways(self, at: At) -> Iterator[Way]:
        op = at.node.op.replace("max", "\0").replace("average", "max").replace("\0", "average")
        kept = {
            key: value for key, value in at.node.attrs.items() if key not in ("count_padding", "dilations")
        }
        yield Way(op, f"{at.name} is {op} instead of {at.node.op}", with_operator(at, op, "x", **kept))


class ReductionSwapped(NodeFault):
    id = "reduction-swapped"
    group = GROUP
    ops = REDUCTIONS
    where = "means, sums, maxima and minima over axes"
    text = "Another reduction is taken: the sum for the mean, the maximum for the mean."
    happens = "Global pooling is average or maximum by name only, and a mean written out loses its division."
    repair = "Take the reduction that was trained."

    def ways(self, at: At) -> Iterator[Way]:
        for op in REDUCTIONS[:4]:
            if op != at.node.op:
                yield Way(
                    op,
                    f"{at.name} is {op} instead of {at.node.op}",
                    with_operator(at, op, "x", **at.node.attrs),
                )


class AxisWrong(NodeFault):
    id = "axis-wrong"
    group = GROUP
    ops = (
        *REDUCTIONS,
        "softmax",
        "log_softmax",
        "argmax",
        "argmin",
        "cumsum",
        "hardmax",
        "reduce_log_sum_exp",
    )
    where = "softmax, reductions and the like: every other axis"
    text = "A softmax, sum, mean or maximum goes along another axis."
    happens = (
        "Channels move from second to last and axis=1 stays; softmax without an axis meant axis 1, or "
        "the last, in other versions."
    )
    repair = "Write the axis for the layout that the target has."
    repairs = by_format(
        onnx="Set the attribute axis: before version 13 Softmax took 1 and flattened what is behind it.",
        torch="Give dim=.",
        coreml="softmax of a NeuralNetwork goes along channels (axis -3); use softmaxND with axis.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        rank = at.rank(at.tensors.get("x", ""))
        key = "axes" if "axes" in at.attrs else "axis"
        now = at.attrs[key]
        if now is None or (rank is None and key == "axes"):
            return
        listed = [now] if isinstance(now, int) else list(now)
        rank = max((abs(axis) + 1 for axis in listed), default=1) if rank is None else rank
        if len(listed) != 1:
            return
        for axis in range(rank - 1, -1, -1):
            if axis != listed[0] % rank:
                yield Way(
                    f"axis {axis}",
                    f"{at.node.op} {at.name} goes along axis {axis} instead of {listed[0] % rank}",
                    with_attrs(at, **{key: axis if isinstance(now, int) else (axis,)}),
                )
