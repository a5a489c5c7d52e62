"""One run of a training in a folder, whatever is learned: checkpoints, early stopping, a log, progress, resuming."""

from __future__ import annotations

import logging
import math
import shutil
import signal
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint

from modelparity.errors import InputError
from modelparity.family import Progress

from .checkpoints import contents
from .epoch_log import Log, Watch

LAST, LOG = "last.ckpt", "log.csv"


@dataclass(frozen=True)
class Course:
    """How long and how: epochs at most, early stopping, gradients, and where it is computed.

    Training ends when the figure was not better by ``least`` for ``patience`` epochs. Gradients are clipped to the
    norm ``clip`` (0: not at all), and added up over ``accumulate`` batches. ``threads`` 0 leaves PyTorch's own.
    """

    epochs: int
    patience: int
    least: float
    clip: float
    device: str
    threads: int
    seed: int
    accumulate: int = 1


@dataclass(frozen=True)
class Watched:
    """The figure that the best epoch is chosen by, the smallest or the ``largest``; and what progress tells.

    ``told`` is {word: figure}. The best checkpoint is called ``stem``, in which ``{epoch}`` and ``{figure:.4f}`` are
    filled in; all files of a run that begin with the stem's own letters are its best.
    """

    figure: str
    told: Mapping[str, str]
    stem: str = "best"
    largest: bool = False

    @property
    def files(self) -> str:
        """A pattern for the best checkpoint, whatever its figures."""
        return self.stem.partition("{")[0] + ("*.ckpt" if "{" in self.stem else ".ckpt")


@dataclass(frozen=True)
class Learned:
    """The best checkpoint, its figures on validation and test as the learner names them, and the epochs run."""

    checkpoint: Path
    figures: dict[str, float]
    epochs: int


class Run:
    """A training in the folder ``to``, new or, with ``resume``, one that goes on.

    ``with run:`` stands around all of it: what Lightning says of its own settings is silenced, its errors and the
    system's are made `InputError`, and a folder that was not there is removed if nothing was learned.

    Raises:
        InputError: a training is there already, or there is none to resume, or it is another model's.
    """

    def __init__(
        self,
        to: Path,
        model: str,
        course: Course,
        watched: Watched,
        *,
        resume: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.to, self.model, self.course, self.watched = to, model, course, watched
        self._progress = progress
        self._start = self._started(resume=resume)
        #: Epochs that were done before.
        self.done = 0 if self._start is None else int(self._start["epoch"]) + 1

    @contextmanager
    def open(self) -> Iterator[None]:
        """What stands around a run; threads are set, and random numbers seeded."""
        existed = self.to.exists()
        try:
            with _quiet():
                if self.course.threads:
                    torch.set_num_threads(self.course.threads)
                yield
        except MisconfigurationException as error:
            raise InputError(
                "PyTorch Lightning refuses this",
                where=self.model,
                found=str(error).splitlines()[0],
                fix='device = "cpu" runs everywhere',
            ) from error
        except OSError as error:
            raise InputError("not writable", where=self.to, found=error.strerror or error) from error
        finally:
            if not existed and not self._checkpoints():
                shutil.rmtree(self.to, ignore_errors=True)

    def seed(self) -> None:
        """Seed all random numbers: before the network is made."""
        pl.seed_everything(self.course.seed, workers=True, verbose=False)

    def learn(
        self, learner: pl.LightningModule, data: pl.LightningDataModule, *, tested: bool = True
    ) -> Learned:
        """Train, and judge the best epoch on validation and, if ``tested``, on test.

        Raises `InputError` if the figure is not finite from the first epoch on; then no checkpoint is left.
        """
        own, watched = self.course, self.watched
        # One file each, replaced at once when an epoch is done: what an interruption leaves can be used and resumed.
        best = ModelCheckpoint(
            self.to,
            filename=watched.stem,
            monitor=watched.figure,
            mode="max" if watched.largest else "min",
            save_last=True,
            auto_insert_metric_name=False,
            enable_version_counter=False,
            save_on_train_epoch_end=True,
        )
        stop = EarlyStopping(
            watched.figure,
            min_delta=own.least,
            patience=own.patience,
            mode="max" if watched.largest else "min",
            check_finite=True,
            verbose=False,
        )
        watch = Watch(self.model, own.epochs, self._progress, watched.told)
        trainer = pl.Trainer(
            max_epochs=own.epochs,
            accelerator=own.device,
            devices=1,
            logger=False,
            callbacks=[Log(self.to / LOG, self.done), stop, best, watch],
            gradient_clip_val=own.clip or None,
            accumulate_grad_batches=own.accumulate,
            num_sanity_val_steps=0,
            enable_progress_bar=False,
            enable_model_summary=False,
            deterministic="warn",
            log_every_n_steps=1,
        )
        _fitted(trainer, learner, data, None if self._start is None else self.to / LAST)
        found = Path(best.best_model_path)
        there = bool(best.best_model_path) and found.exists()
        figures = (
            _figures(trainer, learner, data, found, tested=tested) if there else {watched.figure: math.nan}
        )
        if not math.isfinite(figures[watched.figure]):
            for path in self._checkpoints() if self._start is None else ():
                path.unlink(missing_ok=True)
            raise InputError(
                "the loss is not finite from the first epoch on",
                where=self.model,
                found=f"{watched.figure} {figures[watched.figure]}",
                fix="try a lower learning_rate",
            )
        return Learned(found, figures, trainer.current_epoch)

    def _checkpoints(self) -> list[Path]:
        return [*self.to.glob(self.watched.files), *self.to.glob(LAST)]

    def _started(self, *, resume: bool) -> dict[str, Any] | None:
        """The checkpoint that training goes on from, or ``None``."""
        last = self.to / LAST
        if not resume:
            if self._checkpoints():
                raise InputError(
                    "a training is here already",
                    where=self.to,
                    fix="--resume goes on with it, --to names another folder",
                )
            return None
        if not last.is_file():
            raise InputError(
                "no training to resume", where=self.to, expected=f"a file {LAST}", fix="leave --resume out"
            )
        found = contents(last)
        own = (found.get("hyper_parameters") or {}).get("model")
        if own != self.model or "epoch" not in found:
            raise InputError("not a training of this model", where=last, found=own, expected=self.model)
        return found


def _fitted(
    trainer: pl.Trainer, learner: pl.LightningModule, data: pl.LightningDataModule, last: Path | None
) -> None:
    """Lightning turns an interruption into an exit that nothing stops; here it stays what it is."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        trainer.fit(
            learner, datamodule=data, ckpt_path=None if last is None else str(last), weights_only=True
        )
    except SystemExit as leaving:
        raise KeyboardInterrupt from leaving
    finally:
        if handler is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)


def _figures(
    trainer: pl.Trainer,
    learner: pl.LightningModule,
    data: pl.LightningDataModule,
    best: Path,
    *,
    tested: bool,
) -> dict[str, float]:
    """The best checkpoint's figures on validation and test."""
    learner.load_state_dict(contents(best)["state_dict"])
    found: dict[str, float] = {}
    for run in (trainer.validate, trainer.test) if tested else (trainer.validate,):
        (figures,) = run(learner, datamodule=data, verbose=False)
        found |= {name: float(value) for name, value in figures.items()}
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Lightning tells of its own settings, which none of the readers chose."""
    loggers = [
        logging.getLogger(name) for name in ("pytorch_lightning", "lightning.pytorch", "lightning_fabric")
    ]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
