"""A runtime of another package: by name, as an object, on the command line and in the parity suite."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import onnx
import pytest

import modelparity as mp
from modelparity.cli import main
from modelparity.errors import InputError, RuntimeFailure
from modelparity.family import Model
from modelparity.plugin.candidates import Candidates, backends
from modelparity.runtimes import Runtime
from modelparity.runtimes.registry import runtime, runtime_for, runtimes

from .conftest import ROOT, one

pytestmark = pytest.mark.usefixtures("examples")
NAME = "onnx-reference"


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """A small network and its ONNX file."""
    graph = mp.load(ROOT / "fixtures" / "rnn.pkl")
    return graph, mp.convert(graph, tmp_path_factory.mktemp("onnx") / "rnn.onnx")


def test_it_is_known_by_its_name():
    assert NAME in runtimes()
    assert runtime(NAME).name == NAME
    assert isinstance(runtime(NAME), Runtime)


def test_it_runs_what_it_is_named_for(converted):
    verdict = mp.check(*converted, runtime=NAME)
    assert verdict.ok
    assert verdict.runtime == f"onnx-reference {onnx.__version__}"


def test_it_is_not_chosen_by_itself(converted):
    assert runtime_for(converted[1]).name == "onnxruntime"
    assert mp.check(*converted).runtime.startswith("onnxruntime")


def test_an_object_does_as_well(converted):
    from onnx_reference import OnnxReference

    class Doubled(OnnxReference):
        name = "doubled"

        def run(self, artefact, feeds):
            return {name: 2 * array for name, array in super().run(artefact, feeds).items()}

    assert mp.check(*converted, runtime=OnnxReference()).ok
    wrong = mp.check(*converted, runtime=Doubled())
    assert (wrong.ok, wrong.band) == (False, "wrong")
    assert wrong.runtime.startswith("doubled")


class Least(Runtime):
    """The two methods that must be written, and a name."""

    name = "least"

    def accepts(self, artefact):
        return artefact == "three times"

    def run(self, artefact, feeds):
        return {"y": 3 * feeds["x"]}


def test_two_methods_and_a_name_are_enough():
    spec = mp.TensorSpec("x", (mp.Axis("time"),))
    graph = mp.Graph(
        "thrice", (spec,), ("y",), (mp.Node("m", "mul", ("x", "three"), ("y",)),), {"three": np.float32(3)}
    )
    verdict = mp.check(graph, "three times", runtime=Least())
    assert (verdict.ok, verdict.runtime) == (True, "least")


@pytest.mark.parametrize(
    ("gives", "words"),
    [
        (lambda: 1 / 0, r"run\(\) failed: ZeroDivisionError: division by zero"),
        (lambda: [np.zeros(3)], r"run\(\) gave no outputs\n  found:    a list"),
        (lambda: {"y": "words"}, r"output 'y' is no array of numbers"),
        (lambda: {"y": None}, r"output 'y' is no array of numbers\n  found:    a NoneType"),
    ],
)
def test_what_it_does_wrong_is_said_with_its_name(gives, words, converted):
    class Odd(Runtime):
        name = "odd"

        def accepts(self, artefact):
            return True

        def run(self, artefact, feeds):
            return gives()

    with pytest.raises(RuntimeFailure, match=rf"runtime 'odd' \(.*test_runtime\): {words}"):
        mp.check(*converted, runtime=Odd())


@pytest.mark.parametrize("given", [3, Least, object()])
def test_what_is_no_runtime_is_refused(given, converted):
    with pytest.raises(InputError, match=r"no runtime\n[\s\S]*derives from modelparity\.runtimes\.Runtime"):
        mp.check(*converted, runtime=given)


def test_an_object_without_a_name_is_refused(converted):
    class Nameless(Least):
        name = ""

    with pytest.raises(InputError, match="without a name"):
        mp.check(*converted, runtime=Nameless())


def test_what_lacks_a_method_says_which():
    class Half(Runtime):
        name = "half"

        def accepts(self, artefact):
            return True

    with pytest.raises(TypeError, match="run"):
        Half()


def test_the_command_line_lists_it(capsys):
    assert main(["list"]) == 0
    assert f"onnx-reference  yes {onnx.__version__}" in capsys.readouterr().out


def test_one_that_runs_graphs_is_given_the_graph(package, converted):
    code = """
from modelparity import run
from modelparity.graph import Graph
from modelparity.runtimes import Runtime
class Halves(Runtime):
    name = "halves"
    def accepts(self, artefact): return isinstance(artefact, Graph)
    def run(self, artefact, feeds): return run(artefact, feeds, arithmetic="float16")
MADE = Halves()
"""
    package(one("halves", "modelparity.runtimes", "halves", code))
    graph = converted[0]
    assert "halves" in backends(("engine",), ("halves",))
    assert "halves" not in backends(("engine",))
    assert Candidates().get(Model("rnn", "mine", lambda: None, lambda path: graph), graph, "halves") is graph
    # On one frame this network gives a single number, 0.875, which does not show what precision it was computed in.
    assert mp.check(graph, graph, runtime="halves", recipe="noise").band == "reduced"


def test_the_parity_suite_runs_it(examples, tmp_path):
    """Every model of the family, converted to the runtime's format."""
    (tmp_path / "test_parity.py").write_text("from modelparity.suite import parity_suite\n")
    options = [
        "--parity-family=my-models",
        f"--parity-backend={NAME}",
        "--parity-recipe=noise",
        "--parity-golden=live",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", *options, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"my-models/drums_v1[{NAME}-noise]" in done.stdout
    assert "2 passed" in done.stdout
