"""Weights from files: what is read, what is refused and told, and the module and the graph that they make."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import modelparity as mp
from modelparity.errors import ArtefactError, Unavailable
from modelparity_families.orca import FAMILY
from modelparity_families.orca.graph import graph_of
from modelparity_families.orca.layers import COUNTED, Layers, to_fastai
from modelparity_families.orca.reading import read
from modelparity_families.orca.weights import seeded, uniform

torch = pytest.importorskip("torch")


def state(weights):
    return {name: torch.from_numpy(array.copy()) for name, array in weights.items()}


def same(one, other) -> bool:
    return list(one) == list(other) and all(np.array_equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def weights(small: Layers):
    return seeded(small, 7)


def test_the_same_weights_of_every_kind_of_file(tmp_path: Path, small: Layers, weights) -> None:
    forms = {
        "port.pt": state(weights),
        "fastai.pth": {"model": state({to_fastai(name): one for name, one in weights.items()}), "opt": {}},
        "alone.pt": {"state_dict": state({name[6:]: one for name, one in weights.items()})},
        "half.pt": {name: one for name, one in state(weights).items() if not name.endswith(COUNTED)},
    }
    for name, form in forms.items():
        torch.save(form, tmp_path / name)
        got = read(tmp_path / name, small)
        if name == "half.pt":
            got = {one: weights[one] if one.endswith(COUNTED) else array for one, array in got.items()}
        assert same(got, weights), name
    save_file(weights, tmp_path / "model.safetensors")
    assert same(read(tmp_path / "model.safetensors", small), weights)


def test_module_and_graph_compute_the_same(small: Layers, weights) -> None:
    from modelparity_families.orca.network import module_of

    module = module_of(small, weights)
    assert same({name: one.numpy() for name, one in module.state_dict().items()}, weights)
    x = (-80 + 100 * uniform("test", "x", (2, 1, 256, 40))).astype(np.float32)
    graph = graph_of(small, weights, frames=None)
    with torch.no_grad():
        theirs = module.double()(torch.from_numpy(x).double()).numpy()
    np.testing.assert_allclose(theirs, mp.run(graph, x)["logits"], rtol=0, atol=1e-10)


def test_what_lacks_and_what_is_not_known_is_listed(tmp_path: Path, small: Layers, weights) -> None:
    changed = dict(weights)
    del changed["model.bn1.weight"], changed["model.fc.7.bias"]
    changed["model.fc.3.weight"] = changed["model.fc.3.weight"][:, 1:]
    changed["model.fc.5.bias"] = np.full_like(changed["model.fc.5.bias"], np.nan)
    changed["model.extra"] = np.zeros(3, np.float32)
    save_file({name: np.ascontiguousarray(one) for name, one in changed.items()}, tmp_path / "a.safetensors")
    with pytest.raises(ArtefactError) as raised:
        read(tmp_path / "a.safetensors", small)
    text = str(raised.value)
    for part in (
        "5 of the weights",
        "model.bn1.weight is missing",
        "model.fc.7.bias is missing",
        "model.fc.3.weight has shape (8, 255) instead of (8, 256)",
        "model.fc.5.bias is not finite",
        "model.extra is not known",
    ):
        assert part in text


def test_a_resnet_18_is_told_by_its_layers(tmp_path: Path) -> None:
    names = [
        f"layer{layer}.{block}.{part}.weight"
        for layer in (1, 2, 3, 4)
        for block in (0, 1)
        for part in ("conv1", "conv2", "bn1", "bn2")
    ]
    torch.save({name: torch.zeros(1) for name in ["conv1.weight", *names]}, tmp_path / "stg2-rn18.pt")
    with pytest.raises(ArtefactError, match=r"another network") as raised:
        read(tmp_path / "stg2-rn18.pt")
    assert "layers of 2, 2, 2, 2 basic blocks (ResNet-18)" in str(raised.value)
    assert "layers of 3, 4, 6, 3 bottlenecks (ResNet-50)" in str(raised.value)


class Ran:
    """What unpickling it would run."""

    def __reduce__(self):
        return (open, ("ran", "w"))


@pytest.mark.parametrize("save", ["pickle", "torch"])
def test_a_pickled_learner_is_refused_with_what_exports_it(
    save: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.pkl"
    if save == "pickle":
        path.write_bytes(pickle.dumps({"model": Ran()}, protocol=2))
    else:
        torch.save({"model": Ran()}, path)
    with pytest.raises(ArtefactError, match="runs code when it is loaded") as raised:
        read(path)
    assert "load_learner" in (raised.value.fix or "")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04 cut short"])
def test_what_is_no_file_of_weights(content: bytes, tmp_path: Path) -> None:
    for name in ("a.pt", "a.safetensors"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ArtefactError):
            read(tmp_path / name)
    with pytest.raises(ArtefactError, match="no such file"):
        read(tmp_path / "none.pt")


def test_dicts_of_anything_else_are_refused(tmp_path: Path) -> None:
    torch.save({"a": 1}, tmp_path / "a.pt")
    with pytest.raises(ArtefactError, match="not a state dict"):
        read(tmp_path / "a.pt")


def test_the_family_says_that_nobody_trained_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (model,) = FAMILY.models()
    assert model.key == "detector"
    assert "not trained: detector" in " ".join(FAMILY.remarks())
    source = model.load().source
    assert source is not None
    assert source.seed == 0
    monkeypatch.setenv("MODELPARITY_ORCA", str(tmp_path))
    with pytest.raises(Unavailable, match="MODELPARITY_ORCA"):
        model.load()
    save_file(seeded(Layers(), 3), tmp_path / "model.safetensors")
    trained = model.load()
    assert trained.source is not None
    assert trained.source.seed is None
    assert trained.hash == graph_of(Layers(), seeded(Layers(), 3)).hash
    assert list(FAMILY.remarks()) == []
