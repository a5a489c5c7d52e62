"""The whole file: what goes in, layer after layer, what comes out; and everything that is to be said of it."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...graph import Graph, Node, Source, TensorSpec
from ..finding import Finding
from .arrays import MOST, Weights
from .builder import Builder
from .document import parse, read_bytes
from .fields import Fields, shown
from .findings import Report, Stop
from .inputs_outputs import KEY, FramedArray, declared, plain
from .layer_registry import Layer, reads
from .suspicions import suspect

#: Fields of amplifier captures, which players of them act upon.
PLAYERS = {
    "in_skip": "adds the input to the output where it is not 0",
    "in_gain": "makes the input louder by so many decibels",
    "out_gain": "makes the output louder by so many decibels",
}
#: Fields of a layer that say nothing of what it computes.
NAMES = ("name", "id", "comment", "trainable")


@dataclass(frozen=True)
class Opened:
    """A file that was read: the graph, and how its inputs and outputs map to RTNeural's frames."""

    graph: Graph
    input: FramedArray
    output: FramedArray


def read(path: Path) -> Graph:
    """The network in a file, as RTNeural computes it; input "x" and output "y" unless the file names them.

    Faithful to RTNeural's own reading: what is too short is filled up with zeros, what it does not know is left
    out (`examine` says so). Raises `ArtefactError` with the JSON path for what RTNeural does not read either.
    """
    return opened(path).graph


def opened(path: Path) -> Opened:
    """As `read`, with how inputs and outputs map."""
    report = Report()
    found = _opened(read_bytes(path), path, report)
    report.refuse(str(path))
    assert found is not None
    return found


def examine(path: Path) -> list[Finding]:
    """Everything to be said of a file, layer by layer. Raises `ArtefactError` for what is no JSON object."""
    report = Report()
    _opened(read_bytes(path), path, report)
    return report.findings


def _opened(data: bytes, path: Path, report: Report) -> Opened | None:
    """What the file holds, or None if the report has a failure."""
    document = parse(data, str(path), report)
    top = Fields(document, "$", "", report)
    meta = document.get(KEY)
    meta = meta if isinstance(meta, Mapping) else {}
    builder = _begin(top, meta)
    layers = _layers(top)
    budget, read_layers = [MOST], []
    for index, entry in enumerate(layers):
        layer = _layer(index, entry, report, builder, budget)
        if layer is not None:
            read_layers.append(layer)
    if not read_layers and report.failure is None:
        report.fail("empty-model", "$.layers", "no layer computes anything, and RTNeural reads the first one")
    suspect(read_layers, top.length("in_shape"))
    _passed_over(top)
    if report.failure is not None:
        return None
    source = Source("rtneural", str(path), hashlib.sha256(data).hexdigest())
    return _finished(builder, meta, path.stem, source)


def _passed_over(top: Fields) -> None:
    """Fields beside the layers that RTNeural does not look at, those first that say what is computed."""
    for key in top.ignored():
        if key in PLAYERS:
            what = f"RTNeural does not look at this field: what plays the file {PLAYERS[key]}"
            top.note(
                "player-field",
                key,
                what,
                found=shown(top.values[key]),
                fix="compare with a source that does the same, or do it to what the file computes",
            )
        elif key not in (*NAMES, KEY):
            near = difflib.get_close_matches(key, ("in_shape", "layers", *PLAYERS), n=1)
            more = {"expected": near[0]} if near else {}
            what = "RTNeural does not look at this field"
            top.note("field-unknown", key, what, found=shown(top.values[key]), **more)


def _begin(top: Fields, meta: Mapping[str, Any]) -> Builder:
    """What goes in: the width that in_shape states. Where it states none, what the first layer is for."""
    try:
        if not top.has("in_shape"):
            raise top.fail(
                "in-shape",
                "in_shape",
                "there is no 'in_shape', and RTNeural throws",
                expected=f"[null, null, {_wanted(top.values.get('layers'))}]",
                fix="write the shape of the model's input, its width last",
            )
        width = top.width("in_shape")
    except Stop:
        return Builder(plain("x", _wanted(top.values.get("layers"))))
    array = plain("x", width)
    if "input" in meta:
        array = declared(meta["input"], width) or array
    builder = Builder(array)
    _take_in(builder, array)
    return builder


def _wanted(layers: Any) -> int:
    """The width of frames that the first layer's weights, or its shape, are for."""
    try:
        first = layers[0]
        weights = first["weights"]
        if first["type"] == "conv1d":
            return max(1, len(weights[0][0]) * int(first.get("groups", 1)))
        if first["type"] == "conv2d":
            return max(1, int(first["num_filters_in"]) * int(first["num_features_in"]))
        if first["type"] in ("dense", "time-distributed-dense", "gru", "lstm"):
            return max(1, len(weights[0]))
        return max(1, int(first["shape"][-1]))
    except (LookupError, TypeError, ValueError):
        return 1


