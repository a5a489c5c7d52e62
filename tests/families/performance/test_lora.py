"""Adapters by peft against what the original computed, merged and not; names and layers that match nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, InputError
from modelparity_families.performance import seeded
from modelparity_families.performance.audio.adapters import Adapters
from modelparity_families.performance.audio.models import small
from modelparity_families.performance.audio.muq import graph_of

torch = pytest.importorskip("torch")
pytest.importorskip("peft")
lora = pytest.importorskip("modelparity_families.performance.audio.lora")
modules = pytest.importorskip("modelparity_families.performance.audio.encoders.modules")
muq = pytest.importorskip("modelparity_families.performance.audio.muq.module")
Load = Callable[[str], Any]
#: Of what was recorded: MuQ's layers 2 and 3 of 3, counted from 1.
OWN: dict[str, Any] = {"layers": (2, 3), "rank": 4, "alpha": 8}


def weights() -> dict[str, Any]:
    return seeded.weights(small().shapes, 1)


def fill(wrapped: Any, prefix: str) -> None:
    """Adapters as the original was run with them."""
    for name, one in wrapped.named_parameters():
        if ".lora_" in name:
            plain = prefix + name.removeprefix(lora.PREFIX).replace(".default.", ".")
            one.data.copy_(torch.from_numpy(seeded.weight(1, plain, tuple(one.shape))))


def adapted() -> tuple[Any, Any]:
    """MuQ with the recorded adapters, and peft's wrapper."""
    network = muq.module_of(small(), weights())
    wrapped = lora.adapt(network.model, **OWN)
    fill(wrapped, "model.")
    return network.eval(), wrapped


def test_muq_with_adapters_is_what_the_original_computed(recorded: Load) -> None:
    told, own = recorded("lora").told, recorded("lora").arrays
    network, wrapped = adapted()
    learning = [name for name, one in wrapped.named_parameters() if one.requires_grad]
    assert learning == told["muq_trainable"]
    picture = recorded("muq_small").arrays["logmel_0"]
    with torch.no_grad():
        got = network(torch.from_numpy(picture))[:, 0]
    np.testing.assert_allclose(got, own["muq_lora_hidden"], rtol=0, atol=1e-5)
    graph = graph_of(small(), weights(), adapters=lora.adapters_of(wrapped))
    np.testing.assert_allclose(
        mp.run(graph, picture)["hidden"][:, 0], own["muq_lora_hidden"], rtol=0, atol=1e-5
    )


def test_merged_against_unmerged_is_parity(recorded: Load) -> None:
    network, wrapped = adapted()
    pairs = lora.adapters_of(wrapped)
    graph = graph_of(small(), weights(), adapters=pairs)
    picture = recorded("muq_small").arrays["logmel_0"][..., :24]

    def band(candidate: Any) -> str:
        return mp.check(graph, candidate, inputs={"logmel": picture}, explain=False).band

    assert band(network) in ("exact", "rounding")
    assert band(graph_of(small(), pairs.merged(weights()))) in ("exact", "rounding")
    halved = Adapters(pairs.scale / 2, pairs.pairs)
    assert band(graph_of(small(), halved.merged(weights()))) == "wrong"
    assert band(graph_of(small(), weights())) == "wrong"
    wrapped.merge_and_unload()
    assert band(network) in ("exact", "rounding")


def test_the_stand_in_with_adapters_is_what_the_original_computed(recorded: Load) -> None:
    told, own = recorded("lora").told, recorded("lora").arrays
    mock = told["mock"]
    model = modules.Backbone(mock["hidden"], mock["layers"]).eval()
    shapes = {name: tuple(one.shape) for name, one in model.state_dict().items()}
    state = {name: torch.from_numpy(one) for name, one in seeded.weights(shapes, 1).items()}
    model.load_state_dict(state)
    assert sum(one.numel() for one in model.parameters()) == told["mock_params"]
    x = torch.from_numpy(own["mock_x"])
    settings = {"rank": mock["rank"], "alpha": mock["alpha"], "targets": ("q_proj", "v_proj")}
    with torch.no_grad():
        np.testing.assert_allclose(model(x), own["mock_base_y"], rtol=0, atol=1e-5)
        wrapped = lora.adapt(model, layers=[n + 1 for n in mock["targets"]], **settings).eval()
        np.testing.assert_array_equal(model(x), wrapped(x))
        np.testing.assert_allclose(
            model(x), own["mock_base_y"], rtol=0, atol=1e-5
        )  # fresh ones change nothing
        fill(wrapped, "")
        np.testing.assert_allclose(model(x), own["mock_lora_y"], rtol=0, atol=1e-5)
    learning = {name: one for name, one in wrapped.named_parameters() if one.requires_grad}
    assert list(learning) == told["mock_trainable"]
    assert sum(one.numel() for one in learning.values()) == told["mock_trainable_count"]


