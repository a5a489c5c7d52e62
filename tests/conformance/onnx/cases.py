"""ONNX's own node tests, run by the engine: which are in the domain, and how each comes out.

A case is read from a file as any model is, run in the arithmetic that its declared types ask for, and compared with
the case's expected outputs with the case's own tolerances, shapes and element types included.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx

import modelparity as mp
from modelparity.errors import ModelparityError

#: What a case is about that is outside of numbers and booleans, in the order in which it is asked.
CATEGORIES = {
    "string": "text in or out",
    "sequence": "sequences of tensors in or out",
    "optional": "optional values in or out",
    "training": "optimisers and dropout in training",
    "random": "results that differ from run to run",
    "image file": "compressed images, which are decoded",
}


@cache
def collected() -> tuple[Any, ...]:
    """All of onnx's node tests; making them takes a while."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tuple(collect_testcases(None))


def category(case: Any) -> str | None:
    """Why a case is out of the domain; None if it is in it."""
    graph = case.model.graph
    ops = {node.op_type for node in graph.node}
    domains = {node.domain for node in graph.node}
    kinds = [value.type for value in (*graph.input, *graph.output)]
    if any(kind.tensor_type.elem_type == onnx.TensorProto.STRING for kind in kinds):
        return "string"
    for kind in kinds:
        if kind.HasField("sequence_type"):
            return "sequence"
        if kind.HasField("optional_type"):
            return "optional"
    if any("training" in domain for domain in domains) or case.name.startswith("test_training_dropout"):
        return "training"
    if case.name.startswith("test_bernoulli"):
        return "random"
    return "image file" if "ImageDecoder" in ops else None


def held(array: Any) -> np.ndarray[Any, Any]:
    """An array as numpy holds it: numbers of small and brain formats as float32, of four bits and two in a byte."""
    if isinstance(array, onnx.TensorProto):
        array = onnx.numpy_helper.to_array(array)
    array = np.asarray(array)
    name = array.dtype.name
    if name in ("int4", "int2", "uint4", "uint2"):
        return array.astype(np.uint8 if name.startswith("u") else np.int8)
    return (
        array.astype(np.float32)
        if array.dtype.kind == "V" or name.startswith(("bfloat", "float8"))
        else array
    )


def by_engine(path: Path, feeds: dict[str, Any]) -> dict[str, Any]:
    """The engine's results."""
    graph = mp.load(path)
    return mp.run(graph, {spec.name: held(feeds[spec.name]) for spec in graph.inputs}, arithmetic="native")


def outcome(case: Any, run: Callable[[Path, dict[str, Any]], dict[str, Any]] = by_engine) -> str | None:
    """None if the case passes, else what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{case.name}.onnx"
        path.write_bytes(case.model.SerializeToString())
        for given, expected in case.data_sets:
            feeds = dict(zip([one.name for one in case.model.graph.input], given, strict=True))
            try:
                results = run(path, feeds)
            except ModelparityError as error:
                return str(error).splitlines()[0]
            for one, want in zip(case.model.graph.output, expected, strict=True):
                wrong = differs(np.asarray(held(results[one.name])), held(want), case.rtol, case.atol)
                if wrong:
                    return f"{one.name}: {wrong}"
    return None


def differs(got: Any, want: Any, rtol: float, atol: float) -> str | None:
    """How two arrays differ beyond a tolerance; None if they do not."""
    if got.shape != want.shape:
        return f"shape {got.shape} instead of {want.shape}"
    if got.dtype.kind != want.dtype.kind or (want.dtype.kind != "f" and got.dtype != want.dtype):
        return f"{got.dtype} instead of {want.dtype}"
    wide = np.float64 if want.dtype.kind == "f" else want.dtype
    try:
        np.testing.assert_allclose(got.astype(wide), want.astype(wide), rtol=rtol, atol=atol)
    except AssertionError as error:
        lines = [line for line in str(error).splitlines() if "Mismatch" in line or "difference" in line]
        return (
            "; ".join(line.strip() for line in lines)[:200] or "NaN or infinity where the other has a number"
        )
    return None


def outcomes(cases: Iterable[Any]) -> dict[str, str | None]:
    """What became of each case in the domain."""
    return {case.name: outcome(case) for case in cases if category(case) is None}
