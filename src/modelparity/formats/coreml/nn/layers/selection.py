"""Where the largest and smallest stand, sorting, selection, suppression."""

from __future__ import annotations

from typing import Any

from ..layer import Op
from ..registry import reads


@reads("argMax", "argMin")
def argument(op: Op) -> None:
    """The place along an axis; at least one axis stays."""
    op.expects(1)
    rank = op.scope.rank(op.input(0))
    dropped = op.attr("removeDim", kind=bool) and rank != 1
    left = rank if not dropped or rank is None else rank - 1
    core = op.type.lower()
    op.results(
        op.floats(
            op.temp(core, [op.input(0)], axis=op.attr("axis", kind=int), keepdims=not dropped, rank=left)
        )
    )


@reads("topK")
def top_k(op: Op) -> None:
    """The largest or smallest along an axis, with their places; a second input may say how many."""
    op.expects((1, 2), 2)
    rank = op.scope.rank(op.input(0))
    attrs: dict[str, Any] = {"axis": op.attr("axis", kind=int), "largest": not op.attr("useBottomK")}
    inputs = [op.input(0)]
    if op.count == 2:
        op.ignore("K")
        inputs.append(op.temp("reshape", [op.whole(op.input(1))], shape=()))
    else:
        attrs["k"] = op.attr("K", kind=int)
        if not 0 < attrs["k"] < 1 << 31:
            raise op.error("K is not valid", found=attrs["k"], expected="a positive number")
    values, places = op.temps("topk", inputs, 2, ranks=(rank, rank), **attrs)
    op.results(values, op.floats(places))


@reads("argSort")
def arg_sort(op: Op) -> None:
    """The places that would sort the input."""
    op.expects(1)
    op.results(
        op.floats(
            op.temp(
                "argsort",
                [op.input(0)],
                axis=op.attr("axis", kind=int),
                descending=op.attr("descending", kind=bool),
            )
        )
    )


@reads("whereNonZero")
def where_non_zero(op: Op) -> None:
    """Index tuples of what is not 0."""
    op.expects(1)
    op.results(op.floats(op.temp("non_zero", [op.input(0)], rank=2)))


@reads("whereBroadcastable")
def where(op: Op) -> None:
    """From the second input where the first is not 0, else from the third."""
    op.expects(3)
    op.give("select", op.inputs())


@reads("matrixBandPart")
def band(op: Op) -> None:
    """A band around the diagonal."""
    op.expects(1)
    op.at_least(2)
    op.give(
        "band_part", [op.input(0)], lower=op.attr("numLower", kind=int), upper=op.attr("numUpper", kind=int)
    )


@reads("lowerTriangular", "upperTriangular")
def triangle(op: Op) -> None:
    """What is on or below (above) a diagonal."""
    op.expects(1)
    op.at_least(2)
    part = "lower" if op.type == "lowerTriangular" else "upper"
    op.give("triangle", [op.input(0)], diagonal=op.attr("k", kind=int), part=part)


@reads("reverse")
def reverse(op: Op) -> None:
    """Some axes backwards."""
    op.expects(1)
    flags, rank = op.attr("reverseDim"), op.scope.rank(op.input(0))
    if rank is not None and len(flags) != rank:
        raise op.error("reverseDim does not name every axis", found=len(flags), expected=rank)
    axes = tuple(axis for axis, flag in enumerate(flags) if flag)
    op.give("reverse", [op.input(0)], axes=axes)


@reads("reverseSeq")
def reverse_sequence(op: Op) -> None:
    """The first so many steps of each sequence backwards."""
    op.expects(2)
    lengths = op.whole(op.input(1))
    attrs = {"batch_axis": op.attr("batchAxis", kind=int), "time_axis": op.attr("sequenceAxis", kind=int)}
    op.give("reverse_sequence", [op.input(0), lengths], **attrs)


@reads("oneHot")
def one_hot(op: Op) -> None:
    """A vector for each index; a second input may say how long."""
    op.expects((1, 2))
    rank = op.scope.rank(op.input(0))
    inputs, size = [op.whole(op.input(0))], None
    if op.count == 2:
        op.ignore("oneHotVectorSize")
        inputs.append(op.temp("reshape", [op.whole(op.input(1))], shape=()))
    else:
        size = op.attr("oneHotVectorSize", kind=int)
        if not 0 < size < 1 << 31:
            raise op.error("oneHotVectorSize is not valid", found=size, expected="a positive number")
    op.give(
        "one_hot",
        inputs,
        size=size,
        axis=op.attr("axis", kind=int),
        on=op.attr("onValue"),
        off=op.attr("offValue"),
        rank=None if rank is None else rank + 1,
    )


@reads("cumSum")
def cumulative_sum(op: Op) -> None:
    """Running sums along an axis; a second input may name it."""
    op.expects((1, 2))
    attrs: dict[str, Any] = {
        "exclusive": op.attr("excludeFinalSum", kind=bool),
        "reverse": op.attr("reverse", kind=bool),
    }
    if op.count == 2:
        op.ignore("axis")
        op.give("cumsum_along", [op.input(0), op.whole(op.input(1))], **attrs)
        return
    op.give("cumsum", [op.input(0)], axis=op.attr("axis", kind=int), **attrs)


@reads("NonMaximumSuppression")
def suppression(op: Op) -> None:
    """Boxes without those that overlap a better one; inputs 3 to 5 may take the place of parameters."""
    op.expects((2, 5), 4)
    inputs = list(op.inputs()[:2])
    attrs = {
        "iou_threshold": op.attr("iouThreshold"),
        "score_threshold": op.attr("scoreThreshold"),
        "most": op.attr("maxBoxes", kind=int),
    }
    for place, name in enumerate(attrs.copy()):
        if op.count > place + 2:
            attrs[name] = 0
            tensor = op.temp("reshape", [op.input(place + 2)], shape=())
            inputs.append(op.whole(tensor) if name == "most" else tensor)
    if op.count < 5 and not 0 < attrs["most"] < 1 << 31:
        raise op.error("maxBoxes is not valid", found=attrs["most"], expected="a positive number")
    attrs["per_class"] = op.attr("perClassSuppression", kind=bool)
    boxes, scores, places, count = op.temps("non_maximum_suppression", inputs, 4, ranks=(3, 3, 2, 1), **attrs)
    op.results(boxes, scores, op.floats(places), op.floats(count))
