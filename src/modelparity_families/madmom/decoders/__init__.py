"""madmom's decoders: from activations to onsets, notes, beats, downbeats, bars, chords and keys.

Plain functions of arrays. Their settings are keywords with the defaults of madmom's classes; `settings` lists them.
"""

from __future__ import annotations

from .bars import bars
from .beat_sync import beat_sync
from .beats import OnlineBeats, beats, beats_online
from .chords import SEGMENT, chords, chords_cnncrf, chords_dccrf
from .crf import Field, field
from .downbeats import downbeats
from .ensembles import mean, without_column
from .key import KEYS, key
from .peaks import notes, peaks
from .settings import Setting, settings

__all__ = [
    "KEYS",
    "SEGMENT",
    "Field",
    "OnlineBeats",
    "Setting",
    "bars",
    "beat_sync",
    "beats",
    "beats_online",
    "chords",
    "chords_cnncrf",
    "chords_dccrf",
    "downbeats",
    "field",
    "key",
    "mean",
    "notes",
    "peaks",
    "settings",
    "without_column",
]
