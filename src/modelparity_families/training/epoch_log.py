"""What is said while a model learns: a line of figures an epoch in a file, and progress."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytorch_lightning as pl

from modelparity.errors import InputError
from modelparity.family import Progress
from modelparity.files import replace_file


class Log(pl.Callback):
    """A CSV file with a row an epoch, whole at any time; a resumed training keeps the ``done`` epochs before it."""

    def __init__(self, path: Path, done: int = 0) -> None:
        self.path = path
        self.rows: list[dict[str, str]] = []
        if done and path.is_file():
            with path.open(newline="", encoding="utf-8") as file:
                self.rows = [row for row in csv.DictReader(file) if int(row["epoch"]) < done]

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the file anew."""
        figures = {name: f"{float(value):.6g}" for name, value in sorted(trainer.callback_metrics.items())}
        self.rows.append({"epoch": str(trainer.current_epoch), **figures})
        names = dict.fromkeys(name for row in self.rows for name in row)
        text = io.StringIO()
        writer = csv.DictWriter(text, list(names), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        replace_file(self.path, text.getvalue().encode(), InputError)


class Watch(pl.Callback):
    """Epochs as progress, with the losses so far."""

    def __init__(self, model: str, epochs: int, progress: Progress | None) -> None:
        self.model, self.epochs = model, epochs
        self.say: Progress = progress or (lambda what, done, total: None)
        self.losses = ""

    def on_train_batch_end(self, trainer: pl.Trainer, *args: object) -> None:
        """Each batch shows that something goes on."""
        self.say(f"epoch {trainer.current_epoch + 1}{self.losses}", trainer.current_epoch, self.epochs)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The losses of the epoch."""
        found = trainer.callback_metrics
        told = [
            f"{part} {float(found[f'{part}_loss']):.4f}"
            for part in ("train", "validation")
            if f"{part}_loss" in found
        ]
        self.losses = f": {', '.join(told)}"
        self.say(f"epoch {trainer.current_epoch + 1}{self.losses}", trainer.current_epoch + 1, self.epochs)
