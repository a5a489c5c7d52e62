"""The front end as a PyTorch module, against what the port computed, and what upstream's tolerance lets pass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp

torch = pytest.importorskip("torch")
ANCHORS = Path(__file__).parents[2] / "anchors" / "orca"


def passes_upstream(image: np.ndarray, wanted: np.ndarray) -> bool:
    """Upstream's own check: the 90th percentile of the difference is at most 0.02 dB; NaN is never more."""
    return not bool(np.percentile(np.abs(image - wanted), 90) > 2e-2)


def test_the_module_is_the_port() -> None:
    from modelparity_families.orca.front_end_module import FrontEnd

    with np.load(ANCHORS / "frontend_mono_20k_4s3.npz", allow_pickle=False) as found:
        pcm, wanted = found["pcm"], found["port_file/model_input_every4"]
    windows = mp.pipeline("orca/detector").run(audio=pcm, rate=20_000, until="windows")["windows"]
    with torch.inference_mode():
        got = FrontEnd()(torch.from_numpy(windows)).numpy()
    assert got.shape == (3, 1, 256, 312)
    assert np.abs(got[:, 0, :, ::4] - wanted).max() <= 6e-3


@pytest.mark.parametrize(
    "settings", [{"top_db": 80.0}, {"outside": "zeros"}, {"taper": "hann-symmetric"}], ids=str
)
def test_what_upstreams_tolerance_lets_pass(settings: dict[str, object]) -> None:
    with np.load(ANCHORS / "frontend_mono_44k1_2s.npz", allow_pickle=False) as found:
        audio = found["pcm"]
    right, wrong = (
        mp.pipeline("orca/detector", **own).run(audio=audio, rate=44_100, until="image")["image"]
        for own in ({}, settings)
    )
    assert np.abs(right - wrong).max() > 0.01
    assert passes_upstream(wrong, right)
    assert passes_upstream(np.full_like(right, np.nan), right)
