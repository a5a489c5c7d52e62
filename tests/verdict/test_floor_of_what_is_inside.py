"""The floor looks through what runs other operators, and knows a quiet sigmoid wherever it is moved to."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import modelparity as mp
from modelparity.describe.specs import state_size
from modelparity.verdict.floor import RUNS, measure

RNG = np.random.default_rng(3)
FLOATS = TensorProto.FLOAT


def load(tmp_path, nodes, shape, constants, outputs=("y",)):
    """The file of these nodes from x (shape), read."""
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", FLOATS, shape)],
        [helper.make_tensor_value_info(name, FLOATS, None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return mp.load(path)


def lstm(hidden=5, width=3, batch=2, lengths=True):
    weights = {
        "w": RNG.normal(size=(1, 4 * hidden, width)).astype(np.float32),
        "r": RNG.normal(size=(1, 4 * hidden, hidden)).astype(np.float32),
        **({"n": np.array([6] * batch, np.int32)} if lengths else {}),
    }
    inputs = ["x", "w", "r", *(["", "n"] if lengths else [])]
    return helper.make_node("LSTM", inputs, ["y"], hidden_size=hidden), weights


@pytest.mark.parametrize("lengths", [False, True])
def test_a_recurrent_network_whose_sequences_end_by_themselves_is_recurrent(tmp_path, lengths):
    node, weights = lstm(lengths=lengths)
    graph = load(tmp_path, [node], (6, 2, 3), weights)
    feeds = {"x": RNG.normal(size=(6, 2, 3)).astype(np.float32)}
    assert measure(graph, feeds).runs == RUNS
    assert state_size(graph) == 10


def test_a_recurrent_network_in_a_branch_is_recurrent(tmp_path):
    node, weights = lstm(lengths=False)
    yes = helper.make_graph([node], "yes", [], [helper.make_tensor_value_info("y", FLOATS, None)])
    other = helper.make_node("LSTM", ["x", "w2", "r"], ["z"], hidden_size=5)
    no = helper.make_graph([other], "no", [], [helper.make_tensor_value_info("z", FLOATS, None)])
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["total"], keepdims=0),
        helper.make_node("Less", ["total", "zero"], ["p"]),
        helper.make_node("If", ["p"], ["y"], then_branch=yes, else_branch=no),
    ]
    graph = load(
        tmp_path, nodes, (6, 2, 3), {**weights, "w2": -weights["w"], "zero": np.array(0, np.float32)}
    )
    assert measure(graph, {"x": RNG.normal(size=(6, 2, 3)).astype(np.float32)}).runs == RUNS
    assert state_size(graph) == 20  # of both branches


def branch(name, *nodes):
    return helper.make_graph(list(nodes), name, [], [helper.make_tensor_value_info(name, FLOATS, None)])


INTS = {"zero": [0], "two": [2], "one": [1], "rows": [3, 1, 5], "minus": [-1]}
#: What stands behind the sigmoid ``s`` (time, 6) and gives y.
BEHIND = {
    "Slice": [helper.make_node("Slice", ["s", "zero", "two", "one"], ["y"])],
    "Gather": [helper.make_node("Gather", ["s", "rows"], ["y"], axis=1)],
    "Concat": [
        helper.make_node("Sigmoid", ["d"], ["other"]),
        helper.make_node("Concat", ["s", "other"], ["y"], axis=1),
    ],
    "Concat with a constant": [helper.make_node("Concat", ["s", "ends"], ["y"], axis=0)],
    "Identity": [helper.make_node("Identity", ["s"], ["y"])],
    "ReduceMean": [helper.make_node("ReduceMean", ["s"], ["y"], axes=[1])],
    "MaxPool": [
        helper.make_node("Unsqueeze", ["s", "zero"], ["t"]),
        helper.make_node("MaxPool", ["t"], ["y"], kernel_shape=[2]),
    ],
    "Pad": [helper.make_node("Pad", ["s", "widths"], ["y"])],
    "Squeeze": [
        helper.make_node("Unsqueeze", ["s", "one"], ["t"]),
        helper.make_node("Squeeze", ["t"], ["y"]),
    ],
    "Transpose and Reshape": [
        helper.make_node("Transpose", ["s"], ["t"], perm=[1, 0]),
        helper.make_node("Reshape", ["t", "minus"], ["y"]),
    ],
    "If": [
        helper.make_node("ReduceSum", ["x"], ["total"], keepdims=0),
        helper.make_node("Less", ["total", "nought"], ["p"]),
        helper.make_node(
            "If",
            ["p"],
            ["y"],
            then_branch=branch("a", helper.make_node("Identity", ["s"], ["a"])),
            else_branch=branch("b", helper.make_node("Sigmoid", ["d"], ["b"])),
        ),
    ],
}


def quiet(tmp_path, behind):
    """A sigmoid far on the left, of a difference of large numbers, and what stands behind it."""
    weight = (RNG.normal(size=(8, 6)) * 100).astype(np.float32)
    constants = {
        "w": weight,
        "far": np.float32(-12) * np.ones(6, np.float32),
        "ends": np.array([[0, 1e-6, 0, 0, 1e-6, 0]], np.float32),
        "nought": np.array(0, np.float32),
        "widths": np.array([1, 0, 0, 1]),
        **{name: np.array(values) for name, values in INTS.items()},
    }
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["loud"]),
        helper.make_node("Add", ["loud", "loud"], ["twice"]),
        helper.make_node("Sub", ["twice", "loud"], ["once"]),
        helper.make_node("Sub", ["once", "loud"], ["nothing"]),
        helper.make_node("Add", ["nothing", "far"], ["d"]),
        helper.make_node("Sigmoid", ["d"], ["s"]),
        *behind,
    ]
    return load(tmp_path, nodes, ("time", 8), constants)


@pytest.mark.parametrize("behind", BEHIND)
def test_a_quiet_sigmoid_is_not_ill_conditioned_wherever_it_goes(tmp_path, behind):
    graph = quiet(tmp_path, BEHIND[behind])
    floor = measure(graph, {"x": RNG.normal(size=(40, 8)).astype(np.float32)})
    assert (floor.conditioning, floor.runs) == ("well", RUNS)


def test_what_is_computed_from_a_sigmoid_is_judged_by_its_own_values(tmp_path):
    graph = quiet(tmp_path, [helper.make_node("Mul", ["s", "s"], ["y"])])
    floor = measure(graph, {"x": RNG.normal(size=(40, 8)).astype(np.float32)})
    assert floor.conditioning == "ill"


def test_a_loop_feeds_on_its_errors(tmp_path):
    """x = sin(3 x), eight times: a unit in the last place grows from turn to turn."""
    body = helper.make_graph(
        [
            helper.make_node("Mul", ["a", "three"], ["more"]),
            helper.make_node("Sin", ["more"], ["b"]),
            helper.make_node("Identity", ["go"], ["on"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("a", FLOATS, [40, 2]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("b", FLOATS, [40, 2]),
        ],
    )
    constants = {"three": np.array(3, np.float32), "turns": np.array(8), "yes": np.array(True)}
    loop = helper.make_node("Loop", ["turns", "yes", "x"], ["y"], body=body)
    graph = load(tmp_path, [loop], (40, 2), constants)
    x = np.random.default_rng(5).normal(size=(40, 2)).astype(np.float32)
    floor = measure(graph, {"x": x})
    once = measure(load(tmp_path, [helper.make_node("Sin", ["x"], ["y"])], (40, 2), {}), {"x": x})
    assert floor.runs >= RUNS  # more where it amplifies so much that the runs disagree
    assert once.runs == RUNS
    assert np.median(floor.outputs["y"]) > 10 * np.median(once.outputs["y"])
