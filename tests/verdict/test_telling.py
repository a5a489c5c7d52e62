"""Green means compared: what a reference cannot tell on an input is unjudged, never ok, and spoils no other case."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec, cli
from modelparity.errors import InputError
from modelparity.verdict.floor import measure
from modelparity.verdict.telling import Telling, telling

R = np.random.default_rng(0)
W, V = R.standard_normal((2, 8, 8)).astype("float32")


def network(*nodes: Node, outputs: tuple[str, ...] = ("y",), **constants: np.ndarray) -> Graph:
    x = TensorSpec("x", (Axis("time"), Axis("feature", 8)))
    return Graph("net", (x,), outputs, nodes, constants)


def dense(**settings) -> Graph:
    return network(
        Node("first", "dense", ("x", "w", "b"), ("h",)),
        Node("out", "tanh", ("h",), ("y",)),
        w=W,
        b=W[0],
        **settings,
    )


def test_what_can_tell_is_judged_as_ever():
    verdict = mp.check(dense(), dense())
    assert (verdict.ok, verdict.unjudged, verdict.reason, verdict.idle) == (True, (), None, ())


def test_no_finite_value_is_no_proof():
    graph = network(
        Node("s", "abs", ("x",), ("a",)), Node("n", "neg", ("a",), ("m",)), Node("l", "log", ("m",), ("y",))
    )
    verdict = mp.check(graph, graph, recipe="noise")
    assert (verdict.band, verdict.ok, verdict.judged) == ("unjudged", False, False)
    assert "has no finite value" in str(verdict)


def test_nan_against_nan_at_single_elements_stays_what_it_is():
    graph = network(Node("l", "log", ("x",), ("y",)))
    verdict = mp.check(graph, graph, recipe="noise")
    assert verdict.ok
    assert verdict.judged


def test_an_output_that_does_not_depend_on_the_input_is_no_proof():
    graph = network(
        Node("z", "mul", ("x", "zero"), ("a",)),
        Node("o", "dense", ("a", "w", "b"), ("y",)),
        w=W,
        b=W[0],
        zero=np.float32(0),
    )
    verdict = mp.check(graph, graph, inputs=R.standard_normal((5, 8)).astype("float32"))
    assert verdict.band == "unjudged"
    assert "the same for this input and another" in str(verdict)


def test_weights_that_take_no_part_are_named_and_no_proof():
    gone = network(
        Node("a", "dense", ("x", "w", "b"), ("h",)),
        Node("r", "mul", ("h", "zero"), ("z",)),
        Node("o", "add", ("x", "z"), ("y",)),
        w=W,
        b=W[0],
        zero=np.float32(0),
    )
    verdict = mp.check(gone, gone, recipe="noise")
    assert (verdict.band, verdict.idle) == ("unjudged", ("w", "b"))
    assert "without effect: w, b" in str(verdict)


def branching(threshold: float) -> Graph:
    """A dense layer, to which what is beyond a threshold adds a second one."""
    return network(
        Node("a", "dense", ("x", "w", "b"), ("h",)),
        Node("f", "sub", ("x", "far"), ("f",)),
        Node("r", "relu", ("f",), ("r",)),
        Node("v", "mul", ("r", "v"), ("z",)),
        Node("o", "add", ("h", "z"), ("y",)),
        w=W,
        b=W[0],
        v=V[0],
        far=np.float32(threshold),
    )


def test_weights_that_no_recipe_exercised_are_named_in_every_verdict():
    dead = branching(1e6)
    verdict = mp.check(dead, dead)
    assert (verdict.ok, verdict.idle, len(verdict.cases)) == (True, ("v",), 3)
    assert "; no recipe exercised v" in str(verdict)
    assert verdict.to_json()["idle"] == ["v"]
    other = dead.changed(constants={**dead.constants, "w": W * np.float32(1.1)})
    wrong = mp.check(dead, other)
    assert (wrong.band, wrong.idle) == ("wrong", ("v",))
    assert "weights    no recipe exercised v" in str(wrong)
    assert "without effect on this input: v" in str(mp.check(dead, dead, recipe="noise"))


def test_what_one_recipe_exercises_is_exercised():
    graph = branching(20.0)
    verdict = mp.check(graph, graph, recipes=["noise", "saturating"])
    assert [one.idle for one in verdict.cases] == [("v",), ()]
    assert verdict.idle == ()
    assert "exercised" not in str(verdict)
    other = mp.check(graph, graph, recipes=["saturating", "noise"])
    assert other.idle == ()


def test_how_many_weights_nobody_asked_about_is_said():
    vectors = {f"v{k}": R.standard_normal(8).astype("float32") for k in range(70)}
    nodes = [Node(f"n{k}", "add", (f"h{k}" if k else "x", f"v{k}"), (f"h{k + 1}",)) for k in range(70)]
    graph = network(*nodes, outputs=("h70",), **vectors)
    verdict = mp.check(graph, graph)
    assert verdict.idle == ()
    counts = [one.unasked for one in verdict.cases]
    assert counts[0] > counts[1] > counts[2] == verdict.unasked > 0
    assert f"whether {verdict.unasked} weight tensors have an effect was not asked" in str(verdict)
    assert verdict.to_json()["unasked"] == verdict.unasked


def test_what_differs_is_wrong_whatever_the_input_can_tell():
    graph = network(Node("z", "mul", ("x", "zero"), ("y",)), zero=np.float32(0))
    other = network(Node("z", "add", ("x", "one"), ("y",)), one=np.float32(1))
    assert mp.check(graph, graph, recipe="noise").band == "unjudged"
    assert mp.check(graph, other, recipe="noise").band == "wrong"


def test_what_normalises_away_a_common_factor_still_takes_part():
    graph = network(
        Node("a", "dense", ("x", "w", "b"), ("h",)),
        Node("n", "l2_normalize", ("h",), ("y",), {"axes": (-1,)}),
        w=W,
        b=np.zeros(8, "float32"),
    )
    try:
        verdict = mp.check(graph, graph, recipe="noise")
    except mp.errors.GraphError:
        pytest.skip("there is no such operator")
    assert verdict.ok


def silent_and_not(tmp_path: Path) -> tuple[Path, Path]:
    """A network that is silent on silence, as files."""
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    graph = network(
        Node("a", "dense", ("x", "w", "b"), ("h",)),
        Node("c", "dense", ("h", "v", "b"), ("y",)),
        w=W,
        v=V,
        b=np.zeros(8, "float32"),
    )
    reference = tmp_path / "a.onnx"
    mp.convert(graph, reference)
    shutil.copy(reference, tmp_path / "b.onnx")
    return reference, tmp_path / "b.onnx"


def test_a_case_that_cannot_tell_is_listed_and_spoils_none(tmp_path):
    reference, candidate = silent_and_not(tmp_path)
    verdict = mp.check(reference, candidate, recipes=["noise", "silence"])
    assert (verdict.ok, verdict.band) == (True, "rounding")
    assert [(one.case, one.failed) for one in verdict.unjudged] == [("silence", False)]
    assert [one.case for one in verdict.cases] == ["noise"]
    assert "not judged: silence (it could not tell: " in str(verdict)
    assert "the reference's own, byte for byte" in str(verdict)
    data = json.loads(json.dumps(verdict.to_json(), allow_nan=False))
    assert [one["failed"] for one in data["unjudged"]] == [False]


def test_only_if_no_case_could_tell_is_the_whole_unjudged(tmp_path):
    reference, candidate = silent_and_not(tmp_path)
    verdict = mp.check(reference, candidate, recipe="silence")
    assert (verdict.ok, verdict.band) == (False, "unjudged")
    with pytest.raises(AssertionError, match=r"^unjudged: b\.onnx"):
        mp.assert_parity(reference, candidate, recipe="silence")


def test_exit_codes(tmp_path, capsys):
    reference, candidate = silent_and_not(tmp_path)
    other = tmp_path / "c.onnx"
    mp.convert(network(Node("a", "dense", ("x", "w", "b"), ("y",)), w=W, b=W[0]), other)
    asked = ["check", str(reference), "--recipe", "silence"]
    assert cli.main([*asked, str(candidate)]) == 2
    assert "unjudged" in capsys.readouterr().out
    assert cli.main([*asked, str(candidate), "--recipe", "noise"]) == 0
    assert cli.main([*asked, str(candidate), str(other)]) == 1, "wrong wins"
    assert cli.main(["check", str(reference), str(other), str(tmp_path / "gone.onnx")]) == 1, (
        "over errors too"
    )
    assert cli.main(["check", str(reference), str(candidate), str(tmp_path / "gone.onnx")]) == 2


RANDOM = {
    "RandomNormalLike": (["x"], {}),
    "RandomUniformLike": (["x"], {}),
    "RandomNormal": ([], {"shape": [1, 40]}),
    "RandomUniform": ([], {"shape": [1, 40], "seed": 1.0}),
    "Bernoulli": (["p"], {}),
    "Dropout": (["x", "half", "yes"], {}),
}


def drawing(path: Path, kind: str, *, inside: bool = False, silenced: bool = False) -> Path:
    """y = x + what is drawn, times 0 or in a branch where asked for."""
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper as h, numpy_helper as nh

    given, attributes = RANDOM[kind]
    drawn = [h.make_node("Sigmoid", ["x"], ["p"]), h.make_node(kind, given, ["r"], **attributes)]
    drawn += [h.make_node("Mul", ["r", "factor"], ["n"]), h.make_node("Add", ["x", "n"], ["s"])]
    values = {"half": np.float32(0.5), "yes": np.bool_(True), "factor": np.float32(not silenced)}
    initial = [nh.from_array(np.asarray(value), name) for name, value in values.items()]
    if inside:
        info = h.make_tensor_value_info
        body = h.make_graph(drawn, "then", [], [info("s", TensorProto.FLOAT, [1, 40])])
        plain = h.make_graph(
            [h.make_node("Identity", ["x"], ["e"])], "else", [], [info("e", TensorProto.FLOAT, [1, 40])]
        )
        nodes = [
            h.make_node("ReduceMax", ["x"], ["m"], keepdims=0),
            h.make_node("Less", ["m", "huge"], ["c"]),
            h.make_node("If", ["c"], ["y"], then_branch=body, else_branch=plain),
        ]
        initial.append(nh.from_array(np.float32(1e9), "huge"))
    else:
        nodes = [*drawn, h.make_node("Identity", ["s"], ["y"])]
    ends = [h.make_tensor_value_info(name, TensorProto.FLOAT, [1, 40]) for name in "xy"]
    made = h.make_graph(nodes, "g", ends[:1], ends[1:], initial)
    onnx.save(h.make_model(made, opset_imports=[h.make_opsetid("", 17)], ir_version=9), path)
    return path


@pytest.mark.parametrize("kind", RANDOM)
@pytest.mark.parametrize("inside", [False, True])
def test_random_numbers_that_reach_the_output_are_unjudged(tmp_path, kind, inside):
    pytest.importorskip("onnxruntime")
    file = drawing(tmp_path / "net.onnx", kind, inside=inside)
    verdict = mp.check(file, shutil.copy(file, tmp_path / "copy.onnx"))
    assert verdict.band == "unjudged"
    assert "random numbers reach its output" in str(verdict)
    silenced = drawing(tmp_path / "net.onnx", kind, inside=inside, silenced=True)
    assert mp.check(silenced, silenced).ok, "times 0 they do not reach it"


def test_an_unknown_recipe_is_still_an_error():
    with pytest.raises(InputError):
        mp.check(dense(), dense(), recipe="nois")


def test_what_takes_much_is_asked_of_fewer_weights_and_said():
    rng = np.random.default_rng(0)
    weights = {f"w{k}": rng.standard_normal((8, 8)).astype("f4") for k in range(12)}
    names = ["x", *(f"h{k}" for k in range(11)), "y"]
    nodes = tuple(Node(f"n{k}", "dense", (names[k], f"w{k}"), (names[k + 1],)) for k in range(12))
    graph = Graph("deep", (TensorSpec("x", (Axis("time", 5), Axis("feature", 8))),), ("y",), nodes, weights)
    x = {"x": rng.standard_normal((5, 8)).astype("f4")}
    truth = mp.run(graph, x)
    floor = measure(graph, x, truth).outputs
    assert telling(graph, x, truth, floor) == Telling()
    costly = telling(graph, x, truth, floor, cost=1e12)
    assert costly.reason is None
    assert costly.note is not None
    assert "the 4 largest tensors: 33% do" in costly.note


def test_an_idle_half_is_found_whatever_a_run_costs():
    rng = np.random.default_rng(0)
    weights = {f"w{k}": rng.standard_normal((8, 8)).astype("f4") for k in range(12)}
    nodes = [Node(f"n{k}", "dense", ("x", f"w{k}"), (f"h{k}",)) for k in range(12)]
    nodes += [Node("y", "mul", ("h11", "one"), ("y",))]
    constants = {**weights, "one": np.ones(8, "f4")}
    graph = Graph(
        "wide", (TensorSpec("x", (Axis("time", 5), Axis("feature", 8))),), ("y",), tuple(nodes), constants
    )
    x = {"x": rng.standard_normal((5, 8)).astype("f4")}
    truth = mp.run(graph, x)
    found = telling(graph, x, truth, measure(graph, x, truth).outputs, cost=1e12)
    assert found.reason is not None
    assert "of the parameters at most take part" in found.reason


def far(offset: float) -> Graph:
    """A layer before a sigmoid whose bias is so far from zero."""
    return network(
        Node("a", "dense", ("x", "w", "b"), ("h",)),
        Node("m", "sub", ("h", "far"), ("f",)),
        Node("s", "sigmoid", ("f",), ("y",)),
        w=W,
        b=W[0],
        far=np.float32(offset),
    )


def test_where_noise_moves_nothing_a_recipe_that_does_takes_its_place_and_is_said():
    graph = far(90.0)
    verdict = mp.check(graph, graph)
    assert (verdict.ok, verdict.inputs["recipe"], verdict.inputs["instead of"]) == (
        True,
        "noise_large",
        "noise",
    )
    assert "noise_large in place of noise, which leaves the reference unmoved" in str(verdict)
    wrong = far(90.0).changed(constants={**graph.constants, "w": W * np.float32(1.1)})
    assert mp.check(graph, wrong).band == "wrong"
    named = mp.check(graph, graph, recipe="noise")
    assert (named.band, named.inputs.get("instead of")) == ("unjudged", None)
    near = mp.check(far(0.0), far(0.0))
    assert (near.ok, near.inputs.get("instead of")) == (True, None)


def test_where_no_recipe_moves_anything_it_stays_unjudged():
    gone = network(
        Node("a", "dense", ("x", "w", "b"), ("h",)),
        Node("r", "mul", ("h", "zero"), ("z",)),
        Node("o", "add", ("x", "z"), ("y",)),
        w=W,
        b=W[0],
        zero=np.float32(0),
    )
    verdict = mp.check(gone, gone)
    assert (verdict.band, verdict.inputs["recipe"]) == ("unjudged", "noise")


def quantised(gain: float) -> Graph:
    """A layer whose weights are bytes, and whose result is rounded to bytes before it counts."""
    return network(
        Node("w", "dequantize", ("q", "scale"), ("w",)),
        Node("a", "dense", ("x", "w", "b"), ("h",)),
        Node("r", "quantize_range", ("h",), ("t", "s", "o")),
        Node("d", "dequantize", ("t", "s", "o"), ("e",)),
        Node("g", "mul", ("e", "gain"), ("g",)),
        Node("p", "add", ("x", "g"), ("y",)),
        q=R.integers(-127, 128, (8, 8)).astype("int8"),
        scale=np.float32(1 / 127),
        b=np.linspace(-0.01, 0.01, 8, dtype="float32"),
        gain=np.float32(gain),
    )


def test_weights_in_bytes_are_parameters_too():
    fine = quantised(1.0)
    verdict = mp.check(fine, fine, recipe="noise")
    assert (verdict.ok, "q" in verdict.idle) == (True, False)
    dead = quantised(0.0)
    verdict = mp.check(dead, dead, recipe="noise")
    assert (verdict.band, "q" in verdict.idle) == ("unjudged", True)
