"""Where the largest and smallest stand, sorting, selection, suppression."""

from __future__ import annotations

from typing import Any

from ..layer import Layer
from ..registry import layer


@layer("argMax", "argMin")
def argument(layer: Layer) -> None:
    """The place along an axis; at least one axis stays."""
    layer.count(1)
    p, rank = layer.p, layer.scope.rank(layer.x)
    dropped = bool(p.removeDim) and rank != 1
    left = rank if not dropped or rank is None else rank - 1
    op = layer.kind.lower()
    layer.give(layer.floats(layer.emit(op, layer.x, axis=int(p.axis), keepdims=not dropped, rank=left)))


@layer("topK")
def top_k(layer: Layer) -> None:
    """The largest or smallest along an axis, with their places; a second input may say how many."""
    layer.count((1, 2), 2)
    p, rank = layer.p, layer.scope.rank(layer.x)
    attrs = {"axis": int(p.axis), "largest": not p.useBottomK}
    inputs = [layer.x]
    if len(layer.inputs) == 2:
        p.ignore("K")
        inputs.append(layer.emit("reshape", layer.whole(layer.inputs[1]), shape=(), rank=0))
    else:
        attrs["k"] = int(p.K)
        if not 0 < attrs["k"] < 1 << 31:
            raise layer.error("K cannot be", found=attrs["k"], expected="a positive number")
    values, places = layer.emit_all("topk", *inputs, results=2, ranks=(rank, rank), **attrs)
    layer.give(values, layer.floats(places))


@layer("argSort")
def arg_sort(layer: Layer) -> None:
    """The places that would sort the input."""
    layer.count(1)
    p = layer.p
    layer.give(layer.floats(layer.emit("argsort", layer.x, axis=int(p.axis), descending=bool(p.descending))))


@layer("whereNonZero")
def where_non_zero(layer: Layer) -> None:
    """Index tuples of what is not 0."""
    layer.count(1)
    layer.give(layer.floats(layer.emit("non_zero", layer.x, rank=2)))


@layer("whereBroadcastable")
def where(layer: Layer) -> None:
    """From the second input where the first is not 0, else from the third."""
    layer.count(3)
    layer.give(layer.emit("select", *layer.inputs))


@layer("matrixBandPart")
def band(layer: Layer) -> None:
    """A band around the diagonal."""
    layer.count(1)
    layer.at_least(2)
    layer.give(layer.emit("band_part", layer.x, lower=int(layer.p.numLower), upper=int(layer.p.numUpper)))


@layer("lowerTriangular", "upperTriangular")
def triangle(layer: Layer) -> None:
    """What is on or below (above) a diagonal."""
    layer.count(1)
    layer.at_least(2)
    part = "lower" if layer.kind == "lowerTriangular" else "upper"
    layer.give(layer.emit("triangle", layer.x, diagonal=int(layer.p.k), part=part))


@layer("reverse")
def reverse(layer: Layer) -> None:
    """Some axes backwards."""
    layer.count(1)
    flags, rank = layer.p.reverseDim, layer.scope.rank(layer.x)
    if rank is not None and len(flags) != rank:
        raise layer.error("reverseDim does not name every axis", found=len(flags), expected=rank)
    axes = tuple(axis for axis, flag in enumerate(flags) if flag)
    layer.give(layer.emit("reverse", layer.x, axes=axes))


@layer("reverseSeq")
def reverse_sequence(layer: Layer) -> None:
    """The first so many steps of each sequence backwards."""
    layer.count(2)
    p, lengths = layer.p, layer.whole(layer.inputs[1])
    attrs = {"batch_axis": int(p.batchAxis), "time_axis": int(p.sequenceAxis)}
    layer.give(layer.emit("reverse_sequence", layer.x, lengths, **attrs))


@layer("oneHot")
def one_hot(layer: Layer) -> None:
    """A vector for each index; a second input may say how long."""
    layer.count((1, 2))
    p, rank = layer.p, layer.scope.rank(layer.x)
    inputs, size = [layer.whole(layer.x)], None
    if len(layer.inputs) == 2:
        p.ignore("oneHotVectorSize")
        inputs.append(layer.emit("reshape", layer.whole(layer.inputs[1]), shape=(), rank=0))
    else:
        size = int(p.oneHotVectorSize)
        if not 0 < size < 1 << 31:
            raise layer.error("oneHotVectorSize cannot be", found=size, expected="a positive number")
    layer.give(
        layer.emit(
            "one_hot",
            *inputs,
            size=size,
            axis=int(p.axis),
            on=p.onValue,
            off=p.offValue,
            rank=None if rank is None else rank + 1,
        )
    )


@layer("cumSum")
def cumulative_sum(layer: Layer) -> None:
    """Running sums along an axis; a second input may name it."""
    layer.count((1, 2))
    p = layer.p
    attrs: dict[str, Any] = {"exclusive": bool(p.excludeFinalSum), "reverse": bool(p.reverse)}
    if len(layer.inputs) == 2:
        p.ignore("axis")
        layer.give(layer.emit("cumsum_along", layer.x, layer.whole(layer.inputs[1]), **attrs))
        return
    layer.give(layer.emit("cumsum", layer.x, axis=int(p.axis), **attrs))


@layer("NonMaximumSuppression")
def suppression(layer: Layer) -> None:
    """Boxes without those that overlap a better one; inputs 3 to 5 may take the place of parameters."""
    layer.count((2, 5), 4)
    p = layer.p
    inputs = list(layer.inputs[:2])
    attrs = {"iou_threshold": p.iouThreshold, "score_threshold": p.scoreThreshold, "most": int(p.maxBoxes)}
    for place, name in enumerate(attrs.copy()):
        if len(layer.inputs) > place + 2:
            attrs[name] = 0
            tensor = layer.emit("reshape", layer.inputs[place + 2], shape=(), rank=0)
            inputs.append(layer.whole(tensor) if name == "most" else tensor)
    if len(layer.inputs) < 5 and not 0 < attrs["most"] < 1 << 31:
        raise layer.error("maxBoxes cannot be", found=attrs["most"], expected="a positive number")
    attrs["per_class"] = bool(p.perClassSuppression)
    boxes, scores, places, count = layer.emit_all(
        "non_maximum_suppression", *inputs, results=4, ranks=(3, 3, 2, 1), **attrs
    )
    layer.give(boxes, scores, layer.floats(places), layer.floats(count))
