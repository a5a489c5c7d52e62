"""A wrong file is repaired beside itself, passes the question that it failed, and keeps all that was right."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ConversionError, InputError
from modelparity.repairing import repaired
from modelparity.verdict.faults import fault

FIXTURES = Path(__file__).parents[2] / "fixtures"


def wrong(name: str, id: str, path: Path, place: int = 0):
    """(the reference, a file that has the first application of a mistake, the verdict on it)."""
    graph = mp.load(FIXTURES / name)
    made = [one for _, one in zip(range(place + 1), fault(id).applications(graph), strict=False)][-1]
    mp.convert(made.changed(), path)
    verdict = mp.check(graph, path, recipe="noise")
    assert not verdict.ok
    return graph, path, verdict


@pytest.mark.parametrize(
    ("name", "id", "file", "how"),
    [
        ("bgru.pkl", "gru-gates-swapped", "c.onnx", "values"),
        ("rtneural/gru.json", "gru-gates-swapped", "c.json", "values"),
        ("mixed.pkl", "gru-gates-swapped", "c.onnx", "values"),  # numbers of it stand twice
        ("dnn.pkl", "bias-dropped", "c.onnx", "nodes"),
        ("dnn.pkl", "bias-dropped", "c.mlmodel", "nodes"),
        ("cnn.pkl", "padding-mode", "c.onnx", "nodes"),
        ("cnn.pkl", "epsilon-wrong", "c.onnx", "values"),
        ("rtneural/mlp.json", "activation-dropped", "c.json", "nodes"),
        ("bgru.pkl", "activation-swapped", "c.mlpackage", "anew"),
        ("lstm.pkl", "lstm-gates-permuted", "c.mlpackage", "values"),
    ],
)
def test_a_mistake_is_undone_in_its_file(name: str, id: str, file: str, how: str, tmp_path: Path) -> None:
    graph, path, verdict = wrong(name, id, tmp_path / file)
    made = repaired(path, verdict)
    target = path.with_name(f"c.repaired{path.suffix}")
    assert (made.how, made.result) == (how, target), made.text
    assert mp.check(graph, target).ok
    before, after = mp.load(path), mp.load(target)
    assert [str(spec) for spec in after.inputs] == [str(spec) for spec in before.inputs]
    assert after.outputs == before.outputs
    assert not mp.check(graph, path, recipe="noise", explain=False).ok, "the old file stays"
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([path.name, target.name])


def test_a_patch_of_onnx_changes_nothing_else(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    graph, path, _ = wrong("dnn.pkl", "weights-read-in-other-order", tmp_path / "c.onnx")
    model = onnx.load(path)
    model.doc_string, model.graph.node[0].doc_string = "of last spring", "kept"
    onnx.helper.set_model_props(model, {"author": "somebody"})
    onnx.save(model, path)
    target = mp.repair(path, mp.check(graph, path, recipe="noise"), to=tmp_path / "right.onnx")
    assert target == tmp_path / "right.onnx"
    new = onnx.load(target)
    changed = [
        one.name
        for one, two in zip(model.graph.initializer, new.graph.initializer, strict=True)
        if one != two
    ]
    assert len(changed) == 1
    for one in (model, new):
        kept = [tensor for tensor in one.graph.initializer if tensor.name not in changed]
        del one.graph.initializer[:]
        one.graph.initializer.extend(kept)
    assert model == new


def test_nodes_of_onnx_that_are_right_stay_as_they_are(tmp_path: Path) -> None:
    """An operator that nothing here writes, of another domain's opset, text and names: all but one node is kept."""
    onnx = pytest.importorskip("onnx")
    helper = onnx.helper
    rng = np.random.default_rng(7)

    def save(slope: float, name: str, opset: int) -> Path:
        nodes = [
            helper.make_node("LpNormalization", ["x"], ["a"], name="norm", axis=1, p=1, doc_string="kept"),
            helper.make_node("LeakyRelu", ["a"], ["b"], name="act", alpha=slope),
            helper.make_node("MatMul", ["b", "w"], ["y"], name="last"),
        ]
        ends = [helper.make_tensor_value_info(n, 1, ["batch", size]) for n, size in (("x", 4), ("y", 3))]
        weight = np.random.default_rng(7).normal(size=(4, 3)).astype(np.float32)
        graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], [onnx.numpy_helper.from_array(weight, "w")])
        opsets = [helper.make_opsetid("", opset)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), tmp_path / name)
        return tmp_path / name

    for opset in (13, 17, 18):
        right, wrong_ = save(0.3, f"right{opset}.onnx", opset), save(0.01, f"wrong{opset}.onnx", opset)
        verdict = mp.check(right, wrong_, inputs={"x": rng.normal(size=(5, 4)).astype(np.float32)})
        assert not verdict.ok
        made = repaired(wrong_, verdict)
        assert made.how == "nodes", made.text
        before, after = onnx.load(wrong_), onnx.load(made.result)
        assert after.opset_import == before.opset_import
        kept = [node for node in after.graph.node if node in list(before.graph.node)]
        assert [node.name for node in kept] == ["norm", "last"]
        assert after.graph.initializer[0] == before.graph.initializer[0]
        assert mp.check(right, made.result).ok


