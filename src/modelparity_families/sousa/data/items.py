"""What the two networks learn from, performance by performance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from modelparity.graph import Array

from ..encoding import encoded, padded, raw_onsets
from .augmentation import Augmentation
from .dataset import DataSet, Performance


@dataclass(frozen=True)
class Examples:
    """Performances as examples, cut or padded to ``strokes``; those without strokes are all padding.

    Only what the second network is given is augmented, never its targets; ``random`` is drawn from in the order in
    which examples are asked for.
    """

    data: DataSet
    performances: Sequence[Performance]
    strokes: int = 256
    augmentation: Augmentation | None = None
    random: np.random.RandomState = field(default_factory=lambda: np.random.RandomState(0))

    def __len__(self) -> int:
        return len(self.performances)

    def classifying(self, place: int) -> dict[str, Array | int | str]:
        """For the classifier: onset_features (stroke, 12), attention_mask (stroke,), label, sample_id."""
        one = self.performances[place]
        features, mask = padded(self._targets(one), self.strokes)
        return {"onset_features": features, "attention_mask": mask, "label": one.label, "sample_id": one.key}

    def inferring(self, place: int) -> dict[str, Array]:
        """For the other: raw_onsets (stroke, 3), target_features (stroke, 12), attention_mask (stroke,), float32."""
        one = self.performances[place]
        strokes = self.data.strokes(one)
        if strokes is None:
            raw = np.zeros((0, 3), np.float32)
        else:
            time, velocity = strokes.time, strokes.velocity
            if self.augmentation is not None:
                time, velocity = self.augmentation(time, velocity, self.random)
            raw = raw_onsets(time, velocity, one.tempo)
        given, mask = padded(raw, self.strokes)
        wanted, _ = padded(self._targets(one), self.strokes)
        return {"raw_onsets": given, "target_features": wanted, "attention_mask": mask}

    def _targets(self, one: Performance) -> Array:
        strokes = self.data.strokes(one)
        return np.zeros((0, 12), np.float32) if strokes is None else encoded(strokes, one.tempo)
