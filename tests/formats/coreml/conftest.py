"""ML Programs that coremltools writes, for the reader to read, and what the read ones compute."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelparity as mp
from modelparity import Graph


@pytest.fixture(scope="session")
def save_program() -> Callable[..., Path]:
    """``save_program(folder, build, shapes, ...)``: a package whose inputs are the parameters of ``build``."""
    ct = pytest.importorskip("coremltools")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from coremltools.converters.mil import Builder as mb
        from coremltools.converters.mil.mil import types
    kinds = {"float32": types.fp32, "int32": types.int32}

    def save_program(
        folder: Path,
        build: Callable[..., Any],
        shapes: Any,
        dtype: str = "float32",
        opset: Any = None,
        precision: str = "float32",
        **more: Any,
    ) -> Path:
        opset = opset or ct.target.iOS15
        specs = [mb.TensorSpec(shape=shape, dtype=kinds[dtype]) for shape in shapes]
        program = mb.program(input_specs=specs, opset_version=opset)(build)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ct.convert(
                program,
                source="milinternal",
                convert_to="mlprogram",
                skip_model_load=True,
                minimum_deployment_target=opset,
                **more,
                compute_precision=ct.precision.FLOAT16 if precision == "float16" else ct.precision.FLOAT32,
            )
        path = folder / "model.mlpackage"
        model.save(str(path))
        return path

    return save_program


@pytest.fixture
def run_program(tmp_path: Path) -> Callable[..., tuple[list[Any], Graph]]:
    """``run_program(opset, build, x=..., i=...)``: what a program of that build gives, in order, and its graph."""
    ct = pytest.importorskip("coremltools")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from coremltools.converters.mil import Builder as mb
        from coremltools.converters.mil.mil import types

    def run_program(
        opset: Any, build: Callable[..., Any], free: Any = None, classes: Any = None, **arrays: Any
    ) -> tuple[list[Any], Graph]:
        kinds = {"f": types.fp32, "i": types.int32}
        shapes = {name: a.shape if free is None else free for name, a in arrays.items()}
        specs = [mb.TensorSpec(shapes[name], kinds[a.dtype.kind]) for name, a in arrays.items()]
        program = mb.program(input_specs=specs, opset_version=opset)(build)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ct.convert(
                program,
                source="milinternal",
                convert_to="mlprogram",
                skip_model_load=True,
                minimum_deployment_target=opset,
                compute_precision=ct.precision.FLOAT32,
                classifier_config=classes,
                inputs=None
                if free is None
                else [ct.TensorType("x", (ct.RangeDim(1, 9), *arrays["x"].shape[1:]))],
            )
        model.save(str(tmp_path / "model.mlpackage"))
        graph = mp.load(tmp_path / "model.mlpackage")
        result = mp.run(graph, arrays)
        return [result[name] for name in graph.outputs], graph

    return run_program
