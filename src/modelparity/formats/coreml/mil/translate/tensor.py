"""Tensors as such: joined, split, padded, filled, ordered."""

from __future__ import annotations

from typing import Any

from ....reading.translating import known_as
from ..operators import Op, reads

MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}


@reads("band_part")
def band_part(op: Op) -> None:
    """y = x near the diagonal, 0 elsewhere"""
    op.give("band_part", [op.input("x")], lower=op.attr("lower", -1), upper=op.attr("upper", -1))


@reads("cumsum")
def cumsum(op: Op) -> None:
    """y = running sums along ``axis``"""
    op.give(
        "cumsum",
        [op.input("x")],
        axis=op.attr("axis", 0),
        exclusive=op.attr("exclusive", False, bool),
        reverse=op.attr("reverse", False, bool),
    )


@reads("fill")
def fill(op: Op) -> None:
    """y = ``value`` in the shape that ``shape`` says"""
    op.give("fill", [op.input("shape")], value=op.attr("value", 0.0), to=_element(op))


@reads("fill_like")
def fill_like(op: Op) -> None:
    """y = ``value`` in the shape of ``ref_tensor``"""
    op.give("fill_like", [op.input("ref_tensor")], value=op.attr("value", 0.0), to=_element(op))


def _element(op: Op) -> str:
    """The output's element type as operators name it."""
    return "float" if op.out.dtype in ("float16", "float32", "float64") else op.out.dtype


@reads("non_zero")
def non_zero(op: Op) -> None:
    """y = the indices at which x is not 0"""
    op.give("non_zero", [op.input("x")])


@reads("one_hot")
def one_hot(op: Op) -> None:
    """y = on_value at the places ``indices``, off_value elsewhere, along a new ``axis``"""
    attrs: dict[str, Any] = {"on": op.attr("on_value", 1), "off": op.attr("off_value", 0)}
    attrs |= {"axis": op.attr("axis", -1), "to": _element(op)}
    size = op.known("one_hot_vector_size")
    if size is not None:
        op.give("one_hot", [op.input("indices")], size=int(size.reshape(-1)[0]), **attrs)
    else:
        op.give("one_hot", op.inputs("indices", "one_hot_vector_size"), **attrs)


@reads("pad")
def pad(op: Op) -> None:
    """y = x with its last axes made longer, as ``pad`` (before, after, before, ...) says"""
    rank = op.rank("x")
    attrs = {"mode": op.choice("mode", MODES, "constant"), "value": op.attr("constant_val", 0.0)}
    known = op.known("pad")
    if known is None:
        op.give("pad_by", op.inputs("x", "pad"), **attrs)
        return
    widths = known.reshape(-1)
    if widths.size % 2 or widths.size > 2 * rank or widths.min(initial=0) < 0:
        raise op.error(
            "'pad' does not fit", found=widths.tolist(), expected=f"at most {rank} pairs, none negative"
        )
    pairs = [(0, 0)] * (rank - widths.size // 2) + [(int(b), int(a)) for b, a in widths.reshape(-1, 2)]
    before, after = tuple(b for b, _ in pairs), tuple(a for _, a in pairs)
    op.give("pad", [op.input("x")], before=before, after=after, **attrs)


@reads("range_1d")
def range_1d(op: Op) -> None:
    """y = start, start + step, ... before end"""
    op.give("range_1d", op.inputs("start", "end", "step"))


@reads("tile")
def tile(op: Op) -> None:
    """y = x laid down ``reps`` times along each axis"""
    known = op.known("reps")
    if known is None:
        op.give("tile", op.inputs("x", "reps"))
    else:
        op.give("tile", [op.input("x")], repeats=tuple(int(n) for n in known.reshape(-1)))


@reads("argsort")
def argsort(op: Op) -> None:
    """y = where the elements in order stand"""
    descending = not op.attr("ascending", False)
    op.give("argsort", [op.input("x")], axis=op.attr("axis", -1), descending=descending)


@reads("topk")
def topk(op: Op) -> None:
    """values, indices = the k largest (or smallest) elements along ``axis``"""
    op.ignore(
        "sort"
    )  # unsorted means any order, so the sorted one as well, which is what Apple's runtime gives
    attrs = {"k": op.attr("k", 1), "axis": op.attr("axis", -1), "largest": not op.attr("ascending", False)}
    both = op.attr("return_indices", True)
    to = op.choice("output_indices_dtype", known_as("int32", "uint16"), "int32")
    if len(op.outputs) != (2 if both else 1):
        raise op.error("outputs do not fit return_indices", found=len(op.outputs), expected=2 if both else 1)
    if not both:
        op.give("topk", [op.input("x")], **attrs)
        return
    values, places = op.temps("topk", [op.input("x")], 2, **attrs)
    op.give("identity", [values], output=0)
    op.give("cast", [places], output=1, to=to)


@reads("flatten2d")
def flatten2d(op: Op) -> None:
    """y = x as a matrix, the axes before ``axis`` by the others"""
    op.give("flatten", [op.input("x")], axis=op.attr("axis", 1))


@reads("shape")
def shape(op: Op) -> None:
    """y = the sizes of x"""
    op.give("shape", [op.input("x")])


@reads("concat")
def concat(op: Op) -> None:
    """y = the values one after the other, or element by element in turn (``interleave``), along ``axis``"""
    values, axis = op.inputs("values"), op.attr("axis")
    if op.attr("interleave", False):
        op.give("interleave", values, axis=axis)
    elif op.rank("values") == 0:
        op.give("stack", values, axis=0)
    else:
        op.give("concat", values, axis=axis)


@reads("stack")
def stack(op: Op) -> None:
    """y = the values side by side along a new ``axis``"""
    op.give("stack", op.inputs("values"), axis=op.attr("axis"))


@reads("split")
def split(op: Op) -> None:
    """y_k = parts of x along ``axis``: ``split_sizes``, or as many even ones as there are outputs"""
    count = op.attr("num_splits", len(op.outputs))
    if count != len(op.outputs):
        raise op.error("num_splits is not the number of outputs", found=count, expected=len(op.outputs))
    if op.has("split_sizes"):
        sizes = op.numbers("split_sizes")
        if len(sizes) != count:
            raise op.error("split_sizes are not one an output", found=sizes, expected=count)
        op.give("split", [op.input("x")], axis=op.attr("axis"), sizes=sizes)
    else:
        op.give("split", [op.input("x")], axis=op.attr("axis"), count=count)


@reads("non_maximum_suppression")
def non_maximum_suppression(op: Op) -> None:
    """The best boxes, none overlapping a better one by more than ``iou_threshold``.

    Up to iOS 16 boxes are (batch, box, 4) and there is a threshold of scores; since iOS 17 they are (batch, 4, box).
    """
    earlier = op.has("score_threshold")
    boxes, scores = op.input("boxes"), op.input("scores")
    if not earlier:
        boxes, scores = (op.temp("transpose", [a], axes=(0, 2, 1)) for a in (boxes, scores))
    kept = op.temps(
        "non_maximum_suppression",
        [boxes, scores],
        4,
        iou_threshold=op.attr("iou_threshold"),
        score_threshold=op.attr("score_threshold") if earlier else None,
        most=op.attr("max_boxes"),
        per_class=op.attr("per_class_suppression", False, bool),
    )
    for place in range(4 if earlier else 3):
        if place < 2 and not earlier:
            op.give("transpose", [kept[place]], output=place, axes=(0, 2, 1))
        else:
            op.give("identity", [kept[place]], output=place)
