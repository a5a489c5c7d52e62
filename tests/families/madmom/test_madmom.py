"""madmom's family: 67 models under keys that do not collide, each verified before it is read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.describe.summary import summary
from modelparity.errors import ArtefactError, Unavailable
from modelparity.inputs import make
from modelparity_families.madmom import FAMILY
from modelparity_families.madmom.architectures import architectures
from modelparity_families.madmom.listing import listing

KEYS = tuple(listing().models)


def test_67_models_65_of_them_networks() -> None:
    models = FAMILY.models()
    assert len(models) == 67
    assert [model.key for model in models] == sorted(model.key for model in models)
    assert Counter(entry.kind for entry in listing().models.values()) == {"network": 65, "crf": 2}
    assert all(model.fetched and model.family == "madmom" for model in models)
    assert Counter(bool(model.candidates) for model in models) == {True: 65, False: 2}


def test_ensembles() -> None:
    sizes = {name: len(members) for name, members in FAMILY.ensembles().items()}
    assert sizes == {
        "beats/2015/beats_blstm": 8,
        "beats/2016/beats_lstm": 8,
        "downbeats/2016/downbeats_bgru_harmonic": 6,
        "downbeats/2016/downbeats_bgru_rhythmic": 6,
        "downbeats/2016/downbeats_blstm": 8,
        "onsets/2013/onsets_brnn": 8,
        "onsets/2013/onsets_rnn": 8,
        "onsets/2014/onsets_brnn_pp": 8,
    }


def test_the_license_is_said() -> None:
    assert "CC BY-NC-SA" in FAMILY.notice


def test_an_absent_model_says_what_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path))
    for model in FAMILY.models():
        with pytest.raises(Unavailable, match=rf"(?s)madmom/{model.key}: .*modelparity fetch madmom"):
            model.load()


def test_a_changed_model_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path))
    path = tmp_path / "madmom-0.16.1" / f"{KEYS[0]}.pkl"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x80\x02N.")
    with pytest.raises(ArtefactError, match=r"(?s)not the one that madmom published.*fetch madmom"):
        FAMILY.models()[0].load()


def test_every_network_has_an_example_where_no_release_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path))
    examples = {model.key: model.example() for model in FAMILY.models()}
    assert [key for key, example in examples.items() if example is None] == [
        "chords/2016/chords_cnncrf",
        "chords/2016/chords_dccrf",
    ]
    found = [example for example in examples.values() if example is not None]
    assert len({example.hash for example in found}) == 65
    assert {example.source.format for example in found if example.source is not None} == {"untrained"}
    recorded = {name: own["structure"] for name, own in architectures().items()}
    assert {example.structure for example in found} == set(recorded.values())


@pytest.mark.parametrize("ensemble", architectures())
def test_examples_run_and_are_not_saturated(ensemble: str) -> None:
    model = next(model for model in FAMILY.models() if model.group == ensemble)
    graph = model.example(3)
    assert graph is not None
    assert "weights made from seed 3" in summary(graph)
    outputs = mp.run(graph, make(graph, "features", length=40))
    assert all(np.isfinite(array).all() for array in outputs.values())
    assert any(np.ptp(array) > 1e-4 for array in outputs.values()), "the output says nothing of the input"


@pytest.mark.models
@pytest.mark.parametrize("key", KEYS)
def test_every_pickle_loads(key: str) -> None:
    model = next(model for model in FAMILY.models() if model.key == key)
    try:
        graph = model.load()
    except Unavailable as error:
        pytest.skip(str(error))
    assert graph.name == key
    example = model.example()
    assert example is None or example.structure == graph.structure
    assert graph.source is not None
    assert graph.source.sha256 == listing().models[key].sha256
    assert graph.parameters > 0
    text = summary(graph)
    assert "layers[0]" in text or "crf" in text
    size = {"chords/2016/chords_cnnfeat": 113, "key/2018/key_cnn": 105}.get(key)
    if size is not None:
        assert graph.inputs[0].shape == ("time", size)
