"""madmom's front ends: shapes, odd input, streams, and each stage as it was found to be, a frame at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import modelparity as mp
from modelparity import run, stream
from modelparity.errors import InputError, NotCausalError
from modelparity.graph import joined
from modelparity_families.madmom.frontends import PROCESSORS, front_end, whole
from modelparity_families.madmom.frontends.differences import lag_of
from modelparity_families.madmom.frontends.filterbanks import bins_of, mel_frequencies, triangles

#: Processor -> (frames more than ceil(n / hop) where there are some, rest of the shape, frames a second).
SHAPES = {
    "beats_blstm": (0, (266,), 100),
    "beats_lstm_online": (0, (162,), 100),
    "downbeats_blstm": (0, (314,), 100),
    "onsets_brnn": (0, (266,), 100),
    "onsets_rnn_online": (0, (236,), 100),
    "notes_brnn": (0, (482,), 100),
    "onsets_cnn": (14, (80, 3), 100),
    "onsets_brnn_pp": (0, (1,), 100),
    "chroma_dnn": (0, (1575,), 10),
    "chords_cnnfeat": (22, (113,), 10),
    "key_cnn": (0, (105,), 5),
    "bars_rhythmic": (0, (45,), 100),
}
ONLINE = ("beats_lstm_online", "onsets_rnn_online")
RNG = np.random.default_rng(7)
CLIP = (np.sin(np.arange(9000) ** 1.5 / 300) * 9000 + RNG.normal(size=9000) * 300).astype(np.int16)


def features(name: str, x: Any, **settings_: Any) -> Any:
    channels = None if x.ndim == 1 else x.shape[1]
    return run(whole(name, dtype=x.dtype.name, channels=channels, **settings_), x)["features"]


def test_every_front_end_has_a_shape() -> None:
    assert SHAPES.keys() == PROCESSORS.keys()


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("n", [0, 1, 2, 441, 442, 4411])
def test_as_many_frames_as_hops_begin(name: str, n: int) -> None:
    more, rest, fps = SHAPES[name]
    frames = math.ceil(n * fps / 44_100)
    extra = 0 if name == "onsets_cnn" and not frames else more
    y = features(name, CLIP[:n])
    assert y.shape == (frames + extra, *rest)
    assert np.isfinite(y).all()


def test_a_graph_holds_no_clip() -> None:
    """However long the audio, a front end is as small as its filters."""
    for name in PROCESSORS:
        graph = whole(name)
        assert sum(a.nbytes for a in graph.constants.values()) < 3 << 20
        assert graph.inputs[0].axes[0].size is None


def one_frame(x: Any, i: int, size: int, hop: float, origin: int, largest: float) -> Any:
    """The spectrum of frame i, of samples that are looked up one by one."""
    start = int(i * hop) - size // 2 - origin
    frame = np.array([x[at] if 0 <= at < len(x) else 0 for at in range(start, start + size)], np.float64)
    k = np.arange(size)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * k / (size - 1))) / largest
    return np.abs(np.fft.fft(frame * window)[: size // 2])


def filters(size: int, per_octave: int, low: float = 30, high: float = 17_000, norm: bool = True) -> Any:
    """A logarithmic filterbank, a bin at a time."""
    j = np.arange(-200, 400)
    f = 440 * 2.0 ** (j / per_octave)
    f = f[(f >= low) & (f <= high)]
    at = np.arange(size // 2) * 44_100 / size
    bins = sorted({min(range(size // 2), key=lambda k: (abs(at[k] - one), -k)) for one in f})
    matrix = np.zeros((size // 2, len(bins) - 2))
    for band, (a, c, z) in enumerate(zip(bins, bins[1:], bins[2:], strict=False)):
        for k in range(a, z):
            matrix[k, band] = (k - a) / (c - a) if k < c else 1 - (k - c) / (z - c)
        matrix[:, band] /= matrix[:, band].sum() if norm else 1
    return matrix


def by_hand(x: Any, size: int, per_octave: int, mul: float, lag: int, origin: int, largest: float) -> Any:
    """[S, D] of one frame size."""
    count = math.ceil(len(x) / 441)
    spectrum = np.array([one_frame(x, i, size, 441.0, origin, largest) for i in range(count)])
    s = np.log10(mul * (spectrum @ filters(size, per_octave)) + 1)
    d = np.array([np.maximum(0, s[t] - s[t - lag]) if t >= lag else 0 * s[t] for t in range(count)])
    return np.concatenate((s, d), axis=1)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("onsets_brnn", ((1024, 6, 1), (2048, 6, 2), (4096, 6, 3))),
        ("onsets_rnn_online", ((512, 6, 1), (1024, 6, 1), (2048, 6, 2))),
    ],
)
@pytest.mark.parametrize(("dtype", "largest"), [("int16", 32767.0), ("uint8", 255.0), ("float64", 1.0)])
def test_a_front_end_is_what_it_was_found_to_be(name: str, parts: Any, dtype: str, largest: float) -> None:
    x = CLIP[:4000] if dtype == "int16" else (CLIP[:4000] / 32767 * min(largest, 100)).astype(dtype)
    origins = [(size - 1) // 2 if name.endswith("online") else 0 for size, _, _ in parts]
    want = [
        by_hand(x, size, per_octave, 5.0, lag, origin, largest)
        for (size, per_octave, lag), origin in zip(parts, origins, strict=True)
    ]
    np.testing.assert_allclose(features(name, x), np.concatenate(want, axis=1), atol=3e-7)


def test_superflux_is_what_it_was_found_to_be() -> None:
    x = CLIP[:3000]
    spectrum = np.array([one_frame(x, i, 2048, 441.0, 0, 32767.0) for i in range(7)])
    s = np.log10(spectrum @ filters(2048, 24, norm=False) + 1)
    assert s.shape[1] == 140
    past = np.array([[row[max(0, b - 1) : b + 2].max() for b in range(140)] for row in s])
    total = [np.maximum(0, s[t] - past[t - 1]).sum() if t else 0.0 for t in range(7)]
    np.testing.assert_allclose(features("onsets_brnn_pp", x)[:, 0], total, rtol=1e-6)


def test_context_margin_and_repetition() -> None:
    x = CLIP
    log = joined(list(front_end("chroma_dnn").values()), outputs=("log_8192",))
    s = run(log, x)["log_8192"]
    padded = np.pad(s, ((7, 7), (0, 0)))
    y = features("chroma_dnn", x)
    np.testing.assert_array_equal(y, [padded[t : t + 15].reshape(-1) for t in range(len(s))])
    chords = features("chords_cnnfeat", x)
    assert not chords[:11].any()
    assert not chords[-11:].any()
    assert chords[11:-11].any(axis=1).all()
    cnn = features("onsets_cnn", x)
    np.testing.assert_array_equal(cnn[:8], np.repeat(cnn[7:8], 8, axis=0))
    np.testing.assert_array_equal(cnn[-8:], np.repeat(cnn[-8:-7], 8, axis=0))


def test_silence_is_what_epsilon_makes_of_it() -> None:
    y = features("onsets_cnn", np.zeros(1000, np.int16))
    np.testing.assert_allclose(y, -36.0437, atol=1e-4)
    assert not features("beats_blstm", np.zeros(1000, np.int16)).any()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "uint16"])
def test_whole_numbers_are_shares_of_the_largest(dtype: str) -> None:
    info = np.iinfo(dtype)
    x = RNG.integers(info.min, info.max, 2000, dtype=dtype, endpoint=True)
    np.testing.assert_allclose(
        features("beats_lstm_online", x), features("beats_lstm_online", x / float(info.max)), atol=1e-12
    )


@pytest.mark.parametrize("dtype", ["int16", "int32", "uint8", "float32", "float64"])
def test_channels_are_averaged_and_cast_back(dtype: str) -> None:
    x = RNG.integers(0, 255, (1500, 2)).astype(dtype)
    if dtype == "int16":
        x -= 128
    mean = x.mean(axis=1, dtype=np.float64).astype(dtype)
    if dtype == "int16":
        assert run(front_end("beats_blstm", channels=2)["mono"], np.array([[-1, 0]], np.int16))["mono"] == [0]
    np.testing.assert_array_equal(features("beats_blstm", x), features("beats_blstm", mean))
    np.testing.assert_array_equal(features("key_cnn", x[:, :1]), features("key_cnn", x[:, 0].copy()))


@pytest.mark.parametrize(
    ("mix", "mono"),
    [
        ("mean-floor", [-1, 1]),
        ("mean-round", [0, 2]),
        ("mean-float", [-0.5, 1.5]),
        ("sum", [-1, 3]),
        ("left", [0, 1]),
    ],
)
def test_other_ways_to_one_channel(mix: str, mono: list[float]) -> None:
    x = np.array([[0, -1], [1, 2]], np.int16)
    assert run(front_end("beats_blstm", channels=2, mix=mix)["mono"], x)["mono"].tolist() == mono
    assert features("beats_blstm", x, mix=mix).shape == (1, 266)


def test_a_clip_as_loud_as_it_may_be() -> None:
    y = features("beats_blstm", CLIP[:900], level="peak")
    loud = CLIP[:900] / np.abs(CLIP[:900].astype(float)).max()
    np.testing.assert_allclose(y, features("beats_blstm", loud), atol=1e-12)


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(ONLINE), st.lists(st.integers(0, 1500), min_size=1, max_size=5))
def test_online_front_ends_are_the_same_block_by_block(name: str, blocks: list[int]) -> None:
    graph, at, parts = whole(name), 0, []
    made = stream(graph)
    for n in blocks:
        parts.append(made.push(CLIP[at : at + n])["features"])
        at += n
    want = run(graph, CLIP[:at])["features"]
    np.testing.assert_allclose(np.concatenate(parts), want, atol=1e-13)


def test_offline_front_ends_say_why_they_do_not_stream() -> None:
    with pytest.raises(NotCausalError, match="know where the sequence ends"):
        stream(whole("beats_blstm"))


@pytest.mark.parametrize(
    ("per_octave", "widths"),
    [(3, (19, 21, 23, 25)), (6, (34, 39, 45, 49)), (12, (58, 69, 81, 91)), (24, (93, 116, 140, 162))],
)
def test_widths_of_filterbanks(per_octave: int, widths: tuple[int, ...]) -> None:
    sizes = (512, 1024, 2048, 4096)
    graph = front_end("beats_blstm", sizes=sizes, number=per_octave)["bands"]
    assert tuple(a.shape[1] for a in graph.constants.values()) == widths
    for size, matrix in zip(sizes, graph.constants.values(), strict=True):
        assert matrix.dtype == np.float32
        np.testing.assert_allclose(matrix, filters(size, per_octave), atol=1e-7)


def test_mel_bands_that_are_one_bin() -> None:
    frequencies = mel_frequencies(80, 27.5, 16_000)
    assert (len(frequencies), frequencies[0], frequencies[-1]) == (
        82,
        pytest.approx(27.5),
        pytest.approx(16_000),
    )
    corners = bins_of(frequencies, np.arange(512) * 44_100 / 1024)
    matrix = triangles(corners, 512)
    alone = [band for band in range(80) if (matrix[:, band] > 0).sum() == 1]
    singles = [band for band in range(80) if corners[band + 2] - corners[band] < 2]
    assert (len(alone), len(singles)) == (17, 3)
    assert all((band in alone) and matrix[corners[band], band] == 1 for band in singles)


def test_a_frequency_between_two_bins_goes_up() -> None:
    at = np.array([0.0, 10.0, 20.0, 30.0])
    assert bins_of(np.array([0.0, 4.9, 5.0, 15.0, 99.0]), at).tolist() == [0, 0, 1, 2, 3]
    assert bins_of(np.array([0.0, 9.9, 10.0, 99.0]), at, nearest=False).tolist() == [0, 0, 1, 3]


def test_lags() -> None:
    assert [lag_of(size, 0.5, 441) for size in (512, 1024, 2048, 4096)] == [1, 1, 1, 2]
    assert [lag_of(size, 0.25, 441) for size in (512, 1024, 2048, 4096)] == [1, 1, 2, 3]


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": "hann"},
        {"scale": "32768"},
        {"measure": "db"},
        {"bins": "some"},
        {"origin": "centre"},
        {"outside": "mirror"},
        {"counted": "round"},
        {"filterbank": "bark"},
        {"norm": "slaney"},
        {"corners": "mel"},
        {"spacing": "even"},
        {"base": "2"},
        {"start": "zero"},
        {"layout": "mixed"},
        {"mix": "mean"},
        {"level": "loud"},
        {"number": (6, 6)},
    ],
)
def test_a_setting_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refusal:
        whole("beats_blstm", **wrong)
    assert next(iter(wrong)) in str(refusal.value)
    assert refusal.value.expected


def test_names_that_are_near() -> None:
    with pytest.raises(InputError, match=r"no front end 'beat_blstm'\n.*beats_blstm"):
        whole("beat_blstm")
    with pytest.raises(InputError, match=r"no setting 'windw'[\s\S]*window"):
        whole("beats_blstm", windw="hann-periodic")


@pytest.mark.parametrize("name", [name for name in PROCESSORS if name != "bars_rhythmic"])
@pytest.mark.parametrize("samples", [40_000, 39_691])
def test_long_clips_in_blocks_are_the_same(name: str, samples: int, monkeypatch: Any) -> None:
    """Frames begin and end where they do in the whole, whatever the block."""
    clip = np.resize(CLIP, samples)
    made = mp.pipeline(f"madmom/{name}")
    whole_ = made.run(audio=clip, rate=44_100, until="features")["features"]
    monkeypatch.setattr("modelparity.stages.steps.FRAMES", 7 if whole_.shape[0] > 40 else 3)
    (step,) = mp.pipeline(f"madmom/{name}").steps(
        ["audio"], ["features"], {"dtype": "int16", "channels": None}
    )
    assert step.blocks is not None
    blocked = step.exact({"audio": clip})["features"]
    np.testing.assert_allclose(blocked, whole_, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    "settings_",
    [{"fps": 90.3}, {"counted": "to-end"}, {"level": "peak"}, {"outside": "reflect"}, {"origin": 300}],
)
def test_settings_that_allow_no_blocks_have_none(settings_: dict[str, Any], monkeypatch: Any) -> None:
    clip = np.resize(CLIP, 20_000)
    made = mp.pipeline("madmom/beats_blstm", **settings_)
    whole_ = made.run(audio=clip, rate=44_100, until="features")["features"]
    monkeypatch.setattr("modelparity.stages.steps.FRAMES", 5)
    (step,) = made.steps(["audio"], ["features"], {"dtype": "int16", "channels": None})
    np.testing.assert_allclose(step.exact({"audio": clip})["features"], whole_, rtol=1e-6, atol=1e-9)
