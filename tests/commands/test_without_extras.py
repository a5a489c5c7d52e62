"""Without an extra every command says which `pip install` is missing, and never shows a traceback."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec

#: Runs commands, one a line of arguments, where some packages are not installed.
CHILD = """
import sys
from importlib.machinery import PathFinder
gone, find = sys.argv[1], PathFinder.find_spec.__func__
def without(kind, name, path=None, target=None):
    return None if name.partition(".")[0] == gone else find(kind, name, path, target)
PathFinder.find_spec = classmethod(without)
from modelparity.cli import main
for line in sys.stdin.read().splitlines():
    try:
        code = main(line.split("\\t"))
    except SystemExit as end:
        code = end.code
    print(f"=== {code}", flush=True)
    print("===", file=sys.stderr, flush=True)
"""


@pytest.fixture
def files(tmp_path):
    """One small network in every format, by suffix."""
    weight = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    graph = Graph(
        "net",
        inputs=(TensorSpec("x", (Axis("time"), Axis("feature", 3)), "float32"),),
        outputs=("y",),
        nodes=(Node("y", "dense", ("x", "w"), ("y",)),),
        constants={"w": weight},
    )
    made = {}
    for suffix in ("onnx", "mlpackage", "json"):
        made[suffix] = str(tmp_path / f"net.{suffix}")
        mp.convert(graph, made[suffix])
    return made


@pytest.mark.parametrize(
    ("gone", "extra", "asked"),
    [
        (
            "onnx",
            "onnx",
            (
                ("inspect", "onnx"),
                ("check", "onnx", "onnx"),
                ("check", "json", "onnx"),
                ("convert", "json", ".onnx"),
                ("inspect", "json", "--source", "onnx"),
                ("golden", "onnx"),
            ),
        ),
        ("onnxruntime", "onnx", (("check", "onnx", "onnx"), ("check", "json", "onnx"))),
        (
            "coremltools",
            "coreml",
            (
                ("inspect", "mlpackage"),
                ("check", "json", "mlpackage"),
                ("convert", "json", ".mlpackage"),
                ("golden", "mlpackage"),
            ),
        ),
    ],
)
def test_what_is_missing_is_named_with_the_line_that_installs_it(gone, extra, asked, files, tmp_path):
    lines = []
    for number, words in enumerate(asked):
        named = [files.get(w, w) for w in words if not w.startswith(".")]
        named += [str(tmp_path / f"other{number}{w}") for w in words if w.startswith(".")]
        lines.append("\t".join(named))
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, gone],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    outs = ran.stdout.split("=== ")
    errors = ran.stderr.split("===\n")
    codes = [part.splitlines()[0] for part in outs[1:]]
    assert len(codes) == len(asked), ran.stderr
    for words, code, out, error in zip(asked, codes, outs, errors, strict=False):
        assert code == "2", (words, out, error)
        assert f"pip install 'modelparity[{extra}]'" in out + error, (words, out, error)
