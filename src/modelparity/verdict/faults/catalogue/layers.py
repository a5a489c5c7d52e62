"""Whole layers: with the weights of another one, in each other's place, left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ....graph import Array, Node
from ..edit import ArrayChange, Edit, joined
from ..making import NodeFault, Way, dropped, with_arrays
from ..view import At
from .weights import GROUP, KERNELS, LINEAR, RECURRENT


def _same_kind(at: At, node: Node) -> dict[str, Array] | None:
    """The constant arrays of another layer, if each of mine has one of its shape there."""
    other = at.of(node)
    found: dict[str, Array] = {}
    for parameter in at.tensors:
        mine, theirs = at.array(parameter), other.array(parameter)
        if mine is None:
            continue
        if theirs is None or theirs.shape != mine.shape:
            return None
        found[parameter] = theirs
    different = any(array is not at.array(one) for one, array in found.items())
    return found if found and different else None


def _alike(at: At, *, behind: bool) -> tuple[Node, dict[str, Array]] | None:
    """The nearest layer of the same operator and shapes, behind or before, with its arrays."""
    for node in at.alike(behind=behind):
        arrays = _same_kind(at, node)
        if arrays is not None:
            return node, arrays
    return None


class WeightsOfOtherLayer(NodeFault):
    id = "weights-of-another-layer"
    group = GROUP
    ops = (*LINEAR, *KERNELS, *RECURRENT, "layer_norm", "batch_norm", "normalize", "rms_norm", "group_norm")
    where = "layers beside which one of the same operator and shapes stands: the nearest behind and before"
    text = "A layer has the weights of another one."
    happens = "A loop over layers keeps its first index, or names such as layer_1 and layer_10 are cut short."
    repair = "Copy each layer's weights by its full name."

    def ways(self, at: At) -> Iterator[Way]:
        for behind, words in ((True, "next"), (False, "previous")):
            found = _alike(at, behind=behind)
            if found is not None:
                edit = with_arrays(at, {one: _instead(array) for one, array in found[1].items()})
                yield Way(
                    words, f"{at.name} has the weights of the {words} such layer, {found[0].name!r}", edit
                )


def _instead(array: Array) -> ArrayChange:
    return lambda old: array


class LayersSwapped(NodeFault):
    id = "layers-swapped"
    group = GROUP
    ops = WeightsOfOtherLayer.ops
    where = "two layers of the same operator and shapes, the one after the other"
    text = "Two layers have each other's weights."
    happens = (
        "Weights are listed in another order: alphabetically (layer10 before layer2), or last layer first."
    )
    repair = "Exchange the weights; sort layers by number, not by name."

    def ways(self, at: At) -> Iterator[Way]:
        found = _alike(at, behind=True)
        if found is None:
            return
        node, theirs = found
        other = at.of(node)
        mine = {one: array for one in theirs if (array := at.array(one)) is not None}
        edit = joined(
            [
                with_arrays(at, {one: _instead(array) for one, array in theirs.items()}),
                with_arrays(other, {one: _instead(array) for one, array in mine.items()}),
            ]
        )
        yield Way(
            "", f"{at.name} and {node.name!r} have each other's weights", edit, (at.node.name, node.name)
        )


class LayerDropped(NodeFault):
    id = "layer-dropped"
    group = GROUP
    ops = (
        *(*LINEAR, *KERNELS, *RECURRENT),
        *("multi_head_attention", "transformer_encoder_layer", "attention"),
    )
    where = "layers that give as wide a result as they are given"
    text = "A layer is left out."
    happens = (
        "A stack is one layer short: num_layers was read wrong, range() began at 1, or a layer was taken "
        "for dropout."
    )
    repair = "Put the layer in; count the layers of both files."

    def ways(self, at: At) -> Iterator[Way]:
        parameter = next(iter(at.tensors))
        if self._keeps_width(at) and len(at.node.outputs) == 1:
            yield Way("", f"{at.node.op} {at.name} is left out", dropped(at, parameter))
        elif self._keeps_width(at) and not any(
            at.view.users.get(name) or name in at.view.outputs for name in at.node.outputs[1:]
        ):
            yield Way("", f"{at.node.op} {at.name} is left out", _first_only(at, parameter))

    @staticmethod
    def _keeps_width(at: At) -> bool:
        weight = at.array("weight") if "weight" in at.tensors else at.array("y")
        if weight is None or at.node.op in ("multi_head_attention", "transformer_encoder_layer"):
            return at.node.op not in (*LINEAR, *KERNELS, *RECURRENT)
        if at.node.op in RECURRENT:
            recurrent = at.array("recurrent")
            return recurrent is not None and bool(weight.shape[-2] == recurrent.shape[-2] * len(weight))
        groups = int(at.attrs.get("groups") or 1)
        return weight.ndim >= 2 and bool(weight.shape[-2] * groups == weight.shape[-1])


def _first_only(at: At, parameter: str) -> Edit:
    given = at.tensors[parameter]

    def change(node: Node) -> tuple[Node, ...]:
        return (replace(node, op="identity", inputs=(given,), outputs=node.outputs[:1], attrs={}),)

    return Edit({at.key: change})
