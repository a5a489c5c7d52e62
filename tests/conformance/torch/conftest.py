"""Each architecture of the table with what was read from it, once a process.

With ``MODELPARITY_CONFORMANCE=whole`` (make conformance-torch) every architecture is read with free axes and exported
to ONNX at fixed sizes; without, the slow ones are read at fixed sizes, and a sample is exported.
"""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from types import SimpleNamespace

import pytest

import modelparity as mp

WHOLE = os.environ.get("MODELPARITY_CONFORMANCE") == "whole"


@cache
def read(name):
    """A module of the table and the graph read from it; skips, loudly, where its library is not there."""
    from .architectures import ALL  # here, for it imports PyTorch and transformers

    one = ALL[name]
    if importlib.util.find_spec(one.needs) is None:
        pytest.skip(f"{one.needs} is not installed: pip install {one.needs}")
    module, free = one.make(), one.free if WHOLE or not one.slow else {}
    graph = mp.load(module, example=one.example(), dynamic_shapes=free or None)
    sizes = [{}, one.sizes] if free else [{}]
    return SimpleNamespace(architecture=one, module=module, graph=graph, free=free, sizes=sizes)


@pytest.fixture
def subject():
    """``subject(name)``: architecture, module and graph."""
    return read
