"""Both networks against what SOUSAphone computed: every output and every step, in units of float32's own floor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, InputError
from modelparity.graph import Graph
from modelparity.verdict.compare import compare
from modelparity.verdict.floor import measure
from modelparity_families.sousa.networks import Sizes, graph_of, seeded

Load = Callable[..., Any]
CASES = ("one", "pad17", "nomask17", "holes17", "empty_row17", "full256", "real")
EVERY = [
    (network, case, state)
    for network in ("onset", "inference")
    for state, cases in (("init", CASES), ("trained", CASES), ("small", ("small",)))
    for case in cases
    if (network, case, state) != ("inference", "full256", "init")  # it was not recorded
]
STEPS = ("attention", "self_attn", "norm1", "linear1", "linear2", "norm2")


def network(weights: dict[str, Any], state: str) -> Graph:
    return graph_of(Sizes.of(weights, heads=8 if state == "small" else 4), weights)


def feeds(models: Any, graph: Graph, name: str, case: str) -> dict[str, Any]:
    given = {graph.inputs[0].name: models[f"{name}/{case}/input"]}
    mask = models.get(f"{name}/{case}/mask")
    return given if mask is None else {**given, "attention_mask": mask}


def real(graph: Graph, given: dict[str, Any], array: Any) -> Any:
    """Where strokes are: all of a classifier's logits, the rows of the others that the mask keeps."""
    if "attention_mask" not in given or graph.name == "onset_transformer":
        return np.ones(array.shape, bool)
    mask = given["attention_mask"] > 0
    return np.broadcast_to(mask.reshape(mask.shape + (1,) * (array.ndim - 2)), array.shape)


@pytest.mark.parametrize(("name", "case", "state"), EVERY)
def test_outputs_are_what_the_original_computed(
    name: str, case: str, state: str, recorded: Load, weights: Load
) -> None:
    models = recorded("models")
    graph = network(weights(state, name), state)
    given = feeds(models, graph, name, case)
    recorded_here = f"{name}/{case}/{state}"
    truth = mp.run(graph, given)
    floor = measure(graph, given, truth).outputs[graph.outputs[0]]
    (ours,) = truth.values()
    kept = real(graph, given, ours)
    exact = models.get(f"{recorded_here}/output_float64")
    if exact is not None:
        np.testing.assert_allclose(ours[kept], exact[kept], rtol=0, atol=3e-14 * np.abs(exact).max())
    for path in ("output", "output_fused"):
        if f"{recorded_here}/{path}" in models:
            got = models[f"{recorded_here}/{path}"]
            judged = compare(path, got[kept], ours[kept], floor[kept], dtypes=("float32",))
            assert judged.band in ("exact", "rounding"), judged
    if f"{recorded_here}/output_without_layer_norm" in models:
        graph = network(weights(state, name, final_norm=False), state)
        truth = mp.run(graph, given)
        floor = measure(graph, given, truth).outputs["features"]
        got = models[f"{recorded_here}/output_without_layer_norm"]
        judged = compare("first form", got[kept], truth["features"][kept], floor[kept], dtypes=("float32",))
        assert judged.band in ("exact", "rounding"), judged


@pytest.mark.parametrize("name", ["onset", "inference"])
def test_every_step_is_what_the_original_computed(name: str, recorded: Load, weights: Load) -> None:
    models = recorded("models")
    own = network(weights("trained", name), "trained")
    taps = {
        key.partition("/tap/")[2]: array
        for key, array in models.items()
        if key.startswith(f"{name}/pad17/trained/tap/")
    }
    assert len(taps) == 3 * len(STEPS) + (3 if name == "onset" else 2)
    graph = own.changed(outputs=tuple(taps))
    given = feeds(models, own, name, "pad17")
    truth = mp.run(graph, given)
    floors = measure(graph, given, truth).outputs
    mask = given["attention_mask"] > 0
    for tap, got in taps.items():
        kept = np.ones(got.shape, bool)
        if tap.endswith("attention"):  # (batch, head, query, key): only queries that are strokes
            kept &= mask[:, None, :, None]
        elif got.ndim == 3:
            kept &= mask[..., None]
        judged = compare(tap, got[kept], truth[tap][kept], floors[tap][kept], dtypes=("float32",))
        assert judged.band in ("exact", "rounding"), judged


def test_slips_that_pass_a_tolerance_do_not_pass_the_floor(recorded: Load, weights: Load) -> None:
    """An epsilon of 1e-6 moves logits by 9e-5: most people's tolerance lets it pass."""
    models = recorded("models")
    own = network(weights("trained", "onset"), "trained")
    given = feeds(models, own, "onset", "real")
    nodes = tuple(
        node.__class__(node.name, node.op, node.inputs, node.outputs, {"epsilon": 1e-6}, node.origin)
        if node.op == "layer_norm"
        else node
        for node in own.nodes
    )
    slip = mp.run(own.changed(nodes=nodes), given, arithmetic="float32")["logits"]
    truth = mp.run(own, given)
    assert np.abs(slip - truth["logits"]).max() < 1e-4
    floor = measure(own, given, truth).outputs["logits"]
    judged = compare("logits", slip.astype(np.float32), truth["logits"], floor, dtypes=("float32",))
    assert judged.band == "wrong"


