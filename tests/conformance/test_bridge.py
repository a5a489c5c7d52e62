"""Every network as Core ML files, through the bridge with its stand-in and back: bits that the engine gives directly.

``make bridge`` runs every kind of file on every recipe; ``make test`` float32 programs on two recipes, the other
kinds with every eighth network. What is compared is the way, not the arithmetic: a process, cffi, the library, its
copies and strides, against one call of the engine.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ConversionError, Unavailable
from modelparity.inputs import make, recipes
from modelparity.runtimes.bridge import building, finding
from modelparity.runtimes.engine import Engine
from modelparity.runtimes.standin import StandIn

from .conftest import MODELS

pytest.importorskip("cffi", reason="cffi is not installed: pip install 'modelparity[coreml]'")
pytest.importorskip("coremltools", reason="coremltools is not installed: pip install 'modelparity[coreml]'")
WHOLE = bool(os.environ.get("MODELPARITY_WHOLE"))
RECIPES = recipes() if WHOLE else ("one_frame", "odd_length")
NETWORKS = [model for model in MODELS if "coreml" in model.candidates]
FIXTURES = Path(__file__).parents[2] / "fixtures"
#: Fixtures that Core ML's formats hold.
SMALL = ("dnn.pkl", "rnn.pkl", "lstm.pkl", "blstm.pkl", "bgru.pkl", "cnn.pkl")


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    """The runtime, with a cache of compiled models of its own. Loudly skips without Swift."""
    if sys.platform != "linux":
        pytest.skip("the stand-in takes Core ML's place on Linux only")
    try:
        library = finding.library() if os.environ.get(finding.VARIABLE) else building.build()
    except Unavailable as error:
        pytest.skip(str(error))
    runtime = StandIn()
    with pytest.MonkeyPatch.context() as patch:  # for the process alone: networks come from the usual cache
        patch.setenv(finding.VARIABLE, str(library))
        patch.setenv("MODELPARITY_CACHE", str(tmp_path_factory.mktemp("cache")))
        runtime.about()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(finding.VARIABLE, str(library))
        yield runtime
    runtime.close()


def files(graph, folder, *, every):
    """The network as Core ML files; a network of layers only where Core ML's layers compute the same."""
    yield mp.convert(graph, folder / "net.mlpackage")
    if every:
        yield mp.convert(graph, folder / "half.mlpackage", precision="float16")
        with contextlib.suppress(ConversionError):
            yield mp.convert(graph, folder / "layers.mlmodel")


def through(stand_in, graph, folder, *, every=True):
    """Compare what comes back with the engine, for every kind of file and every recipe; the number of cases."""
    cases = 0
    for file in files(graph, folder, every=every):
        read, engine = mp.load(file), Engine()
        for recipe in RECIPES:
            feeds = make(graph, recipe, seed=2)
            wanted, found = engine.run(read, feeds), stand_in.run(file, feeds)
            assert {name: same(array) for name, array in found.items()} == {
                name: same(array) for name, array in wanted.items()
            }, (file.name, recipe)
            cases += 1
            (x,), (y,) = feeds.values(), wanted.values()
            if y.dtype == np.float32:  # mm_model_predict knows no other type
                assert same(stand_in.predict_one(file, x)) == same(y), (file.name, recipe, "mm_model_predict")
                cases += 1
    return cases


def expected(graph, *, every=True):
    """How many cases there must be: both calls of each file and recipe.

    Layers of Core ML have no such GRU, and begin at zeros: a fixture's LSTM has a state that was learned.
    """
    layers = not any(node.op == "gru" for node in graph.nodes) and graph.name != "lstm"
    return 2 * (1 + every + (every and layers)) * len(RECIPES)


def same(array):
    """What must not differ by a bit."""
    return array.dtype, array.shape, array.tobytes()


@pytest.mark.parametrize("name", SMALL)
def test_fixtures_come_back_unchanged(stand_in, tmp_path, name):
    graph = mp.load(FIXTURES / name)
    assert through(stand_in, graph, tmp_path) == expected(graph)


@pytest.mark.models
@pytest.mark.parametrize("model", NETWORKS, ids=lambda model: model.key)
def test_networks_come_back_unchanged(stand_in, tmp_path, model):
    try:
        graph = model.load()
    except Unavailable as error:
        pytest.skip(str(error))
    every = WHOLE or NETWORKS.index(model) % 8 == 0
    assert through(stand_in, graph, tmp_path, every=every) == expected(graph, every=every)


@pytest.mark.parametrize("arithmetic", ["float64", "bfloat16"])
def test_in_another_arithmetic(stand_in, tmp_path, arithmetic):
    graph = mp.load(FIXTURES / "lstm.pkl")
    file, feeds = mp.convert(graph, tmp_path / "net.mlpackage"), make(graph, "noise", seed=2)
    one = StandIn(arithmetic=arithmetic)
    try:
        (found,) = one.run(file, feeds).values()
    finally:
        one.close()
    (wanted,) = mp.run(mp.load(file), feeds, arithmetic=arithmetic).values()
    assert same(found) == same(wanted)
