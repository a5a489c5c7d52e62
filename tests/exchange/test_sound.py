"""Sound files as samples: every type stays what it is, and what is cut short, no sound or too long is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from modelparity.errors import InputError, Unavailable
from modelparity.exchange import sound

soundfile = pytest.importorskip("soundfile")
RNG = np.random.default_rng(0)
SAMPLES = (RNG.standard_normal(3000) * 8000).clip(-32768, 32767).astype(np.int16)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_U8"),
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.wav", "PCM_32"),
        ("a.wav", "FLOAT"),
        ("a.wav", "DOUBLE"),
    ],
)
@pytest.mark.filterwarnings("ignore:Chunk:scipy.io.wavfile.WavFileWarning")
def test_samples_are_those_that_the_file_stores(tmp_path, name, subtype):
    soundfile.write(tmp_path / name, SAMPLES[:1000].reshape(-1, 2), 22050, subtype=subtype)
    found = sound.read(tmp_path / name)
    rate, want = wavfile.read(tmp_path / name)
    assert found.rate == rate == 22050
    assert found.samples.dtype == want.dtype
    np.testing.assert_array_equal(found.samples, want)


def test_flac_is_the_same_whole_numbers(tmp_path):
    soundfile.write(tmp_path / "a.flac", SAMPLES, 44100, subtype="PCM_16")
    found = sound.read(tmp_path / "a.flac")
    assert found.samples.dtype == np.int16
    np.testing.assert_array_equal(found.samples, SAMPLES)
    assert found.about == "FLAC PCM_16, 44100 Hz, mono"


@pytest.mark.parametrize("suffix", ["mp3", "ogg"])
def test_what_is_compressed_decodes_to_whole_numbers_and_is_clipped(tmp_path, suffix):
    if suffix.upper() not in soundfile.available_formats():
        pytest.skip(f"this libsndfile writes no {suffix}")
    loud = np.sign(np.sin(np.arange(44100) * 0.02)).astype(np.float32)  # overshoots where it is decoded
    soundfile.write(tmp_path / f"a.{suffix}", loud, 44100)
    found = sound.read(tmp_path / f"a.{suffix}").samples
    assert found.dtype == np.int16
    assert found.max() == 32767
    assert np.mean(np.sign(found) == loud) > 0.98  # nothing wraps around


@pytest.mark.parametrize("shape", [(0,), (1,), (0, 2), (1, 2)])
def test_empty_and_shortest_sounds_are_sounds(tmp_path, shape):
    soundfile.write(tmp_path / "a.wav", np.zeros(shape, np.int16), 44100)
    assert sound.read(tmp_path / "a.wav").samples.shape == shape


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg"])
@pytest.mark.parametrize("share", [0.5, 0.999])
def test_a_file_that_is_cut_short_is_refused(tmp_path, suffix, share):
    if suffix.upper() not in soundfile.available_formats():
        pytest.skip(f"this libsndfile writes no {suffix}")
    whole, cut = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    soundfile.write(whole, np.tile(SAMPLES, 10), 44100)
    data = whole.read_bytes()
    cut.write_bytes(data[: int(len(data) * share)])
    assert len(sound.read(whole).samples) == 30000
    with pytest.raises(InputError, match=r"cut short|not a sound file"):
        sound.read(cut)


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"text\n", bytes(1000), b"fLaC" + bytes(60), b"OggS" + bytes(60)]
)
@pytest.mark.parametrize("suffix", ["wav", "mp3"])
def test_what_is_no_sound_says_so(tmp_path, data, suffix):
    (tmp_path / f"a.{suffix}").write_bytes(data)
    with pytest.raises(InputError, match="not a sound file that can be read") as caught:
        sound.read(tmp_path / f"a.{suffix}")
    assert f"{len(data)} bytes" in str(caught.value.found)


def test_a_length_that_no_file_has_allocates_nothing(tmp_path):
    soundfile.write(tmp_path / "a.flac", SAMPLES, 44100, subtype="PCM_16")
    data = bytearray((tmp_path / "a.flac").read_bytes())
    assert data[21] & 0x0F == 0  # the number of samples: 36 bits from the lower half of this byte on
    data[21] |= 0x0F
    (tmp_path / "long.flac").write_bytes(data)
    with pytest.raises(InputError, match="more samples than are read at once"):
        sound.read(tmp_path / "long.flac")
    data[21] &= 0xF0
    data[22] = 0x20  # 537 million samples, which may be; what is not there is missed
    (tmp_path / "long.flac").write_bytes(data)
    with pytest.raises(InputError, match=r"cut short|not a sound file"):
        sound.read(tmp_path / "long.flac")


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg"])
def test_whatever_stands_in_a_file_is_a_sound_or_an_error(tmp_path, suffix):
    if suffix.upper() not in soundfile.available_formats():
        pytest.skip(f"this libsndfile writes no {suffix}")
    soundfile.write(tmp_path / f"a.{suffix}", np.tile(SAMPLES, 3), 44100)
    data = (tmp_path / f"a.{suffix}").read_bytes()
    rng = np.random.default_rng(1)
    for number in range(40):
        spoilt = bytearray(data)
        for _ in range(rng.integers(1, 8)):
            spoilt[rng.integers(0, len(data) if number % 2 else 200)] = rng.integers(256)
        (tmp_path / f"b.{suffix}").write_bytes(spoilt)
        try:
            found = sound.read(tmp_path / f"b.{suffix}")
        except InputError:
            continue
        assert found.samples.ndim in (1, 2)
        assert found.rate > 0


def test_another_rate_is_made_only_where_it_is_asked_for_and_is_said(tmp_path):
    seconds = np.arange(48000) / 48000
    tone = (10000 * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16)
    sound.write(tmp_path / "a.wav", tone, 48000)
    assert sound.read(tmp_path / "a.wav").rate == 48000
    found = sound.read(tmp_path / "a.wav", resample=44100)
    assert found.rate == 44100
    assert found.samples.dtype == np.int16
    assert found.notes[0].startswith("resampled from 48000 to 44100 Hz")
    want = 10000 * np.sin(2 * np.pi * 440 * np.arange(44100) / 44100)
    assert np.abs(found.samples[2000:-2000] - want[2000:-2000]).max() < 10
    assert sound.read(tmp_path / "a.wav", resample=48000).notes == ()
    with pytest.raises(InputError, match="no rate"):
        sound.read(tmp_path / "a.wav", resample=0)


def test_bytes_are_resampled_around_their_middle(tmp_path):
    sound.write(tmp_path / "a.wav", np.full(4800, 128, np.uint8), 48000)
    assert (sound.read(tmp_path / "a.wav", resample=44100).samples == 128).all()


def test_places_that_are_no_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        sound.read(tmp_path / "none.wav")
    with pytest.raises(InputError, match="not a file"):
        sound.read(tmp_path)
    with pytest.raises(InputError, match="not a file"):
        sound.read(Path("/dev/null"))


def test_without_soundfile_the_extra_is_named(tmp_path, monkeypatch):
    sound.write(tmp_path / "a.wav", SAMPLES, 44100)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(Unavailable, match=r"pip install 'modelparity\[audio\]'"):
        sound.read(tmp_path / "a.wav")


def test_only_samples_are_written(tmp_path):
    with pytest.raises(InputError, match="no samples"):
        sound.write(tmp_path / "a.wav", np.zeros((2, 2, 2)), 44100)
