"""Sound files read from front to back in blocks, whatever libsndfile reads, without ever holding all of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from modelparity.errors import ArtefactError, Unavailable
from modelparity.graph import Array

SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".aiff", ".aif")
#: How a file keeps samples -> the type in which they are read; others are read as float32.
TYPES = {"PCM_16": "int16", "PCM_S8": "int16", "PCM_U8": "int16", "PCM_24": "int32", "PCM_32": "int32"}
#: Samples of all channels that are read at a time.
MOST = 1 << 27


class Samples:
    """A file that is open: ``total`` samples of each channel at ``rate`` Hz, which are asked for in order."""

    def __init__(self, file: Any, path: Path) -> None:
        self.path, self.rate, self.total = path, int(file.samplerate), int(file.frames)
        self.channels = int(file.channels)
        self._file, self._dtype = file, TYPES.get(file.subtype, "float32")
        self._held, self._first = np.zeros((0, self.channels), self._dtype), 0

    def between(self, start: int, end: int) -> Array:
        """Samples (sample, channel) from ``start`` to ``end``, no ``start`` before the last one.

        Raises `ArtefactError` where the file ends before it should.
        """
        start, end = max(0, start), min(end, self.total)
        if (end - start) * self.channels > MOST:
            raise ArtefactError(
                "too much sound for one window", where=self.path, found=f"{end - start} samples"
            )
        last = self._first + len(self._held)
        while last < start:  # nobody asked for these
            last += len(self._read(min(start - last, 1 << 20)))
            self._held, self._first = self._held[:0], last
        self._held, self._first = self._held[max(0, start - self._first) :], max(start, self._first)
        if end > last:
            self._held = np.concatenate((self._held, self._read(end - last)))
        return self._held[: end - start]

    def _read(self, count: int) -> Array:
        import soundfile

        try:
            found: Array = self._file.read(count, dtype=self._dtype, always_2d=True)
        except (soundfile.SoundFileError, RuntimeError) as error:
            raise _damaged(self.path, str(error)) from error
        if len(found) < count:
            raise _damaged(self.path, f"{count - len(found)} samples are missing")
        return found


@contextmanager
def opened(path: Path) -> Iterator[Samples]:
    """A sound file, closed afterwards.

    Raises `Unavailable` without soundfile, and `ArtefactError` for a file that is none.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise Unavailable(
            "soundfile is not installed: pip install 'modelparity[orca]'", where=path
        ) from error
    if not path.is_file():
        raise ArtefactError("there is no such file", where=path)
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.SoundFileError, RuntimeError, TypeError) as error:
        raise _damaged(path, str(error)) from error
    with file:
        yield Samples(file, path)


def sounds(place: Path) -> list[Path]:
    """A file, or all sound files below a folder, sorted. Raises `ArtefactError` if there is none."""
    if not place.is_dir():
        return [place]
    found = sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise ArtefactError("no sound files below this folder", where=place, expected=", ".join(SUFFIXES))
    return found


def _damaged(path: Path, text: str) -> ArtefactError:
    return ArtefactError(
        "not a sound that can be read to its end",
        where=path,
        found=text.splitlines()[0][-200:] if text else "nothing",
        expected=f"a whole file of a kind such as {', '.join(SUFFIXES[:3])}",
    )
