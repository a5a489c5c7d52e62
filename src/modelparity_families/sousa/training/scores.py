"""How well rudiments are told, over many batches: accuracy, F1, confusions."""

from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import MetricCollection
from torchmetrics.classification import (
    MulticlassAccuracy,
    MulticlassConfusionMatrix,
    MulticlassF1Score,
)

from ..rudiments import RUDIMENTS

#: How many of the worst and of the best rudiments are told.
TOLD = 5


class Scores:
    """Figures of one part of the data: feed it with `add`, then ask."""

    def __init__(self, classes: int = len(RUDIMENTS)) -> None:
        self._metrics = MetricCollection(
            {
                "acc": MulticlassAccuracy(classes, average="micro"),
                "f1_macro": MulticlassF1Score(classes, average="macro"),
                "f1_per_class": MulticlassF1Score(classes, average=None),
                "confusion": MulticlassConfusionMatrix(classes),
            },
            compute_groups=False,
        )

    def add(self, logits: Tensor, labels: Tensor) -> None:
        """A batch: logits (batch, class), labels (batch,)."""
        with torch.inference_mode(
            False
        ):  # Lightning validates in that mode, whose tensors are never changed again
            self._metrics.update(logits.detach().clone(), labels.clone())

    def found(self) -> dict[str, Tensor]:
        """``acc``, ``f1_macro`` (of classes that occur or are told), ``f1_per_class``, ``confusion`` [true, told]."""
        return dict(self._metrics.compute())

    def figures(self, part: str) -> dict[str, float]:
        """What a log has of a part: ``val/acc``, ``val/f1_macro``, the worst and the best rudiments that occurred."""
        found = self.found()
        each, seen = found["f1_per_class"].tolist(), found["confusion"].sum(1).tolist()
        order = sorted((place for place in range(len(each)) if seen[place]), key=lambda place: each[place])
        told = {f"{part}/acc": float(found["acc"]), f"{part}/f1_macro": float(found["f1_macro"])}
        for word, places in (("worst", order[:TOLD]), ("best", order[-TOLD:])):
            told |= {f"{part}/f1_{word}/{RUDIMENTS[place]}": each[place] for place in places}
        return told

    def clear(self) -> None:
        """Begin anew."""
        with torch.inference_mode(False):
            self._metrics.reset()
