"""Masks of attention: inverted, dropped, of another meaning, shifted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from ....graph import Array
from ..fault import by_format
from ..making import (
    NodeFault,
    Way,
    Written,
    ahead,
    behind,
    dropped,
    exchanged,
    instead,
    with_array,
    with_attrs,
    without,
)
from ..view import At
from .attention import GROUP, PACKED, softmax_behind

#: What is added to scores that are shut out is lower.
SHUT = -1e3


class MaskInverted(NodeFault):
    id = "mask-inverted"
    group = GROUP
    ops = ("attention", *PACKED, "select", "add")
    where = "masks of attention, also constant ones that are added, and choices by a condition"
    text = "A mask means the opposite: what may be seen is shut."
    happens = (
        "True shuts in torch.nn.MultiheadAttention and opens in scaled_dot_product_attention, ONNX and "
        "Keras; HF masks are 1 for tokens."
    )
    repair = "Negate the mask."
    repairs = by_format(
        torch="key_padding_mask and attn_mask of MultiheadAttention are True where a place is shut.",
        onnx="A boolean mask of Attention is True where a place may be seen.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "add":
            for parameter in at.tensors:
                array = at.array(parameter)
                if array is not None and array.ndim > 1 and np.any(array < -1e3) and np.any(array == 0):
                    edit = with_array(at, parameter, _opposite)
                    yield Way("mask", f"the mask that {at.name} adds is inverted", edit)
            return
        if at.node.op == "select":
            yield Way("", f"the condition of {at.name} is inverted", exchanged(at, "x", "y"))
            return
        for parameter in ("mask", "key_padding_mask", "attention_mask"):
            name = at.tensors.get(parameter, "")
            if at.view.boolean(name):
                edit = ahead(at, self.id, parameter, lambda w, x: w("logical_not", x))
                yield Way(parameter, f"the {parameter.replace('_', ' ')} of {at.name} is inverted", edit)
            else:
                array = at.array(parameter)
                if array is not None and np.any(array):
                    yield Way(
                        parameter,
                        f"the {parameter.replace('_', ' ')} of {at.name} is inverted",
                        with_array(at, parameter, _opposite),
                    )


def _ones(shut: bool, array: Array) -> Array:
    made: Array = (array < SHUT) == shut
    return made


def _opposite(array: Array) -> Array:
    shut = array < -1
    return np.where(shut, 0.0, array.min())


class MaskDropped(NodeFault):
    id = "mask-dropped"
    group = GROUP
    ops = ("attention", *PACKED, "select", "add")
    where = "attention with a mask, also written out before a softmax"
    text = "A mask is not applied."
    happens = (
        "Tests without padding show nothing; collate functions write another key than the model reads, "
        "and converters drop optional inputs."
    )
    repair = "Give the mask; test with padding that follows real rows."

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op in ("select", "add"):
            scores = _masked(at)
            if scores is not None and softmax_behind(at) is not None:
                yield Way("", f"the mask of {at.name} is not applied", dropped(at, scores))
            return
        for parameter in ("mask", "key_padding_mask", "attention_mask"):
            if parameter in at.tensors:
                yield Way(
                    parameter,
                    f"the {parameter.replace('_', ' ')} of {at.name} is not applied",
                    without(at, parameter),
                )


def _masked(at: At) -> str | None:
    """The scores of a sum with a mask, or of a choice between scores and a number; ``None`` if it is neither."""
    if at.node.op == "select":
        computed = [one for one in ("x", "y") if at.array(one) is None]
        return computed[0] if len(computed) == 1 else None
    computed = [one for one in at.tensors if at.array(one) is None]
    masks = [array for one in at.tensors if (array := at.array(one)) is not None]
    return computed[0] if len(computed) == 1 and masks and masks[0].ndim > 1 else None


class MaskBehindSoftmax(NodeFault):
    id = "mask-behind-softmax"
    group = GROUP
    ops = ("select", "add")
    where = "masks of attention that is written out"
    text = "Weights of what is masked are set to zero behind the softmax, not the scores before it."
    happens = (
        "A mask is multiplied with the weights where it should have been added to the scores: what is left does not "
        "sum to one."
    )
    repair = "Mask the scores before the softmax, by -inf or the lowest number."

    def ways(self, at: At) -> Iterator[Way]:
        scores, soft = _masked(at), softmax_behind(at)
        if scores is None or soft is None:
            return
        if at.node.op == "select":
            edit = behind(soft, self.id, partial(_zeros_where, at.tensors["condition"], scores == "y"))
        else:
            mask = next(array for one in at.tensors if (array := at.array(one)) is not None)
            edit = behind(soft, self.id, partial(_times, (mask > SHUT).astype(mask.dtype)))
        text = f"the mask of {at.name} is applied behind the softmax {soft.name}"
        yield Way("", text, dropped(at, scores) | edit, (at.node.name, soft.node.name))


def _zeros_where(condition: str, hidden: bool, w: Written, raw: str) -> str:
    zero = w.constant(np.zeros((), np.float32))
    return w("select", condition, *((zero, raw) if hidden else (raw, zero)))


def _times(seen: Array, w: Written, raw: str) -> str:
    return w("mul", raw, w.constant(seen))


class MaskAdded(NodeFault):
    id = "mask-added-as-numbers"
    group = GROUP
    ops = ("attention", "multi_head_attention", "select", "add")
    where = "boolean masks"
    text = "A boolean mask is added to the scores as zeros and ones."
    happens = "A mask is cast to float where the operator tells boolean from additive masks by their type."
    repair = "Keep the mask boolean, or write 0 and -inf."
    repairs = by_format(
        onnx="Give Attention a bool mask, or one of 0 and -inf.",
        coreml="Give scaled_dot_product_attention a bool attn_mask, or one of 0 and a large negative number.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "add":
            for parameter in at.tensors:
                array = at.array(parameter)
                if array is not None and array.ndim > 1 and np.any(array < SHUT) and np.any(array == 0):
                    for words, shut in (("ones where shut", True), ("ones where open", False)):
                        edit = with_array(at, parameter, partial(_ones, shut))
                        yield Way(words, f"{at.name} adds {words}, zeros elsewhere", edit)
            return
        if at.node.op == "select":
            user = at.only_user()
            scores = [one for one in ("x", "y") if at.array(one) is None]
            if user is not None and user.op == "softmax" and len(scores) == 1:

                def added(w: Written, at: At) -> str:
                    return w("add", at.tensors[scores[0]], w("cast", at.tensors["condition"], to="float"))

                yield Way(
                    "", f"the mask of {at.name} is added as zeros and ones", instead(at, self.id, added)
                )
            return
        for parameter in ("mask", "key_padding_mask", "attention_mask"):
            if at.view.boolean(at.tensors.get(parameter, "")):
                edit = ahead(at, self.id, parameter, lambda w, x: w("cast", x, to="float"))
                yield Way(
                    parameter,
                    f"the {parameter.replace('_', ' ')} of {at.name} is added as zeros and ones",
                    edit,
                )


class EmptyRow(NodeFault):
    id = "mask-empty-row"
    group = GROUP
    ops = ("attention", *PACKED)
    where = "attention; it shows where a target may attend to nothing"
    text = (
        "What a target gets that may attend to nothing is another thing: NaN, zeros, or a mean over "
        "everything."
    )
    happens = (
        "0 / 0 is NaN in an export, zeros on PyTorch's fused path, and an even mean where -1e9 stands "
        "for -inf."
    )
    repair = "Write the case out: choose zeros (or what the source gives) where no place is open."

    def ways(self, at: At) -> Iterator[Way]:
        other = "zero" if at.attrs["empty_row"] == "nan" else "nan"
        if any(one in at.tensors for one in ("mask", "key_padding_mask", "attention_mask")):
            yield Way(
                other,
                f"{at.name} gives {'zeros' if other == 'zero' else 'NaN'} where nothing may be seen",
                with_attrs(at, empty_row=other),
            )


class Causal(NodeFault):
    id = "causal-wrong"
    group = GROUP
    ops = ("attention", *PACKED, "triangle", "select", "add")
    where = "attention, and triangular masks, computed or constant"
    text = "A causal mask is there although it should not be, or missing, or off by one or more places."
    happens = (
        "is_causal gets lost or stays; a decoder's mask counts from the first frame of the queries and "
        "not from the past's length."
    )
    repair = "Let query i see key j for j <= i + the length of the past."
    repairs = by_format(
        torch="is_causal=True counts from the first row: with a cache give attn_mask.",
        onnx="Attention's is_causal counts from the first frame; give the mask where there is a past.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "triangle":
            now = at.attrs["diagonal"]
            for by in (1, -1):
                yield Way(
                    f"{by:+d}", f"the mask {at.name} is off by {by:+d}", with_attrs(at, diagonal=now + by)
                )
            return
        if at.node.op in ("select", "add"):
            for parameter in at.tensors:
                array = at.array(parameter)
                if array is not None and _triangular(array):
                    for by in (1, -1):
                        edit = with_array(at, parameter, partial(_moved, by))
                        yield Way(f"{by:+d}", f"the causal mask of {at.name} is off by {by:+d}", edit)
            return
        now = bool(at.attrs["causal"])
        yield Way(
            "lost" if now else "added",
            f"{at.name} {'sees the future' if now else 'sees no future'}",
            with_attrs(at, causal=not now),
        )
        rank = at.rank(at.tensors["key"]) if at.node.op == "attention" else None
        if now and rank is not None and "mask" not in at.tensors:
            for by in (1, -1):

                def shifted(w: Written, at: At, by: int = by, rank: int = rank) -> str:
                    axes = (*range(rank - 2), rank - 1, rank - 2)
                    key = w("transpose", at.tensors["key"], axes=axes)
                    ones = w("fill_like", w("matmul", at.tensors["query"], key), value=1.0)
                    mask = w("cast", w("triangle", ones, diagonal=by), to="bool")
                    given = [at.tensors[one] for one in ("query", "key", "value")]
                    return w("attention", *given, mask, **{**at.node.attrs, "causal": False})

                yield Way(
                    f"{by:+d}",
                    f"the causal mask of {at.name} is off by {by:+d}",
                    instead(at, self.id, shifted),
                )


def _triangular(array: Array) -> bool:
    """Whether it has one value on and under the diagonal and another one above, as causal masks do."""
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] < 2:
        return False
    low, high = array[..., -1, 0], array[..., 0, -1]
    expected = np.where(np.tri(array.shape[-1], dtype=bool), low[..., None, None], high[..., None, None])
    return bool(np.all(low != high)) and np.array_equal(array, expected)


def _moved(by: int, array: Array) -> Array:
    """A triangular mask whose diagonal lies elsewhere."""
    low, high = array[..., -1, 0], array[..., 0, -1]
    inside = np.tri(array.shape[-1], k=by, dtype=bool)
    return np.where(inside, low[..., None, None], high[..., None, None])
