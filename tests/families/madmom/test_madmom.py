"""madmom's family: 67 models under keys that do not collide, each verified before it is read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from modelparity.describe.summary import summary
from modelparity.errors import ArtefactError, Unavailable
from modelparity_families.madmom import FAMILY
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


@pytest.mark.models
@pytest.mark.parametrize("key", KEYS)
def test_every_pickle_loads(key: str) -> None:
    model = next(model for model in FAMILY.models() if model.key == key)
    try:
        graph = model.load()
    except Unavailable as error:
        pytest.skip(str(error))
    assert graph.name == key
    assert graph.source is not None
    assert graph.source.sha256 == listing().models[key].sha256
    assert graph.parameters > 0
    text = summary(graph)
    assert "layers[0]" in text or "crf" in text
    size = {"chords/2016/chords_cnnfeat": 113, "key/2018/key_cnn": 105}.get(key)
    if size is not None:
        assert graph.inputs[0].shape == ("time", size)
