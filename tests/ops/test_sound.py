"""Operators that read, resample and cut sound, against soundfile, scipy, and a window at a time."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings, strategies as st

from modelparity.engine.arithmetic import Arithmetic
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError
from modelparity.ops.from_fixed import from_fixed
from modelparity.ops.to_fixed import to_fixed


def test_fixed_point_is_what_soundfile_reads_and_writes(apply):
    soundfile = pytest.importorskip("soundfile")
    x = np.random.default_rng(3).normal(0, 0.5, 4000).astype(np.float32)
    x[:6] = [0, 1, -1, 1e-9, -1e-9, 0.25]
    for subtype, bits in (("PCM_16", 16), ("PCM_24", 24)):
        file = io.BytesIO()
        soundfile.write(file, x, 8000, subtype=subtype, format="WAV")
        file.seek(0)
        whole, _ = soundfile.read(file, dtype="int32")
        got = apply("to_fixed", x, bits=bits)
        np.testing.assert_array_equal(got.astype(np.int64) << (32 - bits), whole)
        file.seek(0)
        shares, _ = soundfile.read(file, dtype="float32")
        np.testing.assert_array_equal(apply("from_fixed", got, full=2.0 ** (bits - 1)), shares)


@pytest.mark.parametrize(
    ("way", "wanted"), [("down", [-2, -1, 0]), ("nearest", [-2, -1, 1]), ("towards-zero", [-1, 0, 0])]
)
def test_ways_to_make_whole(way, wanted, apply):
    x = np.array([-1.6, -0.7, 0.7]) / 32768
    np.testing.assert_array_equal(apply("to_fixed", x, way=way), wanted)
    np.testing.assert_array_equal(
        apply("to_fixed", np.array([1.5, -1.5, np.nan]), way=way), [32767, -32768, 0]
    )


def test_what_was_not_rounded_before_keeps_its_step():
    """Samples of 16 bits come back as they were in every perturbed run; what was computed may go either way."""
    x = np.arange(-32768, 32768, 77).astype(np.int16)
    ar = Perturbed("float32", seed=1)
    lanes = np.broadcast_to(x, (ar.lanes, len(x)))
    back = to_fixed(ar, from_fixed(ar, lanes, full=32768.0))
    np.testing.assert_array_equal(back, lanes)
    moved = to_fixed(ar, ar.rounded(from_fixed(ar, lanes, full=32768.0)))
    assert set(np.unique(moved.astype(int) - lanes)) == {-1, 0}
    other = from_fixed(ar, lanes, full=32767.0)
    assert (other[0] != other[1]).any()


RATES = st.sampled_from([8000, 11025, 16000, 19999, 20000, 22050, 44100, 48000, 96000, 192000])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), RATES, st.sampled_from([20000, 8000, 44100]), st.booleans())
def test_resampling_is_scipys(time, rate, to, single):
    from modelparity.ops.resample_polyphase import resample_polyphase

    ar = Arithmetic("float32" if single else "float64")
    x = np.random.default_rng(time).normal(size=(time, 2)).astype(ar.dtype)
    y = resample_polyphase(ar, x, np.asarray(rate), to=to)
    assert y.shape == (math.ceil(time * to / rate), 2)
    assert y.dtype == ar.dtype
    if time:
        g = math.gcd(rate, to)
        np.testing.assert_array_equal(y, scipy.signal.resample_poly(x, to // g, rate // g, axis=0))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), RATES, st.sampled_from([20000, 8000, 44100]))
def test_resampling_by_an_fft_and_along_lines(apply, time, rate, to):
    x = np.random.default_rng(time).normal(size=(time, 2))
    fourier, linear = (apply(f"resample_{way}", x, np.asarray(rate), to=to) for way in ("fourier", "linear"))
    count = math.ceil(time * to / rate)
    assert fourier.shape == linear.shape == (count, 2)
    if rate == to:
        np.testing.assert_array_equal(fourier, x)
        np.testing.assert_array_equal(linear, x)
    elif time:
        np.testing.assert_allclose(fourier, scipy.signal.resample(x, count), atol=1e-12)
        at = np.arange(count) * rate / to
        wanted = np.stack([np.interp(at, np.arange(time), column) for column in x.T], axis=1)
        np.testing.assert_allclose(linear, wanted, atol=1e-9)


@pytest.mark.parametrize(("time", "count"), [(8, 12), (8, 4), (9, 12), (9, 6)])
def test_a_spectrum_is_cut_off_or_filled_up(time, count, apply):
    x = np.random.default_rng(time).normal(size=time)
    spectrum, most = np.fft.fft(x), min(time, count) // 2
    k = np.arange(-most, most + 1)
    share = np.where((np.abs(k) * 2 == time) & (time < count), 0.5, 1.0)
    waves = np.exp(2j * np.pi * k * np.arange(count)[:, None] / count)
    y = apply("resample_fourier", x, np.asarray(time), to=count)
    np.testing.assert_allclose(y, (waves @ (share * spectrum[k])).real / time, atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 90),
    st.integers(1, 20),
    st.floats(0.1, 3),
    st.floats(0.1, 3),
    st.booleans(),
    st.sampled_from([0, 5, 1000]),
)
def test_windows_one_at_a_time(apply, time, rate, window, hop, partial, grid):
    x = np.arange(1, time + 1)
    windows, lengths = apply("cut", x, np.asarray(rate), window=window, hop=hop, partial=partial, grid=grid)
    size, found = int(window * rate), []
    end = time if not grid else min(time, int(round(time * grid / rate) * rate / grid))
    for i in range(math.ceil(time / (hop * rate)) if partial else math.floor(time / (hop * rate))):
        start = int(int(i * hop * grid) * rate / grid) if grid else int(i * hop * rate)
        if partial:
            found.append(x[start : max(start, min(start + size, end))])
        elif start + size <= time:
            found.append(x[start : start + size])
    assert windows.shape == (len(found), size)
    assert [len(one) for one in found] == list(lengths)
    for one, row, length in zip(found, windows, lengths, strict=True):
        np.testing.assert_array_equal(row[:length], one)
        assert not row[length:].any()


@pytest.mark.parametrize(
    ("name", "arrays", "attrs", "text"),
    [
        ("from_fixed", (np.arange(3),), {"full": 0.0}, "not positive"),
        ("to_fixed", (np.ones(3),), {"way": "up"}, "unknown setting"),
        ("to_fixed", (np.ones(3),), {"bits": 1}, "unknown setting"),
        ("resample_polyphase", (np.ones(3), np.asarray(0)), {"to": 8}, "no rate"),
        ("resample_polyphase", (np.ones(3), np.asarray(44100.5)), {"to": 8}, "no rate"),
        ("resample_polyphase", (np.ones(3), np.asarray(3)), {"to": 8, "half": 0}, "no filter"),
        ("resample_linear", (np.ones(3), np.asarray(0)), {"to": 8}, "no rate"),
        ("resample_fourier", (np.ones(3), np.asarray(3)), {"to": 0}, "no rate"),
        ("cut", (np.ones(3), np.asarray(0)), {"window": 1.0, "hop": 1.0}, "must be positive"),
        (
            "cut",
            (np.ones(3), np.asarray(5)),
            {"window": 1.0, "hop": 1e-300, "partial": True},
            "absurd|infinite",
        ),
    ],
)
def test_refusals(name, arrays, attrs, text, apply):
    with pytest.raises(GraphError, match=text):
        apply(name, *arrays, **attrs)
