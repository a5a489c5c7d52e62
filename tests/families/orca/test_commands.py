"""The family's commands, and repositories of weights: local ones, with weights that nobody trained."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import modelparity as mp
from modelparity.errors import ArtefactError, InputError, Unavailable
from modelparity_families.orca.hub import from_pretrained, prepared
from modelparity_families.orca.layers import Layers, to_fastai
from modelparity_families.orca.weights import seeded

torch = pytest.importorskip("torch")
soundfile = pytest.importorskip("soundfile")


@pytest.fixture(scope="module")
def weights():
    return seeded(Layers(), 5)


def test_extract(command, weights, tmp_path: Path) -> None:
    save_file({to_fastai(name): one for name, one in weights.items()}, tmp_path / "learner.safetensors")
    code, out, _ = command("extract", "learner.safetensors", "--to", "out")
    assert code == 0
    assert "332 arrays" in out
    found = load_file(tmp_path / "out/model.safetensors")
    assert found.keys() == weights.keys()
    assert all(np.array_equal(found[name], one) for name, one in weights.items())
    some = {name: one for name, one in weights.items() if not name.startswith("model.bn1.")}
    save_file({**some, "model.more": np.zeros(2, np.float32)}, tmp_path / "some.safetensors")
    code, out, _ = command("extract", "some.safetensors")
    assert code == 1
    assert out.count("is missing") == 4
    assert "model.more is not known" in out
    torch.save(torch.nn.Linear(2, 2), tmp_path / "model.pkl")
    code, _, errors = command("extract", "model.pkl")
    assert code == 2
    assert "load_learner" in errors


def test_detect_and_reaggregate(command, tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    x = np.random.default_rng(1).normal(0, 0.1, (44_100 * 3, 2))
    soundfile.write(tmp_path / "in/a.wav", x, 44_100)
    soundfile.write(tmp_path / "in/deep/short.flac", x[:20_000, 0], 44_100)
    (tmp_path / "in/broken.wav").write_bytes(b"RIFF and no more")
    code, _, errors = command("detect", "in")
    assert code == 2
    assert "--untrained" in errors
    code, out, _ = command("detect", "in", "--untrained", "--set", "rule=port", "--set", "minimum=1")
    assert code == 2  # one file is none
    assert "broken.wav" in out
    found = json.loads((tmp_path / "orca/a.wav.json").read_text("utf-8"))
    assert (len(found["confidences"]), found["trained"], found["settings"]["rule"]) == (2, False, "port")
    assert json.loads((tmp_path / "orca/deep/short.flac.json").read_text("utf-8"))["confidences"] == []
    assert (tmp_path / "orca/a.wav.svg").read_text("utf-8").startswith("<svg")
    lines = (tmp_path / "orca/summary.csv").read_text("utf-8").splitlines()
    assert (
        lines[0] == "file_path,global_prediction,global_confidence,num_positive_segments,num_total_segments"
    )
    assert len(lines) == 3
    whole = mp.pipeline("orca/detector").run(audio=x, rate=44_100, until="image")["image"]
    assert len(whole) == 2
    code, out, _ = command("detect", "orca", "--reaggregate", "--set", "rule=original")
    assert code == 0
    again = json.loads((tmp_path / "orca/a.wav.json").read_text("utf-8"))
    assert len(again["verdict"]["rows"]) == 3
    assert again["confidences"] == found["confidences"]
    code, _, errors = command("detect", "in", "--untrained", "--set", "padding_mode=random")
    assert code == 2
    assert "padding_mode" in errors


def test_a_repository_is_put_together_and_read_back(command, weights, tmp_path: Path) -> None:
    save_file(weights, tmp_path / "w.safetensors")
    (tmp_path / "terms").write_text("a license\n", "utf-8")
    code, out, _ = command(
        "publish", "w.safetensors", "--to", "someone/orca", "--license", "terms", "--dry-run"
    )
    assert code == 0
    assert all(
        name in out
        for name in ("README.md", "LICENSE", "config.json", "model.safetensors", "nothing was sent")
    )
    code, out, _ = command("publish", "w.safetensors", "--to", "./repository", "--license", "terms")
    assert code == 0
    got = from_pretrained(tmp_path / "repository")
    assert all(np.array_equal(got.weights[name], one) for name, one in weights.items())
    pipeline = got.pipeline(minimum=2)
    assert pipeline.settings["order"] == "port_file"
    assert pipeline.settings["rule"] == "aggregate"
    assert pipeline.settings["global_threshold"] == 0.6
    assert pipeline.settings["minimum"] == 2
    assert {name: one.shape for name, one in got.module().state_dict().items()} == Layers().shapes


def test_a_configuration_with_an_unknown_key_is_refused(small: Layers, tmp_path: Path) -> None:
    (tmp_path / "terms").write_text("a license\n", "utf-8")
    config = tmp_path / "config.json"
    for text, named in (
        ('{"global_prediction": {"local_conf_threshold": 0.5}}', "pred_local_threshold"),
        ('{"inferences": {}}', "inference"),
        ('{"audio": {"downmix_mono": false}}', "downmix_mono"),
    ):
        config.write_text(text, "utf-8")
        with pytest.raises(InputError, match=named):
            prepared(seeded(small), config, tmp_path / "terms", tmp_path / "to")
    config.write_text("[]", "utf-8")
    with pytest.raises(ArtefactError, match="not a configuration"):
        prepared(seeded(small), config, tmp_path / "terms", tmp_path / "to")


def test_what_is_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("huggingface_hub")
    with pytest.raises(ArtefactError, match="there are no weights"):
        from_pretrained(tmp_path)
    with pytest.raises((InputError, Unavailable)):
        from_pretrained("no repository at all!")
