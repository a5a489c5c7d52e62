"""What is said while a model learns: a line of figures an epoch in a file, and progress."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
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
    """Epochs as progress, with figures so far: ``told`` is {word: the figure's name}."""

    def __init__(self, model: str, epochs: int, progress: Progress | None, told: Mapping[str, str]) -> None:
        self.model, self.epochs, self.told = model, epochs, told
        self.say: Progress = progress or (lambda what, done, total: None)
        self.figures = ""

    def on_train_batch_end(self, trainer: pl.Trainer, *args: object) -> None:
        """Each batch shows that something goes on."""
        self.say(f"epoch {trainer.current_epoch + 1}{self.figures}", trainer.current_epoch, self.epochs)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The figures of the epoch."""
        found = trainer.callback_metrics
        told = [f"{word} {float(found[name]):.4f}" for word, name in self.told.items() if name in found]
        self.figures = f": {', '.join(told)}"
        self.say(f"epoch {trainer.current_epoch + 1}{self.figures}", trainer.current_epoch + 1, self.epochs)
