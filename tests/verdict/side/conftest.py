"""ONNX files of a few nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    make = onnx.helper

    def write(
        name: str,
        nodes: Sequence[tuple[Any, ...]],
        shape: Sequence[int],
        values: Mapping[str, Any] | None = None,
        opset: int = 17,
    ) -> Path:
        """``nodes`` are (operator, inputs, output, attributes); the input is x, the output y."""
        made = [
            make.make_node(op, given.split(), [result], **(attributes[0] if attributes else {}))
            for op, given, result, *attributes in nodes
        ]
        graph = make.make_graph(
            made,
            "net",
            [make.make_tensor_value_info("x", 1, shape)],
            [make.make_tensor_value_info("y", 1, None)],
            [onnx.numpy_helper.from_array(np.asarray(one), key) for key, one in (values or {}).items()],
        )
        path = tmp_path / name
        onnx.save(make.make_model(graph, opset_imports=[make.make_opsetid("", opset)], ir_version=9), path)
        return path

    return write
