"""The audio models against what the original computed: every step, whole sizes, the modules, padding that leaks."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, InputError
from modelparity.graph import Graph
from modelparity.verdict.compare import compare
from modelparity.verdict.floor import measure
from modelparity_families.performance import seeded
from modelparity_families.performance.audio.encoders import Sizes, pair_of, scores_of

Load = Callable[[str], Any]
LIMIT = 1e-5
whole = pytest.mark.skipif(
    not os.environ.get("MODELPARITY_WHOLE"), reason="MODELPARITY_WHOLE=1: 28 M weights"
)


def sizes_of(own: Any, *, layers: int = 0) -> Sizes:
    config = own.told["config"]
    return Sizes(
        config["input_dim"], config["hidden_dim"], config["projection_dim"], config["num_labels"], layers
    )


def given(inputs: Any) -> dict[str, Any]:
    """What `pair_of` takes."""
    names = ("embeddings_a", "mask_a", "embeddings_b", "mask_b")
    return {name: inputs[f"in_{name}"].astype(np.float32) for name in names}


def judge(graph: Graph, feeds: dict[str, Any], got: dict[str, Any]) -> dict[str, Any]:
    """Compare what was recorded with the engine, in floors and with the limit beside the anchors."""
    truth = mp.run(graph, feeds)
    floors = measure(graph, feeds, truth).outputs
    for name, array in got.items():
        judged = compare(name, array, truth[name], floors[name], dtypes=("float32",))
        assert judged.band in ("exact", "rounding"), judged
        np.testing.assert_allclose(array, truth[name], rtol=0, atol=LIMIT, err_msg=name)
    return truth


@pytest.mark.parametrize(("name", "layers"), [("a1_small", 0), ("a3_small", 3)])
def test_every_step_is_what_the_original_computed(name: str, layers: int, recorded: Load) -> None:
    own, inputs = recorded(name), recorded("a1_small").arrays
    sizes = sizes_of(own, layers=layers)
    assert own.shapes() == sizes.shapes
    weights = seeded.weights(sizes.shapes, own.told["seed"])
    steps = {key: one for key, one in own.arrays.items() if not key.startswith("in_")}
    bare = steps.pop("scores_a_nomask", None)
    if layers:
        steps |= {f"layer{n}_a": steps.pop(f"layer{n}_a") for n in range(layers)}
    scored = "scores_a" in steps
    assert scored
    attention = steps.pop("attn_scores_a", None)
    graph = pair_of(sizes, weights, outputs=tuple(steps))
    judge(graph, given(inputs), steps)
    if attention is not None:
        found = mp.run(pair_of(sizes, weights, outputs=("attn_scores_a", "attn_open_a")), given(inputs))
        shape = attention.shape
        masked = np.isneginf(attention).any()
        want = found["attn_open_a" if masked else "attn_scores_a"]
        np.testing.assert_allclose(attention, want.reshape(shape), rtol=0, atol=LIMIT)
    if bare is not None:
        alone = {"embeddings": inputs["in_embeddings_a"]}
        judge(scores_of(sizes, weights), alone, {"scores": bare})


@pytest.mark.parametrize(("model", "layers"), [("a1", 0), pytest.param("a3", 2, marks=whole)])
def test_at_whole_sizes(model: str, layers: int, recorded: Load) -> None:
    """In float32 alone: truth in float64 was compared at small sizes, and float32's own error is recorded."""
    own = recorded("audio_full")
    config = own.told["config"]
    sizes = Sizes(layers=layers)
    assert own.shapes(f"{model}_shapes") == sizes.shapes
    assert sum(int(np.prod(shape)) for shape in sizes.shapes.values()) == own.told[f"{model}_params"]
    feeds = {}
    for side in "ab":
        frames, lengths = config[f"T{side}"], np.array(config[f"lens_{side}"])
        shape = (config["B"], frames, config["input_dim"])
        feeds[f"embeddings_{side}"] = seeded.inputs(1, f"full/embeddings_{side}", shape)
        feeds[f"mask_{side}"] = (np.arange(frames) < lengths[:, None]).astype(np.float32)
    outputs = ("ranking_logits", "z_a", "proj_b", "scores_a")
    graph = pair_of(sizes, seeded.weights(sizes.shapes, 1), outputs=outputs)
    found = mp.run(graph, feeds, arithmetic="float32")
    for name in outputs:
        np.testing.assert_allclose(found[name], own.arrays[f"{model}_{name}"], rtol=0, atol=LIMIT)


