"""Models of one node of ONNX-ML, run by three engines."""

from __future__ import annotations

import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

import modelparity as mp
from modelparity.graph import numbered

X = np.random.default_rng(1).normal(size=(7, 4)).astype(np.float32)
F, WHOLE, S = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING
SCORES = [("label", WHOLE), ("scores", F)]


def model(op, outputs, x=X, more=(), version=3, **attrs):
    """A model of one node of ONNX-ML; ``outputs`` are names and element types."""
    given = {"x": x, **{f"x{k}": a for k, a in enumerate(more, 1)}}
    node = helper.make_node(op, list(given), [name for name, _ in outputs], domain="ai.onnx.ml", **attrs)
    graph = helper.make_graph(
        [node],
        "one",
        [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(a.dtype), ["n", *a.shape[1:]] if a.ndim > 1 else a.shape
            )
            for name, a in given.items()
        ],
        [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", version)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8), given


def words(texts):
    """Text as the numbers that stand for it."""
    return numbered(map(str, texts.reshape(-1))).reshape(texts.shape)


def same_as_others(made, given, tmp_path, *, reference=True, label=True):
    """Run it by three engines; what this one gave. Without ``label``, onnxruntime is not asked for it."""
    path = tmp_path / "one.onnx"
    path.write_bytes(made.SerializeToString())
    ours, names = mp.run(mp.load(path), given), [one.name for one in made.graph.output]
    engines = [ReferenceEvaluator(made).run(None, given)] if reference else []
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    engines.append(session.run(None, given))
    for k, results in enumerate(engines):
        for name, want in zip(names, results, strict=True):
            if want.dtype.kind in "OU":
                assert np.array_equal(ours[name], words(want)), name
            elif label or name != "label" or (reference and k == 0):
                assert ours[name].shape == want.shape, name
                np.testing.assert_allclose(ours[name], want, rtol=2e-5, atol=2e-6, err_msg=name)
    return ours
