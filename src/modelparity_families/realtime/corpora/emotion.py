"""DEAM and PMEmo: recordings with valence and arousal, annotated twice a second."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity_families.training.csv_tables import number, rows
from modelparity_families.training.pieces import Example, Piece

from . import audio, features
from .features import Features

#: Endings of recordings, the likeliest first.
SOUNDS = (".mp3", ".wav", ".flac", ".ogg")
DYNAMIC = "dynamic (per second annotations)"
PMEMO = ("musicId", "frameTime", "Arousal(mean)", "Valence(mean)")


def is_deam(folder: Path) -> bool:
    """Two tables called arousal.csv and valence.csv, in one folder somewhere below."""
    return _deam_tables(folder) is not None


def deam(folder: Path, model: str, settings: Features) -> list[Piece]:
    """DEAM: a row a song, a column each half second (``sample_15000ms``), values in -1 .. 1; ``<song_id>.mp3``."""
    tables = _deam_tables(folder)
    assert tables is not None
    curves = {name: _deam_curves(path) for name, path in tables.items()}
    sounds = _sounds(folder)
    pieces = []
    for song, arousal in curves["arousal"].items():
        valence = curves["valence"].get(song)
        if valence is None:
            continue
        shared = sorted(arousal.keys() & valence.keys())
        values = np.array([(valence[at], arousal[at]) for at in shared])
        pieces.append((song, np.array(shared), values))
    return _pieces(pieces, sounds, settings, folder)


def is_pmemo(folder: Path) -> bool:
    """A table called dynamic_annotations.csv somewhere below."""
    return _pmemo_table(folder) is not None


def pmemo(folder: Path, model: str, settings: Features) -> list[Piece]:
    """PMEmo: a row a half second (musicId, frameTime), values 0 .. 1, taken to -1 .. 1; chorus/<musicId>.mp3."""
    table = _pmemo_table(folder)
    assert table is not None
    songs: dict[str, list[tuple[float, float, float]]] = {}
    for row in rows(table, PMEMO):
        at, arousal, valence = (number(row, column, table) for column in PMEMO[1:])
        songs.setdefault(_identity(row["musicId"]), []).append((at, 2 * valence - 1, 2 * arousal - 1))
    pieces = []
    for song, found in songs.items():
        values = np.array(sorted(found))
        pieces.append((song, values[:, 0], values[:, 1:]))
    return _pieces(pieces, _sounds(folder), settings, folder)


def _pieces(
    songs: Iterable[tuple[str, Array, Array]], sounds: dict[str, Path], settings: Features, folder: Path
) -> list[Piece]:
    found = [
        Piece(song, partial(_example, sounds[song], times, values, settings))
        for song, times, values in songs
        if song in sounds and len(times) > 1
    ]
    if not found:
        raise InputError(
            "no annotated song has its recording here",
            where=folder,
            found=f"{len(sounds)} recordings"
            + (f", such as {next(iter(sounds.values())).name}" if sounds else ""),
            expected=f"recordings named by their song's number, such as 2.mp3 ({', '.join(SOUNDS)})",
        )
    return found


def _example(path: Path, times: Array, values: Array, settings: Features) -> Example:
    try:
        return features.emotion(audio.read(path, settings.rate), times, values, settings)
    except InputError as error:
        raise (
            error
            if error.where is not None
            else InputError(error.what, where=path, found=error.found, expected=error.expected)
        ) from error


def _deam_tables(folder: Path) -> dict[str, Path] | None:
    for arousal in sorted(folder.rglob("arousal.csv")):
        if (valence := arousal.with_name("valence.csv")).is_file():
            return {"arousal": arousal, "valence": valence}
    return None


def _pmemo_table(folder: Path) -> Path | None:
    return next(iter(sorted(folder.rglob("dynamic_annotations.csv"))), None)


def _deam_curves(path: Path) -> dict[str, dict[float, float]]:
    """{song: {seconds: value}}; rows end where the song does."""
    found = {}
    for row in rows(path, ("song_id",)):
        columns = [name for name in row if name.startswith("sample_") and name.endswith("ms") and row[name]]
        if not columns and not any(name.startswith("sample_") for name in row):
            raise InputError(
                "no column of annotations",
                where=path,
                found=", ".join(list(row)[:6]),
                expected="sample_15000ms, ...",
            )
        found[_identity(row["song_id"])] = {
            float(name[7:-2]) / 1000: number(row, name, path) for name in columns if name[7:-2].isdigit()
        }
    return found


def _sounds(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for suffix in SOUNDS:
        for path in sorted(folder.rglob(f"*{suffix}")):
            found.setdefault(path.stem, path)
    return found


def _identity(text: str) -> str:
    """A song's number as files are named: some tables have it as 2.0."""
    return text[:-2] if text.endswith(".0") else text
