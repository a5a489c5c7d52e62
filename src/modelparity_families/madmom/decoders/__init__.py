"""madmom's decoders: from activations to onsets, notes, beats, downbeats, bars, chords and keys.

Plain functions of arrays. Their settings are keywords with the defaults of madmom's classes;
`modelparity.stages.settings_of` lists them.
"""

from __future__ import annotations

from .bars import bars
from .beats import OnlineBeats, beats, beats_online
from .chords import SEGMENT, chords, chords_cnncrf, chords_dccrf
from .crf import field
from .downbeats import downbeats
from .ensembles import mean, without_column
from .key import KEYS, key
from .online_peaks import OnlinePeaks
from .peaks import notes, peaks

__all__ = [
    "KEYS",
    "SEGMENT",
    "OnlineBeats",
    "OnlinePeaks",
    "bars",
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
    "without_column",
]
