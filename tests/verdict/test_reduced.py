"""Half precision explains a difference only where it has left a trace; a mistake of its size stays wrong."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.rounded_weights import rounded_weights
from modelparity.inputs import make
from modelparity.verdict.judging import judge
from modelparity.verdict.model import Verdict
from modelparity.verdict.reference import Reference

FIXTURES = {model.key: model for model in mp.families()["fixtures"].models() if model.candidates}
HALVES = ("float16", "bfloat16")
#: Outputs between 4.9 and 8, where the numbers of bfloat16 are 8 bits in steps of one size, and five numbers only.
LEVEL = (("rtneural/conv", "bfloat16"), ("key", "bfloat16"))


def reference(key: str, recipe: str = "noise") -> Reference:
    graph = FIXTURES[key].load()
    return Reference(graph, make(graph, recipe, seed=2))


def verdict(ref: Reference, y: np.ndarray, held: str | None = None) -> Verdict:
    return judge(ref, {"y": y.astype(np.float32)}, candidate="c", runtime="r", held=held)


@pytest.mark.parametrize("precision", HALVES)
@pytest.mark.parametrize("key", FIXTURES)
def test_rounded_weights_are_told_from_rounded_arithmetic(key: str, precision: str) -> None:
    ref = reference(key)
    weights = mp.run(rounded_weights(ref.graph, precision), ref.feeds, arithmetic="float32")["y"]
    throughout = mp.run(ref.graph, ref.feeds, arithmetic=precision)["y"]
    for y, what in ((weights, "weights"), (throughout, "arithmetic")):
        found = verdict(ref, y)
        if (key, precision) in LEVEL and what == "arithmetic":
            assert found.band == "wrong"
            found = verdict(ref, y, held=precision)
        assert (found.band, found.explained_by) == ("reduced", f"{precision} {what}")
        assert not found.ok


@pytest.mark.parametrize("key", FIXTURES)
def test_a_difference_as_large_as_half_precisions_is_wrong_in_float32(key: str) -> None:
    """Within float16's floor everywhere, but no number of float16, and no weight is."""
    ref = reference(key)
    floor = ref.floor("float16").outputs["y"]
    y = ref.truth["y"] + floor * 0.3 * np.sin(np.arange(floor.size).reshape(floor.shape) + 1)
    found = verdict(ref, y)
    assert (found.band, found.explained_by) == ("wrong", None)
    assert found.floors > 100
    held = verdict(ref, y, held="float16")
    assert (held.band, held.explained_by) == ("reduced", "float16 arithmetic")


def test_a_mistake_in_a_model_of_half_weights_is_wrong_all_the_same() -> None:
    ref = reference("blstm")
    constants = dict(ref.graph.constants)
    name = next(name for name in constants if name.endswith("peephole"))
    constants[name] = np.zeros_like(constants[name])
    wrong = rounded_weights(ref.graph.changed(constants=constants), "float16")
    y = mp.run(wrong, ref.feeds, arithmetic="float32")["y"]
    assert verdict(ref, y, held="float16").band == "wrong"


def test_where_only_some_arrays_are_half_the_arrays_tell() -> None:
    graph = FIXTURES["blstm"].load()
    ar = arithmetic("float16")
    half = {n: ar.cast(a) if i % 2 else a for i, (n, a) in enumerate(graph.constants.items())}
    found = mp.check(graph, graph.changed(constants=half))
    assert found.band == "reduced"
    assert found.explained_by is not None
    assert found.explained_by.startswith("float16")


@pytest.mark.parametrize("precision", HALVES)
def test_half_in_the_file_is_seen_where_the_outputs_hide_it(precision: str) -> None:
    graph = FIXTURES["rnn"].load()
    found = mp.check(graph, rounded_weights(graph, precision), recipe="saturating")
    assert found.band == "reduced"
    assert found.explained_by is not None
    assert found.explained_by.startswith(precision)


def test_values_that_every_type_holds_are_no_trace() -> None:
    """A result of zeros and ones is a number of every type; that says nothing."""
    ref = reference("dnn")
    y = np.round(ref.truth["y"])
    assert verdict(ref, y).band == "wrong"


def test_shapes_and_types_are_never_explained_by_precision() -> None:
    ref = reference("dnn")
    half = mp.run(ref.graph, ref.feeds, arithmetic="float16")["y"]
    found = judge(ref, {"y": half.astype(np.int32)}, candidate="c", runtime="r")
    assert found.band == "wrong"
    assert "type is int32" in found.outputs[0].problems[0].text
    assert verdict(ref, half[:-1]).band == "wrong"


def test_runs_with_rounded_weights_are_shared_between_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    from modelparity.verdict import reduced

    calls: list[Graph] = []
    run = reduced.run
    monkeypatch.setattr(reduced, "run", lambda graph, feeds: (calls.append(graph), run(graph, feeds))[1])
    ref = reference("dnn")
    for _ in range(3):
        assert verdict(ref, ref.truth["y"] + 0.1).band == "wrong"
    assert len(calls) == len(HALVES)


def test_a_wrong_path_is_not_explained_by_the_precision_of_its_scores() -> None:
    """Outputs of two kinds: the scores are half's, but whole numbers have no floor at any precision."""
    rng = np.random.default_rng(21)
    constants = {
        n: rng.normal(size=s).astype(np.float32) for n, s in (("w", (6, 4)), ("t", (4, 4)), ("i", 4))
    }
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 6)))
    nodes = (
        Node("scores", "dense", ("x", "w"), ("scores",)),
        Node("path", "viterbi", ("scores", "t", "i"), ("path",)),
    )
    graph = Graph("crf", (spec,), ("scores", "path"), nodes, constants)
    ref = Reference(graph, rng.normal(size=(12, 6)).astype(np.float32))
    outputs = {**ref.truth, "scores": mp.run(graph, ref.feeds, arithmetic="float16")["scores"]}
    assert judge(ref, outputs, candidate="c", runtime="r").band == "reduced"
    outputs["path"] = (outputs["path"] + 1) % 4
    found = judge(ref, outputs, candidate="c", runtime="r")
    assert (found.band, found.where) == ("wrong", "path[0]")


def test_few_outputs_of_a_network_that_declares_half_are_made_in_half() -> None:
    """Eight numbers show nothing by themselves: a module in bfloat16 was wrong against itself. A mistake still is."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module, x = torch.nn.Linear(4, 4).bfloat16().eval(), torch.randn(2, 4).bfloat16()
    verdict = mp.check(module, module, inputs={"input": x}, expect="reduced")
    assert (verdict.band, verdict.ok) == ("reduced", True)
    told = "bfloat16 arithmetic, which the reference declares; these outputs are too few to show it"
    assert verdict.explained_by == told
    assert not mp.check(module, module, inputs={"input": x}).ok
    spoilt = torch.nn.Linear(4, 4).bfloat16().eval()
    spoilt.load_state_dict(module.state_dict())
    spoilt.weight.data[0] *= 2
    assert mp.check(module, spoilt, inputs={"input": x}, expect="reduced").band == "wrong"