def test_a_mask_may_be_left_out(recorded: Load, weights: Load) -> None:
    graph = network(weights("trained", "onset"), "trained")
    x = recorded("models")["onset/nomask17/input"]
    all_real = np.ones(x.shape[:2], np.float32)
    got = mp.run(graph, x)["logits"]
    np.testing.assert_array_equal(
        got, mp.run(graph, {"onset_features": x, "attention_mask": all_real})["logits"]
    )


def test_padding_is_the_same_whatever_it_holds(weights: Load, recorded: Load) -> None:
    """What stands in padding, and how much of it there is, changes nothing; nor does a row that is all padding."""
    models = recorded("models")
    for name in ("onset", "inference"):
        graph = network(weights("trained", name), "trained")
        given = feeds(models, graph, name, "holes17")
        first, mask = graph.inputs[0].name, given["attention_mask"]
        other = {first: np.where(mask[..., None] > 0, given[first], 7.0), "attention_mask": mask}
        np.testing.assert_array_equal(*(mp.run(graph, one)[graph.outputs[0]] for one in (given, other)))
        empty = mp.run(graph, {first: given[first], "attention_mask": 0 * mask})[graph.outputs[0]]
        head = "classifier" if name == "onset" else "output_proj"
        own = {key: array.astype(np.float64) for key, array in weights("trained", name).items()}
        constant = own["layer_norm.bias"] @ own[f"{head}.weight"].T + own[f"{head}.bias"]
        np.testing.assert_allclose(empty, np.broadcast_to(constant, empty.shape), rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("count", "said"), [(0, "has size 0, and this network needs at least 1"), (257, "takes 256 at most")]
)
def test_no_strokes_and_too_many_are_refused(count: int, said: str, weights: Load) -> None:
    for name, width in (("onset", 12), ("inference", 3)):
        with pytest.raises(InputError, match=f"(?s)stroke.*{said}"):
            mp.run(network(weights("trained", name), "trained"), np.zeros((1, count, width), np.float32))


def test_sizes_are_read_from_the_weights(weights: Load) -> None:
    assert Sizes.of(weights("init", "onset")) == Sizes.default("onset_transformer")
    assert Sizes.of(weights("init", "inference")) == Sizes.default("feature_inference")
    first = Sizes.of(weights("init", "inference", final_norm=False))
    assert first == Sizes.default("feature_inference", final_norm=False)
    counts = [sum(int(np.prod(shape)) for shape in Sizes.default(*one).shapes.values()) for one in _BOTH]
    assert counts == [120_360, 117_964]
    small = Sizes.of(weights("small", "onset"), heads=8)
    assert small.config == {
        "feature_dim": 5,
        "num_classes": 7,
        "d_model": 32,
        "nhead": 8,
        "num_layers": 1,
        "dim_feedforward": 96,
        "max_seq_len": 32,
        "dropout": 0.1,
    }
    assert Sizes.from_config("onset_transformer", small.config) == small


_BOTH = [("onset_transformer",), ("feature_inference",)]


def test_weights_that_do_not_fit_are_refused(weights: Load) -> None:
    own = weights("init", "inference")
    first = weights("init", "inference", final_norm=False)
    with pytest.raises(ArtefactError, match=r"(?s)'layer_norm.weight' is missing.*want final_norm=False"):
        Sizes.default("feature_inference").check(first)
    with pytest.raises(ArtefactError, match=r"(?s)no weight 'layer_norm.weight'.*want final_norm=True"):
        Sizes.default("feature_inference", final_norm=False).check(own)
    with pytest.raises(ArtefactError, match="these are weights of feature_inference"):
        Sizes.default("onset_transformer").check(own)
    with pytest.raises(ArtefactError, match="neither network"):
        Sizes.of({"x": np.zeros(3)})
    with pytest.raises(ArtefactError, match=r"encoder\.layers\.1\.norm1\.bias' is missing"):
        Sizes.of({name: one for name, one in own.items() if name != "encoder.layers.1.norm1.bias"})
    with pytest.raises(ArtefactError, match="another shape"):
        Sizes.of({**own, "encoder.layers.2.linear2.bias": np.zeros(3)})
    with pytest.raises(ArtefactError, match=r"(?s)no weight 'teacher.weight'"):
        Sizes.of({**own, "teacher.weight": np.zeros((3, 3))})
    with pytest.raises(ArtefactError, match="multiple of the heads"):
        Sizes.of(own, heads=5)
    with pytest.raises(ArtefactError, match=r"(?s)unknown setting 'd_modell'.*d_model"):
        Sizes.from_config("feature_inference", {"d_modell": 64})
    with pytest.raises(ArtefactError, match=r"d_model|width"):
        Sizes.from_config("feature_inference", {"d_model": 0})


def test_seeded_weights_are_the_same_everywhere_and_hide_no_bias() -> None:
    sizes = Sizes.default("onset_transformer")
    own = seeded(sizes)
    assert {name: array.shape for name, array in own.items()} == sizes.shapes
    assert all(array.dtype == np.float32 for array in own.values())
    assert all(np.unique(array).size > 0.9 * array.size for array in own.values() if array.ndim == 1)
    assert not np.array_equal(own["classifier.bias"], seeded(sizes, 1)["classifier.bias"])
    recorded = [float.fromhex(one) for one in RECORDED_FIRST]
    assert own["input_proj.weight"].ravel()[:3].tolist() == recorded


#: Recorded when the family was made: goldens and figures rest on it.
RECORDED_FIRST = ("-0x1.f768c6p-3", "-0x1.30c8f6p-4", "0x1.24eceap-6")
