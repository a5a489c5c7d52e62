"""MuQ against what the original computed: picture, every step, hidden states, masks; the module too."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, GraphError, InputError, Unavailable
from modelparity.verdict.compare import compare
from modelparity.verdict.floor import measure
from modelparity_families.performance import seeded
from modelparity_families.performance.audio.muq import Sizes, graph_of
from modelparity_families.performance.audio.muq.front_end import frame_mask, logmel
from modelparity_families.performance.audio.muq.hub import from_pretrained
from modelparity_families.performance.audio.muq.reading import checked

Load = Callable[[str], Any]
#: Networks, and how many recordings of each were recorded.
NETWORKS = {"muq_small": 2, "muq_other": 1}
#: Limits that are recorded beside the anchors.
DECIBELS, FROM_PICTURE, FROM_AUDIO = 5e-3, 1e-5, 1e-4


def sizes_of(own: Any) -> Sizes:
    told = own.told
    config = {**told["config"], "w2v2_config": told["w2v2_config"], "stat": told["stat"]}
    return replace(Sizes.from_config(config), codes=told["config"]["codebook_size"])


def weights_of(own: Any) -> dict[str, Any]:
    return seeded.weights(sizes_of(own).shapes, own.told["seed"])


def audio(array: Any) -> Any:
    return array.astype(np.float32) / 32768


def test_seeded_numbers_are_the_same_everywhere() -> None:
    """Anchors rest on them: of each kind the first, as the original was run with it."""
    kinds = ("x.weight", "x.bias", "n.weight", "n.running_var", "n.running_mean", "x")
    shapes = ((3, 4), (3,), (3,), (3,), (3,), (2, 3))
    made = {name: seeded.weight(1, name, shape) for name, shape in zip(kinds[:-1], shapes[:-1], strict=True)}
    made["x"] = seeded.inputs(1, "x", (2, 3))
    assert {name: float(array.flat[0]).hex() for name, array in made.items()} == FIRST
    assert not seeded.weight(1, "token_embed.weight", (5, 4))[0].any()
    assert seeded.weight(1, "n.num_batches_tracked", ()).dtype == np.int64


@pytest.mark.parametrize("name", NETWORKS)
def test_shapes_are_those_of_the_published_names(name: str, recorded: Load) -> None:
    own, sizes = recorded(name), sizes_of(recorded(name))
    shapes = own.shapes()
    assert {key: shapes[key] for key in sizes.shapes} == sizes.shapes
    beyond = set(shapes) - set(sizes.shapes)
    assert {key.split(".")[2] if "conformer" in key else key for key in beyond} == {
        "model.cls_token",
        "embed_positions",
        "pos_conv_embed",
    }


def test_the_published_network_has_its_sizes() -> None:
    counts = {name: int(np.prod(shape)) for name, shape in Sizes().shapes.items()}
    layer = sum(n for name, n in counts.items() if name.startswith("model.conformer.layers.7."))
    below = sum(n for name, n in counts.items() if name.startswith("model.conv."))
    assert (round(layer / 1e6, 2), round(below / 1e6, 1)) == (24.18, 26.2)


@pytest.mark.parametrize("name", NETWORKS)
def test_pictures_are_what_the_original_computed(name: str, recorded: Load) -> None:
    arrays = recorded(name).arrays
    for number in range(NETWORKS[name]):
        got = mp.run(logmel(), audio(arrays[f"audio_{number}_i16"]))["logmel"]
        np.testing.assert_allclose(got, arrays[f"logmel_{number}"], rtol=0, atol=DECIBELS)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_step_is_what_the_original_computed(name: str, recorded: Load) -> None:
    own, sizes = recorded(name), sizes_of(recorded(name))
    arrays = own.arrays
    parts = ("ffn1", "self_attn", "conv_module", "ffn2")
    steps = {"block0": "block0_0", "block1": "block1_0", "logits": "logits_0"}
    steps |= {f"layer0/{part}": f"layer0_{part}_0" for part in parts}
    steps |= {f"layer{sizes.layers - 1}/out": "raw_last_0", "hidden": "hidden_0"}
    graph = graph_of(sizes, weights_of(own), outputs=tuple(steps))
    given = {"logmel": arrays["logmel_0"]}
    truth = mp.run(graph, given)
    floors = measure(graph, given, truth).outputs
    for step, key in steps.items():
        got = arrays[key][None]
        if step.startswith("block"):
            got = np.transpose(got, (0, 2, 3, 1))
        if step == "hidden":
            got = np.swapaxes(got, 0, 1)
        judged = compare(step, got, truth[step], floors[step], dtypes=("float32",))
        assert judged.band in ("exact", "rounding"), judged
    np.testing.assert_allclose(truth["hidden"][:, 0], arrays["hidden_0"], rtol=0, atol=FROM_PICTURE)


@pytest.mark.parametrize("name", NETWORKS)
def test_masked_batches_are_what_the_original_computed(name: str, recorded: Load) -> None:
    own, sizes = recorded(name), sizes_of(recorded(name))
    arrays, graph = own.arrays, graph_of(sizes, weights_of(own))
    picture = mp.run(logmel(), audio(arrays["mask_audio_i16"]))["logmel"]
    mask = frame_mask(arrays["mask"], picture.shape[2], sizes.each)
    got = mp.run(graph, {"logmel": picture, "mask": mask})["hidden"]
    np.testing.assert_allclose(got, arrays["mask_hidden"], rtol=0, atol=FROM_AUDIO)
    bare = mp.run(graph, {"logmel": picture})["hidden"]
    np.testing.assert_allclose(bare[-1], arrays["nomask_last"], rtol=0, atol=FROM_AUDIO)


def test_padding_leaks_through_the_convolutions_whatever_the_mask(recorded: Load) -> None:
    """A padded recording is not the recording alone: what the mask keeps differs by what the original's did."""
    own, sizes = recorded("muq_small"), sizes_of(recorded("muq_small"))
    arrays, graph = own.arrays, graph_of(sizes, weights_of(own))
    samples = int(arrays["mask"][1].sum())
    alone = audio(arrays["mask_audio_i16"][1:, :samples])
    got = mp.run(graph, mp.run(logmel(), alone)["logmel"])["hidden"][-1, 0]
    effect = own.told["padding_effect"]
    apart = np.abs(got - arrays["mask_hidden"][-1, 1, : len(got)]).max()
    np.testing.assert_allclose(apart, effect["masked_vs_alone"], atol=1e-4)
    assert apart > effect["typical"]


