"""MIDI files opened with care, for every family that reads notes."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modelparity.errors import InputError, Unavailable

#: More bytes than this are no music.
MOST_BYTES = 20_000_000


def opened(path: Path, extra: str) -> Any:
    """The ``mido.MidiFile`` at ``path``, parsed whole; its time counts ticks of beats.

    Raises `InputError` for what is missing, too large, damaged or no MIDI file, and `Unavailable` without mido, which
    comes with ``extra``.
    """
    if find_spec("mido") is None:
        raise Unavailable(f"mido is not installed: pip install 'modelparity[{extra}]'", where=path)
    import mido

    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                "too large for a MIDI file", where=path, expected=f"at most {MOST_BYTES:,} bytes"
            )
        file = mido.MidiFile(path, clip=True)
    except OSError as error:  # mido also raises it for what is no MIDI file
        raise InputError(
            "not readable as MIDI", where=path, found=str(error) or type(error).__name__
        ) from error
    except (EOFError, ValueError, LookupError, TypeError) as error:
        raise InputError(
            "a damaged MIDI file", where=path, found=f"{type(error).__name__}: {error}"[:200]
        ) from error
    if file.ticks_per_beat <= 0:
        raise InputError("time is not measured in beats", where=path, found=f"division {file.ticks_per_beat}")
    return file


def merged(file: Any) -> Any:
    """All messages of such a file in the order of their times, which count ticks since the message before."""
    import mido

    return mido.merge_tracks(file.tracks)
