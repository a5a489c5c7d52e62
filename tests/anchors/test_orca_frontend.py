"""OrcaHello's front end against what its original and its port computed: samples bit for bit, images cell by cell."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.stages import Pipeline
from modelparity_families.mel_filters import filters
from modelparity_families.orca import frontend

HERE = Path(__file__).parent / "orca"
CLIPS = ("mono_44k1_2s", "stereo_48k_2s3", "mono_20k_4s3", "quiet_22k05_1s3")
#: dB between float32 and float64 of the same steps, in the worst cell of these clips; the mean stays below a tenth.
FLOOR = 3e-3
#: The same where some samples of 16 bits come out one step apart: float32 and float64 round on the edge between two.
STEPS = 0.15


@cache
def arrays(name: str) -> dict[str, Any]:
    with np.load(HERE / f"{name}.npz", allow_pickle=False) as found:
        return {key: found[key] for key in found.files}


def clip(name: str) -> dict[str, Any]:
    return arrays(f"frontend_{name}")


def detector(name: str, **settings: Any) -> Pipeline:
    """The pipeline; the quiet clip is shorter than a window."""
    return mp.pipeline("orca/detector", strict=name != CLIPS[3], **settings)


def as_float32(name: str, until: str, **settings: Any) -> dict[str, Any]:
    """Stages up to one, computed in float32 as upstream does."""
    a = clip(name)
    graph = detector(name, **settings).graph(until, dtype="int16", channels=a["pcm"].shape[1])
    given = {"audio": a["pcm"], "rate": a["sample_rate"]}
    return dict(mp.run(graph, {spec.name: given[spec.name] for spec in graph.inputs}, arithmetic="native"))


def test_filters_bit_for_bit() -> None:
    found = arrays("axes")
    rows, wanted = found["filterbank_f32"], np.zeros((1281, 256), np.float32)
    wanted[rows[:, 0].astype(int), rows[:, 1].astype(int)] = rows[:, 2]
    got = filters(1281, 256, rate=16_000, low=0.0, high=10_000.0, scale="htk", norm="none")
    np.testing.assert_array_equal(got, wanted)
    assert not got[:, 238:].any()
    assert got[:, 237].any()


@pytest.mark.parametrize("name", CLIPS)
def test_samples_of_16_bits_bit_for_bit(name: str) -> None:
    wanted = clip(name)["fastai/pcm_20k"]
    got = as_float32(name, "windows", order="original")["windows"][0, : len(wanted)]
    np.testing.assert_array_equal(got * 32_768, wanted)


@pytest.mark.parametrize("name", [one for one in CLIPS if "port/waveform" in clip(one)])
def test_resampled_bit_for_bit(name: str) -> None:
    a = clip(name)
    mono = a["pcm"].astype(np.float32).mean(1, dtype=np.float32) / np.float32(32_768)
    graph = frontend.resampled(order="port_file", pcm="none")
    got = mp.run(graph, {"mono": mono, "rate": a["sample_rate"]}, arithmetic="native")["resampled"]
    np.testing.assert_array_equal(got, a["port/waveform"])


@pytest.mark.parametrize("name", CLIPS)
def test_the_whole_clip_as_one_window(name: str) -> None:
    a = clip(name)
    wave = a.get("port/waveform", a["pcm"][:, 0].astype(np.float32) / np.float32(32_768))
    power = mp.run(frontend.mel_power(), wave[None])["power"]
    assert power.shape == (1, 256, a["port/n_frames"])
    assert np.abs(power[0, :, ::4] - a["port/mel_power_every4"]).max() <= 1e-6 * power.max()
    image = mp.run(frontend.image(), mp.run(frontend.decibels(), power)["decibels"])["image"]
    off = np.abs(image[0, 0] - a["port/model_input"])
    assert off.max() <= FLOOR
    assert off.mean() <= FLOOR / 10
    frames = min(312, int(a["port/n_frames"]))
    assert not image[..., frames:].any()


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize("order", ["original", "port_file", "port_sliced"])
def test_images(order: str, name: str) -> None:
    a = clip(name)
    key = f"{'fastai' if order == 'original' else order}/model_input_every4"
    if key not in a:
        assert (order, name) == ("port_file", CLIPS[3])
        return
    wanted = a[key] if order == "port_file" else a[key][None]
    run = detector(name, order=order).run(audio=a["pcm"], rate=a["sample_rate"], until="image")["image"][:, 0]
    exact = (
        name in CLIPS[2:] or order == "port_sliced"
    )  # nothing is rounded before 16 bits, or there are none
    off = np.abs(run[: len(wanted), :, ::4] - wanted)
    assert off.max() <= (FLOOR if exact else STEPS)
    assert off.mean() <= FLOOR / 3
    alike = as_float32(name, "image", order=order)["image"][:, 0]
    off = np.abs(alike[: len(wanted), :, ::4] - wanted)
    assert off.max() <= 2 * FLOOR  # both are as far off as float32 is
    assert off.mean() <= FLOOR / 10
    assert not run[:, :, 157:].any()


def test_where_the_orders_agree_and_where_not() -> None:
    for name, most in ((CLIPS[0], 0.0), (CLIPS[2], 0.0), (CLIPS[1], 5.9)):
        one, other = (as_float32(name, "image", order=order)["image"] for order in ("original", "port_file"))
        off = np.abs(one - other).max()
        assert off == 0 if most == 0 else 5.8 < off < most


@pytest.mark.parametrize("name", CLIPS)
def test_the_deployed_configuration_normalises(name: str) -> None:
    a = clip(name)
    settings = {"order": "port_file", "window": 60.0, "normalize": True, "pcm": "none"}
    whole = mp.pipeline("orca/detector", strict=False, **settings)
    got = whole.run(audio=a["pcm"], rate=a["sample_rate"], until="image")
    assert np.abs(got["image"][0, 0, :, ::8] - a["deployed/model_input_every8"]).max() <= FLOOR
    quiet = mp.pipeline("orca/detector", order="port_file", pcm="none").run(
        audio=a["pcm"], rate=a["sample_rate"], until="resampled"
    )
    assert abs(np.abs(quiet["resampled"]).max() - a["deployed/peak"]) <= 1e-6


def test_published_images_have_the_invariants_that_ours_have() -> None:
    found = arrays("published")
    for place in range(3):
        image = found[f"segment_{place}/mel_standardized_first157"]
        assert image.max() - image.min() == 100
        assert (image[238:] == image.min()).all()