def test_numbers_of_frames_and_vectors(recorded: Load) -> None:
    for samples, frames, vectors in recorded("muq_small").told["lengths_samples_melframes_tokens"]:
        assert (samples // 240, Sizes().vectors(samples // 240)) == (frames, vectors)
    assert mp.run(logmel(), np.zeros((1, 1025), np.float32))["logmel"].shape == (1, 128, 4)
    assert replace(Sizes(), label_rate=50).vectors(40) == 20


def test_silence_has_100_decibels_less(recorded: Load) -> None:
    got = mp.run(logmel(), np.zeros((1, 2400), np.float32))["logmel"]
    np.testing.assert_array_equal(got, np.full((1, 128, 10), recorded("muq_small").told["silence_db"]))


def test_hidden_states_are_chosen(recorded: Load) -> None:
    own, sizes = recorded("muq_small"), sizes_of(recorded("muq_small"))
    graph = graph_of(sizes, weights_of(own), states=(1, 2, 3))
    got = mp.run(graph, own.arrays["logmel_0"])["hidden"]
    assert got.shape[0] == 3
    np.testing.assert_allclose(got.mean(axis=0)[0], own.arrays["layer_mean_0"], rtol=0, atol=FROM_PICTURE)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_module_computes_the_same(name: str, recorded: Load) -> None:
    torch = pytest.importorskip("torch")
    from modelparity_families.performance.audio.muq.module import module_of

    own, sizes = recorded(name), sizes_of(recorded(name))
    network, graph = module_of(sizes, weights_of(own)), graph_of(sizes, weights_of(own))
    assert mp.check(graph, network, recipes=["noise"], explain=False).band in ("exact", "rounding")
    arrays = own.arrays
    with torch.no_grad():
        found = network.of_audio(
            *(torch.from_numpy(one) for one in (audio(arrays["mask_audio_i16"]), arrays["mask"]))
        )
        np.testing.assert_allclose(found, arrays["mask_hidden"], rtol=0, atol=FROM_AUDIO)
        last = network.of_audio(torch.from_numpy(audio(arrays["audio_0_i16"])))[-1]
        np.testing.assert_allclose(network.model.logits(last)[0], arrays["logits_0"], rtol=0, atol=FROM_AUDIO)
    assert set(network.state_dict()) == set(sizes.shapes)


@pytest.mark.skipif(
    not os.environ.get("MODELPARITY_WHOLE"), reason="MODELPARITY_WHOLE=1 tries it: 63 M weights"
)
def test_one_layer_at_the_published_sizes(recorded: Load) -> None:
    own = recorded("muq_wide")
    config = {**own.told["config"], "w2v2_config": own.told["w2v2_config"], "stat": own.told["stat"]}
    sizes = Sizes.from_config(config)
    graph = graph_of(sizes, seeded.weights(sizes.shapes, 1))
    picture = mp.run(logmel(), audio(own.arrays["audio_0_i16"]))["logmel"]
    got = mp.run(graph, picture)["hidden"][:, 0]
    np.testing.assert_allclose(got, own.arrays["hidden_0"], rtol=0, atol=FROM_AUDIO)


def test_pretrained_weights_of_a_folder(recorded: Load, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    own = recorded("muq_small")
    told = own.told
    state = seeded.weights(own.shapes(), 1)
    frequencies = 1 / 10_000.0 ** (np.arange(0, 8, 2) / 8)
    state["model.conformer.embed_positions.inv_freq"] = frequencies.astype(np.float32)
    state["model.rvq.quantizers.0.codebook.weight"] = np.zeros((4, 2), np.float32)
    save_file(state, tmp_path / "model.safetensors")
    config = {**told["config"], "w2v2_config": told["w2v2_config"], "stat": told["stat"]}
    with pytest.raises(ArtefactError, match=r"no config\.json"):
        from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    found = from_pretrained(tmp_path)
    got = mp.run(found.graph(), own.arrays["logmel_0"])["hidden"][:, 0]
    np.testing.assert_allclose(got, own.arrays["hidden_0"], rtol=0, atol=FROM_PICTURE)
    for change, said in (
        (
            {"model.conformer.layers.9.final_layer_norm.bias": np.zeros(32, np.float32)},
            r"no weight 'model\.conf.*9",
        ),
        ({"model.conv.linear.bias": np.zeros(31, np.float32)}, r"(?s)another shape.*31.*32"),
        ({"model.conv.linear.bias": np.full(32, np.nan, np.float32)}, "not finite"),
        (
            {"model.conformer.embed_positions.inv_freq": frequencies.astype(np.float32) / 2},
            "frequencies of base",
        ),
    ):
        save_file({**state, **change}, tmp_path / "model.safetensors")
        with pytest.raises(ArtefactError, match=said):
            _ = from_pretrained(tmp_path).weights
    del state["model.conv.linear.weight"]
    with pytest.raises(ArtefactError, match=r"'model\.conv\.linear\.weight' is missing"):
        checked(found.sizes, state)
    (tmp_path / "model.safetensors").write_bytes(b"no such thing")
    with pytest.raises(ArtefactError, match="not a safetensors file"):
        _ = from_pretrained(tmp_path).weights


def test_repositories_that_are_not_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")

    def nowhere(*args: Any, **settings: Any) -> str:
        raise OSError("no such host")

    with pytest.raises(InputError, match="neither a folder nor the name of a repository"):
        from_pretrained("no/such/folder")
    monkeypatch.setattr(hub, "hf_hub_download", nowhere)
    with pytest.raises(Unavailable, match=r"(?s)not to be had.*no such host"):
        from_pretrained("somebody/muq")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"encoder_dimm": 32}, r"(?s)unknown setting 'encoder_dimm'.*encoder_dim"),
        ({"label_rate": 75}, "(?s)unknown label_rate.*25 or 50"),
        ({"encoder_dim": 30}, "even width"),
        ({"encoder_depth": 0}, "layers is no size"),
        ({"stat": {}}, "melspec_2048_mean"),
        ({"w2v2_config": {"hidden_act": "swsh"}}, "(?s)unknown hidden_act.*swish"),
        ({"w2v2_config": {"position_embeddings_type": "relative"}}, "not rotary"),
        ({"w2v2_config": {"conv_depthwise_kernel_size": 30}}, "no middle"),
    ],
)
def test_configurations_of_other_networks_are_refused(
    change: dict[str, Any], said: str, recorded: Load
) -> None:
    stat = recorded("muq_small").told["stat"]
    with pytest.raises(ArtefactError, match=said):
        Sizes.from_config({"stat": stat, **change})


def test_an_empty_row_of_a_mask_is_named() -> None:
    mask = np.ones((3, 2400), bool)
    mask[1] = False
    with pytest.raises(InputError, match="row 1 of the mask is empty"):
        frame_mask(mask, 10, 4)
    with pytest.raises(InputError, match="no mask of samples"):
        frame_mask(mask[0], 10, 4)


def test_recordings_that_are_too_short_are_refused() -> None:
    torch = pytest.importorskip("torch")
    from modelparity_families.performance.audio.muq.module import LogMel

    with pytest.raises(InputError, match=r"(?s)1024 samples are too few.*1025"):
        LogMel()(torch.zeros(1, 1024))
    with pytest.raises((GraphError, InputError), match="1025"):
        mp.run(logmel(), np.zeros((1, 1024), np.float32))


#: Of `make_weights.py` of the anchors, seed 1.
FIRST = {
    "x.weight": "-0x1.7a7caa0000000p-5",
    "x.bias": "0x1.357be60000000p-3",
    "n.weight": "0x1.8777860000000p-1",
    "n.running_var": "0x1.4ed2920000000p+0",
    "n.running_mean": "-0x1.1491000000000p-5",
    "x": "-0x1.af5f960000000p+0",
}
