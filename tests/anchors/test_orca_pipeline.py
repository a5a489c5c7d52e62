"""The pipeline from audio to a verdict, with the weights that upstream was run with, against what upstream said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp

HERE = Path(__file__).parent / "orca"
PORT = {"order": "port_file", "rule": "aggregate"}
#: What samples one step apart, where float32 and float64 round on an edge, do to a confidence.
NEAR = 1e-3


@pytest.mark.parametrize(
    ("name", "kind", "settings"),
    [
        ("stereo_48k_2s3", "fastai_smoothed", {}),
        ("stereo_48k_2s3", "fastai_plain", {"smooth": False}),
        ("mono_20k_4s3", "port_file/strict", PORT),
        ("quiet_22k05_1s3", "port_file/partial", {**PORT, "strict": False}),
        ("quiet_22k05_1s3", "fastai_plain", {}),
        (
            "mono_44k1_2s",
            "deployed/partial",
            {
                **PORT,
                "strict": False,
                "normalize": True,
                "window": 3.0,
                "hop": 2.0,
                "strategy": "mean_top_k",
            },
        ),
    ],
)
def test_verdicts(name: str, kind: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELPARITY_ORCA", raising=False)
    with np.load(HERE / f"frontend_{name}.npz", allow_pickle=False) as found:
        audio, rate = found["pcm"], found["sample_rate"]
        wanted = {key.rpartition("/")[2]: found[key] for key in found.files if key.startswith(f"{kind}/")}
    got = mp.pipeline("orca/detector", **settings).run(audio=audio, rate=rate)["verdict"]
    assert [row.start_s for row in got.rows] == list(wanted["start_s"])
    np.testing.assert_allclose([row.confidence for row in got.rows], wanted["confidence"], rtol=0, atol=NEAR)
    if "local_predictions" in wanted:
        assert [row.prediction for row in got.rows] == list(wanted["local_predictions"])
    prediction, confidence = wanted["global"]
    assert got.global_prediction == prediction
    assert got.global_confidence == pytest.approx(
        confidence, abs=NEAR * (1 if "port" in kind or "dep" in kind else 100)
    )
