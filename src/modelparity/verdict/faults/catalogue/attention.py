"""Attention: scale, masks, heads, and which of query, key and value is which; as an operator or written out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from ....graph import Array, Node
from ..edit import ArrayChange
from ..fault import Group, by_format
from ..making import (
    NodeFault,
    Way,
    Written,
    ahead,
    dropped,
    instead,
    with_array,
    with_arrays,
    with_attrs,
)
from ..view import At

GROUP = Group("attention", "Attention", 60)
PACKED = ("multi_head_attention", "transformer_encoder_layer")
#: What moves elements and leaves scores what they are, on the way up from a softmax to its product.
PASSED = (
    "reshape",
    "transpose",
    "expand_dims",
    "squeeze",
    "select",
    "add",
    "cast",
    "identity",
    "mul",
    "div",
    "clip",
)
FAR = 8
#: Numbers of heads: by the root of one is a scale off that is taken from the model's width.
HEADS = (2, 3, 4, 6, 8, 12, 16)


def product_before(at: At) -> tuple[Node, list[Node]] | None:
    """The product of query and key above a softmax, and the nodes between the two, nearest first; ``None`` if it is
    no softmax of attention."""
    between: list[Node] = []
    tensor = at.tensors.get("x", "")
    for _ in range(FAR):
        maker = at.view.makers.get(tensor)
        if maker is None:
            return None
        if maker.op == "matmul":
            known = any(at.view.array(name) is not None for name in maker.inputs)
            return None if known else (maker, between)
        if maker.op not in PASSED:
            return None
        between.append(maker)
        computed = [name for name in maker.inputs if name and at.view.array(name) is None]
        if maker.op == "select":
            computed = [name for name in maker.inputs[1:] if at.view.array(name) is None] or computed
        tensor = computed[0] if computed else ""
    return None


def softmax_behind(at: At) -> At | None:
    """The softmax of attention of which a node makes the scores, or passes them on; ``None`` if there is none."""
    here: At | None = at
    for _ in range(FAR):
        user = None if here is None else here.only_user()
        if user is None:
            return None
        if user.op == "softmax":
            last = at.of(user)
            found = product_before(last)
            named = [] if found is None else [found[0].name, *(node.name for node in found[1])]
            return last if at.node.name in named else None
        here = at.of(user) if user.op in PASSED else None
    return None


def head_width(at: At, tensor: str) -> int | None:
    """The number of features a head: the last size that a reshape on the way up gives."""
    for _ in range(FAR):
        maker = at.view.makers.get(tensor)
        if maker is None:
            return None
        if maker.op == "reshape":
            size = int(maker.attrs["shape"][-1])
            return size if size > 0 and len(maker.attrs["shape"]) > 2 else None
        if maker.op not in ("transpose", "mul", "identity", "squeeze", "expand_dims", "add"):
            return None
        if (
            maker.op == "transpose"
            and maker.attrs["axes"]
            and maker.attrs["axes"][-1] != len(maker.attrs["axes"]) - 1
        ):
            return None
        tensor = maker.inputs[0]
    return None


class AttentionScale(NodeFault):
    id = "attention-scale"
    group = GROUP
    ops = ("attention", *PACKED, "softmax", "mul", "div", "scale_shift")
    where = "attention, and a softmax over a product of two computed arrays, with the scale before it"
    text = "The scores of attention are scaled by another number than one over the root of a head's width."
    happens = (
        "The scale is left out, applied twice (in q and in the operator), or taken from the model's "
        "width instead of a head's."
    )
    repair = "Divide the scores by the root of a head's width, once."
    repairs = by_format(
        onnx="Set Attention's attribute scale, or keep the Mul or Div before the Softmax.",
        torch="scaled_dot_product_attention scales by itself: do not scale q as well.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op in ("mul", "div", "scale_shift"):
            yield from self._written(at)
            return
        if at.node.op == "softmax":
            found = product_before(at)
            width = None if found is None else head_width(at, found[0].inputs[0])
            if found is None:
                return
            given = "x"
        else:
            given = "x" if at.node.op == "transformer_encoder_layer" else "query"
            width = self._width(at)
        roots = {} if width is None else {"none": math.sqrt(width), "twice": 1 / math.sqrt(width)}
        factors = {
            **roots,
            "half": 0.5,
            "double": 2.0,
            "root of half": math.sqrt(0.5),
            "root of two": math.sqrt(2),
        }
        for words, factor in factors.items():
            said = {"none": "is left out", "twice": "is applied twice"}.get(
                words, f"is {factor:.4g} times what it should be"
            )
            if at.node.op in PACKED:
                edit = with_arrays(
                    at, dict.fromkeys(("in_weight", "in_bias"), partial(_query_scaled, factor))
                )
            else:
                edit = ahead(at, self.id, given, partial(_scaled_by, factor))
            yield Way(words, f"the scale of {at.name} {said}", edit)

    def _written(self, at: At) -> Iterator[Way]:
        """Of a number that scores are multiplied with, or divided by, before their softmax."""
        if softmax_behind(at) is None:
            return
        said = "the scores of attention are"
        if at.node.op == "scale_shift":
            yield Way("none", f"{said} not scaled by {at.name}", dropped(at))
            return
        parameter = next((one for one in at.tensors if (a := at.array(one)) is not None and a.size == 1), "")
        others = [one for one in at.tensors if one != parameter]
        array = at.array(parameter)
        if array is None or len(others) != 1:
            return
        yield Way("none", f"{said} not scaled by {at.name}", dropped(at, others[0]))
        value = float(array.reshape(-1)[0])
        ways = {"twice": value * value}
        ways |= {f"root of {n}": value * n ** (0.5 if at.node.op == "div" else -0.5) for n in HEADS}
        ways |= {f"1 by root of {n}": value * n ** (-0.5 if at.node.op == "div" else 0.5) for n in HEADS}
        for words, new in ways.items():
            text = f"{said} scaled by {new:.6g} in {at.name}, not by {value:.6g}"
            yield Way(words, text, with_array(at, parameter, partial(np.full_like, fill_value=new)))

    @staticmethod
    def _width(at: At) -> int | None:
        if at.node.op in PACKED:
            weight = at.array("in_weight")
            return None if weight is None else int(weight.shape[-2] // at.attrs["heads"])
        if at.attrs["scale"] is not None:
            scale = float(at.attrs["scale"])
            return max(1, round(1 / scale**2))
        return head_width(at, at.tensors["query"])


def _scaled_by(factor: float, w: Written, x: str) -> str:
    return w("scale_shift", x, alpha=factor)


def _query_scaled(factor: float, array: Array) -> Array:
    made = array.astype(np.float64)
    made[..., : array.shape[-1] // 3] *= factor
    return made


class HeadsInterleaved(NodeFault):
    id = "heads-interleaved"
    group = GROUP
    ops = (*PACKED, "reshape")
    where = "attention with packed weights, and reshapes that cut or join heads"
    text = "The features of a head are taken in turn instead of in a block."
    happens = (
        "A reshape to (width, heads) stands for one to (heads, width): no shape shows it after the next "
        "transposition."
    )
    repair = "Reshape to (heads, width), then move the heads in front."

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "reshape":
            shape = tuple(at.attrs["shape"])
            user = at.only_user()
            if len(shape) >= 3 and user is not None and user.op == "transpose" and min(shape[-2:]) > 1:
                rank = len(shape)

                def crossed(w: Written, at: At) -> str:
                    y = w("reshape", at.tensors["x"], shape=(*shape[:-2], shape[-1], shape[-2]))
                    return w("transpose", y, axes=(*range(rank - 2), rank - 1, rank - 2))

                yield Way("cut", f"{at.name} takes features of a head in turn", instead(at, self.id, crossed))
            return
        weight = at.array("in_weight")
        if weight is None or at.attrs["heads"] == 1:
            return
        embed, heads = weight.shape[-2], at.attrs["heads"]
        taken = np.arange(embed).reshape(heads, -1).T.ravel()
        three = np.concatenate([taken + k * embed for k in range(3)])
        columns = dict.fromkeys(("in_weight", "in_bias"), _taken(three, -1))
        yield Way("cut", f"{at.name} cuts its heads in turn", with_arrays(at, columns))
        back = np.argsort(taken)
        both = {
            "in_weight": _taken(np.concatenate([back + k * embed for k in range(3)]), -1),
            "in_bias": _taken(np.concatenate([back + k * embed for k in range(3)]), -1),
            "out_weight": _taken(back, -2),
        }
        yield Way("cut and joined", f"{at.name} cuts and joins its heads in turn", with_arrays(at, both))


def _taken(places: Array, axis: int) -> ArrayChange:
    return lambda array: np.take(array, places, axis=axis)


class HeadCount(NodeFault):
    id = "head-count"
    group = GROUP
    ops = PACKED
    where = "attention with packed weights"
    text = "Attention has another number of heads."
    happens = "The number of heads stands in no weight; a default or another configuration is used."
    repair = "Write the number of heads of the source's configuration."

    def ways(self, at: At) -> Iterator[Way]:
        weight, now = at.array("in_weight"), at.attrs["heads"]
        for heads in (1, 2, 4, 8, 12, 16):
            if weight is not None and heads != now and weight.shape[-2] % heads == 0:
                yield Way(
                    f"{heads}", f"{at.name} has {heads} heads instead of {now}", with_attrs(at, heads=heads)
                )
