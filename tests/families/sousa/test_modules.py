"""The PyTorch modules: the original's weights, both of PyTorch's paths, and files of weights."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

import modelparity as mp
from modelparity.errors import ArtefactError, FamilyError, InputError, Unavailable
from modelparity_families.sousa import FAMILY
from modelparity_families.sousa.models import model
from modelparity_families.sousa.networks import Sizes, graph_of, read, seeded

torch = pytest.importorskip("torch")
modules = pytest.importorskip("modelparity_families.sousa.networks.modules")
Load = Callable[..., Any]
#: The seed that the original's first weights were drawn with.
SEED = 20261120


@pytest.mark.parametrize(("name", "kind", "seed"), [("onset", 0, SEED + 10), ("inference", 1, SEED + 11)])
def test_first_weights_are_drawn_as_the_original_draws_them(
    name: str, kind: int, seed: int, weights: Load
) -> None:
    torch.manual_seed(seed)
    module = (modules.OnsetTransformer, modules.FeatureInference)[kind]()
    state = module.state_dict()
    wanted = weights("init", name)
    assert list(state) == list(module.sizes.shapes)
    assert state.keys() == wanted.keys()
    for key, array in wanted.items():
        np.testing.assert_array_equal(state[key].numpy(), array)
    if name == "inference":
        torch.manual_seed(seed)
        first = modules.FeatureInference(Sizes.default("feature_inference", final_norm=False))
        assert len(first.state_dict()) == 41
        assert all(np.array_equal(one.numpy(), wanted[key]) for key, one in first.state_dict().items())


@pytest.mark.parametrize("case", ["nomask17", "holes17", "empty_row17", "pad17", "one"])
@pytest.mark.parametrize("name", ["onset", "inference"])
@pytest.mark.parametrize("final_norm", [True, False])
def test_both_paths_compute_what_the_reference_does(
    name: str, final_norm: bool, case: str, recorded: Load, weights: Load
) -> None:
    if name == "onset" and not final_norm:
        return
    own = weights("trained", name, final_norm=final_norm)
    sizes = Sizes.of(own)
    module, graph = modules.module_of(sizes, own), graph_of(sizes, own)
    given = {graph.inputs[0].name: recorded("models")[f"{name}/{case}/input"]}
    if f"{name}/{case}/mask" in recorded("models"):
        given["attention_mask"] = recorded("models")[f"{name}/{case}/mask"]
    want = mp.run(graph, given)[graph.outputs[0]]
    tensors = {key: torch.tensor(array) for key, array in given.items()}
    scale = np.abs(want).max()
    with torch.no_grad():
        np.testing.assert_allclose(module(**tensors), want, rtol=0, atol=5e-6 * scale)
    np.testing.assert_allclose(module(**tensors).detach(), want, rtol=0, atol=5e-6 * scale)


@pytest.mark.parametrize("name", ["onset", "inference"])
def test_a_batch_without_strokes_is_defined_on_both_paths(name: str, weights: Load) -> None:
    own = weights("trained", name)
    sizes = Sizes.of(own)
    module, graph = modules.module_of(sizes, own), graph_of(sizes, own)
    x, mask = np.ones((2, 5, sizes.input), np.float32), np.zeros((2, 5), np.float32)
    want = mp.run(graph, {graph.inputs[0].name: x, "attention_mask": mask})[graph.outputs[0]]
    with torch.no_grad():
        fused = module(torch.tensor(x), torch.tensor(mask))
    assert np.isfinite(want).all()
    np.testing.assert_allclose(fused, want, rtol=0, atol=1e-5)
    plain = module(torch.tensor(x), torch.tensor(mask)).detach()
    np.testing.assert_allclose(plain, want, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("count", "said"), [(0, "no strokes"), (257, "(?s)257 strokes.*256 at most")])
def test_modules_refuse_no_strokes_and_too_many(count: int, said: str) -> None:
    for kind in (modules.OnsetTransformer, modules.FeatureInference):
        module = kind()
        with pytest.raises(InputError, match=said):
            module(torch.zeros(1, count, module.sizes.input))


def test_a_network_is_made_of_its_configuration() -> None:
    small = modules.OnsetTransformer.from_config({"d_model": 32, "nhead": 8, "pretrained": True})
    assert small.get_config()["nhead"] == 8
    assert modules.OnsetTransformer.from_config(small.get_config()).sizes == small.sizes
    first = modules.FeatureInference.from_config({}, final_norm=False)
    assert not first.sizes.final_norm
    with pytest.raises(ArtefactError, match="num_classes"):
        modules.FeatureInference.from_config({"num_classes": 40})


def test_files_of_every_kind_are_read(tmp_path: Path, weights: Load) -> None:
    own = weights("trained", "inference", final_norm=False)
    tensors = {name: torch.tensor(array) for name, array in own.items()}
    save_file(own, tmp_path / "a.safetensors")
    torch.save(tensors, tmp_path / "b.bin")
    lightning = {f"model.{name}": one for name, one in tensors.items()}
    torch.save({"state_dict": lightning, "hyper_parameters": {"config": {"nhead": 8}}}, tmp_path / "c.ckpt")
    for name, heads in (("a.safetensors", 4), ("b.bin", 4), ("c.ckpt", 8)):
        sizes, found = read(tmp_path / name)
        assert (sizes.heads, sizes.final_norm) == (heads, False)
        assert all(np.array_equal(found[key], array) for key, array in own.items())


def test_the_configuration_beside_a_file_says_how_many_heads(tmp_path: Path, weights: Load) -> None:
    save_file(weights("small", "onset"), tmp_path / "onset_transformer.safetensors")
    beside = tmp_path / "onset_transformer_config.json"
    beside.write_text(json.dumps({"nhead": 8, "d_model": 32}))
    assert read(tmp_path / "onset_transformer.safetensors")[0].heads == 8
    for text, said in (("{", "not a configuration"), ('{"nhead": "x"}', "nhead"), ("[]", "not a conf")):
        beside.write_text(text)
        with pytest.raises(ArtefactError, match=said):
            read(tmp_path / "onset_transformer.safetensors")


class Evil:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("was-run",)


def test_files_that_are_none_are_refused_and_nothing_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: Load
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Evil()}, "evil.ckpt")
    with pytest.raises(ArtefactError, match="safe to load"):
        read(tmp_path / "evil.ckpt")
    assert not (tmp_path / "was-run").exists()
    (tmp_path / "x.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(ArtefactError, match="not a safetensors file"):
        read(tmp_path / "x.safetensors")
    with pytest.raises(ArtefactError, match="not readable"):
        read(tmp_path / "absent.safetensors")
    own = weights("init", "onset")
    save_file({**own, "classifier.bias": np.full(40, np.nan, np.float32)}, tmp_path / "nan.safetensors")
    with pytest.raises(ArtefactError, match=r"'classifier\.bias' is not finite"):
        read(tmp_path / "nan.safetensors")
    torch.save({"state_dict": {"classifier.weight": "text"}}, "text.ckpt")
    with pytest.raises(ArtefactError, match="is no weight"):
        read(tmp_path / "text.ckpt")


def untrained() -> list[str]:
    """What is said of models, each once."""
    return [*FAMILY.remarks(), *(line for one in FAMILY.models() for line in one.remarks())]


def test_the_family_lists_its_networks_and_says_that_they_are_untrained() -> None:
    keys = [one.key for one in FAMILY.models()]
    assert keys == ["feature_inference", "feature_inference/first", "onset_transformer"]
    for one in FAMILY.models():
        graph = one.load()
        assert graph.source is not None
        assert graph.source.seed == 0
        assert mp.check(graph, one.candidate("torch"), runtime="torch", recipes=["one_frame"]).ok
        example = one.example(3)
        assert example is not None
        assert example.hash != graph.hash
    assert untrained() == [f"sousa/{key}: weights made from a seed, not trained" for key in keys]
    with pytest.raises(FamilyError, match=r"(?s)onset_transformr.*onset_transformer"):
        model("onset_transformr")


def test_a_folder_of_weights_takes_the_place_of_seeded_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: Load
) -> None:
    """As the published repository has it: two .bin files, the one of features in its first form here."""
    monkeypatch.setenv("MODELPARITY_SOUSA", str(tmp_path / "hub"))
    with pytest.raises(Unavailable, match="MODELPARITY_SOUSA names a folder that is not there"):
        model("onset_transformer").path()
    (tmp_path / "hub").mkdir()
    for name, file, form in (
        ("onset", "pytorch_model.bin", True),
        ("inference", "feature_inference_model.bin", False),
    ):
        found = {key: torch.tensor(a) for key, a in weights("trained", name, final_norm=form).items()}
        torch.save(found, tmp_path / "hub" / file)
    graph = model("onset_transformer").load()
    np.testing.assert_array_equal(
        graph.constants["classifier.bias"], weights("trained", "onset")["classifier.bias"]
    )
    trained = {key: model(key).load() for key in ("feature_inference", "feature_inference/first")}
    assert trained["feature_inference"].source.seed == 0  # type: ignore[union-attr]
    assert trained["feature_inference/first"].source.seed is None  # type: ignore[union-attr]
    assert len(untrained()) == 1
    (tmp_path / "hub" / "pytorch_model.bin").write_bytes(
        (tmp_path / "hub" / "feature_inference_model.bin").read_bytes()
    )
    with pytest.raises(ArtefactError, match="weights of another network"):
        model("onset_transformer").load()


def test_seeded_weights_make_a_module() -> None:
    sizes = Sizes.default("feature_inference")
    with pytest.raises(ArtefactError, match="is missing"):
        modules.module_of(sizes, {})
    state = torch.random.get_rng_state()
    modules.module_of(sizes, seeded(sizes))
    assert torch.equal(state, torch.random.get_rng_state())
