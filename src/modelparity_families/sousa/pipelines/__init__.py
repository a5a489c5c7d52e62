"""From sound to the rudiment: onsets and tempo by librosa, features of strokes, the label.

==========  ========================================================================
`audio`     sound as the pipeline takes it
`onsets`    onsets, their strengths and the tempo
`told`      the label, with its confidence and the next best
`rudiment`  the pipeline from sound
`strokes`   the one from a table of strokes
==========  ========================================================================
"""

from __future__ import annotations

from .rudiment import pipeline, pipelines
from .strokes import STROKES, of_strokes
from .told import Told

__all__ = ["STROKES", "Told", "of_strokes", "pipeline", "pipelines"]
