"""An ONNX file in which some tensors are computed otherwise; all nodes of the others stay as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import onnx
from onnx import TensorProto, helper, version_converter

from ...describe.shapes import kinds, symbolic
from ...errors import ConversionError
from ...graph import Axis, Graph, Node, TensorSpec
from .model import OPSET, model as written

#: What a written file has for numbers, whole numbers and truth.
_TYPES = {"f": TensorProto.FLOAT, "i": TensorProto.INT64, "u": TensorProto.INT64, "b": TensorProto.BOOL}
_DTYPES = {"f": "float32", "i": "int64", "u": "int64", "b": "bool"}


def splice(path: Path, draft: Path, was: Graph, wanted: Graph) -> int:
    """Write ``path`` at ``draft``, computing what ``wanted`` does where ``was``, its own graph, computes otherwise.

    Tensors of the file that both graphs compute alike keep their nodes; nodes for the others are written anew, in
    their place. Returns how many tensors are computed otherwise. Raises `ConversionError` where a tensor of the file
    is not one of the graph's, its opset is not written, or its weights lie beside it and it would move.
    """
    file = onnx.load(str(path), load_external_data=False)
    if draft.parent.resolve() != path.parent.resolve() and any(
        tensor.data_location == TensorProto.EXTERNAL for tensor in file.graph.initializer
    ):
        raise ConversionError("weights lie beside the file", where=path, fix="write into its folder")
    values = {one.name for one in file.graph.input} | {n for node in file.graph.node for n in node.output}
    anew = _changed(was, wanted, values)
    if not anew:
        raise ConversionError("no tensor of the file is computed otherwise", where=path)
    fragment = _fragment(wanted, anew, values)
    types = _types(file)
    nodes, initials = _nodes(fragment, _opset(file, path), types, values)
    own = {one.name for one in file.graph.initializer}
    if own & {one.name for one in initials}:
        raise ConversionError("names of weights would clash", where=path)
    kept = [node for node in file.graph.node if not anew.issuperset(filter(None, node.output))]
    for node in kept:
        for at, name in enumerate(node.output):
            if name in anew:
                node.output[at] = f"{name}~before"
    ordered = list(_ordered([*kept, *nodes], {one.name for one in file.graph.input} | own, path))
    infos = [one for one in file.graph.value_info if one.name not in anew]
    for field, new in (("node", ordered), ("value_info", infos)):
        file.graph.ClearField(field)
        getattr(file.graph, field).extend(new)
    file.graph.initializer.extend(initials)
    draft.write_bytes(file.SerializeToString(deterministic=True))
    return len(anew)


def _changed(was: Graph, wanted: Graph, values: set[str]) -> set[str]:
    """Tensors of the file that ``wanted`` computes otherwise from other tensors of the file."""
    before, now = _makers(was), _makers(wanted)
    live = {name for node in wanted.nodes for name in node.inputs} | set(wanted.outputs)
    return {
        name
        for name in values & set(now) & live
        if name not in before or _said(was, before, name, values) != _said(wanted, now, name, values)
    }


def _makers(graph: Graph) -> dict[str, Node]:
    return {name: node for node in graph.nodes for name in node.outputs if name}


def _said(graph: Graph, makers: Mapping[str, Node], name: str, values: set[str]) -> list[object]:
    """How a tensor is computed from tensors of the file: nodes, without those behind the latter."""
    found: list[object] = []
    for node in _behind(makers, [name], values):
        arrays = [graph.constants[one].tobytes() for one in node.inputs if one in graph.constants]
        found.append((node.op, repr(sorted(node.attrs.items())), node.inputs, node.outputs, arrays))
    return found


def _behind(makers: Mapping[str, Node], names: Iterable[str], values: set[str]) -> list[Node]:
    """The nodes that compute ``names``, as far as tensors of the file, in an order in which they run."""
    placed: dict[int, Node] = {}
    open_ = set(names)

    def visit(name: str) -> None:
        node = makers.get(name)
        if node is None or id(node) in placed:
            return
        for one in node.inputs:
            if one in open_ or one not in values:
                visit(one)
        placed[id(node)] = node

    for name in names:
        visit(name)
    return list(placed.values())


def _fragment(wanted: Graph, anew: set[str], values: set[str]) -> Graph:
    """What computes ``anew`` of the file's other tensors, as a graph of its own."""
    names = [name for node in wanted.nodes for name in node.outputs if name in anew]
    nodes = _behind(_makers(wanted), names, values)
    made = {name for node in nodes for name in node.outputs}
    read = dict.fromkeys(name for node in nodes for name in node.inputs if name)
    shapes, kind = symbolic(wanted), kinds(wanted)
    given = []
    for place, name in enumerate(one for one in read if one not in made and one not in wanted.constants):
        axes = tuple(
            Axis(f"in{place}_{at}", n) if isinstance(n, int) else Axis(n) for at, n in enumerate(shapes[name])
        )
        given.append(TensorSpec(name, axes, _DTYPES[kind[name]]))
    constants = {name: wanted.constants[name] for name in read if name in wanted.constants}
    return Graph("repaired", tuple(given), tuple(names), tuple(nodes), constants)


