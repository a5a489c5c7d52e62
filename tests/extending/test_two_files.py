"""A format and a runtime for it from one module and one pyproject.toml, and a graph with an operator of theirs."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import modelparity as mp
from modelparity.cli import main

MODULE = '''
import json
import numpy as np
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.engine.operator import operator
from modelparity.formats import Format
from modelparity.runtimes import Runtime

@operator()
def toy_cube(ar, x, *, gain=1.0):
    """y = gain x^3; x (...) -> y (...). Source: itself."""
    return ar.rounded(gain * x**3)

def read(path):
    x, gain = TensorSpec("x", (Axis("time"),)), json.loads(path.read_text())["gain"]
    return Graph(path.stem, (x,), ("y",), (Node("cube", "toy_cube", ("x",), ("y",), {"gain": gain}),), {})

def write(graph, path):
    path.write_text(json.dumps({"gain": graph.nodes[0].attrs["gain"]}))

FORMAT = Format("toy", (".toy",), lambda head, path: path.suffix == ".toy", read=read, write=write)

class Toy(Runtime):
    name = format = "toy"

    def accepts(self, artefact):
        return str(artefact).endswith(".toy")

    def run(self, artefact, feeds):
        gain = json.loads(open(artefact).read())["gain"]
        return {"y": np.float32(gain) * feeds["x"] ** 3}

RUNTIME = Toy()
'''
PROJECT = """
[project]
name = "toy"
version = "0.3"
[project.entry-points."modelparity.formats"]
toy = "toy_things:FORMAT"
[project.entry-points."modelparity.runtimes"]
toy = "toy_things:RUNTIME"
[project.entry-points."modelparity.operators"]
toy_cube = "toy_things:toy_cube"
"""


@pytest.fixture
def net(package, tmp_path):
    package({"toy_things.py": MODULE, "pyproject.toml": PROJECT})
    (tmp_path / "net.toy").write_text('{"gain": 0.5}')
    return tmp_path / "net.toy"


def test_a_file_is_read_run_and_judged_without_an_edit(net, tmp_path):
    graph = mp.load(net)
    np.testing.assert_allclose(mp.run(graph, np.array([2.0, -1.0]))["y"], [4.0, -0.5])
    verdict = mp.check(graph, net)
    assert (verdict.ok, verdict.runtime) == (True, "toy")  # its own runtime comes before the engine
    (tmp_path / "bent.toy").write_text('{"gain": 0.75}')
    assert mp.check(net, tmp_path / "bent.toy").band == "wrong"
    assert mp.convert(graph, tmp_path / "again.toy").read_text() == '{"gain": 0.5}'


def test_the_command_line_and_pytest_see_it(net, capsys):
    assert main(["check", str(net), str(net), "--recipe", "noise"]) == 0
    assert "toy" in capsys.readouterr().out
    assert main(["list"]) == 0
    listed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["toy", ".toy", "read,", "write"] in listed  # the format
    assert ["toy", "yes"] in listed  # the runtime
    (net.parent / "test_parity.py").write_text("from modelparity.suite import parity_suite\n")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    options = [f"--parity={net}", f"--parity-candidate={net}", "--parity-recipe=noise", "-q", "-rA"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-p", "no:cacheprovider", str(net.parent)],
        capture_output=True,
        text=True,
        cwd=net.parent,
        env=env,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
