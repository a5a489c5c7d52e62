"""Tensors as such: joined, split, padded, filled, ordered."""

from __future__ import annotations

from typing import Any

from ..operators import Op, mil
from ._operands import numbers

MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}


@mil("band_part")
def band_part(op: Op) -> None:
    """y = x near the diagonal, 0 elsewhere"""
    op.emit("band_part", [op.tensor("x")], lower=op.const("lower", -1), upper=op.const("upper", -1))


@mil("cumsum")
def cumsum(op: Op) -> None:
    """y = running sums along ``axis``"""
    op.emit(
        "cumsum",
        [op.tensor("x")],
        axis=op.const("axis", 0),
        exclusive=bool(op.const("exclusive", False)),
        reverse=bool(op.const("reverse", False)),
    )


@mil("fill")
def fill(op: Op) -> None:
    """y = ``value`` in the shape that ``shape`` says"""
    op.emit("fill", [op.tensor("shape")], value=op.const("value", 0.0), to=_element(op))


@mil("fill_like")
def fill_like(op: Op) -> None:
    """y = ``value`` in the shape of ``ref_tensor``"""
    op.emit("fill_like", [op.tensor("ref_tensor")], value=op.const("value", 0.0), to=_element(op))


def _element(op: Op) -> str:
    """The output's element type as operators name it."""
    return "float" if op.out.dtype in ("float16", "float32", "float64") else op.out.dtype


@mil("non_zero")
def non_zero(op: Op) -> None:
    """y = the indices at which x is not 0"""
    op.emit("non_zero", [op.tensor("x")])


@mil("one_hot")
def one_hot(op: Op) -> None:
    """y = on_value at the places ``indices``, off_value elsewhere, along a new ``axis``"""
    attrs: dict[str, Any] = {"on": op.const("on_value", 1), "off": op.const("off_value", 0)}
    attrs |= {"axis": op.const("axis", -1), "to": _element(op)}
    size = op.known("one_hot_vector_size")
    if size is not None:
        op.emit("one_hot", [op.tensor("indices")], size=int(size.reshape(-1)[0]), **attrs)
    else:
        op.emit("one_hot", [op.tensor("indices"), op.tensor("one_hot_vector_size")], **attrs)


