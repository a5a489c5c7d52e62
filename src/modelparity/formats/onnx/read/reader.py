"""An ONNX file as a graph."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from ....errors import ArtefactError, clipped
from ....graph import Axis, Graph, Source
from ..words import words_of
from .axes import named
from .body import run_nodes
from .definitions import opsets_of
from .external_weights import Files
from .inference import kind_of
from .least_sizes import measured
from .node import elements
from .protobuf_bytes import skeleton
from .scope import Kind, Model, Scope, Value
from .simplify import tidied
from .sparse import sparse_array
from .tensors import TEXT, Tensors, as_numbers, held

#: Nodes that functions may come to, besides fifty for each that is written in the file.
NODES = 5_000


def read(path: Path) -> Graph:
    """The graph of the model at ``path``. Raises `ArtefactError` for what is damaged, hostile or not understood."""
    files = Files(path)
    token = secrets.token_hex(16)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(skeleton(files.main.data, path.name, token))
    except (DecodeError, ValueError) as error:
        raise ArtefactError(
            "not an ONNX model, or a damaged one",
            where=path.name,
            found=str(error)[:200],
            expected="the protocol buffer of a ModelProto",
        ) from error
    try:
        return _graph(model, path, Tensors(files, token, words_of(model)))
    except ArtefactError as error:
        details = {name: clipped(getattr(error, name)) for name in ("where", "found", "expected")}
        raise ArtefactError(str(clipped(error.what)), fix=error.fix, **details) from error.__cause__
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        if not _is_text(model):
            raise ArtefactError(
                "text that is not UTF-8",
                where=path.name,
                found="in the name of a tensor, an operator or the like",
                fix="download or export it again",
            ) from error
        raise ArtefactError(
            "something in the file is not of the kind that it has to be",
            where=path.name,
            found=clipped(f"{type(error).__name__}: {error}"),
            fix="if the model runs elsewhere, this is a mistake of the reader: report it with the file",
        ) from error


def _is_text(message: Any) -> bool:
    """Whether all texts of a message and of those in it are texts."""
    try:
        for field, value in message.ListFields():
            values = value if hasattr(value, "extend") else [value]
            if field.type == field.TYPE_STRING and not all(isinstance(one, str) for one in values):
                return False
            if field.message_type is not None and not all(map(_is_text, values)):
                return False
    except UnicodeDecodeError:
        return False
    return True


def _graph(model: Any, path: Path, tensors: Tensors) -> Graph:
    where = path.name
    if not model.HasField("graph"):
        raise ArtefactError(
            "the file holds no graph", where=where, expected="an ONNX ModelProto with a graph"
        )
    opsets = opsets_of(model, where) or ({"": 1} if model.ir_version < 3 else {})
    functions = {(_domain(f.domain), f.name, f.overload): f for f in model.functions}
    graph = model.graph
    written = len(graph.node) + sum(len(one.node) for one in model.functions)
    shared = Model(tensors, functions, max(model.ir_version, 3), NODES + 50 * written)
    taken = [one.name for one in graph.input] + [name for node in graph.node for name in node.output if name]
    scope = Scope(shared, opsets, taken=taken)
    initials = initializers(scope, graph, where)
    _inputs(scope, graph, initials, where)
    outputs = run_nodes(scope, graph, where)
    unused = {
        name: "no node reads it"
        for name in initials
        if scope.values[name].tensor is None and name in initials
    }
    # Exporters call every graph the same ("main_graph"); the file's name is what its user knows it by.
    made = scope.builder.graph(
        path.stem,
        scope.inputs,
        _named_outputs(scope, outputs, where),
        native=native(shared.dtypes),
        source=Source("onnx", str(path), tensors.files.sha256()),
    )
    return measured(tidied(made, unused))


def native(dtypes: set[str]) -> str:
    """The arithmetic that these element types ask for."""
    if dtypes & {"float16", "bfloat16"} or dtypes >= {"float32", "float64"}:
        return "declared"
    return "float64" if "float64" in dtypes else "float32"


def initializers(scope: Scope, graph: Any, where: str) -> list[str]:
    """Define a graph's initializers; their names."""
    names = []
    for tensor in graph.initializer:
        label = f"{where}, initializer {tensor.name!r}"
        dtype, array = scope.model.tensors.read(tensor, label)
        scope.define(
            tensor.name, Value(Kind(dtype, array.shape), known=array, sizes=elements(array, dtype)), label
        )
        names.append(tensor.name)
    for sparse in graph.sparse_initializer:
        label = f"{where}, sparse initializer {sparse.values.name!r}"
        dtype, array = sparse_array(scope.model.tensors, sparse, label)
        scope.define(sparse.values.name, Value(Kind(dtype, array.shape), known=array), label)
        names.append(sparse.values.name)
    return names


def _inputs(scope: Scope, graph: Any, initials: list[str], where: str) -> None:
    """The graph's inputs; one that has an initializer is a weight that a caller could replace, and stays one."""
    wanted = [one for one in graph.input if one.name not in set(initials)]
    axes = named(graph, wanted, where)
    for one in wanted:
        label = f"{where}, input {one.name!r}"
        kind = kind_of(one.type)
        text = kind.dtype == TEXT
        if kind.dtype is None or not held(kind.dtype) or (text and not scope.model.tensors.words):
            found = one.type.WhichOneof("value") or "no type" if kind.dtype is None else kind.dtype
            fix = (
                "export the network from behind what reads the text: this file holds no word to look it up in"
            )
            raise ArtefactError(
                "an input that is no tensor of numbers",
                where=label,
                found="text" if text else found,
                fix=fix if text else None,
            )
        if kind.shape is None:
            raise ArtefactError(
                "the number of axes of an input is not known",
                where=label,
                found="no shape",
                fix="declare its shape where the model is exported; sizes may stay free",
            )
        own: list[Axis] = axes[one.name]
        shape = tuple(axis.name if axis.size is None else axis.size for axis in own)
        scope.takes(one.name, Kind(kind.dtype, shape), own, label)


def _named_outputs(scope: Scope, outputs: list[str], where: str) -> list[str]:
    """Outputs under the names of the file, each once."""
    names = []
    for name in outputs:
        value = scope.lookup(name, f"{where}, outputs")
        tensor = scope.tensor(name, f"{where}, output {name!r}")
        if tensor != name:
            scope.builder.origin = f"output {name!r}"
            scope.builder.vacate(name)
            (tensor,) = scope.builder.emit("identity", [tensor], [name], dtype=as_numbers(value.kind.dtype))
        names.append(tensor)
    return list(dict.fromkeys(names))


def _domain(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain
