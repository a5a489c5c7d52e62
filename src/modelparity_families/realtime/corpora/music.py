"""Lakh MIDI, MAESTRO and Groove MIDI: notes, with recordings or the drummer's timing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from modelparity.errors import InputError
from modelparity_families.training.csv_tables import rows
from modelparity_families.training.pieces import SPLITS, Example, Piece

from . import audio, features, midi
from .features import Features

MIDI = (".mid", ".midi")
MAESTRO = ("canonical_composer", "split", "midi_filename", "audio_filename")
GROOVE = ("drummer", "bpm", "beat_type", "time_signature", "midi_filename", "split")


def is_maestro(folder: Path) -> bool:
    """A table maestro-v*.csv at the top."""
    return _maestro_table(folder) is not None


def maestro(folder: Path, model: str, settings: Features) -> list[Piece]:
    """MAESTRO: its table names split, MIDI file and recording of each performance."""
    table = _maestro_table(folder)
    assert table is not None
    found = []
    for row in rows(table, MAESTRO):
        score, sound = folder / row["midi_filename"], folder / row["audio_filename"]
        # Of a download without sound, or of some years, the rest is left out.
        if score.is_file() and (sound.is_file() or model != "DynamicsEngine"):
            make = (
                partial(_dynamics, score, sound, settings)
                if model == "DynamicsEngine"
                else _maker(model, score, settings)
            )
            found.append(Piece(row["midi_filename"], make, _split(row["split"], table)))
    if not found:
        needed = "its MIDI file and its recording" if model == "DynamicsEngine" else "its MIDI file"
        raise InputError(f"no performance in the table has {needed} here", where=table)
    return found


def is_groove(folder: Path) -> bool:
    """A table info.csv at the top that speaks of drummers."""
    table = folder / "info.csv"
    try:
        return table.is_file() and b"drummer" in table.open("rb").read(4096)
    except OSError:
        return False


def groove(folder: Path, model: str, settings: Features) -> list[Piece]:
    """Groove MIDI: its table names split, metre and MIDI file. Beats in 4/4 are used, fills are not."""
    table = folder / "info.csv"
    found = []
    for row in rows(table, GROOVE):
        path = folder / row["midi_filename"]
        if row["time_signature"] == "4-4" and row["beat_type"] == "beat" and path.is_file():
            make = partial(_groove, path)
            found.append(Piece(row["midi_filename"], make, _split(row["split"], table)))
    if not found:
        raise InputError(
            "no beat in 4/4 has its MIDI file here",
            where=table,
            expected="rows with beat_type beat, time_signature 4-4",
        )
    return found


def is_lakh(folder: Path) -> bool:
    """MIDI files in folders, no table of another data set, and no file of theirs at the top."""
    if is_maestro(folder) or is_groove(folder):
        return False
    return any(path.suffix.lower() in MIDI for path in _below(folder))


def lakh(folder: Path, model: str, settings: Features) -> list[Piece]:
    """Lakh MIDI, in any of its forms (lmd_full, lmd_matched, clean_midi): every MIDI file in its folders."""
    paths = [path for path in _below(folder) if path.suffix.lower() in MIDI]
    return [
        Piece(path.relative_to(folder).as_posix(), _maker(model, path, settings)) for path in sorted(paths)
    ]


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.[mM][iI][dD]*") if path.parent != folder)


def _maestro_table(folder: Path) -> Path | None:
    return next(iter(sorted(folder.glob("maestro-v*.csv"), reverse=True)), None)


def _split(name: str, table: Path) -> str:
    if name not in SPLITS:
        raise InputError("unknown split", where=table, found=repr(name), expected=", ".join(SPLITS))
    return SPLITS[name]


def _maker(model: str, path: Path, settings: Features) -> partial[Example]:
    return partial(_melody if model == "MelodyTransformer" else _harmony, path, settings)


def _melody(path: Path, settings: Features) -> Example:
    return features.melody(midi.read(path), settings)


def _harmony(path: Path, settings: Features) -> Example:
    return features.harmony(midi.read(path), settings)


def _dynamics(score: Path, sound: Path, settings: Features) -> Example:
    return features.dynamics(audio.read(sound, settings.rate), midi.read(score), settings)


def _groove(path: Path) -> Example:
    return features.groove(midi.read(path))
