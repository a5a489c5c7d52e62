"""From sound to the rudiment: onsets and tempo by librosa, features of strokes, the label.

==========  ========================================================================
`audio`     sound as the pipeline takes it
`onsets`    onsets, their strengths and the tempo
`told`      the label, with its confidence and the next best
`rudiment`  the pipeline
==========  ========================================================================
"""

from __future__ import annotations

from .rudiment import pipelines
from .told import Told

__all__ = ["Told", "pipelines"]
