"""Windows in groups are those of the whole file, and bad input is a result or a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import InputError, ModelparityError
from modelparity_families.orca.detection import count, detect, groups, network_of
from modelparity_families.orca.verdict import Detections, verdict

soundfile = pytest.importorskip("soundfile")
SETTINGS: tuple[dict[str, Any], ...] = (
    {"order": "original"},
    {"order": "port_file", "strict": False},
    {"order": "port_file", "normalize": True, "window": 3.0, "hop": 2.0},
    {"order": "port_sliced", "hop": 0.5, "padding": "random", "seed": 3},
)


@pytest.mark.parametrize("settings", SETTINGS[:3])
@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (20_000, 1), (11_025, 1)])
def test_groups_are_the_whole(rate: int, channels: int, settings: dict[str, Any], tmp_path: Path) -> None:
    x = np.random.default_rng(rate).normal(0, 3000, (int(19.3 * rate), channels)).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", x, rate, subtype="PCM_16")
    pipeline = mp.pipeline("orca/detector", **settings)
    whole = pipeline.run(audio=x, rate=rate, until="image")["image"]
    found = np.concatenate(list(groups(tmp_path / "a.wav", pipeline)))
    assert count(pipeline, len(x), rate) == len(whole)
    np.testing.assert_allclose(found, whole, rtol=0, atol=1e-4)


def test_an_fft_of_a_file_in_pieces_is_refused(tmp_path: Path) -> None:
    x = np.random.default_rng(1).normal(0, 3000, 132_300).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", x, 44_100, subtype="PCM_16")
    cut_first, whole_first = (
        mp.pipeline("orca/detector", order=order, resample_way="fourier")
        for order in ("original", "port_file")
    )
    assert next(groups(tmp_path / "a.wav", cut_first)).shape == (2, 1, 256, 312)
    with pytest.raises(InputError, match=r"a\.wav: [\s\S]*read in pieces[\s\S]*order=original"):
        next(groups(tmp_path / "a.wav", whole_first))
    with pytest.raises(InputError, match="read in pieces"):  # before its loudest sample is looked for
        next(groups(tmp_path / "absent.wav", whole_first.with_settings(normalize=True)))


def test_random_padding_has_a_seed() -> None:
    x = np.random.default_rng(1).normal(0, 3000, 60_000).astype(np.int16)

    def image(**settings: Any) -> Any:
        return mp.pipeline("orca/detector", **settings).run(audio=x, rate=20_000, until="image")["image"]

    plain, one = image(), image(padding="random", seed=1)
    np.testing.assert_array_equal(one, image(padding="random", seed=1))
    assert not np.array_equal(one, image(padding="random", seed=2))
    for drawn, kept in zip(one[:, 0], plain[:, 0], strict=True):
        (columns,) = np.nonzero((drawn != 0).any(0))
        assert len(columns) == 157
        np.testing.assert_array_equal(drawn[:, columns], kept[:, :157])


@pytest.mark.parametrize("rate", [8000, 12_345, 44_100, 96_000, 192_000])
def test_silence_short_clips_and_any_rate(rate: int) -> None:
    pipeline = mp.pipeline("orca/detector")
    image = pipeline.run(audio=np.zeros((2 * rate, 3), np.int16), rate=rate, until="image")["image"]
    assert image.shape == (1, 1, 256, 312)
    assert (image[..., :157] == -100).all()
    for samples in (0, 1, rate):
        got = pipeline.run(audio=np.zeros(samples, np.float32), rate=rate)["verdict"]
        assert (got.rows, got.global_prediction) == ((), 0)
    part = mp.pipeline("orca/detector", strict=False).run(
        audio=np.zeros(rate // 50, np.int16), rate=rate, until="image"
    )
    assert part["image"].shape == (1, 1, 256, 312)


@pytest.mark.parametrize(
    "given",
    [
        {"audio": np.full(9, np.nan)},
        {"audio": np.zeros((2, 2, 2))},
        {"audio": np.zeros(5), "rate": 0},
        {"audio": np.zeros(5), "rate": 44_100.5},
        {"audio": ["a"]},
    ],
)
def test_refusals(given: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        mp.pipeline("orca/detector").run(**{"rate": 44_100, **given}, until="image")


@pytest.mark.parametrize(
    "settings", [{"padding": "mirror"}, {"order": "port"}, {"rule": "vote"}, {"windw": 2.0}]
)
def test_settings_that_are_none(settings: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        mp.pipeline("orca/detector", **settings).run(confidences=np.zeros(3), audio=np.zeros(99), rate=8000)


def nothing(images: Any) -> Any:
    """A network that knows nothing: logits of 0."""
    return np.zeros((len(images), 2), np.float32)


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg", "aiff"])
def test_kinds_of_files(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, (140_000, 2)), 44_100)
    found = detect(path, mp.pipeline("orca/detector"), nothing)
    assert (len(found.confidences), len(found.verdict.rows)) == (2, 3)
    assert found.spectrogram.shape[0] == 256


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg"])
@pytest.mark.parametrize("part", [0.0, 0.001, 0.5])
def test_files_that_are_cut_short(suffix: str, part: float, tmp_path: Path) -> None:
    """An error that names the file, or what is there: formats without a length of their own do not miss the rest."""
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 160_000), 44_100)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    errors = []
    try:
        found = len(detect(path, mp.pipeline("orca/detector"), nothing).confidences)
    except ModelparityError as error:
        errors, found = [str(error)], 0
    assert found < 3
    assert all(path.name in error for error in errors)
    assert errors or (part and suffix != "flac")


def test_a_file_that_is_no_sound(tmp_path: Path) -> None:
    for name, content in (("a.wav", b"no sound at all"), ("b.txt", b"words")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelparityError, match=name):
            detect(tmp_path / name, mp.pipeline("orca/detector"), nothing)


@pytest.mark.parametrize(("seconds", "windows"), [(1.0, 0), (1.99, 0), (2.0, 1), (4.5, 3)])
def test_a_last_batch_of_one_window(seconds: float, windows: int, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((round(seconds * 8000), 6)), 8000)
    pipeline = mp.pipeline("orca/detector")
    name, network = network_of(pipeline, batch=2)
    found = detect(tmp_path / "a.wav", pipeline, network)
    assert name in ("torch", "engine")
    assert len(found.confidences) == windows
    assert len(set(found.confidences.tolist())) == min(windows, 1)  # silence is silence in every batch


def test_verdicts_of_others_are_read_and_compared() -> None:
    mine = verdict(np.array([0.9, 0.2, 0.8], np.float32), rule="aggregate")
    kind = Detections()
    assert kind.compare(mine.port(wav_file_path="a.wav"), mine).agree
    other = verdict(np.array([0.9, 0.2, 0.8], np.float32), rule="original")
    assert not kind.compare(other.original(), mine).agree
    with pytest.raises(InputError, match="not a verdict"):
        kind.read({"rows": []})
