"""onnx's node tests run by onnxruntime and judged in floors: a sound runtime must not be called wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx

import modelparity as mp
from modelparity.errors import ModelparityError


def floors(cases: Iterable[Any]) -> dict[str, float]:
    """{name of a case: floors}, of those that both the engine and onnxruntime run."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.onnx"
        for case in cases:
            path.write_bytes(case.model.SerializeToString())
            try:
                onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            except Exception:  # what it refuses, for whatever reason, is no verdict
                continue
            feeds = inputs(case)
            if feeds is None:
                continue
            try:
                verdict = mp.check(
                    path, path, inputs=feeds, runtime="onnxruntime", expect="reduced", explain=False
                )
            except ModelparityError:
                continue
            found[case.name] = 0.0 if verdict.ok else verdict.floors
    return found


def inputs(case: Any) -> dict[str, Any] | None:
    """The case's first inputs as arrays; None if some are none, or of a type that numpy has not."""
    feeds = {}
    for spec, given in zip(case.model.graph.input, case.data_sets[0][0], strict=False):
        array = onnx.numpy_helper.to_array(given) if isinstance(given, onnx.TensorProto) else given
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub":
            return None
        feeds[spec.name] = array
    return feeds
