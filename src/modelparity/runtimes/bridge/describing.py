"""What a Core ML file says of its inputs and outputs, in the words of ``mp_model_describe``, read by this package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import ArtefactError
from ...formats.coreml.features import Feature, feature
from ...formats.coreml.package import parts
from ...formats.coreml.proto import parse


def described(path: Path, function: str | None = None) -> dict[str, Any]:
    """Inputs, outputs, states, functions and metadata. Raises `ArtefactError`."""
    found = parts(path)
    spec = parse(found.model, found.data())
    description = spec.description
    names = [one.name for one in description.functions]
    interface = description
    if names:
        chosen = function or description.defaultFunctionName or "main"
        if chosen not in names:
            raise ArtefactError(
                f"the model has no function {chosen!r}", where=path, expected=", ".join(names)
            )
        interface = description.functions[names.index(chosen)]
    elif function is not None:
        raise ArtefactError(f"the model has no function {function!r}, nor any to choose from", where=path)
    meta = description.metadata
    metadata = {
        "author": meta.author,
        "description": meta.shortDescription,
        "license": meta.license,
        "version": meta.versionString,
    }
    return {
        "inputs": [_feature(one, f"{path}, inputs") for one in interface.input],
        "outputs": [_feature(one, f"{path}, outputs") for one in interface.output],
        "states": [_feature(one, f"{path}, states") for one in interface.state],
        "functions": names,
        "metadata": {
            **{key: value for key, value in metadata.items() if value},
            "creatorDefined": dict(meta.userDefined),
        },
    }


def _feature(spec: Any, where: str) -> dict[str, Any]:
    one = feature(spec, where)
    if one.kind == "image":
        return {"name": one.name, "type": "image", "optional": one.optional}
    if one.kind not in ("array", "state"):
        return {"name": one.name, "type": one.kind, "optional": one.optional}
    array = spec.type.multiArrayType if one.kind == "array" else spec.type.stateType.arrayType
    return {
        "name": one.name,
        "type": "multiArray" if one.kind == "array" else "state",
        "dtype": one.dtype,
        "shape": _shape(array, one),
        "optional": one.optional,
        "flexible": _flexible(array, one),
    }


def _shape(array: Any, one: Feature) -> list[int]:
    return [int(size) for size in array.shape] or [least for least, _ in one.sizes]


def _flexible(array: Any, one: Feature) -> dict[str, Any] | None:
    kind = array.WhichOneof("ShapeFlexibility")
    if kind == "enumeratedShapes":
        shapes = [[int(size) for size in shape.shape] for shape in array.enumeratedShapes.shapes]
        return {"kind": "enumerated", "shapes": shapes}
    if kind == "shapeRange":
        return {
            "kind": "ranges",
            "ranges": [[least, -1 if most is None else most] for least, most in one.sizes],
        }
    return None
