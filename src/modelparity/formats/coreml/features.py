"""Inputs and outputs as a model's description has them: arrays with fixed or flexible shapes, images, classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...errors import ArtefactError
from ...graph import Axis, Graph, TensorSpec
from ..graph_builder import Builder
from .proto import module

#: Channels of a colour space, and the element type of its images.
COLOURS = {
    "GRAYSCALE": (1, "uint8"),
    "RGB": (3, "uint8"),
    "BGR": (3, "uint8"),
    "GRAYSCALE_FLOAT16": (1, "float16"),
}
#: Sizes above this are no sizes.
LARGEST = 1 << 40


@dataclass(frozen=True)
class Feature:
    """One input, output or state. ``kind`` is array, image, state, int64, double, string, dictionary or sequence.

    ``sizes`` has (least, most) for each axis, most being None without a bound; an image's are height and width.
    ``listed`` are those that alone are taken, where the file lists some.
    ``optional`` says that a caller may leave the input out; ``default`` is what then fills it.
    """

    name: str
    kind: str
    dtype: str = ""
    sizes: tuple[tuple[int, int | None], ...] = ()
    colours: str = ""
    optional: bool = False
    default: float | None = None
    #: The only sizes that it takes, where they are listed.
    listed: tuple[tuple[int, ...], ...] = ()

    @property
    def channels(self) -> int:
        """How many channels an image has."""
        return COLOURS[self.colours][0]


def feature(spec: Any, where: str) -> Feature:
    """A ``FeatureDescription`` message. Raises `ArtefactError` for one that describes nothing."""
    where, kind = f"{where}, {spec.name!r}", spec.type.WhichOneof("Type")
    optional = bool(spec.type.isOptional)
    if kind in ("multiArrayType", "stateType"):
        array = spec.type.multiArrayType if kind == "multiArrayType" else spec.type.stateType.arrayType
        one = _array(spec.name, array, where)
        return replace(one, kind="array" if kind == "multiArrayType" else "state", optional=optional)
    if kind == "imageType":
        return replace(_image(spec.name, spec.type.imageType, where), optional=optional)
    if kind is None:
        raise ArtefactError(
            "a feature has no type",
            where=where,
            found="none that is known",
            expected="an array, image or state",
        )
    return Feature(spec.name, kind.removesuffix("Type"), optional=optional)


def features(specs: Sequence[Any], where: str) -> list[Feature]:
    """As `feature`, for all inputs, outputs or states. Raises `ArtefactError` if two share a name."""
    found = [feature(one, where) for one in specs]
    names: set[str] = set()
    for place, one in enumerate(found):
        if one.name in names:
            raise ArtefactError(
                f"two features are called {one.name!r}",
                where=where,
                found=f"the second at place {place}",
                expected="names of their own",
            )
        names.add(one.name)
    return found


def _array(name: str, spec: Any, where: str) -> Feature:
    types = module("FeatureTypes").ArrayFeatureType.ArrayDataType
    try:
        dtype = types.Name(spec.dataType)
    except ValueError:
        dtype = f"type number {spec.dataType}"
    known = {
        "FLOAT32": "float32",
        "DOUBLE": "float64",
        "INT32": "int32",
        "INT8": "int8",
        "FLOAT16": "float16",
    }
    if dtype not in known:
        raise ArtefactError(
            "an array without element type", where=where, found=dtype, expected=", ".join(known)
        )
    sizes: tuple[tuple[int, int | None], ...] = tuple((n, n) for n in spec.shape)
    listed: tuple[tuple[int, ...], ...] = ()
    flexible = spec.WhichOneof("ShapeFlexibility")
    if flexible == "enumeratedShapes":
        shapes = [tuple(one.shape) for one in spec.enumeratedShapes.shapes]
        if not shapes or len({len(one) for one in shapes}) != 1:
            raise ArtefactError(
                "enumerated shapes must be of one rank",
                where=where,
                found=shapes[:4] or "no shapes",
                expected="shapes of one rank",
            )
        listed = tuple(dict.fromkeys(tuple(map(int, one)) for one in shapes))
        sizes = tuple((min(n), max(n)) for n in zip(*shapes, strict=True))
    elif flexible == "shapeRange":
        sizes = tuple(_range(one) for one in spec.shapeRange.sizeRanges)
    _check(sizes, where)
    filled = spec.WhichOneof("defaultOptionalValue")
    default = float(getattr(spec, filled)) if filled else None
    return Feature(name, "array", known[dtype], sizes, default=default, listed=listed)


def _range(spec: Any) -> tuple[int, int | None]:
    return int(spec.lowerBound), None if spec.upperBound < 0 else int(spec.upperBound)


def _image(name: str, spec: Any, where: str) -> Feature:
    spaces = module("FeatureTypes").ImageFeatureType.ColorSpace
    try:
        colours = spaces.Name(spec.colorSpace)
    except ValueError:
        colours = f"colour space number {spec.colorSpace}"
    if colours not in COLOURS:
        raise ArtefactError(
            "an image without colour space", where=where, found=colours, expected=", ".join(COLOURS)
        )
    sizes: tuple[tuple[int, int | None], ...] = ((spec.height, spec.height), (spec.width, spec.width))
    listed: tuple[tuple[int, ...], ...] = ()
    flexible = spec.WhichOneof("SizeFlexibility")
    if flexible == "enumeratedSizes" and not spec.enumeratedSizes.sizes:
        raise ArtefactError("enumerated sizes without a size", where=where, found="none", expected="sizes")
    if flexible == "enumeratedSizes":
        heights, widths = zip(*((one.height, one.width) for one in spec.enumeratedSizes.sizes), strict=True)
        listed = tuple(dict.fromkeys(zip(map(int, heights), map(int, widths), strict=True)))
        sizes = ((min(heights), max(heights)), (min(widths), max(widths)))
    elif flexible == "imageSizeRange":
        sizes = (_range(spec.imageSizeRange.heightRange), _range(spec.imageSizeRange.widthRange))
    _check(sizes, where)
    return Feature(name, "image", COLOURS[colours][1], sizes, colours, listed=listed)


def _check(sizes: Sequence[tuple[int, int | None]], where: str) -> None:
    for least, most in sizes:
        if not 0 <= least <= LARGEST or (most is not None and not least <= most <= LARGEST):
            found, expected = f"from {least} to {most}", f"from 0 to {LARGEST:,}, the smaller one first"
            raise ArtefactError("a size out of range", where=where, found=found, expected=expected)


def spec_of(one: Feature) -> TensorSpec:
    """An array or image as an input of a graph; an image is (height, width) or (height, width, channel)."""
    names = ["height", "width"] if one.kind == "image" else [str(place) for place in range(len(one.sizes))]
    axes = [
        Axis(f"{one.name}_{name}", least if least == most else None, least, None if least == most else most)
        for name, (least, most) in zip(names, one.sizes, strict=True)
    ]
    shapes = one.listed
    if one.kind == "image" and one.channels > 1:
        axes.append(Axis(f"{one.name}_channel", one.channels))
        shapes = tuple((*sizes, one.channels) for sizes in shapes)
    return TensorSpec(one.name, tuple(axes), one.dtype, shapes)


def image_in(builder: Builder, one: Feature, source: str, *, target: str, dtype: str) -> None:
    """Nodes that make of an image ``source`` the array (1, channel, height, width) ``target`` that networks read."""
    x = source
    if one.channels > 1:
        if one.colours == "BGR":
            (x,) = builder.emit("reverse", [x], hint=f"{one.name}.bgr", axes=(2,))
        (x,) = builder.emit("transpose", [x], hint=f"{one.name}.channels", axes=(2, 0, 1))
        (x,) = builder.emit("expand_dims", [x], hint=f"{one.name}.batch", axes=(0,))
    else:
        (x,) = builder.emit("expand_dims", [x], hint=f"{one.name}.channel", axes=(0, 1))
    builder.emit("cast", [x], [target], dtype=dtype, to="float")


def image_out(builder: Builder, one: Feature, source: str, *, target: str) -> None:
    """Nodes that make of an array (1, channel, height, width) an image; 8 bits are clipped and rounded."""
    axes = (0,) if one.channels > 1 else (0, 1)
    (x,) = builder.emit("squeeze", [source], hint=f"{one.name}.image", axes=axes)
    if one.channels > 1:
        (x,) = builder.emit("transpose", [x], hint=f"{one.name}.pixels", axes=(1, 2, 0))
        if one.colours == "BGR":
            (x,) = builder.emit("reverse", [x], hint=f"{one.name}.rgb", axes=(2,))
    if one.dtype != "uint8":
        builder.emit("identity", [x], [target], dtype=one.dtype)
        return
    (x,) = builder.emit("round", [x], hint=f"{one.name}.rounded")
    (x,) = builder.emit("clip", [x], hint=f"{one.name}.clipped", min=0.0, max=255.0)
    builder.emit("cast", [x], [target], dtype="uint8", to="uint8")


def described(graph: Graph, inputs: Sequence[Feature], where: str) -> Graph:
    """The graph with the sizes that the description lets its inputs have."""
    by_name = {one.name: one for one in inputs}
    specs = []
    for spec in graph.inputs:
        one = by_name.get(spec.name)
        if one is not None and one.kind == "array" and 1 < len(one.sizes) != len(spec.axes):
            raise ArtefactError(
                "program and description disagree about the number of axes",
                where=f"{where}, {spec.name!r}",
                found=len(spec.axes),
                expected=len(one.sizes),
            )
        if one is None or one.kind != "array" or len(one.sizes) != len(spec.axes):
            specs.append(spec)
            continue
        axes = []
        for axis, (least, most) in zip(spec.axes, one.sizes, strict=True):
            if axis.size is not None and not (least <= axis.size and (most is None or axis.size <= most)):
                raise ArtefactError(
                    "program and description disagree about a size",
                    where=f"{where}, {spec.name!r}",
                    found=axis.size,
                    expected=f"{least} to {most}",
                )
            axes.append(replace(axis, least=least, most=None if axis.size is not None else most))
        specs.append(replace(spec, axes=tuple(axes), shapes=one.listed))
    return graph.changed(inputs=tuple(specs))
