"""The symbolic encoders against what the original computed: every step, the modules, padding, what is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, FamilyError, InputError
from modelparity.graph import Graph
from modelparity.verdict.compare import compare
from modelparity.verdict.floor import measure
from modelparity_families.performance import seeded
from modelparity_families.performance.symbolic import models
from modelparity_families.performance.symbolic.encoders import (
    FrameSizes,
    Sizes,
    TokenSizes,
    masked_of,
    pair_of,
    scores_of,
)
from modelparity_families.performance.symbolic.models import drawn

Load = Callable[[str], Any]
LIMIT = 1e-5
BOTH = pytest.mark.parametrize("name", ["s1_small", "s3_small"])


def sizes_of(own: Any) -> Sizes:
    config = own.told["config"]
    common = {
        "heads": config["nhead"],
        "hidden": config["hidden_dim"],
        "labels": config["num_labels"],
        "places": config["max_seq_len"],
    }
    if "vocab_size" in config:
        given = {"width": config["d_model"], "layers": config["num_layers"]}
        return TokenSizes(**given, **common, vocabulary=config["vocab_size"])
    given = {"width": config["hidden_dim"], "layers": config["num_transformer_layers"]}
    codes = {"codes": config["codebook_size"], "groups": config["codebook_groups"]}
    return FrameSizes(**given, **codes, **common, channels=config["input_channels"])


def given(sizes: Sizes, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What `pair_of` takes."""
    names = (f"{sizes.TAKES}_a", f"{sizes.TAKES}_b", "mask_a", "mask_b")
    found = {name: inputs[f"in_{name}"] for name in names}
    return {name: one.astype(np.float32) if name.startswith("mask") else one for name, one in found.items()}


def judge(graph: Graph, feeds: dict[str, Any], got: dict[str, Any]) -> None:
    """Compare what was recorded with the engine, in floors and with the limit beside the anchors."""
    truth = mp.run(graph, feeds)
    floors = measure(graph, feeds, truth).outputs
    for name, array in got.items():
        judged = compare(name, array, truth[name], floors[name], dtypes=("float32",))
        assert judged.band in ("exact", "rounding"), judged
        np.testing.assert_allclose(array, truth[name], rtol=0, atol=LIMIT, err_msg=name)


@BOTH
def test_every_step_is_what_the_original_computed(name: str, recorded: Load) -> None:
    own = recorded(name)
    sizes = sizes_of(own)
    assert own.shapes() == sizes.shapes
    weights, feeds = drawn(sizes, 1), given(sizes, own.arrays)
    aside = ("in_", "mlm_logits", "codebook")
    steps = {f"{key}_a": one for key, one in own.arrays.items() if not key.startswith(aside)}
    steps["ranking_logits"] = steps.pop("ranking_logits_a")
    steps |= {key: one.transpose(0, 2, 1) for key, one in steps.items() if key.startswith("branch")}
    assert {"pooled_a", "layer1_a", "z_symbolic_a", "scores_a"} < set(steps)
    judge(pair_of(sizes, weights, outputs=tuple(steps)), feeds, steps)


def test_masked_words_are_what_the_original_computed(recorded: Load) -> None:
    own = recorded("s1_small")
    sizes = sizes_of(own)
    assert isinstance(sizes, TokenSizes)
    feeds = {"input_ids": own.arrays["in_masked_ids"], "mask": own.arrays["in_mask_a"].astype(np.float32)}
    judge(masked_of(sizes, drawn(sizes, 1)), feeds, {"mlm_logits": own.arrays["mlm_logits"]})


@BOTH
def test_modules_compute_the_same(name: str, recorded: Load) -> None:
    pytest.importorskip("torch")
    from modelparity_families.performance.symbolic.encoders.modules import module_of

    sizes = sizes_of(recorded(name))
    weights = drawn(sizes, 1)
    module = module_of(sizes, weights)
    assert set(module.state_dict()) == set(sizes.shapes)
    settings: dict[str, Any] = {"recipes": ["noise"], "explain": False}
    assert mp.check(scores_of(sizes, weights), module, **settings).band in ("exact", "rounding")
    other = {**weights, "attn_pool.0.bias": weights["attn_pool.0.bias"] * 1.2}
    assert mp.check(scores_of(sizes, weights), module_of(sizes, other), **settings).band == "wrong"