def test_names_and_layers_that_match_nothing_are_refused() -> None:
    network = muq.module_of(small(), weights())
    with pytest.raises(InputError, match=r"(?s)no layer 9.*from 1 to 3.*layers=\(1, 2, 3\)"):
        lora.adapt(network.model)
    with pytest.raises(InputError, match="no layer 4"):
        lora.adapt(network.model, layers=(3, 4))
    with pytest.raises(InputError, match=r"(?s)layer 3 has no projection 'q_proj'.*linear_q"):
        lora.adapt(network.model, layers=(3,), targets=("q_proj",))
    with pytest.raises(InputError, match=r"(?s)no projection 'linear_w'.*linear_"):
        lora.adapt(network.model, layers=(3,), targets=("linear_q", "linear_w"))
    with pytest.raises(InputError, match="nothing is to be adapted"):
        lora.adapt(network.model, layers=())
    with pytest.raises(InputError, match="not one list of layers"):
        lora.adapt(torch.nn.Linear(2, 2), layers=(1,))
    assert not [name for name, _ in network.named_parameters() if "lora" in name]


def test_the_published_network_would_have_262144_weights_to_learn() -> None:
    with torch.device("meta"):
        wrapped = lora.adapt(muq.MuQ(muq.Sizes(channels=2)).model)
    assert sum(one.numel() for one in wrapped.parameters() if one.requires_grad) == 262_144


def test_adapters_are_saved_and_loaded_alone(recorded: Load, tmp_path: Path) -> None:
    network, wrapped = adapted()
    lora.save(wrapped, tmp_path)
    held = sum(path.stat().st_size for path in tmp_path.glob("*.safetensors"))
    assert held < 4 * (8 * 4 * 32) + 4096  # eight factors of 4 by 32
    other = muq.module_of(small(), weights())
    lora.load(other.model, tmp_path)
    picture = torch.from_numpy(recorded("muq_small").arrays["logmel_0"])
    with torch.no_grad():
        np.testing.assert_array_equal(other(picture), network(picture))
    with pytest.raises(ArtefactError, match="an adapter is of no layer"):
        lora.load(modules.Backbone(32, 3), tmp_path)
    config = json.loads((tmp_path / "adapter_config.json").read_text("utf-8"))
    for change, said in (({"peft_type": "IA3"}, "of another kind"), ({"r": 2}, "of another rank")):
        (tmp_path / "adapter_config.json").write_text(json.dumps({**config, **change}), "utf-8")
        with pytest.raises(ArtefactError, match=said):
            lora.load(muq.module_of(small(), weights()).model, tmp_path)
    (tmp_path / "adapter_config.json").write_text("[]", "utf-8")
    with pytest.raises(ArtefactError, match="not the configuration of adapters"):
        lora.load(other.model, tmp_path)


def test_arrays_that_are_no_adapters_are_refused() -> None:
    a, b = np.zeros((2, 4), np.float32), np.zeros((3, 2), np.float32)
    good = {"x.lora_A.weight": a, "x.lora_B.weight": b}
    assert Adapters.of(good, alpha=8).scale == 4
    for given, said in (
        ({}, "no adapters"),
        ({"x.lora_A.weight": a}, r"'x\.lora_B\.weight' is missing"),
        ({"x.weight": a}, "no part of an adapter"),
        ({**good, "x.lora_B.weight": b[:, :1]}, "not of one rank"),
    ):
        with pytest.raises(ArtefactError, match=said):
            Adapters.of(given, alpha=8)
    with pytest.raises(ArtefactError, match=r"(?s)does not fit.*\(3, 4\).*\(4, 3\)"):
        Adapters.of(good, alpha=8).merged({"x.weight": np.zeros((4, 3), np.float32)})
