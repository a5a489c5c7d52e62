"""The pipeline from sound to scores, against what the original computed of its parts; long recordings; checks."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, FamilyError, InputError
from modelparity_families.performance import FAMILY, seeded
from modelparity_families.performance.audio import models, pipeline
from modelparity_families.performance.audio.encoders import scores_of

Load = Callable[[str], Any]
RATE = 24_000
STAGES = ("audio", "logmel", "hidden", "embedding", "scores")


@pytest.fixture
def chain() -> Any:
    return FAMILY.pipelines()["muq"]


def test_stages_are_what_the_original_computed(chain: Any, recorded: Load) -> None:
    arrays = recorded("muq_small").arrays
    found = chain.run(audio=arrays["audio_0_i16"][0], rate=RATE)
    assert tuple(found) == STAGES
    np.testing.assert_allclose(found["logmel"], arrays["logmel_0"][0], rtol=0, atol=5e-3)
    np.testing.assert_allclose(found["hidden"], arrays["hidden_0"][1:], rtol=0, atol=1e-4)
    np.testing.assert_allclose(found["embedding"], arrays["layer_mean_0"], rtol=0, atol=1e-4)
    own = scores_of(*models._encoder("a1", models.SEEDED, 1))
    np.testing.assert_allclose(found["scores"], mp.run(own, found["embedding"][None])["scores"][0], atol=1e-6)
    assert found["scores"].shape == (19,)


def test_what_the_original_recorded_is_judged_as_rounding(chain: Any, recorded: Load) -> None:
    arrays = recorded("muq_small").arrays
    given = {"audio": arrays["audio_1_i16"][0], "rate": RATE}
    theirs = {"logmel": arrays["logmel_1"][0], "hidden": arrays["hidden_1"][1:]}
    verdict = chain.check(**given, **theirs, explain=False, until="hidden")
    assert verdict.ok, verdict
    slipped = chain.with_settings(outside="zeros").run(**given, until="logmel")["logmel"]
    verdict = chain.check(**given, logmel=slipped, until="logmel")
    assert verdict["logmel"].band == "wrong"
    assert "zeros" in str(verdict)


def test_long_recordings_are_chunks_one_behind_the_other(chain: Any, recorded: Load) -> None:
    audio = recorded("muq_small").arrays["audio_0_i16"][0]
    size = 9_600
    found = pipeline.embedding(audio, rate=RATE, size=size)
    alone = [
        chain.run(audio=audio[start : start + size], rate=RATE, until="embedding")
        for start in (0, size, 2 * size)
    ]
    np.testing.assert_array_equal(found, np.concatenate([one["embedding"] for one in alone]))
    whole = chain.run(audio=audio, rate=RATE, until="embedding")["embedding"]
    assert found.shape == whole.shape
    assert np.abs(found - whole).max() > 0.1  # chunks know nothing of each other
    assert chain.run(embedding=found)["scores"].shape == (19,)
    with pytest.raises(InputError, match="the last chunk has 1000 samples"):
        list(pipeline.chunks(audio[:10_600], size))
    with pytest.raises(InputError, match="the last chunk has 0 samples"):
        list(pipeline.chunks(audio[:0], size))
    # the facts: 90 001 samples give 94 vectors in one piece, and 95 in three
    assert [len(one) for one in pipeline.chunks(np.zeros(90_001), 30_001)] == [30_001, 30_001, 29_999]
    vectors = models.small().vectors
    assert (vectors(90_001 // 240), sum(vectors(n // 240) for n in (30_001, 30_001, 29_999))) == (94, 95)


@pytest.mark.parametrize(
    ("audio", "rate", "said"),
    [
        (np.zeros(2000), 44_100, r"(?s)24,000 samples a second only.*44100.*rate=24000"),
        (np.zeros(2000), None, "24,000"),
        (np.zeros(1024), RATE, "(?s)1024 samples are too few.*1025 to 720000"),
        (np.zeros(720_001), RATE, "(?s)too many.*by chunks"),
        (np.zeros((2, 2, 2000)), RATE, "not sound"),
        (np.full(2000, np.nan), RATE, "(?s)not finite.*2000 of 2000"),
        (np.zeros(2000, complex), RATE, "not sound"),
    ],
)
def test_what_is_no_such_sound_is_refused(chain: Any, audio: Any, rate: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        chain.run(audio=audio, rate=rate, until="audio")


def test_channels_are_averaged_and_whole_numbers_scaled() -> None:
    stereo = np.stack((np.full(2000, 16_384), np.zeros(2000)), axis=1).astype(np.int16)
    np.testing.assert_array_equal(pipeline.sound(stereo, rate=RATE), np.full(2000, 0.25, np.float32))


def test_models_are_found_read_and_seeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorded: Load
) -> None:
    from safetensors.numpy import save_file

    assert [one.key for one in FAMILY.models()] == ["a1", "a3", "muq", "s1", "s3"]
    assert len(list(FAMILY.remarks())) == 5
    with pytest.raises(FamilyError, match=r"(?s)no model 'a2'.*a1"):
        models.model("a2")
    given, wanted = models.model("muq").anchor() or ({}, {})
    np.testing.assert_allclose(
        mp.run(models.model("muq").load(), given)["hidden"], wanted["hidden"], atol=1e-5
    )
    sizes, weights = models._encoder("a1", models.SEEDED, 5)
    (tmp_path / "a1").mkdir()
    save_file(
        {f"network.{name}": one for name, one in weights.items()}, tmp_path / "a1" / "model.safetensors"
    )
    monkeypatch.setenv("MODELPARITY_PERFORMANCE", str(tmp_path))
    assert models.model("a1").load().hash == scores_of(sizes, weights).hash
    assert not list(models.model("a1").remarks())
    save_file({**weights, "other.weight": weights["attn.0.weight"]}, tmp_path / "a1" / "model.safetensors")
    with pytest.raises(ArtefactError, match=r"no weight 'other\.weight'"):
        models.model("a1").load()
    save_file({"other.weight": weights["attn.0.weight"]}, tmp_path / "a1" / "model.safetensors")
    with pytest.raises(ArtefactError, match="no weights of an audio model"):
        models.model("a1").load()


def test_checkpoints_of_learning_are_read(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from modelparity_families.performance.audio.encoders.reading import read

    sizes, weights = models._encoder("a3", models.SEEDED, 5)
    state = {f"network.{name}": torch.from_numpy(one) for name, one in weights.items()}
    torch.save({"state_dict": state, "hyper_parameters": {}}, tmp_path / "last.ckpt")
    found, held = read(tmp_path / "last.ckpt")
    assert found == sizes
    np.testing.assert_array_equal(held["attn.0.bias"], weights["attn.0.bias"])


@pytest.mark.parametrize("key", ["a1", "a3", "muq"])
def test_onnx_and_pytorch_compute_the_same(key: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    graph = models.model(key).load()
    path = tmp_path / "network.onnx"
    mp.convert(graph, path)
    names = ("embeddings", "mask") if key != "muq" else ("logmel", "mask")
    shape = (2, 6, 32) if key != "muq" else (2, 128, 24)
    mask = np.ones((2, shape[1] if key != "muq" else shape[2]), np.float32)
    mask[1, len(mask[1]) * 2 // 3 :] = 0
    given = {names[0]: seeded.inputs(3, "x", shape) * (1 if key != "muq" else 20), names[1]: mask}
    verdict = mp.check(graph, path, inputs=given, explain=False)
    assert verdict.band in ("exact", "rounding"), verdict
    module = models.model(key).candidate("torch")
    verdict = mp.check(graph, module, inputs=given, explain=False)
    assert verdict.band in ("exact", "rounding"), verdict


@pytest.mark.skipif(not os.environ.get("MODELPARITY_WHOLE"), reason="MODELPARITY_WHOLE=1 tries it")
@pytest.mark.parametrize("key", ["a1", "a3", "muq"])
def test_ml_programs_compute_the_same(key: str, tmp_path: Path) -> None:
    pytest.importorskip("coremltools")
    graph = models.model(key).load()
    path = tmp_path / "network.mlpackage"
    mp.convert(graph, path)
    verdict = mp.check(graph, path, recipes=["noise"], explain=False)
    assert verdict.band in ("exact", "rounding"), verdict