def test_codes_are_those_of_the_original(recorded: Load) -> None:
    """Of what is behind the layers; in training a code is drawn, and has a gradient."""
    torch = pytest.importorskip("torch")
    from modelparity_families.performance.symbolic.encoders.modules import FrameEncoder, module_of

    own = recorded("s3_small")
    sizes = sizes_of(own)
    module = module_of(sizes, drawn(sizes, 1))
    assert isinstance(module, FrameEncoder)
    assert isinstance(sizes, FrameSizes)
    found, which = module.codebook(torch.from_numpy(own.arrays["layer1"]))
    np.testing.assert_allclose(found.detach(), own.arrays["codebook_quantized"], rtol=0, atol=LIMIT)
    np.testing.assert_array_equal(which.argmax(dim=-1), own.arrays["codebook_indices"])
    torch.manual_seed(0)
    chosen, others = module.train().codebook(torch.from_numpy(own.arrays["layer1"]))
    assert (others != which).any()
    chosen.sum().backward()
    assert module.codebook.proj.weight.grad.abs().max() > 0


def test_padding_leaks_through_the_convolutions(recorded: Load) -> None:
    """S3's convolutions do not see the mask: a padded performance is not the performance alone. S1 has none."""
    own = recorded("s3_small")
    effect, sizes = own.told["padding_effect_on_z"], sizes_of(own)
    row = effect["row"]
    graph = scores_of(sizes, drawn(sizes, 1), outputs=("z_symbolic",))
    x, mask = own.arrays["in_features_a"][row : row + 1], own.arrays["in_mask_a"][row : row + 1]
    padded = mp.run(graph, {"features": x, "mask": mask.astype(np.float32)})["z_symbolic"]
    alone = mp.run(graph, {"features": x[:, : mask.sum()]})["z_symbolic"]
    np.testing.assert_allclose(np.abs(padded - alone).max(), effect["max_abs"], atol=1e-5)
    words = recorded("s1_small")
    sizes = sizes_of(words)
    graph = scores_of(sizes, drawn(sizes, 1), outputs=("z_symbolic",))
    x, mask = words.arrays["in_input_ids_a"], words.arrays["in_mask_a"]
    row = int(mask.sum(axis=1).argmin())
    count = int(mask[row].sum())
    assert count < mask.shape[1]
    padded = mp.run(graph, {"input_ids": x, "mask": mask.astype(np.float32)})["z_symbolic"][row]
    alone = mp.run(graph, {"input_ids": x[row : row + 1, :count]})["z_symbolic"][0]
    np.testing.assert_allclose(padded, alone, atol=1e-12)


@BOTH
def test_what_is_too_long_or_empty_is_named(name: str, recorded: Load) -> None:
    torch = pytest.importorskip("torch")
    from modelparity_families.performance.symbolic.encoders.modules import module_of

    sizes = sizes_of(recorded(name))
    module = module_of(sizes, drawn(sizes, 1))
    shape = (2, sizes.places + 1)
    long = torch.zeros(*shape, 5) if isinstance(sizes, FrameSizes) else torch.zeros(shape, dtype=torch.int64)
    with pytest.raises(InputError, match=f"{sizes.places + 1} {sizes.PLACE}s are more than"):
        module(long)
    mask = torch.ones(2, 8, dtype=torch.int64)
    assert module(long[:, :8], mask).isfinite().all()  # the original takes no mask of whole numbers
    mask[1] = 0
    with pytest.raises(InputError, match="row 1 of the mask is empty"):
        module(long[:, :8], mask)
    with pytest.raises(mp.errors.ModelparityError):
        mp.run(scores_of(sizes, drawn(sizes, 1)), {sizes.TAKES: long.numpy()})


def test_sizes_and_weights_that_do_not_fit_are_refused() -> None:
    sizes = TokenSizes(width=8, heads=2, layers=1, hidden=6, labels=3, places=10, vocabulary=7)
    own = drawn(sizes, 1)
    with pytest.raises(ArtefactError, match=r"'mlm_head\.3\.bias' is missing"):
        scores_of(sizes, {name: one for name, one in own.items() if name != "mlm_head.3.bias"})
    with pytest.raises(ArtefactError, match="another shape"):
        sizes.check({**own, "token_embed.weight": np.zeros((7, 8), np.float32)})
    with pytest.raises(InputError, match="no even multiple of the heads"):
        TokenSizes(width=9, heads=2)
    with pytest.raises(InputError, match="layers is no size"):
        TokenSizes(layers=0)
    with pytest.raises(InputError, match="layers is no size"):
        TokenSizes(layers=10**9)
    with pytest.raises(InputError, match="too small to be halved"):
        TokenSizes(hidden=1)
    with pytest.raises(InputError, match="as wide inside as z"):
        FrameSizes(width=8, hidden=6)
    with pytest.raises(InputError, match="lengths of kernels are odd"):
        FrameSizes(kernels=(3, 4))


