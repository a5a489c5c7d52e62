"""What a model says of itself: inputs, outputs, where it came from."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import numpy as np

from ....errors import ConversionError
from ....graph import Graph
from ....version import __version__
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
    for key, value in sorted(provenance(graph).items()):
        model.description.metadata.userDefined[key] = value
    return model


def provenance(graph: Graph) -> dict[str, str]:
    """Where the graph came from, and which one it is."""
    facts = {"modelparity.graph": graph.hash, "modelparity.version": __version__}
    if graph.source is not None:
        facts["modelparity.source.format"] = graph.source.format
        facts["modelparity.source.file"] = PurePath(graph.source.path).name
        facts["modelparity.source.sha256"] = graph.source.sha256
    narrowed = sorted(name for name, a in graph.constants.items() if a.dtype == np.float64)
    if narrowed:
        facts["modelparity.float64_as_float32"] = ", ".join(narrowed)
    return facts


def _usual(size: int | None, least: int) -> int:
    return max(USUAL, least) if size is None else size


def _data_type(dtype: str, name: str, where: str) -> int:
    kinds = module("FeatureTypes").ArrayFeatureType
    if np.dtype("float32" if dtype == "bfloat16" else dtype).kind == "f":
        return int(kinds.FLOAT32)
    if dtype == "int32":
        return int(kinds.INT32)
    raise ConversionError(
        f"input {name!r} is {dtype}, and Core ML takes float32 or int32",
        where=where,
        fix="cast it inside the graph",
    )
