"""Sound files as samples: WAV, FLAC, MP3, OGG and whatever else libsndfile reads, through soundfile.

Samples stay what the file holds: 16 bits and less are int16 (8 bits of a WAV file uint8, which is what it stores), 24
and 32 bits are int32 with the file's bits on top, float stays float. MP3, Vorbis and Opus hold no samples; what they
decode to is rounded to int16, x * 32768 to the nearest and clipped, as ffmpeg does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, Unavailable
from ..graph import Array

__all__ = ["Sound", "read", "write"]

#: How names of files that hold sound end.
SUFFIXES = (
    ".wav",
    ".flac",
    ".mp3",
    ".ogg",
    ".oga",
    ".opus",
    ".aif",
    ".aiff",
    ".aifc",
    ".au",
    ".caf",
    ".w64",
    ".rf64",
)
#: Samples that are read at once, and the most of all channels together: hours of stereo.
BLOCK, MOST = 1 << 20, 1 << 30
#: Rates beyond these are no sound.
RATES = (1, 1_536_000)
#: {how a file stores samples: the type that they have here}; int16 for all others that store whole numbers.
TYPES = {"PCM_24": "int32", "PCM_32": "int32", "FLOAT": "float32", "DOUBLE": "float64", "PCM_U8": "uint8"}
#: How files begin what they store if it is no sequence of samples.
COMPRESSED = ("MPEG", "VORBIS", "OPUS")
#: Sizes that mean "not known" in files that were written as a stream.
STREAMED = (0, 0xFFFFFFFF)


@dataclass(frozen=True)
class Sound:
    """Samples (sample,) or (sample, channel) at ``rate`` Hz.

    ``about`` says what the file is, ``notes`` what was done to it, or is to be known of it.
    """

    samples: Array
    rate: int
    about: str = ""
    notes: tuple[str, ...] = ()
    resampled: bool = False


def read(path: Path, *, resample: int | None = None, longest: float | None = None) -> Sound:
    """The sound in a file, at its own rate or, if ``resample`` names another, at that one.

    No more is read than ``longest`` seconds allow. Raises `InputError` for what is no sound, is cut short or too
    long, `Unavailable` without soundfile.
    """
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise InputError("not a file", where=path, expected="a sound file", fix="save it to a file first")
    if not path.exists():
        raise InputError("no such file", where=path, fix="check the path")
    try:
        import soundfile
    except (ImportError, OSError) as error:  # the package, or the library that it binds
        raise Unavailable(
            "sound files are read by soundfile, which is not installed",
            where=path,
            fix="pip install 'modelparity[audio]', or give the samples as an array (.npy) with their rate",
        ) from error
    try:
        with soundfile.SoundFile(path) as file:
            if longest is not None and file.frames > longest * file.samplerate:
                raise InputError(
                    "more sound than is read here",
                    where=path,
                    found=f"{file.frames / file.samplerate:.1f} s",
                    expected=f"at most {longest:g} s",
                    fix="cut it",
                )
            samples = _samples(file, path)
            found = Sound(samples, file.samplerate, _told(file), tuple(_noted(samples)))
    except (soundfile.SoundFileError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise InputError(
            "not a sound file that can be read",
            where=path,
            found=f"{path.stat().st_size} bytes; libsndfile says: {str(error).rpartition(': ')[2][-200:]}",
            expected="WAV, FLAC, MP3, OGG or another format of libsndfile",
            fix="play it, or convert it to WAV",
        ) from error
    if not RATES[0] <= found.rate <= RATES[1]:
        raise InputError("no rate of a sound", where=path, found=f"{found.rate} Hz")
    return found if resample is None else resampled(found, resample)


def resampled(sound: Sound, rate: int) -> Sound:
    """The sound at ``rate`` Hz, by a polyphase filter; whole numbers are rounded and clipped.

    Every resampler gives other samples; so what was done is said in ``notes``. Source: `scipy.signal.resample_poly`
    with its Kaiser window (beta 5, 10 zeros to a side of the slower rate).
    """
    if not RATES[0] <= rate <= RATES[1]:
        raise InputError("no rate of a sound", where="resample", found=rate, expected="Hz, such as 44100")
    if rate == sound.rate:
        return sound
    common = math.gcd(rate, sound.rate)
    if sound.samples.size * (rate / sound.rate) > MOST:
        raise _too_long("resample", int(sound.samples.size * (rate / sound.rate)))
    from scipy.signal import resample_poly

    kind = sound.samples.dtype
    centre = 128.0 if kind == np.uint8 else 0.0
    made: Any = np.asarray(sound.samples, np.float64) - centre
    made = resample_poly(made, rate // common, sound.rate // common, axis=0) if made.size else made
    made = made + centre
    if kind.kind in "iu":
        made = np.clip(np.rint(made), np.iinfo(kind).min, np.iinfo(kind).max)
    told = f"resampled from {sound.rate} to {rate} Hz (scipy {_version()}, polyphase, Kaiser 5)"
    return replace(sound, samples=made.astype(kind), rate=rate, notes=(*sound.notes, told), resampled=True)


def write(path: Path, samples: Array, rate: int) -> None:
    """A WAV file of samples (sample,) or (sample, channel), in the type that they have."""
    from scipy.io import wavfile

    array = np.asarray(samples)
    if array.dtype not in (np.uint8, np.int16, np.int32, np.float32, np.float64) or array.ndim not in (1, 2):
        raise InputError(
            "no samples that a WAV file holds",
            where=path,
            found=f"{array.dtype} of shape {array.shape}",
            expected="uint8, int16, int32, float32 or float64 of shape (sample,) or (sample, channel)",
        )
    with path.open("wb") as file:
        wavfile.write(file, rate, array)


def _samples(file: Any, path: Path) -> Array:
    """All samples, read in blocks."""
    compressed = file.subtype.startswith(COMPRESSED)
    kind = "float32" if compressed else TYPES.get(file.subtype, "int16")
    promised, channels = file.frames, file.channels
    if promised * channels > MOST:
        raise _too_long(path, promised * channels)
    held = "int16" if compressed else kind
    # Untouched pages cost nothing: what a header promises and the file has not is never there.
    whole, count = np.empty((promised, channels), held), 0
    while True:
        part = file.read(
            min(BLOCK, MOST // channels), dtype="int16" if kind == "uint8" else kind, always_2d=True
        )
        if not len(part):
            break
        if compressed:
            part = np.clip(np.rint(part * np.float32(32768)), -32768, 32767)
        elif kind == "uint8":
            part = (part >> 8) + 128
        part = part[: promised - count]
        whole[count : count + len(part)] = part
        count += len(part)
    _refuse_cut(path, promised, count)
    return whole[:, 0] if channels == 1 else whole


def _refuse_cut(path: Path, promised: int, count: int) -> None:
    """Raise `InputError` for a file that holds less than it says it does.

    libsndfile takes a WAV or OGG file that is cut short for a shorter one.
    """
    found, expected = f"{count} samples", f"{promised}, as its header says"
    told = _riff(path)
    if told is not None and told[0] > told[1]:
        found, expected = f"{told[1]} bytes of samples", f"{told[0]}, as its header says"
    elif not _ended(path):
        expected = "a last page that ends the stream"
    elif count >= promised:
        return
    raise InputError(
        "the sound file is cut short", where=path, found=found, expected=expected, fix="copy it again"
    )


def _ended(path: Path) -> bool:
    """Whether an OGG file's last page is whole, and says that it is the last; True for other files."""
    with path.open("rb") as file:
        if file.read(4) != b"OggS":
            return True
        size = path.stat().st_size
        file.seek(max(0, size - (1 << 17)))  # a page has 65,307 bytes at most
        tail = file.read()
    at = tail.rfind(b"OggS")
    page = tail[at:]
    if at < 0 or len(page) < 27 or len(page) < 27 + page[26]:
        return False
    length = 27 + page[26] + sum(page[27 : 27 + page[26]])
    return bool(page[5] & 4) and len(page) >= length


def _riff(path: Path) -> tuple[int, int] | None:
    """(bytes of samples that a WAV file says it has, bytes that are there); ``None`` where it does not say."""
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        size = path.stat().st_size
        at = 12
        while at + 8 <= size:
            file.seek(at)
            chunk = file.read(8)
            length = int.from_bytes(chunk[4:], "little")
            if chunk[:4] == b"data":
                return None if length in STREAMED else (length, size - at - 8)
            at += 8 + length + length % 2
    return None


def _told(file: Any) -> str:
    """What the file is, in a few words."""
    channels = "mono" if file.channels == 1 else f"{file.channels} channels"
    return f"{file.format} {file.subtype}, {file.samplerate} Hz, {channels}"


def _noted(samples: Array) -> Iterator[str]:
    """What whoever hears of a sound should know."""
    if samples.dtype.kind == "f" and (bad := int(np.count_nonzero(~np.isfinite(samples)))):
        yield f"{bad} of {samples.size} samples are not finite"


def _too_long(where: object, found: int) -> InputError:
    return InputError(
        "more samples than are read at once",
        where=where,
        found=found,
        expected=f"at most {MOST}",
        fix="cut it",
    )


def _version() -> str:
    import scipy

    return str(scipy.__version__)
