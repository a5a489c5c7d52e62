"""A folder as one of the five data sets: recognised, or refused with what was found and what would be known."""

from __future__ import annotations

from pathlib import Path

from modelparity_families.training.folders import Corpus, Layout, opened

from . import emotion, music
from .features import Features

LAYOUTS: dict[str, Layout[Features]] = {
    "deam": Layout(
        "DEAM",
        "DEAM: .../arousal.csv beside valence.csv (song_id, sample_15000ms, ...), recordings <song_id>.mp3",
        emotion.is_deam,
        emotion.deam,
    ),
    "pmemo": Layout(
        "PMEmo",
        "PMEmo: annotations/dynamic_annotations.csv (musicId, frameTime, ...), and chorus/<musicId>.mp3",
        emotion.is_pmemo,
        emotion.pmemo,
    ),
    "maestro": Layout(
        "MAESTRO",
        "MAESTRO: maestro-v*.csv (split, midi_filename, audio_filename, ...), and the files that it names",
        music.is_maestro,
        music.maestro,
    ),
    "groove": Layout(
        "Groove MIDI",
        "Groove MIDI: info.csv (drummer, bpm, midi_filename, split, ...), and the files that it names",
        music.is_groove,
        music.groove,
    ),
    "lakh": Layout(
        "Lakh MIDI",
        "Lakh MIDI: .mid files in folders, as in lmd_full/0/....mid",
        music.is_lakh,
        music.lakh,
    ),
}
#: Which data sets a model learns from.
SERVES = {
    "EmotionRecognizer": ("deam", "pmemo"),
    "MelodyTransformer": ("lakh", "maestro"),
    "HarmonyPredictor": ("lakh", "maestro"),
    "DynamicsEngine": ("maestro",),
    "GroovePredictor": ("groove",),
}


def open_corpus(
    folder: Path, model: str, settings: Features | None = None, *, layout: str = "auto", limit: int = 0
) -> Corpus:
    """The data set in ``folder`` for a model; ``limit`` keeps so many pieces of each part (0: all).

    Splits are the data set's own where it has some, else `divided`. Raises `InputError` naming what was found and
    what would have been known.
    """
    return opened(folder, model, LAYOUTS, SERVES[model], settings or Features(), layout=layout, limit=limit)
