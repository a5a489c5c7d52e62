"""A network and what it learns by, as a Lightning module."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from .objective import Objective, Sums, added

Batch = tuple[Tensor, Tensor, Tensor]


class Learner(pl.LightningModule):
    """A model with what it learns by. ``forward`` is the network's own: x (batch, time, feature) -> y.

    Logs ``train_loss``, ``validation_loss`` and the figures of its objective, such as ``validation_f1``.
    """

    def __init__(
        self,
        model: str,
        network: nn.Module,
        objective: Objective,
        *,
        width: int,
        learning_rate: float = 1e-3,
        weight_decay: float = 0.01,
        epochs: int = 100,
    ) -> None:
        """Make it ready to learn.

        Args:
            model: its name, which checkpoints keep.
            network: what is exported; x (batch, time, feature) -> y (batch, time, feature).
            objective: what it learns.
            width: the numbers in a frame that the network gives, which a read-out begins from.
            learning_rate: of AdamW; it falls along a cosine to a hundredth at the last epoch.
            weight_decay: of AdamW.
            epochs: after which the cosine ends.
        """
        super().__init__()
        self.save_hyperparameters(
            {
                "model": model,
                "learning_rate": learning_rate,
                "weight_decay": weight_decay,
                "epochs": epochs,
            }
        )
        self.objective, self.network = objective, network
        self.readout = (
            nn.Sequential(nn.Linear(width, objective.readout), nn.Tanh())
            if objective.readout
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
