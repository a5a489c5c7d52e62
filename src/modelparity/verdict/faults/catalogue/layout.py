"""Order of elements: flattening, transpositions, what is joined and cut, blocks of pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations, permutations

import numpy as np

from ....graph import Array, Node
from ..edit import Edit, NodeChange
from ..fault import Group, by_format
from ..making import (
    NodeFault,
    Way,
    Written,
    ahead,
    dropped,
    with_array,
    with_attrs,
    with_inputs,
    with_operator,
)
from ..view import At

GROUP = Group("layout", "Order of axes and elements", 48)
LINEAR = ("dense", "matmul")
#: What leaves the order of channels what it is, on the way up from a linear layer to the convolution before it.
PASSED = (
    *("reshape", "flatten", "transpose", "windows", "squeeze", "max_pool", "average_pool", "identity", "pad"),
    *(
        "relu",
        "tanh",
        "sigmoid",
        "elu",
        "leaky_relu",
        "prelu",
        "batch_norm",
        "normalize",
        "clip",
        "silu",
        "gelu",
    ),
)
FAR = 12
#: Other operators by which blocks of pixels are laid out.
PIXELS = {
    "pixel_shuffle": ("depth_to_space", "block", "factor"),
    "depth_to_space": ("pixel_shuffle", "factor", "block"),
    "pixel_unshuffle": ("space_to_depth", "block", "factor"),
    "space_to_depth": ("pixel_unshuffle", "factor", "block"),
}


def channels_before(at: At) -> tuple[int, int] | None:
    """(channels of the nearest convolution on the way up, frames that windows join), if the way flattens them."""
    tensor, flat, frames = at.tensors.get("x", ""), False, 1
    for _ in range(FAR):
        maker = at.view.makers.get(tensor)
        if maker is None:
            return None
        if maker.op == "conv":
            weight = at.view.array(maker.inputs[1])
            return (int(weight.shape[-1]), frames) if weight is not None and flat else None
        if maker.op not in PASSED:
            return None
        flat = flat or maker.op in ("reshape", "flatten", "windows")
        frames = int(maker.attrs["size"]) if maker.op == "windows" else frames
        tensor = maker.inputs[0]
    return None


class FlattenOrder(NodeFault):
    id = "flatten-order"
    group = GROUP
    ops = LINEAR
    where = "linear layers behind a convolution whose result is flattened, or joined by windows"
    text = (
        "What a convolution gives is flattened in another order of axes than the linear layer was "
        "trained with."
    )
    happens = (
        "Channels come last in Keras, TensorFlow and madmom, first in PyTorch, ONNX and Core ML: "
        "flattened, (h, w, c) and (c, h, w) have one length."
    )
    repair = "Transpose before flattening, or permute the rows of the linear layer's weight."
    repairs = by_format(
        onnx="Put a Transpose before the Flatten or Reshape.",
        torch="x.permute(0, 2, 3, 1).flatten(1), or permute weight.reshape(out, h, w, c).",
        coreml="Flatten a NeuralNetwork with mode CHANNEL_LAST, or permute the inner product's weights.",
        keras="Flatten(data_format=...) says which order the data have.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        parameter = "weight" if at.node.op == "dense" else "y"
        weight, found = at.array(parameter), channels_before(at)
        if weight is None or found is None or weight.ndim != 2:
            return
        (channels, frames), rows = found, weight.shape[0]
        if rows % (channels * frames) or channels < 2:
            return
        places = rows // channels // frames
        names = ("time", "frequency", "channel") if frames > 1 else ("place", "channel")
        sizes = (frames, places, channels) if frames > 1 else (places, channels)
        for order in permutations(range(len(sizes))):
            moved = [k for k in order if sizes[k] > 1]
            if moved == sorted(moved):
                continue
            said = " ".join(names[k] for k in order)
            edit = with_array(at, parameter, partial(_rows, sizes, order))
            yield Way(said, f"what {at.name} reads is flattened in the order {said}", edit)
        if frames == 1:
            edit = with_array(at, parameter, partial(_rows, (channels, places), (1, 0)))
            if places > 1:
                yield Way(
                    "as if channel place",
                    f"what {at.name} reads is flattened as if channels came first",
                    edit,
                )


def _rows(sizes: tuple[int, ...], order: tuple[int, ...], weight: Array) -> Array:
    """Rows that serve what is flattened in ``order``, put where the true order reads them."""
    axes = (*order, len(sizes))
    return weight.reshape(*sizes, -1).transpose(axes).reshape(weight.shape)


class ReshapeOrder(NodeFault):
    id = "reshape-without-transpose"
    group = GROUP
    ops = ("reshape", "flatten")
    where = "reshapes and flattenings of arrays of a known number of axes"
    text = "Two axes have changed places before a reshape."
    happens = (
        "The target keeps channels elsewhere and the reshape was copied as it is, or Fortran order was meant."
    )
    repair = "Transpose before the reshape."

    def ways(self, at: At) -> Iterator[Way]:
        rank = at.rank(at.tensors["x"])
        if rank is None or rank > 6 or rank < 2 or at.view.array(at.key) is not None:
            return
        for one, two in combinations(range(rank), 2):
            axes = list(range(rank))
            axes[one], axes[two] = two, one
            shape = at.attrs.get("shape")
            if shape is not None and 0 in shape[: two + 1]:
                continue  # it keeps that axis by its place
            edit = ahead(at, self.id, "x", partial(_turned, tuple(axes)))
            yield Way(f"axes {one} and {two}", f"axes {one} and {two} change places before {at.name}", edit)


def _turned(axes: tuple[int, ...], w: Written, x: str) -> str:
    return w("transpose", x, axes=axes)


class TransposeWrong(NodeFault):
    id = "transpose-wrong"
    group = GROUP
    ops = ("transpose",)
    where = "transpositions"
    text = "A transposition is left out, or done the other way round."
    happens = (
        "A layout pass removed one of a pair, or an order of axes is read as 'goes to' where it means "
        "'comes from'."
    )
    repair = "Write the order of axes as the target means it."
    repairs = by_format(
        onnx="perm[k] is the axis of the input that becomes axis k.", torch="permute takes the same order."
    )

    def ways(self, at: At) -> Iterator[Way]:
        axes = at.attrs["axes"]
        if at.view.array(at.key) is not None:
            return
        if axes is None or list(axes) != sorted(axes):
            yield Way("left out", f"{at.name} is left out", dropped(at))
        if axes is not None:
            back = tuple(int(k) for k in np.argsort(axes))
            if back != tuple(axes):
                yield Way("inverse", f"{at.name} is done the other way round", with_attrs(at, axes=back))


class JoinedInOtherOrder(NodeFault):
    id = "concat-order"
    group = GROUP
    ops = ("concat", "stack", "interleave")
    where = "joined arrays: the first with the last, and each with the next"
    text = "Arrays are joined in another order."
    happens = (
        "Branches are listed alphabetically, by when they finish, or backward before forward; frame "
        "sizes ascending instead of as trained."
    )
    repair = "Join them in the order that was trained."

    def ways(self, at: At) -> Iterator[Way]:
        names = at.node.inputs
        pairs = [(0, len(names) - 1), *((k, k + 1) for k in range(len(names) - 1))]
        for one, two in dict.fromkeys(pairs):
            if one < two < 64 and names[one] != names[two]:
                edit = with_inputs(at, {names[one]: names[two], names[two]: names[one]})
                yield Way(f"{one} and {two}", f"parts {one} and {two} of {at.name} have changed places", edit)


class PartsPermuted(NodeFault):
    id = "parts-permuted"
    group = GROUP
    ops = ("split", "gather", "slice")
    where = (
        "arrays that are cut into parts of one size: two of them exchanged (packed projections, gates, "
        "halves of a GLU)"
    )
    text = "Two parts of an array that is cut have changed places."
    happens = (
        "Packed projections are stacked q k v here and k q v there, GLU gates by its second half in "
        "PyTorch and by its first in others."
    )
    repair = "Cut the parts in the order in which they were stacked."
    repairs = by_format(torch="nn.GLU is a * sigmoid(b), b the second half.")

    def ways(self, at: At) -> Iterator[Way]:
        if at.view.array(at.key) is not None:
            return
        if at.node.op == "split":
            yield from self._split(at)
            return
        x = at.tensors["x"]
        others = [node for node in at.view.users.get(x, []) if node.op == at.node.op and node is not at.node]
        here = at.view.places[at.key]
        for node in others[:8]:
            if at.view.places[node.outputs[0]] < here or not self._exchangeable(at, at.of(node)):
                continue
            edit = Edit({at.key: _like(node), node.outputs[0]: _like(at.node)})
            both = (at.node.name, node.name)
            yield Way("", f"{at.name} and {node.name!r} cut each other's part", edit, both)

    def _split(self, at: At) -> Iterator[Way]:
        sizes = at.attrs["sizes"]
        many = len(at.node.outputs)
        for one, two in combinations(range(many), 2):
            if two > 8 or (sizes is not None and sizes[one] != sizes[two]):
                continue
            edit = Edit({at.key: partial(_parts, one, two)})
            yield Way(f"{one} and {two}", f"parts {one} and {two} of {at.name} have changed places", edit)

    @staticmethod
    def _exchangeable(at: At, other: At) -> bool:
        """Whether both cut a part of one size along one axis: slices, or lookups of single places."""
        if at.node.op == "gather":
            one, two = at.array("indices"), other.array("indices")
            alike = one is not None and two is not None and one.shape == two.shape == ()
            return alike and at.attrs["axis"] == other.attrs["axis"]
        a, b = at.attrs, other.attrs
        if (
            a["axes"] != b["axes"]
            or a["steps"] != b["steps"]
            or (a["starts"], a["ends"]) == (b["starts"], b["ends"])
        ):
            return False
        return all(isinstance(n, int) for n in (*a["starts"], *b["starts"]))


def _parts(one: int, two: int, node: Node) -> tuple[Node, ...]:
    outputs = list(node.outputs)
    outputs[one], outputs[two] = outputs[two], outputs[one]
    return (replace(node, outputs=tuple(outputs)),)


def _like(other: Node) -> NodeChange:
    return lambda node: (replace(node, inputs=other.inputs, attrs=other.attrs),)


class PixelOrder(NodeFault):
    id = "pixel-shuffle-order"
    group = GROUP
    ops = tuple(PIXELS)
    where = "pixel shuffles and their inverses"
    text = "A pixel shuffle lays channels out block first instead of channel first, or the other way round."
    happens = (
        "TensorFlow's depth_to_space and ONNX's default mode are block first (DCR), PyTorch's "
        "PixelShuffle channel first (CRD)."
    )
    repair = "Ask for the order of the source."
    repairs = by_format(
        onnx='Set DepthToSpace\'s attribute mode to "CRD" for PyTorch, "DCR" for TensorFlow.',
        coreml="Use pixel_shuffle for PyTorch's, depth_to_space for TensorFlow's.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        op, theirs, ours = PIXELS[at.node.op]
        yield Way(
            op,
            f"{at.name} lays its channels out as {op} does",
            with_operator(at, op, "x", **{theirs: at.attrs[ours]}),
        )


class OperandTransposed(NodeFault):
    id = "product-operand-transposed"
    group = GROUP
    ops = ("matmul",)
    where = "products of two computed arrays of a known number of axes"
    text = "One operand of a product is transposed where it should not be, or not where it should."
    happens = "transpose_a, transpose_b, adj_x are read for one operand, or a swap of axes went missing."
    repair = "Transpose the operand as the source does."

    def ways(self, at: At) -> Iterator[Way]:
        for parameter in ("y", "x"):
            rank = at.rank(at.tensors[parameter])
            if at.array(parameter) is None and rank is not None and rank >= 2:
                axes = (*range(rank - 2), rank - 1, rank - 2)
                edit = ahead(at, self.id, parameter, partial(_turned, axes))
                yield Way(parameter, f"operand {parameter} of {at.name} is transposed", edit)
