"""The data set: folders of tables and MIDI files as its writer leaves them, and as the hub has them.

===============  ==============================================================================
`dataset`        a folder: performances, how they are split, filters
`tables`         Parquet, CSV and JSON files as columns
`midi`           a performance's MIDI file
`augmentation`   strokes as a detector would give them
`items`          what the two networks learn from
===============  ==============================================================================
"""

from __future__ import annotations

from .augmentation import Augmentation
from .dataset import DataSet, Filters, Performance
from .items import Examples

__all__ = ["Augmentation", "DataSet", "Examples", "Filters", "Performance"]
