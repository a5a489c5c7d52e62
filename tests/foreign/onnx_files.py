"""Small ONNX files, node by node, and how one is edited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper as h, numpy_helper

from .mistake import in_file

Nodes = list[Any]


def floats(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


class File:
    """A small file: nodes one behind another, initializers by name; ``edited`` is what makes the wrong one."""

    def __init__(self, shape: tuple[Any, ...], opset: int = 17) -> None:
        self.shape, self.opset = shape, opset
        self.nodes: Nodes = []
        self.held: dict[str, Any] = {}

    def add(self, op: str, *inputs: str, out: str, **attrs: Any) -> str:
        self.nodes.append(
            h.make_node(op, list(inputs), out.split(","), name=f"{op}_{out.split(',')[0]}", **attrs)
        )
        return out

    def hold(self, **arrays: Any) -> None:
        self.held.update(arrays)

    def model(self) -> Any:
        x = h.make_tensor_value_info("x", onnx.TensorProto.FLOAT, list(self.shape))
        y = h.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
        held = [numpy_helper.from_array(np.asarray(a), name) for name, a in self.held.items()]
        graph = h.make_graph(self.nodes, "network", [x], [y], held)
        return h.make_model(graph, opset_imports=[h.make_opsetid("", self.opset)], ir_version=9)


def edit(
    name: str, kind: str, make: Callable[[], File], change: Callable[[Any], None], *, at: str, right: str
) -> None:
    """Register the file of ``make`` and what ``change`` makes of its model."""

    def write(folder: Path) -> Path:
        model = make().model()
        onnx.save(model, str(folder / "right.onnx"))
        change(model.graph)
        onnx.save(model, str(folder / "wrong.onnx"))
        return folder / "wrong.onnx"

    in_file(name, kind, file="edited.onnx", at=at, right=right)(write)


def node(graph: Any, op: str, which: int = 0) -> Any:
    return [one for one in graph.node if one.op_type == op][which]


def setting(op: str, **attrs: Any) -> Callable[[Any], None]:
    """Attributes of the first node of that operator set to something else; None takes one away."""

    def change(graph: Any) -> None:
        one = node(graph, op)
        kept = [a for a in one.attribute if a.name not in attrs]
        del one.attribute[:]
        one.attribute.extend(kept)
        one.attribute.extend(h.make_attribute(k, v) for k, v in attrs.items() if v is not None)

    return change


def array(name: str, made: Callable[[Any], Any]) -> Callable[[Any], None]:
    """An initializer changed."""

    def change(graph: Any) -> None:
        for one in graph.initializer:
            if one.name == name:
                one.CopyFrom(
                    numpy_helper.from_array(np.ascontiguousarray(made(numpy_helper.to_array(one))), name)
                )

    return change


def inputs(op: str, *names: str) -> Callable[[Any], None]:
    """The inputs of the first node of that operator are others."""

    def change(graph: Any) -> None:
        one = node(graph, op)
        del one.input[:]
        one.input.extend(names)

    return change
