"""A1 and A2 with what they learn by, as modules of PyTorch Lightning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from modelparity.errors import InputError

from ..audio.encoders.modules import AudioModel
from ..audio.encoders.sizes import Sizes
from .losses import (
    AMBIGUOUS,
    contrastive_loss,
    invariance_loss,
    pairwise_accuracy,
    ranking_loss,
    regression_loss,
)

Batch = Mapping[str, Tensor]
#: What the learning rate falls to along a cosine, over ``max_epochs``. Behind that it rises again, as the original's.
LEAST_RATE = 1e-6
#: What stands in a batch of pairs, without masks.
PAIRS = ("embeddings_a", "embeddings_b", "labels_a", "labels_b", "piece_ids_a", "piece_ids_b")
Stage = Literal["self_supervised", "supervised"]


class PairLearner(pl.LightningModule):
    """A1: pairs of performances (see `PAIRS`), with ``mask_a`` and ``mask_b`` where they are padded.

    The loss is that of order, 0.3 of contrast, 0.5 of scores, and 0.1 of invariance for batches that have a's
    augmented frames as ``embeddings_aug_a``. Checkpoints keep weights under ``network.`` and plain settings.
    """

    def __init__(
        self,
        sizes: Sizes | None = None,
        *,
        backbone: nn.Module | None = None,
        learning_rate: float = 1e-4,
        weight_decay: float = 1e-5,
        temperature: float = 0.07,
        contrastive: float = 0.3,
        regression: float = 0.5,
        invariance: float = 0.1,
        ambiguous: float = AMBIGUOUS,
        smoothing: float = 0.0,
        max_epochs: int = 200,
    ) -> None:
        """Make it ready to learn.

        Args:
            sizes: of the model; the published ones if left out.
            backbone: makes frames of what a batch has as embeddings; none if they are frames.
            learning_rate: of AdamW.
            weight_decay: of AdamW.
            temperature: that cosines are divided by.
            contrastive: weight of that loss.
            regression: weight of that loss.
            invariance: weight of that loss.
            ambiguous: labels that are closer than this have no order.
            smoothing: of the targets of order.
            max_epochs: after which the cosine ends.
        """
        super().__init__()
        sizes = sizes or Sizes()
        self.save_hyperparameters(
            {
                "sizes": asdict(sizes),
                "learning_rate": learning_rate,
                "weight_decay": weight_decay,
                "temperature": temperature,
                "contrastive": contrastive,
                "regression": regression,
                "invariance": invariance,
                "ambiguous": ambiguous,
                "smoothing": smoothing,
                "max_epochs": max_epochs,
            }
        )
        self.network = AudioModel(sizes, backbone)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Each part of the loss of a batch and the whole, called as they are logged without what they are of.

        Raises `InputError` for a batch that lacks something, and for a row without frames.
        """
        _refuse(batch, PAIRS)
        own, mask_a = self.hparams, batch.get("mask_a")
        found = self.network.pair(batch["embeddings_a"], batch["embeddings_b"], mask_a, batch.get("mask_b"))
        labels = batch["labels_a"], batch["labels_b"]
        heads = (self.network.regression_head(found[z]) for z in ("z_a", "z_b"))
        squared = [regression_loss(*one) for one in zip(heads, labels, strict=True)]
        parts = {
            "rank_loss": ranking_loss(
                found["ranking_logits"], *labels, ambiguous=own["ambiguous"], smoothing=own["smoothing"]
            ),
            "contrast_loss": contrastive_loss(
                torch.cat((found["proj_a"], found["proj_b"])),
                torch.cat((batch["piece_ids_a"], batch["piece_ids_b"])),
                temperature=own["temperature"],
            ),
            "reg_loss": (squared[0] + squared[1]) / 2,
        }
        if "embeddings_aug_a" in batch:
            augmented = self.network.encode(batch["embeddings_aug_a"], mask_a)
            parts["inv_loss"] = invariance_loss(found["z_a"], augmented)
        return _summed(parts, {**own, "rank": 1.0})

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """The loss of a batch; every part is logged, as ``train_rank_loss``."""
        found = self.losses(batch)
        self.log_dict({f"train_{name}": value for name, value in found.items()}, batch_size=_count(batch))
        return found["loss"]

    def validation_step(self, batch: Batch, index: int) -> Tensor:
        """``val_loss``, which is that of order alone, and ``val_pairwise_acc``."""
        loss, accuracy = self.judged(batch)
        self.log_dict({"val_loss": loss, "val_pairwise_acc": accuracy}, batch_size=_count(batch))
        return loss

    def judged(self, batch: Batch) -> tuple[Tensor, float]:
        """The loss of order of a batch, and the share of it that is right."""
        _refuse(batch, PAIRS)
        network, labels = self.network, (batch["labels_a"], batch["labels_b"])
        z_a, z_b = (network.encode(batch[f"embeddings_{one}"], batch.get(f"mask_{one}")) for one in "ab")
        logits, own = network.compare(z_a, z_b), self.hparams
        loss = ranking_loss(logits, *labels, ambiguous=own["ambiguous"], smoothing=own["smoothing"])
        return loss, pairwise_accuracy(logits, *labels, ambiguous=own["ambiguous"])

    def groups(self) -> list[dict[str, Any]]:
        """What AdamW is given: all weights at one rate."""
        return [{"params": list(self.parameters()), "lr": self.hparams["learning_rate"]}]

    def configure_optimizers(self) -> Any:
        """AdamW, whose rate falls along a cosine, epoch by epoch."""
        own = self.hparams
        optimizer = torch.optim.AdamW(
            self.groups(), lr=own["learning_rate"], weight_decay=own["weight_decay"]
        )
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(
            optimizer, T_max=own["max_epochs"], eta_min=LEAST_RATE
        )
        return {"optimizer": optimizer, "lr_scheduler": falling}


