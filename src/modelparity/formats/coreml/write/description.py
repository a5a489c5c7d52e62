"""What a model says of itself: inputs, outputs, where it came from."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....errors import ConversionError
from ....graph import Graph
from ....version import __version__
from ...writing.provenance import provenance
from ..proto import module
from .names import allowed

#: The length that a free axis is said to have "by default", and the longest that may come: Core ML wants a number
#: for an ML Program. At 100 frames a second the latter is three hours.
USUAL, LONGEST = 100, 1 << 20


def described(graph: Graph, version: int) -> Any:
    """A ``Model`` message without its network. Raises `ConversionError` for names or types that it cannot have."""
    model = module("Model").Model(specificationVersion=version)
    for spec in graph.inputs:
        if not spec.axes:
            raise ConversionError(
                f"input {spec.name!r} has no axis, and Core ML takes arrays only", where=graph.name
            )
        feature = model.description.input.add(name=allowed(spec.name, "input", graph.name))
        array = feature.type.multiArrayType
        array.dataType = _data_type(spec.dtype, spec.name, graph.name)
        array.shape.extend(_usual(axis.size, axis.least) for axis in spec.axes)
        if any(axis.size is None for axis in spec.axes):
            for axis in spec.axes:
                sizes = array.shapeRange.sizeRanges.add()
                sizes.lowerBound = axis.least if axis.size is None else axis.size
                sizes.upperBound = LONGEST if axis.size is None else axis.size
    for name in graph.outputs:
        if name in {spec.name for spec in graph.inputs}:
            raise ConversionError(
                f"{name!r} is both an input and an output, which Core ML does not allow",
                where=graph.name,
                fix="put an identity node between them",
            )
        feature = model.description.output.add(name=allowed(name, "output", graph.name))
        feature.type.multiArrayType.dataType = module("FeatureTypes").ArrayFeatureType.FLOAT32
    model.description.metadata.shortDescription = f"{graph.name}, converted by modelparity"
    model.description.metadata.versionString = __version__
    for key, value in sorted({**provenance(graph), "modelparity.version": __version__}.items()):
        model.description.metadata.userDefined[key] = value
    return model


def _usual(size: int | None, least: int) -> int:
    return max(USUAL, least) if size is None else size


def _data_type(dtype: str, name: str, where: str) -> int:
    kinds = module("FeatureTypes").ArrayFeatureType
    if np.dtype("float32" if dtype == "bfloat16" else dtype).kind == "f":
        return int(kinds.FLOAT32)
    if dtype in ("int32", "int64"):  # as coremltools has indices of PyTorch
        return int(kinds.INT32)
    raise ConversionError(
        f"input {name!r} is {dtype}, and Core ML takes float32 or int32",
        where=where,
        fix="cast it inside the graph",
    )
