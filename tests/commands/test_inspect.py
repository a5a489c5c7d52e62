"""``modelparity inspect``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp

ROOT = Path(__file__).parents[2]
RTNEURAL, FAULTS = ROOT / "fixtures" / "rtneural", ROOT / "tests" / "hostile" / "rtneural"


def test_a_model_is_summaryd(modelparity, dnn):
    done = modelparity("inspect", dnn)
    assert done.code == 0
    assert done.out == mp.summary(mp.load(dnn)) + "\n"


def test_a_sound_file_has_nothing_wrong(modelparity):
    done = modelparity("inspect", RTNEURAL / "image.json")
    assert done.code == 0
    assert "nothing to be said of it" in done.out
    done = modelparity("inspect", RTNEURAL / "gru.json")
    assert done.code == 0
    assert "undecidable from the file alone" in done.out
    assert "gate-order: $.layers[1].weights (layer 1, gru)" in done.out


def test_findings_are_listed_and_are_1(modelparity):
    done = modelparity("inspect", FAULTS / "lstm_weights_hh_empty.json")
    assert done.code == 1
    assert "silent: recurrent-empty: $.layers[0].weights[1] (layer 0, lstm)" in done.out
    assert "next:     see that the exporter writes weights_hh" in done.out


def test_a_file_that_the_library_does_not_survive_has_all_its_findings(modelparity, tmp_path):
    made = json.loads((FAULTS / "activation_unknown.json").read_text())
    del made["in_shape"]
    (tmp_path / "two.json").write_text(json.dumps(made))
    done = modelparity("inspect", "two.json")
    assert done.code == 1
    assert "fails: in-shape: $.in_shape" in done.out
    assert "expected: [null, null, 3]" in done.out
    assert "fails: activation-unknown: $.layers[0].activation (layer 0, dense)" in done.out
    assert "two.json is not read" in done.out


def test_what_is_no_json_is_2(modelparity):
    done = modelparity("inspect", FAULTS / "text_truncated.json")
    assert done.code == 2
    assert "$.layers[1].weights[0][0][0]" in done.err


def test_the_source_settles_what_is_open(modelparity, tmp_path, dnn):
    gru = RTNEURAL / "gru.json"
    done = modelparity("inspect", gru, "--source", gru)
    assert (done.code, "settled" in done.out) == (0, True)
    made = json.loads(gru.read_text())
    made["layers"][1]["weights"] = [
        [[*r[4:8], *r[:4], *r[8:]] for r in block] for block in made["layers"][1]["weights"]
    ]
    (tmp_path / "wild.json").write_text(json.dumps(made))
    done = modelparity("inspect", "wild.json", "--source", gru)
    assert done.code == 1
    assert "silent: gate-order" in done.out
    assert "with layer1's gates r and z swapped" in done.out
    done = modelparity("inspect", dnn, "--source", dnn)
    assert done.code == 2
    assert "modelparity check" in done.err


def test_declared_beside_counted(modelparity, tmp_path):
    (tmp_path / "specs.toml").write_text('[lstm]\ninput = 3\noutput = 2\nparameters = 138\nmemory = "4 MB"\n')
    done = modelparity("inspect", RTNEURAL / "lstm.json", "--check-specs", "specs.toml")
    assert done.code == 0
    assert "DIFFERS" not in done.out
    (tmp_path / "specs.toml").write_text("[lstm]\nparameters = 154\n")
    done = modelparity("inspect", RTNEURAL / "lstm.json", "--check-specs", "specs.toml")
    assert done.code == 1
    assert "154" in done.out
    assert "138" in done.out
    assert "they part by +16" in done.out
    done = modelparity("inspect", RTNEURAL / "lstm.json", "--check-specs", "specs.toml", "--spec", "other")
    assert (done.code, "no spec 'other'" in done.err) == (2, True)


def test_a_golden_shows_what_it_is(modelparity, dnn, tmp_path):
    mp.golden(mp.load(dnn), seed=7).save(tmp_path / "g.safetensors")
    done = modelparity("inspect", "g.safetensors")
    assert done.code == 0
    assert "noise seed 7" in done.out
    assert mp.load(dnn).hash in done.out


def test_a_file_of_no_format_is_2(modelparity, tmp_path):
    (tmp_path / "x.bin").write_bytes(b"hello")
    done = modelparity("inspect", "x.bin")
    assert done.code == 2
    assert "no format recognises this file" in done.err


def test_an_unknown_format_is_2(modelparity, dnn):
    assert modelparity("inspect", dnn, "--format", "madmum").code == 2


@pytest.mark.parametrize("more", [[], ["--recipe", "noise", "--length", "5"]])
def test_what_float16_makes_of_it(modelparity, more):
    done = modelparity("inspect", ROOT / "fixtures" / "rnn.pkl", "--float16", *more)
    assert done.code == 0
    assert "headroom (bits)" in done.out
    assert "everything may be float16" in done.out


def test_what_float16_makes_of_it_as_json_and_on_given_inputs(modelparity, tmp_path):
    width = mp.load(ROOT / "fixtures" / "rnn.pkl").inputs[0].axes[-1].size
    np.savez(tmp_path / "x.npz", x=np.full((4, width), 1e6, np.float32))
    done = modelparity(
        "inspect", ROOT / "fixtures" / "rnn.pkl", "--float16", "--inputs", tmp_path / "x.npz", "--json", "-"
    )
    data = json.loads(done.out)
    assert data["tensors"][0]["headroom"] < 0
    assert data["inputs"] == {"given": True}
    assert done.code == int(not data["passes"])
    file = tmp_path / "found.json"
    assert modelparity("inspect", ROOT / "fixtures" / "rnn.pkl", "--float16", "--json", file).code == 0
    assert json.loads(file.read_text())["passes"] is True


@pytest.mark.parametrize(
    "options",
    [
        ["--json", "-"],
        ["--length", "3"],
        ["--recipe", "noise"],
        ["--float16", "--inputs", "x.npz", "--length", "3"],
    ],
)
def test_options_that_do_not_go_together(modelparity, options):
    done = modelparity("inspect", ROOT / "fixtures" / "rnn.pkl", *options)
    assert done.code == 2
    assert "--float16" in done.err or "--inputs" in done.err