class TwoStageLearner(PairLearner):
    """A2: first from performances alone, ``embeddings_clean`` and ``embeddings_augmented``; then as A1.

    The first stage takes ``mask`` and ``piece_ids`` beside them, and adds 0.5 of invariance to the contrast of clean
    and augmented ones. The second has no invariance.
    """

    #: What stands in a batch of the first stage.
    ALONE = ("embeddings_clean", "embeddings_augmented", "piece_ids")

    def __init__(self, sizes: Sizes | None = None, *, invariance: float = 0.5, **settings: Any) -> None:
        super().__init__(sizes, invariance=invariance, **settings)
        self.stage: Stage = "self_supervised"

    def switch_to_supervised(self) -> None:
        """Go on to the second stage, with a new optimizer and a new cosine if it is learning."""
        self.stage = "supervised"
        if self._trainer is not None:
            self.trainer.strategy.setup_optimizers(self.trainer)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """As `PairLearner.losses`, of the stage that it is in."""
        if self.stage == "supervised":
            return super().losses({name: one for name, one in batch.items() if name != "embeddings_aug_a"})
        _refuse(batch, self.ALONE)
        clean, augmented = self._both(batch)
        projections = torch.cat((self.network.projection(clean), self.network.projection(augmented)))
        pieces = batch["piece_ids"].repeat(2)
        parts = {
            "contrast_loss": contrastive_loss(projections, pieces, temperature=self.hparams["temperature"]),
            "inv_loss": invariance_loss(clean, augmented),
        }
        return _summed(parts, {**self.hparams, "contrastive": 1.0})

    def validation_step(self, batch: Batch, index: int) -> Tensor:
        """In the first stage ``val_loss`` is the invariance alone, in the second as A1's."""
        if self.stage == "supervised":
            return super().validation_step(batch, index)
        _refuse(batch, self.ALONE)
        loss = invariance_loss(*self._both(batch))
        self.log("val_loss", loss, batch_size=_count(batch))
        return loss

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """The stage is kept."""
        checkpoint["stage"] = self.stage

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on in the stage that was kept."""
        self.stage = checkpoint["stage"]

    def _both(self, batch: Batch) -> tuple[Tensor, Tensor]:
        mask = batch.get("mask")
        return (
            self.network.encode(batch["embeddings_clean"], mask),
            self.network.encode(batch["embeddings_augmented"], mask),
        )


#: Which setting weighs a part of the loss.
WEIGHED = {
    "rank_loss": "rank",
    "contrast_loss": "contrastive",
    "reg_loss": "regression",
    "inv_loss": "invariance",
}


def _summed(parts: dict[str, Tensor], weights: Mapping[str, Any]) -> dict[str, Tensor]:
    total = torch.stack([weights[WEIGHED[name]] * part for name, part in parts.items()]).sum()
    return {"loss": total, **parts}


def _refuse(batch: Batch, wanted: tuple[str, ...]) -> None:
    if lacking := [name for name in wanted if name not in batch]:
        raise InputError(
            f"the batch has no {lacking[0]!r}", found=", ".join(sorted(batch)), expected=", ".join(wanted)
        )


def _count(batch: Batch) -> int:
    return len(next(iter(batch.values())))
