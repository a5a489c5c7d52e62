"""The five models as Lightning modules."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from ..network import Network
from ..stack import stack
from .objectives import OBJECTIVES, Sums, added

Batch = tuple[Tensor, Tensor, Tensor]


class Learner(pl.LightningModule):
    """A model with what it learns by. ``forward`` is the network's own: x (batch, time, feature) -> y.

    Logs ``train_loss``, ``validation_loss`` and the figures of its objective, such as ``validation_f1``.
    """

    name = ""

    def __init__(
        self, *, model: str = "", learning_rate: float = 1e-3, weight_decay: float = 0.01, epochs: int = 100
    ) -> None:
        super().__init__()
        own = stack(model or self.name)
        self.save_hyperparameters(
            {
                "model": own.name,
                "learning_rate": learning_rate,
                "weight_decay": weight_decay,
                "epochs": epochs,
            }
        )
        self.objective = OBJECTIVES[own.name]
        self.network = Network(own)
        self.readout = (
            nn.Sequential(nn.Linear(own.output, self.objective.readout), nn.Tanh())
            if self.objective.readout
            else nn.Identity()
        )
        self._sums: dict[str, Sums] = {}
        self._losses: dict[str, tuple[float, int]] = {}

    def forward(self, x: Tensor) -> Tensor:
        """What is exported."""
        y: Tensor = self.network(x)
        return y

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """One batch."""
        return self._step(batch, "train")

    def validation_step(self, batch: Batch, index: int) -> Tensor:
        """One batch, without learning."""
        return self._step(batch, "validation")

    def test_step(self, batch: Batch, index: int) -> Tensor:
        """One batch of pieces that nothing was chosen by."""
        return self._step(batch, "test")

    def on_validation_epoch_end(self) -> None:
        """Log the figures of the epoch: every batch was learned from before validation begins."""
        self._report("train")
        self._report("validation")

    def on_test_epoch_end(self) -> None:
        """Log the part's figures."""
        self._report("test")

    def configure_optimizers(self) -> Any:
        """AdamW, along a cosine."""
        own = self.hparams
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=own["learning_rate"], weight_decay=own["weight_decay"]
        )
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
            optimizer, own["epochs"], own["learning_rate"] / 100
        )
        return {"optimizer": optimizer, "lr_scheduler": schedule}

    def _step(self, batch: Batch, part: str) -> Tensor:
        x, wanted, mask = batch
        given = self.readout(self.network(x))
        loss = self.objective.loss(given, wanted, mask)
        self._sums[part] = added(self._sums.get(part, {}), self.objective.tally(given, wanted, mask))
        total, count = self._losses.get(part, (0.0, 0))
        self._losses[part] = (total + float(loss.detach()) * len(x), count + len(x))
        return loss

    def _report(self, part: str) -> None:
        total, count = self._losses.pop(part, (0.0, 0))
        sums = self._sums.pop(part, {})
        if count:
            figures = {"loss": total / count, **self.objective.figures(sums)}
            for name, value in figures.items():
                self.log(f"{part}_{name}", torch.tensor(value, dtype=torch.float32))


class EmotionRecognizer(Learner):
    """128 -> 64: dense 512 tanh, dense 256 tanh, LSTM 128, dense 64 tanh; a read-out is trained along."""

    name = "EmotionRecognizer"


class MelodyTransformer(Learner):
    """64 -> 128: dense 256 ReLU, LSTM 256, dense 256 ReLU, dense 128 sigmoid."""

    name = "MelodyTransformer"


class HarmonyPredictor(Learner):
    """128 -> 64: dense 256 tanh, dense 128 tanh, dense 64 softmax."""

    name = "HarmonyPredictor"


class DynamicsEngine(Learner):
    """32 -> 16: dense 128 ReLU, dense 64 ReLU, dense 16 sigmoid."""

    name = "DynamicsEngine"


class GroovePredictor(Learner):
    """64 -> 32: dense 128 tanh, dense 64 tanh, dense 32 tanh."""

    name = "GroovePredictor"


LEARNERS: dict[str, type[Learner]] = {
    one.name: one
    for one in (EmotionRecognizer, MelodyTransformer, HarmonyPredictor, DynamicsEngine, GroovePredictor)
}
