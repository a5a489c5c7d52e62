"""Names for the axes of a model's inputs: those of the file, and sensible ones where it has none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ....describe.shapes import MOST_AXES
from ....errors import ArtefactError
from ....graph import Axis
from .tensors import MOST

_SPACE = {1: ("time",), 2: ("height", "width"), 3: ("depth", "height", "width")}
#: What ONNX's own denotations of dimensions stand for.
_DENOTED = {
    "DATA_BATCH": "batch",
    "DATA_CHANNEL": "channel",
    "DATA_TIME": "time",
    "DATA_FEATURE": "feature",
    "FILTER_IN_CHANNEL": "in",
    "FILTER_OUT_CHANNEL": "out",
}
#: What stands for "unknown" in files, so that two axes of that name have nothing to do with each other.
_NAMELESS = ("", "?", "-1", "None")
#: Operators whose first input has batch, channel and space.
_IMAGES = {
    "Conv",
    "ConvTranspose",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "BatchNormalization",
    "InstanceNormalization",
    "Resize",
    "Upsample",
    "LpPool",
    "GlobalLpPool",
    "LRN",
    "DepthToSpace",
    "SpaceToDepth",
}


def named(graph: Any, inputs: Sequence[Any], where: str) -> dict[str, list[Axis]]:
    """The axes of each input. Equal names mean equal sizes, so invented ones carry the input's name."""
    readers = {name: node.op_type for node in reversed(graph.node) for name in node.input[:1]}
    several = len(inputs) > 1
    declared = {dim.dim_param for one in inputs for dim in one.type.tensor_type.shape.dim} - {*_NAMELESS}
    return {
        one.name: _axes(one, readers.get(one.name, ""), several, declared, f"{where}, input {one.name!r}")
        for one in inputs
    }


def _axes(one: Any, reader: str, several: bool, declared: set[str], where: str) -> list[Axis]:
    dims = one.type.tensor_type.shape.dim
    if len(dims) > MOST_AXES:
        raise ArtefactError("too many axes", where=where, found=len(dims), expected=f"at most {MOST_AXES}")
    wishes = _wishes(reader, len(dims))
    axes: list[Axis] = []
    taken: set[str] = set()
    for place, dim in enumerate(dims):
        size = dim.dim_value if dim.WhichOneof("value") == "dim_value" else None
        size = None if size == -1 else size  # as Paddle's converter writes a free one
        if size is not None and not 0 <= size <= MOST:
            raise ArtefactError("a size out of range", where=where, found=size, expected=f"0 to {MOST:,}")
        if size is None and dim.dim_param not in _NAMELESS:
            axes.append(Axis(dim.dim_param, None))
            continue
        name = _DENOTED.get(dim.denotation) or wishes[place]
        if size is None and several:
            name = f"{one.name}.{name}"
        while name in taken or (size is None and name in declared):
            name = f"{one.name}.{name}" if not name.startswith(f"{one.name}.") else f"{name}_{place}"
        taken.add(name)
        axes.append(Axis(name, size, 1 if size is None else min(size, 1)))
    if math.prod(axis.size for axis in axes if axis.size) > MOST:
        found = ", ".join(map(str, axes))
        raise ArtefactError(
            "sizes out of range", where=where, found=f"({found})", expected=f"at most {MOST:,} elements"
        )
    return axes


def _wishes(reader: str, rank: int) -> list[str]:
    if reader in _IMAGES and rank - 2 in _SPACE:
        return ["batch", "channel", *_SPACE[rank - 2]]
    if reader in ("LSTM", "GRU", "RNN") and rank == 3:
        return ["time", "batch", "feature"]
    return ["batch" if place == 0 and rank > 1 else f"axis{place}" for place in range(rank)]