@pytest.mark.parametrize(("name", "layers"), [("a1_small", 0), ("a3_small", 3)])
def test_modules_compute_the_same(name: str, layers: int, recorded: Load) -> None:
    pytest.importorskip("torch")
    from modelparity_families.performance.audio.encoders.modules import Pair, module_of

    sizes = sizes_of(recorded(name), layers=layers)
    weights = seeded.weights(sizes.shapes, 1)
    module = module_of(sizes, weights)
    assert set(module.state_dict()) == set(sizes.shapes)
    settings: dict[str, Any] = {"recipes": ["noise"], "explain": False}
    assert mp.check(scores_of(sizes, weights), module, **settings).band in ("exact", "rounding")
    assert mp.check(pair_of(sizes, weights), Pair(module), **settings).band in ("exact", "rounding")
    other = {**weights, "attn.0.bias": weights["attn.0.bias"] * 1.2}
    assert mp.check(scores_of(sizes, weights), module_of(sizes, other), **settings).band == "wrong"


def test_padding_leaks_through_the_backbone(recorded: Load) -> None:
    """Its layers do not see the mask: a padded performance is not the performance alone, as the original's is not."""
    own, inputs = recorded("a3_small"), recorded("a1_small").arrays
    effect = own.told["padding_effect_on_z"]
    row = effect["row"]
    sizes = sizes_of(own, layers=3)
    graph = scores_of(sizes, seeded.weights(sizes.shapes, 1), outputs=("z",))
    x, mask = inputs["in_embeddings_a"][row : row + 1], inputs["in_mask_a"][row : row + 1]
    padded = mp.run(graph, {"embeddings": x, "mask": mask.astype(np.float32)})["z"]
    alone = mp.run(graph, {"embeddings": x[:, : mask.sum()]})["z"]
    np.testing.assert_allclose(np.abs(padded - alone).max(), effect["max_abs"], atol=1e-5)
    plain = sizes_of(recorded("a1_small"))
    graph = scores_of(plain, seeded.weights(plain.shapes, 1), outputs=("z",))
    padded = mp.run(graph, {"embeddings": x, "mask": mask.astype(np.float32)})["z"]
    np.testing.assert_allclose(padded, mp.run(graph, {"embeddings": x[:, : mask.sum()]})["z"], atol=1e-12)


def test_rows_without_frames_are_named(recorded: Load) -> None:
    torch = pytest.importorskip("torch")
    from modelparity_families.performance.audio.encoders.modules import AudioModel

    model = AudioModel(Sizes(8, 6, 4, 3))
    mask = torch.ones(3, 5, dtype=torch.bool)
    mask[2] = False
    with pytest.raises(InputError, match="row 2 of the mask is empty"):
        model(torch.zeros(3, 5, 8), mask)


def test_weights_that_do_not_fit_are_refused() -> None:
    sizes = Sizes(8, 6, 4, 3)
    own = seeded.weights(sizes.shapes, 1)
    with pytest.raises(ArtefactError, match=r"'attn\.2\.bias' is missing"):
        sizes.check({name: one for name, one in own.items() if name != "attn.2.bias"})
    with pytest.raises(ArtefactError, match="another shape"):
        scores_of(sizes, {**own, "attn.2.bias": np.zeros(2, np.float32)})
    with pytest.raises(ArtefactError, match=r"(?s)no weight 'attn\.3\.bias'.*attn"):
        sizes.check({**own, "attn.3.bias": np.zeros(2, np.float32)})
    with pytest.raises(InputError, match="hidden is no size"):
        Sizes(8, 0)
