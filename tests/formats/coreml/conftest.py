"""ML Programs that coremltools writes, for the reader to read."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


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
