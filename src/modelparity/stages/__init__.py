"""What a pipeline is: named stages from what is given to events, with which families define theirs.

A family's `Family.pipelines` returns {name: `Pipeline`}. Stages are `Given` (sound, beats), `Numeric` (a `Graph` of
engine operators), `Function` (numbers where a graph would be artificial), `Networks` (one or an ensemble) and
`Decoder` (a plain function, which gives `Events`, `Segments` or a `Label`).
"""

from __future__ import annotations

from .blocks import FRAMEWISE, Blocks
from .decoded import Decoded, Events, Item, Label, Segments
from .golden import PipelineGolden
from .mistakes import Mistakes
from .outcome import Checked
from .pipeline import Pipeline
from .result import StageVerdict
from .settings import Setting, Span, checked, one_of, settings_of
from .stage import Decoder, Function, Given, Networks, Numeric, Stage
from .streams import PipelineStream

__all__ = [
    "FRAMEWISE",
    "Blocks",
    "Checked",
    "Decoded",
    "Decoder",
    "Events",
    "Function",
    "Given",
    "Item",
    "Label",
    "Mistakes",
    "Networks",
    "Numeric",
    "Pipeline",
    "PipelineGolden",
    "PipelineStream",
    "Segments",
    "Setting",
    "Span",
    "Stage",
    "StageVerdict",
    "checked",
    "one_of",
    "settings_of",
]
