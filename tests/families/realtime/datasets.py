"""Tiny data sets in the layouts of the real ones: a few seconds of sound, a few notes."""

from __future__ import annotations

import csv
from pathlib import Path

import mido
import numpy as np
import soundfile

RATE = 8000
PARTS = ("train", "train", "train", "train", "validation", "test")


def tone(seconds: float, hertz: float, loud: float) -> np.ndarray:
    """A sine."""
    return (loud * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def table(path: Path, rows: list[dict]) -> None:
    """A CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def midi(
    path: Path, notes: list[tuple[float, float, int, int]], *, channel: int = 0, bpm: float = 120
) -> Path:
    """A MIDI file of (beat, length in beats, pitch, velocity)."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)))
    events = []
    for beat, length, pitch, velocity in notes:
        events.append((round(beat * 480), "note_on", pitch, velocity))
        events.append((round((beat + length) * 480), "note_off", pitch, 0))
    now = 0
    for at, kind, pitch, velocity in sorted(events):
        track.append(mido.Message(kind, note=pitch, velocity=velocity, time=at - now, channel=channel))
        now = at
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)
    return path


def deam(folder: Path, songs: int = 5, suffix: str = ".wav") -> Path:
    """Loud songs are aroused, high ones are pleasant; annotated from 0.5 s on."""
    where = folder / "annotations" / "annotations averaged per song" / "dynamic (per second annotations)"
    rng = np.random.default_rng(1)
    rows: dict[str, list[dict]] = {"arousal": [], "valence": []}
    (folder / "MEMD_audio").mkdir(parents=True)
    for song in range(2, 2 + songs):
        arousal, valence = rng.uniform(-0.8, 0.8, 2)
        sound = tone(2.0, 440 * 2 ** (2 * valence), 10 ** (arousal - 1))
        soundfile.write(folder / "MEMD_audio" / f"{song}{suffix}", sound, RATE)
        for name, value in (("arousal", arousal), ("valence", valence)):
            samples = {
                f"sample_{500 * k}ms": f"{value:.4f}" if k < 4 or song % 2 else "" for k in range(1, 5)
            }
            rows[name].append({"song_id": song, **samples})
    for name, own in rows.items():
        table(where / f"{name}.csv", own)
    return folder


def pmemo(folder: Path, songs: int = 4) -> Path:
    """As `deam`, in PMEmo's layout: values in 0 .. 1."""
    (folder / "chorus").mkdir(parents=True)
    rows = []
    for song in range(1, 1 + songs):
        soundfile.write(folder / "chorus" / f"{song}.wav", tone(1.5, 220 * song, 0.1 * song), RATE)
        rows += [
            {
                "musicId": song,
                "frameTime": k / 2,
                "Arousal(mean)": 0.2 * song,
                "Valence(mean)": 1 - 0.2 * song,
            }
            for k in range(1, 4)
        ]
    table(folder / "annotations" / "dynamic_annotations.csv", rows)
    return folder


def lakh(folder: Path, songs: int = 6, beats: int = 16) -> Path:
    """Songs that go round in four chords, an eighth note each tone."""
    chords = [(48, 52, 55), (57, 60, 64), (53, 57, 60), (55, 59, 62)]
    for song in range(songs):
        notes = []
        for beat in range(beats):
            chord = chords[(beat // 2 + song) % 4]
            notes += [(beat, 1.0, pitch, 80) for pitch in chord]
            notes.append((beat + 0.5, 0.5, chord[beat % 3] + 12, 90))
        midi(folder / f"{song % 3:x}" / f"{song:032x}.mid", notes)
    return folder


def maestro(folder: Path) -> Path:
    """Performances of a few notes, with sound that follows them."""
    rows = []
    for index, part in enumerate(PARTS):
        lowest = [(k, 40 + 5 * ((index + k) % 8), 30 + 15 * ((index * k) % 6)) for k in range(6)]
        notes = [(k, 1.0, pitch + step, loud) for k, pitch, loud in lowest for step in (0, 4, 7)]
        name = f"2018/piece-{index}"
        midi(folder / f"{name}.midi", notes)
        sound = np.concatenate([tone(0.5, 440 * 2 ** ((p - 69) / 12), v / 127) for _, p, v in lowest])
        soundfile.write(folder / f"{name}.wav", sound, RATE)
        rows.append(
            {
                "canonical_composer": "Nobody",
                "canonical_title": f"Piece {index}",
                "split": part,
                "year": 2018,
                "midi_filename": f"{name}.midi",
                "audio_filename": f"{name}.wav",
                "duration": 3.0,
            }
        )
    table(folder / "maestro-v3.0.0.csv", rows)
    return folder


def groove(folder: Path, bars: int = 8, beats: int = 1) -> Path:
    """Drummers who play every off-beat late and accent every beat."""
    rng = np.random.default_rng(2)
    rows = []
    for index, part in enumerate(PARTS * beats):
        notes = []
        for step in range(16 * bars):
            late = 0.04 if step % 2 else 0.0
            loud = 110 if step % 4 == 0 else 60
            for pitch in (36, 38, 42):
                if rng.random() < 0.5:
                    notes.append((step / 4 + late, 0.1, pitch, loud))
        name = f"drummer1/session1/{index + 1}_rock_100_beat_4-4.mid"
        midi(folder / name, notes, channel=9, bpm=100)
        rows.append(
            {
                "drummer": "drummer1",
                "session": "drummer1/session1",
                "id": f"drummer1/session1/{index + 1}",
                "style": "rock",
                "bpm": 100,
                "beat_type": "beat",
                "time_signature": "4-4",
                "midi_filename": name,
                "audio_filename": "",
                "duration": 9.6,
                "split": part,
            }
        )
    table(folder / "info.csv", rows)
    return folder


MAKERS = {
    "EmotionRecognizer": deam,
    "MelodyTransformer": lakh,
    "HarmonyPredictor": lakh,
    "DynamicsEngine": maestro,
    "GroovePredictor": groove,
}