@mil("pad")
def pad(op: Op) -> None:
    """y = x with its last axes made longer, as ``pad`` (before, after, before, ...) says"""
    mode, rank = op.const("mode", "constant"), op.rank("x")
    if mode not in MODES:
        raise op.error("unknown mode", found=mode, expected=", ".join(MODES))
    attrs = {"mode": MODES[mode], "value": op.const("constant_val", 0.0)}
    known = op.known("pad")
    if known is None:
        op.emit("pad_by", [op.tensor("x"), op.tensor("pad")], **attrs)
        return
    widths = known.reshape(-1)
    if widths.size % 2 or widths.size > 2 * rank or widths.min(initial=0) < 0:
        raise op.error(
            "'pad' does not fit", found=widths.tolist(), expected=f"at most {rank} pairs, none negative"
        )
    pairs = [(0, 0)] * (rank - widths.size // 2) + [(int(b), int(a)) for b, a in widths.reshape(-1, 2)]
    before, after = tuple(b for b, _ in pairs), tuple(a for _, a in pairs)
    op.emit("pad", [op.tensor("x")], before=before, after=after, **attrs)


@mil("range_1d")
def range_1d(op: Op) -> None:
    """y = start, start + step, ... before end"""
    op.emit("range_1d", [op.tensor("start"), op.tensor("end"), op.tensor("step")])


@mil("tile")
def tile(op: Op) -> None:
    """y = x laid down ``reps`` times along each axis"""
    known = op.known("reps")
    if known is None:
        op.emit("tile", [op.tensor("x"), op.tensor("reps")])
    else:
        op.emit("tile", [op.tensor("x")], repeats=tuple(int(n) for n in known.reshape(-1)))


@mil("argsort")
def argsort(op: Op) -> None:
    """y = where the elements in order stand"""
    descending = not op.const("ascending", False)
    op.emit("argsort", [op.tensor("x")], axis=op.const("axis", -1), descending=descending)


@mil("topk")
def topk(op: Op) -> None:
    """values, indices = the k largest (or smallest) elements along ``axis``"""
    op.ignore(
        "sort"
    )  # unsorted means any order, so the sorted one as well, which is what Apple's runtime gives
    attrs = {"k": op.const("k", 1), "axis": op.const("axis", -1), "largest": not op.const("ascending", False)}
    both = op.const("return_indices", True)
    to = str(op.const("output_indices_dtype", "int32"))
    if len(op.outputs) != (2 if both else 1):
        raise op.error("outputs do not fit return_indices", found=len(op.outputs), expected=2 if both else 1)
    if not both:
        op.emit("topk", [op.tensor("x")], **attrs)
        return
    if to not in ("int32", "uint16"):
        raise op.error("unknown output_indices_dtype", found=to, expected="int32 or uint16")
    values, places = op.temps("topk", [op.tensor("x")], 2, **attrs)
    op.emit("identity", [values], outputs=[0])
    op.emit("cast", [places], outputs=[1], to=to)


@mil("flatten2d")
def flatten2d(op: Op) -> None:
    """y = x as a matrix, the axes before ``axis`` by the others"""
    op.emit("flatten", [op.tensor("x")], axis=op.const("axis", 1))


@mil("shape")
def shape(op: Op) -> None:
    """y = the sizes of x"""
    op.emit("shape", [op.tensor("x")])


@mil("concat")
def concat(op: Op) -> None:
    """y = the values one after the other, or element by element in turn (``interleave``), along ``axis``"""
    values, axis = op.tensors("values"), op.const("axis")
    if op.const("interleave", False):
        op.emit("interleave", values, axis=axis)
    elif op.rank("values") == 0:
        op.emit("stack", values, axis=0)
    else:
        op.emit("concat", values, axis=axis)


@mil("stack")
def stack(op: Op) -> None:
    """y = the values side by side along a new ``axis``"""
    op.emit("stack", op.tensors("values"), axis=op.const("axis"))


@mil("split")
def split(op: Op) -> None:
    """y_k = parts of x along ``axis``: ``split_sizes``, or as many even ones as there are outputs"""
    count = op.const("num_splits", len(op.outputs))
    if count != len(op.outputs):
        raise op.error("num_splits is not the number of outputs", found=count, expected=len(op.outputs))
    if op.has("split_sizes"):
        sizes = numbers(op, "split_sizes")
        if len(sizes) != count:
            raise op.error("split_sizes are not one an output", found=sizes, expected=count)
        op.emit("split", [op.tensor("x")], axis=op.const("axis"), sizes=sizes)
    else:
        op.emit("split", [op.tensor("x")], axis=op.const("axis"), count=count)


@mil("non_maximum_suppression")
def non_maximum_suppression(op: Op) -> None:
    """The best boxes, none overlapping a better one by more than ``iou_threshold``.

    Up to iOS 16 boxes are (batch, box, 4) and there is a threshold of scores; since iOS 17 they are (batch, 4, box).
    """
    earlier = op.has("score_threshold")
    boxes, scores = op.tensor("boxes"), op.tensor("scores")
    if not earlier:
        boxes, scores = (op.temp("transpose", [a], axes=(0, 2, 1)) for a in (boxes, scores))
    kept = op.temps(
        "non_maximum_suppression",
        [boxes, scores],
        4,
        iou_threshold=op.const("iou_threshold"),
        score_threshold=op.const("score_threshold") if earlier else None,
        most=op.const("max_boxes"),
        per_class=bool(op.const("per_class_suppression", False)),
    )
    for place in range(4 if earlier else 3):
        if place < 2 and not earlier:
            op.emit("transpose", [kept[place]], outputs=[place], axes=(0, 2, 1))
        else:
            op.emit("identity", [kept[place]], outputs=[place])
