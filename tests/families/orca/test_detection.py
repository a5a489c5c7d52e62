"""Windows in groups are those of the whole file, and bad input is a result or a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import InputError, ModelparityError
from modelparity_families.orca.detection import count, groups
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


@pytest.mark.parametrize("rate", [8000, 12_345, 192_000])
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


def test_files_that_are_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 100_000), 20_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ModelparityError, match=r"a\.flac"):
        list(groups(path, mp.pipeline("orca/detector")))


def test_verdicts_of_others_are_read_and_compared() -> None:
    mine = verdict(np.array([0.9, 0.2, 0.8], np.float32), rule="aggregate")
    kind = Detections()
    assert kind.compare(mine.port(wav_file_path="a.wav"), mine).agree
    other = verdict(np.array([0.9, 0.2, 0.8], np.float32), rule="original")
    assert not kind.compare(other.original(), mine).agree
    with pytest.raises(InputError, match="not a verdict"):
        kind.read({"rows": []})