def _take_in(builder: Builder, array: FramedArray) -> None:
    """Bring the caller's array into the form in which it flows: ([batch,] time, width)."""
    order, origin = array.order(), "$.in_shape"
    if order != tuple(range(len(order))):
        builder.node("input_order", "transpose", origin, axes=order)
    if not array.timed:
        builder.node("input_frame", "expand_dims", origin, axes=(int(array.batched),))
    if len(array.inner) != 1:
        builder.node("input_frames", "reshape", origin, shape=(*(0,) * builder.lead, array.width))


def _layers(top: Fields) -> list[Any]:
    try:
        layers = top.any("layers")
        if not isinstance(layers, list):
            raise top.fail(
                "not-an-array", "layers", "not a list: RTNeural returns no model", found=shown(layers)
            )
    except Stop:
        return []
    return layers


def _layer(index: int, entry: Any, report: Report, builder: Builder, budget: list[int]) -> Layer | None:
    """Add one layer; None if RTNeural would skip it or not survive it."""
    where = f"$.layers[{index}]"
    if not isinstance(entry, Mapping):
        report.fail("not-an-object", where, "a layer is no object, and RTNeural throws", found=shown(entry))
        return None
    fields = Fields(entry, where, f"layer {index}", report, name=f"layer{index}")
    width = None
    try:
        kind = fields.text("type")
        fields.label = f"layer {index}, {kind}"
        width = fields.width("shape")
        layer = Layer(
            fields.name, kind, fields, Weights(fields, budget, first=not builder.begun), width, builder
        )
        if kind not in reads.all():
            _skipped(layer)
            return None
        builder.begun = True
        reads.all()[kind](layer)
    except Stop:
        # What follows is read as if this layer had the width that it states, to say as much as can be said.
        if width is not None:
            builder.width, builder.image = width, None
        return None
    _unread(layer)
    return layer


def _skipped(layer: Layer) -> None:
    """RTNeural skips a type that it does not know, weights and all."""
    layer.fields.silent(
        "type-unknown",
        "type",
        f"RTNeural knows no layer {layer.type!r} and skips it",
        found=layer.type,
        expected=f"one of {', '.join(reads.all())}",
        fix="write what it computes in layers that RTNeural knows, or leave it out on purpose",
    )
    for index in range(len(layer.weights)):
        layer.builder.unused[f"{layer.name}.{index}"] = f"RTNeural skips layers of type {layer.type!r}"


def _unread(layer: Layer) -> None:
    """Arrays and fields that RTNeural does not look at."""
    for index in layer.weights.unread():
        layer.fields.silent(
            "array-unused",
            layer.weights.key(index),
            f"RTNeural does not read this array of a {layer.type}",
            found=shown(layer.weights.given[index]),
        )
        layer.builder.unused[f"{layer.name}.{index}"] = f"RTNeural does not read it for a {layer.type}"
    layer.fields.has("activation")
    for key in layer.fields.ignored():
        if key not in NAMES:
            layer.fields.note(
                "field-unknown",
                key,
                "RTNeural does not look at this field",
                found=shown(layer.fields.values[key]),
            )


def _finished(builder: Builder, meta: Mapping[str, Any], name: str, source: Source) -> Opened:
    """The graph, its last tensor brought into the form that the file asks for."""
    array = builder.input
    builder.flat("output", "$.layers")
    out = declared(meta.get("output"), builder.width) or plain("y", builder.width)
    if out.batched != array.batched or out.name == array.name:
        out = plain("y", builder.width)
    if not out.timed:
        time = builder.lead - 1
        builder.node("output_last", "slice", "$.layers", starts=(-1,), ends=(None,), axes=(time,))
        builder.node("output_frame", "squeeze", "$.layers", axes=(time,))
    if len(out.inner) != 1:
        builder.node(
            "output_frames", "reshape", "$.layers", shape=(*(0,) * (out.batched + out.timed), *out.inner)
        )
    order = out.order()
    back = tuple(sorted(range(len(order)), key=order.__getitem__))
    if back != tuple(range(len(back))):
        builder.node("output_order", "transpose", "$.layers", axes=back)
    if not builder.nodes:
        builder.node("output", "identity", "$.layers")
    last: Node = builder.nodes[-1]
    nodes = [*builder.nodes[:-1], replace(last, outputs=(out.name,))]
    graph = Graph(
        name=str(meta.get("name") or name),
        inputs=(TensorSpec(array.name, array.axes),),
        outputs=(out.name,),
        nodes=tuple(nodes),
        constants=builder.constants,
        source=source,
        unused=builder.unused,
    )
    return Opened(graph, array, out)
