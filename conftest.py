"""For every test: pytest's own test bed (only a top-level conftest may ask for it), and the small fixture models.

The fixtures join the parity suite, so that it has something to say where no network can be fetched.
"""

import gc
from pathlib import Path

import pytest

from modelparity.family import add_folder

pytest_plugins = ["pytester"]

add_folder("fixtures", Path(__file__).parent / "fixtures", alone=("crf",))

ran = {"tests": 0}


def settle() -> None:
    """Keep what stands now out of garbage collections: all modules, and thousands of collected tests.

    coremltools asks for a collection at every conversion; looking through all this takes longer than converting.
    """
    gc.collect()
    gc.freeze()


def pytest_collection_finish() -> None:
    """Tests and modules stay."""
    settle()


def pytest_runtest_logfinish() -> None:
    """Modules that tests import stay, and what pytest keeps of tests: looked at after 1, 2, 4, 8, ... of them."""
    ran["tests"] += 1
    if ran["tests"] & (ran["tests"] - 1) == 0:
        settle()


@pytest.fixture
def crashing(tmp_path_factory):
    """An ONNX file that onnxruntime dies of while it loads it: functions call functions, deeper than its stack.

    What the file says is sound: y is x.
    """
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    make, deep, opsets = onnx.helper, 3000, [("", 17), ("here", 1)]
    imports = [make.make_opsetid(*one) for one in opsets]
    calls = [make.make_node(f"f{n + 1}", ["a"], ["b"], domain="here") for n in range(deep - 1)]
    calls.append(make.make_node("Identity", ["a"], ["b"]))
    functions = [
        make.make_function("here", f"f{n}", ["a"], ["b"], [call], imports) for n, call in enumerate(calls)
    ]
    x, y = (make.make_tensor_value_info(name, 1, ["time", 4]) for name in "xy")
    graph = make.make_graph([make.make_node("f0", ["x"], ["y"], domain="here")], "deep", [x], [y])
    path = tmp_path_factory.mktemp("crashing") / "crashing.onnx"
    onnx.save(make.make_model(graph, opset_imports=imports, functions=functions, ir_version=9), path)
    return path
