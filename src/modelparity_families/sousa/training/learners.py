"""Both networks with what they learn by, as modules of PyTorch Lightning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor

from ..networks.modules import Network, new
from ..networks.sizes import Sizes
from .losses import SMOOTHING, classifier_loss, feature_loss
from .scores import Scores

#: Of AdamW, as the original has it; gradients are clipped to a norm of 1.
WEIGHT_DECAY, CLIP = 0.01, 1.0


class Learner(pl.LightningModule):
    """What both share: a network under the name ``model``, and AdamW without a schedule.

    Hyper-parameters are plain values, so that checkpoints are read without unpickling classes: which ``model`` it is,
    its ``config``, ``learning_rate`` and ``weight_decay``.
    """

    def __init__(self, sizes: Sizes, *, learning_rate: float, weight_decay: float = WEIGHT_DECAY) -> None:
        super().__init__()
        self.save_hyperparameters(
            {
                "model": sizes.network,
                "config": sizes.config,
                "learning_rate": float(learning_rate),
                "weight_decay": float(weight_decay),
            }
        )
        self.model: Network = new(sizes)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """AdamW over all weights."""
        own = self.hparams
        return torch.optim.AdamW(self.parameters(), lr=own["learning_rate"], weight_decay=own["weight_decay"])


class FeatureLearner(Learner):
    """`FeatureInference` on batches of raw_onsets, target_features and attention_mask."""

    def training_step(self, batch: Mapping[str, Tensor], index: int) -> Tensor:
        """The loss of a batch, logged as train/loss."""
        return self._step(batch, "train")

    def validation_step(self, batch: Mapping[str, Tensor], index: int) -> Tensor:
        """The loss of a batch, logged as val/loss."""
        return self._step(batch, "val")

    def test_step(self, batch: Mapping[str, Tensor], index: int) -> Tensor:
        """The loss of a batch, logged as test/loss."""
        return self._step(batch, "test")

    def _step(self, batch: Mapping[str, Tensor], part: str) -> Tensor:
        mask = batch["attention_mask"]
        loss = feature_loss(self.model(batch["raw_onsets"], mask), batch["target_features"], mask)
        self.log(f"{part}/loss", loss, on_step=False, on_epoch=True, batch_size=len(mask))
        return loss


class RudimentLearner(Learner):
    """`OnsetTransformer` on batches of onset_features, attention_mask and label."""

    def __init__(self, sizes: Sizes, **settings: Any) -> None:
        super().__init__(sizes, **settings)
        self._scores = {part: Scores(sizes.output) for part in ("val", "test")}

    def training_step(self, batch: Mapping[str, Tensor], index: int) -> Tensor:
        """The smoothed loss of a batch, logged as train/loss."""
        loss = classifier_loss(self._logits(batch), batch["label"], smoothing=SMOOTHING)
        self.log("train/loss", loss, on_step=False, on_epoch=True, batch_size=len(batch["label"]))
        return loss

    def validation_step(self, batch: Mapping[str, Tensor], index: int) -> Tensor:
        """The loss of a batch, logged as val/loss; figures follow at the end of the part."""
        return self._judged(batch, "val")

    def test_step(self, batch: Mapping[str, Tensor], index: int) -> Tensor:
        """The same of test."""
        return self._judged(batch, "test")

    def on_validation_epoch_end(self) -> None:
        """Log the figures of validation."""
        self._tell("val")

    def on_test_epoch_end(self) -> None:
        """Log the figures of test."""
        self._tell("test")

    def _logits(self, batch: Mapping[str, Tensor]) -> Tensor:
        logits: Tensor = self.model(batch["onset_features"], batch["attention_mask"])
        return logits

    def _judged(self, batch: Mapping[str, Tensor], part: str) -> Tensor:
        logits = self._logits(batch)
        loss = classifier_loss(logits, batch["label"])
        self._scores[part].add(logits.cpu(), batch["label"].cpu())
        self.log(f"{part}/loss", loss, batch_size=len(logits))
        return loss

    def _tell(self, part: str) -> None:
        for name, value in self._scores[part].figures(part).items():
            self.log(name, value)
        self._scores[part].clear()
