"""The same architectures by way of ONNX, compared three ways, so that it shows whose mistake a difference is.

The module as read, the file as read, and the file as onnxruntime runs it: where the first two differ, the exporter is
wrong; where the last two differ, the runtime is.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity.errors import ModelparityError

from .architectures import ALL

pytest.importorskip("onnxscript", reason="pip install onnxscript")
onnx = pytest.importorskip("onnx", reason="pip install 'modelparity[onnx]'")
onnxruntime = pytest.importorskip("onnxruntime", reason="pip install 'modelparity[onnx]'")

#: A fair sample for every run, at fixed sizes: recurrent, convolutional, attentive, and what the exporter cannot do.
SAMPLE = (
    "LSTM projected, two layers, both directions",
    "GRU plain",
    "U-Net",
    "attention pooling",
    "Whisper encoder",
)
WHOLE = os.environ.get("MODELPARITY_CONFORMANCE") == "whole"


def exported(module, example, path, free=None, names=None):
    """``module``, or a program exported from one, as PyTorch's exporter writes it."""
    dims = None
    if free:
        dims = {
            key: dict.fromkeys(free[key], torch.export.Dim.DYNAMIC) if key in free else None
            for key in example
        }
    level = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            program = torch.onnx.export(
                module,
                (),
                kwargs=None if isinstance(module, torch.export.ExportedProgram) else example,
                dynamo=True,
                verbose=False,
                output_names=names,
                dynamic_shapes=dims,
            )
        program.save(str(path))
    finally:
        logging.disable(level)
    return path


def verdicts(graph, path, feeds, *, explain=True):
    """{what is compared: verdict}"""
    read = mp.load(path)
    own = dict(zip((spec.name for spec in read.inputs), feeds.values(), strict=True))
    return {
        "exporter": mp.check(graph, read, inputs=feeds, explain=explain),
        "runtime": mp.check(read, path, inputs=own, explain=explain),
        "both": mp.check(graph, path, inputs=feeds, explain=explain),
    }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ALL if WHOLE else SAMPLE)
def test_rounding_three_ways(name, subject, tmp_path):
    found = subject(name)
    one, graph = found.architecture, found.graph
    # At fixed sizes: with free axes the exporter leaves the example's length in an LSTM's reshapes.
    feeds = {key: value.numpy() for key, value in one.example().items()}
    path, subject_of_export = tmp_path / "net.onnx", found.module
    if one.onnx:
        the_exporter_still_fails(one, found.module, graph, tmp_path / "direct.onnx")
        subject_of_export = one.instead(found.module, one.example())
    exported(subject_of_export, one.example(), path, names=list(graph.outputs))
    for whose, verdict in verdicts(graph, path, feeds).items():
        assert verdict.ok, f"{whose}: {verdict}"
    assert mp.check(mp.load(path), found.module, inputs=feeds).ok


def the_exporter_still_fails(one, module, graph, path):
    """The direct way ends in what the table says; else the note wants to come off it."""
    feeds = {key: value.numpy() for key, value in one.example().items()}
    try:
        exported(module, one.example(), path, names=list(graph.outputs))
        verdicts(graph, path, feeds, explain=False)
    except ModelparityError as error:  # then it must not be this package alone that refuses the file
        with pytest.raises(Exception, match="ONNXRuntimeError"):
            onnxruntime.InferenceSession(path)
        text = f"{one.onnx} {error}"
    except Exception as error:
        text = f"{error} {error.__cause__}"
    else:
        text = ""
    assert one.onnx in text, f"the exporter does {one.name} now: take the note off the table"


def gru():
    torch.manual_seed(2)
    return torch.nn.GRU(3, 4, batch_first=True).eval()


X = np.random.default_rng(4).standard_normal((2, 6, 3)).astype(np.float32)


def linear_before_reset(path):
    """The attribute of every GRU in a file."""
    return [
        next((one.i for one in node.attribute if one.name == "linear_before_reset"), 0)
        for node in onnx.load(path).graph.node
        if node.op_type == "GRU"
    ]


@pytest.mark.filterwarnings("ignore")
def test_gru_is_exported_with_the_reset_behind_the_product(tmp_path, record_property):
    """PyTorch's GRU resets after the product: linear_before_reset=1. Some exporters are reported to write 0.

    What the installed one does is said either way: in the property, and by who is found wrong.
    """
    module, example = gru(), {"input": torch.from_numpy(X)}
    path = exported(module, example, tmp_path / "gru.onnx", names=["y", "h"])
    found = linear_before_reset(path)
    record_property("linear_before_reset", f"torch {torch.__version__}: {found}")
    graph = mp.load(module, example=example)
    told = {whose: verdict.band for whose, verdict in verdicts(graph, path, {"input": X}).items()}
    assert told["runtime"] in ("exact", "rounding")
    assert (told["exporter"] == "wrong") == (0 in found), f"linear_before_reset is {found}: {told}"
    assert found == [1], f"torch {torch.__version__} exports another GRU"


@pytest.mark.filterwarnings("ignore")
def test_an_exporters_mistake_is_told_from_a_runtimes(tmp_path):
    """The attribute set to 0 by hand: the file says another thing than the module, and onnxruntime obeys it."""
    module, example = gru(), {"input": torch.from_numpy(X)}
    path = exported(module, example, tmp_path / "gru.onnx", names=["y", "h"])
    model = onnx.load(path)
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "linear_before_reset":
                attribute.i = 0
    onnx.save(model, path)
    told = verdicts(mp.load(module, example=example), path, {"input": X}, explain=False)
    assert told["exporter"].band == "wrong"
    assert told["runtime"].ok
    assert told["both"].band == "wrong"


@pytest.mark.filterwarnings("ignore")
def test_gru_with_free_axes(tmp_path):
    """With free axes the exporter writes another form: whatever it is, it must compute the same at every length."""
    module, example = gru(), {"input": torch.from_numpy(X)}
    free = {"input": {0: "batch", 1: "time"}}
    path = exported(module, example, tmp_path / "gru.onnx", free, ["y", "h"])
    graph = mp.load(module, example=example, dynamic_shapes=free)
    for shape in ((2, 6, 3), (3, 9, 3)):
        feeds = {"input": np.random.default_rng(5).standard_normal(shape).astype(np.float32)}
        for whose, verdict in verdicts(graph, path, feeds).items():
            assert verdict.ok, f"{whose}: {verdict}"