def test_weights_beside_the_model_stay_there(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    graph, path, _ = wrong("dnn.pkl", "weights-read-in-other-order", tmp_path / "c.onnx")
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    data = (tmp_path / "weights.bin").read_bytes()
    verdict = mp.check(graph, path, recipe="noise")
    target = mp.repair(path, verdict)
    assert mp.check(graph, target).ok
    (tmp_path / "other").mkdir()
    assert mp.check(graph, mp.repair(path, verdict, to=tmp_path / "other" / "right.onnx")).ok
    assert (tmp_path / "weights.bin").read_bytes() == data


def test_a_model_larger_than_a_file_can_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patching = pytest.importorskip("modelparity.formats.onnx.patching")
    _, path, _ = wrong("dnn.pkl", "bias-dropped", tmp_path / "c.onnx")
    monkeypatch.setattr(patching, "MOST", 100)
    with pytest.raises(ConversionError, match="2 GiB"):
        patching.patch(path, tmp_path / "new.onnx", lambda place, array: None)
    assert not (tmp_path / "new.onnx").exists()


def test_other_names_axes_and_outputs_of_a_candidate_stay(tmp_path: Path) -> None:
    """A layer's result more, other names, and a batch axis: as exporters write them."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = torch.nn.Linear(6, 5), torch.nn.Linear(5, 3)

        def forward(self, x):
            hidden = torch.tanh(self.first(x))
            return self.second(hidden).softmax(-1), hidden

    net = Net().eval()
    constants = {name: value.detach().numpy() for name, value in net.named_parameters()}
    nodes = (
        mp.Node("first", "dense", ("x", "w1", "b1"), ("first",)),
        mp.Node("tanh", "sigmoid", ("first",), ("tanh",)),
        mp.Node("second", "dense", ("tanh", "w2", "b2"), ("second",)),
        mp.Node("softmax", "softmax", ("second",), ("y",), {"axis": -1}),
    )
    axes = (mp.Axis("time"), mp.Axis("feature", 6))
    weights = {"w1": "first.weight", "b1": "first.bias", "w2": "second.weight", "b2": "second.bias"}
    reference = mp.Graph(
        "net",
        (mp.TensorSpec("x", axes),),
        ("y",),
        nodes,
        {name: constants[key].T.copy() for name, key in weights.items()},
    )
    path = tmp_path / "c.onnx"
    torch.onnx.export(
        net,
        (torch.zeros(1, 7, 6),),
        str(path),
        dynamo=False,
        input_names=["audio"],
        output_names=["Identity", "hidden"],
        dynamic_axes={"audio": {1: "steps"}},
    )
    verdict = mp.check(reference, path, recipe="noise", names={"y": "Identity"})
    assert not verdict.ok
    target = mp.repair(path, verdict)
    assert mp.check(reference, target, names={"y": "Identity"}).ok
    before, after = mp.load(path), mp.load(target)
    assert [spec.name for spec in after.inputs] == [spec.name for spec in before.inputs] == ["audio"]
    assert [len(spec.axes) for spec in after.inputs] == [3]
    assert after.outputs == before.outputs == ("Identity", "hidden")


def test_a_graph_comes_back_as_a_graph() -> None:
    graph = mp.load(FIXTURES / "lstm.pkl")
    bad = next(fault("lstm-gates-permuted").applications(graph)).changed()
    verdict = mp.check(graph, bad, recipe="noise")
    good = mp.repair(bad, verdict)
    assert isinstance(good, mp.Graph)
    assert mp.check(graph, good).ok
    with pytest.raises(InputError, match="a graph is no file"):
        mp.repair(bad, verdict, to="here.onnx")


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    _, path, verdict = wrong("dnn.pkl", "bias-dropped", tmp_path / "c.onnx")
    (tmp_path / "c.repaired.onnx").write_text("mine")
    with pytest.raises(InputError, match=r"--to"):
        mp.repair(path, verdict)
    with pytest.raises(InputError, match=r"not overwritten"):
        mp.repair(path, verdict, to=path)
    assert (tmp_path / "c.repaired.onnx").read_text() == "mine"


def test_what_is_right_has_nothing_to_repair(tmp_path: Path) -> None:
    graph = mp.load(FIXTURES / "dnn.pkl")
    path = mp.convert(graph, tmp_path / "c.onnx")
    with pytest.raises(InputError, match="nothing to repair"):
        mp.repair(path, mp.check(graph, path))


def test_what_does_not_pass_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference that is another network in each question: nothing that is written can pass."""
    from modelparity.verdict.again import Again

    _, path, verdict = wrong("dnn.pkl", "bias-dropped", tmp_path / "c.onnx")
    monkeypatch.setattr(Again, "ask", lambda self, candidate: verdict)
    with pytest.raises(ConversionError, match="nothing is written") as error:
        mp.repair(path, verdict)
    assert "floors" in str(error.value)
    assert "next:" in str(error.value)
    assert [one.name for one in tmp_path.iterdir()] == ["c.onnx"]


def test_a_verdict_without_its_question_says_so(tmp_path: Path) -> None:
    from dataclasses import replace

    _, path, verdict = wrong("dnn.pkl", "bias-dropped", tmp_path / "c.onnx")
    with pytest.raises(InputError, match=r"mp\.check again"):
        mp.repair(path, replace(verdict, again=None))
    assert "again" not in verdict.to_json()
    assert pickle.loads(pickle.dumps(verdict)).again is None


def test_numbers_that_stand_in_several_places_are_settled(tmp_path: Path) -> None:
    """A layer with the weights of the one before: each number stands twice, and one of both is wrong."""
    tanh = [mp.Node(f"t{n}", "dense", (f"t{n - 1}" if n else "x", f"w{n}"), (f"t{n}",)) for n in range(2)]
    square = np.random.default_rng(5).normal(size=(2, 4, 4)).astype(np.float32)
    axes = (mp.Axis("time"), mp.Axis("feature", 4))
    graph = mp.Graph(
        "net", (mp.TensorSpec("x", axes),), ("t1",), tuple(tanh), {"w0": square[0], "w1": square[1]}
    )
    bad = graph.changed(constants={"w0": square[0], "w1": square[0]})
    path = mp.convert(bad, tmp_path / "c.onnx")
    made = repaired(path, mp.check(graph, path, recipe="noise"))
    assert made.how == "values", made.text
    assert mp.check(graph, made.result).ok
