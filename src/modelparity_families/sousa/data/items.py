"""What the two networks learn from, performance by performance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from modelparity.graph import Array

from ..encoding import encoded, padded, raw_onsets
from ..strokes import Strokes
from .augmentation import Augmentation
from .dataset import DataSet, Performance

#: Performances that are kept when they were read, a few KiB each.
MOST_KEPT = 20_000


@dataclass(frozen=True)
class Examples:
    """Performances as examples, cut or padded to ``strokes``; those without strokes are all padding.

    Only what the second network is given is augmented, never its targets; ``random`` is drawn from in the order in
    which examples are asked for. What was read of a performance is kept, of `MOST_KEPT` performances at most.
    """

    data: DataSet
    performances: Sequence[Performance]
    strokes: int = 256
    augmentation: Augmentation | None = None
    random: np.random.RandomState = field(default_factory=lambda: np.random.RandomState(0))
    _kept: dict[int, tuple[Strokes | None, Array]] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.performances)

    def classifying(self, place: int) -> dict[str, Array | int | str]:
        """For the classifier: onset_features (stroke, 12), attention_mask (stroke,), label, sample_id."""
        one = self.performances[place]
        _, targets = self._read(place)
        features, mask = padded(targets, self.strokes)
        return {"onset_features": features, "attention_mask": mask, "label": one.label, "sample_id": one.key}

    def inferring(self, place: int) -> dict[str, Array]:
        """For the other: raw_onsets (stroke, 3), target_features (stroke, 12), attention_mask (stroke,), float32."""
        one = self.performances[place]
        strokes, targets = self._read(place)
        if strokes is None:
            raw = np.zeros((0, 3), np.float32)
        else:
            time, velocity = strokes.time, strokes.velocity
            if self.augmentation is not None:
                time, velocity = self.augmentation(time, velocity, self.random)
            raw = raw_onsets(time, velocity, one.tempo)
        given, mask = padded(raw, self.strokes)
        wanted, _ = padded(targets, self.strokes)
        return {"raw_onsets": given, "target_features": wanted, "attention_mask": mask}

    def _read(self, place: int) -> tuple[Strokes | None, Array]:
        """A performance's strokes, and their features (stroke, 12)."""
        found = self._kept.get(place)
        if found is None:
            one = self.performances[place]
            strokes = self.data.strokes(one)
            features = np.zeros((0, 12), np.float32) if strokes is None else encoded(strokes, one.tempo)
            found = strokes, features
            if len(self._kept) < MOST_KEPT:
                self._kept[place] = found
        return found
