"""What the family and its networks are called; nothing heavy is imported for it."""

from __future__ import annotations

NAME = "performance"
#: The audio backbone, and the three models on top of it.
MUQ = "muq"
#: What a performance is scored on, in the order of every score and label of 19 numbers.
DIMENSIONS = (
    "timing",
    "articulation_length",
    "articulation_touch",
    "pedal_amount",
    "pedal_clarity",
    "timbre_variety",
    "timbre_depth",
    "timbre_brightness",
    "timbre_loudness",
    "dynamic_range",
    "tempo",
    "space",
    "balance",
    "drama",
    "mood_valence",
    "mood_energy",
    "mood_imagination",
    "sophistication",
    "interpretation",
)
