"""Each architecture of the table with what was read from it, once a process."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

import modelparity as mp

HERE = Path(__file__).parent


@cache
def architectures():
    """The table, by name. This folder is no package, so its modules are imported by path."""
    sys.path.insert(0, str(HERE))
    try:
        importlib.import_module("transformer_architectures")
        return importlib.import_module("architectures").ALL
    finally:
        sys.path.remove(str(HERE))


@cache
def read(name):
    """A module of the table and the graph read from it; skips, loudly, where its library is not there."""
    one = architectures()[name]
    if importlib.util.find_spec(one.needs) is None:
        pytest.skip(f"{one.needs} is not installed: pip install {one.needs}")
    module = one.make()
    graph = mp.load(module, example=one.example(), dynamic_shapes=one.free or None)
    return SimpleNamespace(architecture=one, module=module, graph=graph)


@pytest.fixture
def subject():
    """``subject(name)``: architecture, module and graph."""
    return read
