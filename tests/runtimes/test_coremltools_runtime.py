"""Core ML through coremltools as a runtime: what it takes and says, with a stand-in for Apple's side."""

from __future__ import annotations

import platform
import sys

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import InputError, RuntimeFailure, Unavailable
from modelparity.runtimes import coremltools as module
from modelparity.runtimes.coremltools import CoreMLTools
from modelparity.runtimes.registry import runtime, runtime_for

X = np.ones((4, 3), np.float32)

#: Computes what the package says by this project's own engine, as if it were Apple's.
STAND_IN = """
import sys
from modelparity.runtimes._messages import pack, receive
from modelparity.runtimes.engine import Engine
while True:
    try:
        message, arrays = receive(sys.stdin.buffer)
    except EOFError:
        break
    if message["do"] == "describe":
        reply, results = {"version": "9.9", "macos": "99.0"}, {}
    else:
        reply, results = {}, Engine().run(message["path"], arrays)
    sys.stdout.buffer.write(pack(reply, results))
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def graph():
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 3)))
    weight = np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)
    return mp.Graph("net", (spec,), ("y",), (mp.Node("out", "dense", ("x", "w"), ("y",)),), {"w": weight})


@pytest.fixture
def path(graph, tmp_path):
    return mp.convert(graph, tmp_path / "net.mlpackage")


@pytest.fixture
def standing_in(tmp_path):
    made = []

    def start(text=STAND_IN, **options):
        script = tmp_path / "stand_in.py"
        script.write_text(text)
        made.append(CoreMLTools(command=(sys.executable, str(script)), **options))
        return made[-1]

    yield start
    for one in made:
        one.close()


def test_it_runs_through_the_child(standing_in, graph, path):
    one = standing_in()
    assert one.accepts(path)
    np.testing.assert_allclose(one.run(path, {"x": X})["y"], mp.run(graph, X)["y"], rtol=1e-6)
    assert one.describe() == {"version": "9.9", "macos": "99.0", "units": "CPU_ONLY"}
    assert any(
        a.size == 6 and set(a.flat) == set(graph.constants["w"].flat) for a in one.weights(path).values()
    )


def test_an_abort_inside_core_ml_is_an_error_of_this_case(standing_in, path):
    one = standing_in("import os, sys; sys.stdin.buffer.read(4); os.abort()")
    with pytest.raises(RuntimeFailure, match=r"net.mlpackage: Core ML was killed by SIGABRT"):
        one.run(path, {"x": X})


def test_a_prediction_that_never_ends_is_ended(standing_in, path):
    one = standing_in("import time; time.sleep(600)", limit=1)
    with pytest.raises(RuntimeFailure, match="did not answer within 1 seconds"):
        one.run(path, {"x": X})


def test_apples_own_refusal_is_an_error_of_this_package(path, monkeypatch):
    """The real child, on a machine without Apple's libraries: coremltools says so, and the child lives."""
    if platform.system() == "Darwin":
        pytest.skip("here it would run")
    one = CoreMLTools(command=(sys.executable, "-m", "modelparity.runtimes._coremltools_child"))
    try:
        with pytest.raises(RuntimeFailure, match="Core ML refuses this"):
            one.run(path, {"x": X})
        assert one.describe()["version"]
    finally:
        one.close()


def test_off_a_mac_it_takes_nothing_and_says_why(path, monkeypatch):
    monkeypatch.setattr(module.platform, "system", lambda: "Linux")
    one = CoreMLTools()
    assert not one.accepts(path)
    assert "macOS only" in one.missing()
    for call in (lambda: one.run(path, {"x": X}), one.describe, lambda: one.weights(path)):
        with pytest.raises(Unavailable, match="macOS only"):
            call()
    assert runtime_for(path).name == "engine"
    assert runtime("coremltools").name == "coremltools"


def test_on_a_mac_without_coremltools(monkeypatch):
    monkeypatch.setattr(module.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert "pip install modelparity[coreml]" in CoreMLTools().missing()
    monkeypatch.setattr(module, "find_spec", lambda name: object())
    assert CoreMLTools().missing() is None


@pytest.mark.parametrize("other", ["net.onnx", "net.pkl", 3, None])
def test_it_takes_nothing_else(standing_in, other):
    assert not standing_in().accepts(other)


def test_values_are_not_changed_on_the_way(standing_in, path):
    one = standing_in()
    np.testing.assert_array_equal(
        one.run(path, {"x": X.astype(np.float64)})["y"], one.run(path, {"x": X})["y"]
    )
    with pytest.raises(InputError, match="unchanged"):
        one.run(path, {"x": np.full((4, 3), 0.1)})


def test_unknown_units_are_refused():
    with pytest.raises(InputError, match="compute units 'GPU'"):
        CoreMLTools(units="GPU")