def _opset(file: onnx.ModelProto, path: Path) -> int:
    found = next((one.version for one in file.opset_import if one.domain in ("", "ai.onnx")), 0)
    if not found:
        raise ConversionError("the file has no operators of ONNX's own", where=path)
    return int(found)


def _types(file: onnx.ModelProto) -> dict[str, int]:
    """Element type of every tensor of which it is known."""
    try:
        whole = onnx.shape_inference.infer_shapes(file)
    except (
        Exception
    ):  # of whatever in the file onnx does not know: types are then taken for those of the graph
        whole = file
    infos = (*whole.graph.input, *whole.graph.value_info, *whole.graph.output)
    return {one.name: one.type.tensor_type.elem_type for one in infos if one.type.HasField("tensor_type")}


def _nodes(
    fragment: Graph, opset: int, types: Mapping[str, int], values: set[str]
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes and weights of the fragment, between tensors of the file as it has them."""
    made = written(fragment)
    if opset != OPSET:
        made = _of_opset(made, opset)
    names: dict[str, str] = {"": ""}
    before: list[onnx.NodeProto] = []
    behind: list[onnx.NodeProto] = []
    kind = kinds(fragment)
    ends = {spec.name: kind[spec.name] for spec in fragment.inputs}
    ends |= {name: kind[name] for name in fragment.outputs}
    for name, own in ends.items():
        theirs = types.get(name, 0) or _TYPES[own]
        given = name not in fragment.outputs
        if theirs == _TYPES[own]:
            names[name] = name
            continue
        names[name] = inner = f"{name}~as written"
        ends_ = ([name], [inner]) if given else ([inner], [name])
        to = _TYPES[own] if given else theirs
        (before if given else behind).append(helper.make_node("Cast", *ends_, name=f"{inner}~cast", to=to))

    def named(name: str) -> str:
        if name not in names:
            wish = f"{name}~repaired"
            while wish in values:
                wish += "~"
            names[name] = wish
        return names[name]

    for node in made.graph.node:
        node.name = f"{node.name}~repaired"
        for field in (node.input, node.output):
            for at, name in enumerate(field):
                field[at] = named(name)
    for tensor in made.graph.initializer:
        tensor.name = named(tensor.name)
    return [*before, *made.graph.node, *behind], list(made.graph.initializer)


def _of_opset(made: onnx.ModelProto, opset: int) -> onnx.ModelProto:
    """The same in another operator set: converted where onnx can, else as it is where it is valid there too."""
    try:
        return version_converter.convert_version(made, opset)
    except Exception:  # onnx has no way for some operators, which may be the same all the same
        del made.opset_import[:]
        made.opset_import.extend([helper.make_opsetid("", opset)])
    try:
        onnx.checker.check_model(made, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ConversionError(f"not written in opset {opset}", found=str(error)[:200]) from error
    return made


def _ordered(nodes: list[onnx.NodeProto], known: set[str], path: Path) -> Iterator[onnx.NodeProto]:
    """Nodes in an order in which they run, as they stood as far as that can be."""
    makers = {name: at for at, node in enumerate(nodes) for name in node.output if name}
    done: set[int] = set()
    for start in range(len(nodes)):
        left, open_ = [start], set[int]()
        while left:
            at = left[-1]
            needs = {makers[n] for n in _read(nodes[at]) if n in makers and n not in known} - done - {at}
            if at in done:
                left.pop()
            elif needs and at in open_:
                raise ConversionError("its nodes would stand in a circle", where=path)
            elif needs:
                open_.add(at)
                left += sorted(needs, reverse=True)
            else:
                done.add(left.pop())
                yield nodes[at]


def _read(node: onnx.NodeProto) -> Iterator[str]:
    """What a node reads, graphs inside it included."""
    yield from filter(None, node.input)
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            for inner in graph.node:
                yield from _read(inner)
            yield from (one.name for one in graph.output)
