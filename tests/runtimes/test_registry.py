"""Runtimes are found, chosen by name, and chosen by artefact."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity.errors import InputError
from modelparity.runtimes.registry import Runtime, runtime, runtime_for, runtimes


def test_all_are_found_by_listing():
    assert runtimes() == ("coreml", "coremltools", "engine", "onnxruntime", "rtneural", "stand-in", "torch")
    for name in runtimes():
        assert runtime(name).name == name
        assert isinstance(runtime(name), Runtime)


def test_an_unknown_name_is_refused_with_a_near_one():
    with pytest.raises(InputError, match=r"'onnxrutnime'[\s\S]*onnxruntime"):
        runtime("onnxrutnime")


def test_the_vendors_own_comes_first():
    graph = mp.Graph("g", (mp.TensorSpec("x", (mp.Axis("n"),)),), ("x",), (), {})
    assert runtime_for("net.onnx").name == "onnxruntime"
    assert runtime_for(torch.nn.Identity()).name == "torch"
    assert runtime_for(graph).name == "engine"


@pytest.mark.parametrize("other", [3, "net.xyz", np.zeros(2)])
def test_nothing_runs_the_rest(other):
    with pytest.raises(InputError, match="no runtime"):
        runtime_for(other)