@pytest.mark.parametrize("key", ["s1", "s3"])
def test_models_are_found_read_and_seeded(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorded: Load
) -> None:
    from safetensors.numpy import save_file

    model = models.model(key)
    assert models.small(key) == sizes_of(recorded(f"{key}_small"))
    feeds, wanted = model.anchor() or ({}, {})
    np.testing.assert_allclose(mp.run(model.load(), feeds)["scores"], wanted["scores"], atol=LIMIT)
    assert "not trained" in next(iter(model.remarks()))
    sizes = models.small(key)
    own, home = drawn(sizes, 5), tmp_path / key
    home.mkdir()
    monkeypatch.setenv("MODELPARITY_PERFORMANCE", str(tmp_path))
    with pytest.raises(ArtefactError, match=r"there is no model\.safetensors"):
        model.load()
    save_file({f"network.{name}": one for name, one in own.items()}, home / "model.safetensors")
    (home / "config.json").write_text(json.dumps(asdict(sizes)))
    assert model.load().hash == scores_of(sizes, own).hash
    assert not list(model.remarks())
    assert model.anchor() is None
    save_file({**own, "attn_pool.0.bias": own["attn_pool.0.bias"] * np.nan}, home / "model.safetensors")
    with pytest.raises(ArtefactError, match=r"'attn_pool\.0\.bias' is not finite"):
        model.load()
    (home / "config.json").write_text(json.dumps({"head": 4}))
    with pytest.raises(ArtefactError, match=r"(?s)no size 'head'.*heads"):
        model.load()
    (home / "config.json").write_text(json.dumps({"heads": 5}))
    with pytest.raises(ArtefactError, match=r"(?s)sizes of no encoder.*multiple"):
        model.load()
    with pytest.raises(FamilyError, match="no model 's9'"):
        models.model("s9")


@pytest.mark.parametrize("key", ["s1", "s3"])
def test_onnx_and_pytorch_compute_the_same(key: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    model = models.model(key)
    graph, (feeds, _) = model.load(), model.anchor() or ({}, {})
    assert not feeds["mask"].all()
    mp.convert(graph, tmp_path / "network.onnx")
    for candidate in (tmp_path / "network.onnx", model.candidate("torch")):
        verdict = mp.check(graph, candidate, inputs=dict(feeds), explain=False)
        assert verdict.band in ("exact", "rounding"), verdict
    assert model.candidate("onnxruntime") is None


@pytest.mark.skipif(not os.environ.get("MODELPARITY_WHOLE"), reason="MODELPARITY_WHOLE=1 tries it")
@pytest.mark.parametrize("key", ["s1", "s3"])
def test_ml_programs_compute_the_same(key: str, tmp_path: Path) -> None:
    pytest.importorskip("coremltools")
    graph = models.model(key).load()
    mp.convert(graph, tmp_path / "network.mlpackage")
    verdict = mp.check(graph, tmp_path / "network.mlpackage", recipes=["noise"], explain=False)
    assert verdict.band in ("exact", "rounding"), verdict


@pytest.mark.skipif(not os.environ.get("MODELPARITY_WHOLE"), reason="MODELPARITY_WHOLE=1: 38 M weights")
@pytest.mark.parametrize("key", ["s1", "s3"])
def test_at_whole_sizes(key: str, recorded: Load) -> None:
    """In float32 alone: truth in float64 was compared at small sizes."""
    own = recorded("symbolic_full")
    sizes: Sizes = TokenSizes(vocabulary=500) if key == "s1" else FrameSizes()
    assert own.told["shapes"][key] == {name: list(shape) for name, shape in sizes.shapes.items()}
    if key == "s1":
        x = ((seeded.uniform(1, "full/ids", (4, 128)) + 1) / 2 * 500).astype(np.int64)
        lengths = (128, 100, 64, 5)
    else:
        x, lengths = seeded.inputs(1, "full/f", (4, 200, 5)), (200, 150, 64, 5)
    mask = (np.arange(x.shape[1]) < np.array(lengths)[:, None]).astype(np.float32)
    graph = scores_of(sizes, drawn(sizes, 1), outputs=("z_symbolic", "scores"))
    found = mp.run(graph, {sizes.TAKES: x, "mask": mask}, arithmetic="float32")
    np.testing.assert_allclose(found["z_symbolic"], own.arrays[f"{key}_z"], rtol=0, atol=LIMIT)
    np.testing.assert_allclose(found["scores"], own.arrays[f"{key}_scores"], rtol=0, atol=LIMIT)
