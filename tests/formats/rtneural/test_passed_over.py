"""What a file says beside its layers, and an activation that is misspelt."""

from __future__ import annotations

import json

import pytest

from modelparity.formats.rtneural import examine


def found(tmp_path, activation="tanh", **beside):
    path = tmp_path / "net.json"
    dense = {"type": "dense", "activation": activation, "shape": [None, None, 1], "weights": [[[0.5]], [0.1]]}
    path.write_text(json.dumps({"in_shape": [None, None, 1], "layers": [dense], **beside}))
    return {(one.kind, one.where): one for one in examine(path)}


@pytest.mark.parametrize("key", ["in_skip", "in_gain", "out_gain"])
def test_what_players_of_captures_act_upon_is_named(key, tmp_path):
    one = found(tmp_path, **{key: 1})["player-field", f"$.{key}"]
    assert one.level == "note"
    assert "RTNeural does not look at this field: what plays the file" in one.what
    assert one.fix


def test_other_fields_are_named_with_the_one_that_may_be_meant(tmp_path):
    findings = found(tmp_path, samplerate=48000, in_skp=1)
    assert findings["field-unknown", "$.samplerate"].expected is None
    assert findings["field-unknown", "$.in_skp"].expected == "in_skip"


@pytest.mark.parametrize(("name", "meant"), [("Tanh", "tanh"), ("sigmod", "sigmoid"), ("ReLU", "relu")])
def test_a_misspelt_activation_comes_with_the_one_meant(name, meant, tmp_path):
    one = found(tmp_path, activation=name)["activation-unknown", "$.layers[0].activation"]
    assert one.fix == f"write {meant!r}, if that is meant"


def test_an_activation_like_none_comes_with_what_to_train(tmp_path):
    one = found(tmp_path, activation="swish")["activation-unknown", "$.layers[0].activation"]
    assert one.fix.startswith("train with one of these")
