"""A training from start to end: checkpoints, early stopping, a log, resuming, and the result on unseen pieces."""

from __future__ import annotations

import json
import logging
import math
import shutil
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint

from modelparity.errors import InputError
from modelparity.family import Progress, Trained
from modelparity.files import replace_file
from modelparity.report import environment

from .checkpoints import contents
from .configuration import Configuration
from .epoch_log import Log, Watch
from .folders import Corpus
from .learner import Learner
from .loading import loaders

BEST, LAST, LOG, RESULT, SETTINGS = "best.ckpt", "last.ckpt", "log.csv", "result.json", "config.toml"
WATCHED = "validation_loss"


def fit(
    model: str,
    corpus: Callable[[], Corpus],
    learner: Callable[[], Learner],
    config: Configuration,
    to: Path,
    *,
    resume: bool = False,
    progress: Progress | None = None,
) -> Trained:
    """Train a model; everything is written to the folder ``to``. If nothing was learned yet, nothing is left of it.

    Args:
        model: its name, as the learner's checkpoints keep it.
        corpus: opens the data set.
        learner: makes the network and what it learns by, after the seed was set.
        config: the settings.
        to: gets the best and the last checkpoint, a log, the settings and the result.
        resume: go on with the training that is there.
        progress: is told how far it is.

    Returns:
        The best checkpoint, and its figures on validation and test.

    Raises:
        InputError: for a data set that is none for this model or is not readable, a run that is there already, one
            that has nothing to resume from, and a loss that is not finite from the start.
    """
    existed = to.exists()
    start = _start(to, model, resume=resume)
    try:
        with _quiet():
            return _fit(model, corpus, learner, config, to, start, progress)
    except MisconfigurationException as error:
        raise InputError(
            "PyTorch Lightning refuses this",
            where=model,
            found=str(error).splitlines()[0],
            fix='device = "cpu" runs everywhere',
        ) from error
    except OSError as error:
        raise InputError("not writable", where=to, found=error.strerror or error) from error
    finally:
        if not existed and not any((to / name).exists() for name in (BEST, LAST)):
            shutil.rmtree(to, ignore_errors=True)


def _fit(
    model: str,
    opening: Callable[[], Corpus],
    making: Callable[[], Learner],
    config: Configuration,
    to: Path,
    start: dict[str, Any] | None,
    progress: Progress | None,
) -> Trained:
    own = config.training
    if own["threads"]:
        torch.set_num_threads(own["threads"])
    corpus = opening()
    done = 0 if start is None else int(start["epoch"]) + 1
    batches = loaders(corpus, config, epoch=done)
    pl.seed_everything(own["seed"], workers=True, verbose=False)
    learner = making()
    replace_file(to / SETTINGS, config.text().encode(), InputError)
    # One file each, replaced at once when an epoch is done: what an interruption leaves can be used and resumed.
    best = ModelCheckpoint(
        to,
        filename=Path(BEST).stem,
        monitor=WATCHED,
        save_last=True,
        enable_version_counter=False,
        save_on_train_epoch_end=True,
    )
    stop = EarlyStopping(
        WATCHED, min_delta=own["least"], patience=own["patience"], check_finite=True, verbose=False
    )
    trainer = pl.Trainer(
        max_epochs=own["epochs"],
        accelerator=own["device"],
        devices=1,
        logger=False,
        callbacks=[Log(to / LOG, done), stop, best, Watch(model, own["epochs"], progress)],
        gradient_clip_val=own["clip"] or None,
        num_sanity_val_steps=0,
        enable_progress_bar=False,
        enable_model_summary=False,
        deterministic="warn",
        log_every_n_steps=1,
    )
    _run(trainer, learner, batches, None if start is None else to / LAST)
    best_is_there = (to / BEST).exists()
    figures = _figures(trainer, learner, batches, to / BEST) if best_is_there else {WATCHED: math.nan}
    if not math.isfinite(figures[WATCHED]):
        for name in () if start is not None else (BEST, LAST):
            (to / name).unlink(missing_ok=True)
        raise InputError(
            "the loss is not finite from the first epoch on",
            where=model,
            found=f"{WATCHED} {figures[WATCHED]}",
            fix="try a lower learning_rate",
        )
    problems = {key: why for one in batches.values() for key, why in one.dataset.problems.items()}  # type: ignore[attr-defined]
    result = Trained(to / BEST, figures, trainer.current_epoch, problems)
    about = {
        "model": model,
        "data": corpus.title,
        "pieces": {part: len(corpus.part(part)) for part in batches},
        "left_out": problems,
        "epochs": result.epochs,
        "seed": own["seed"],
        "figures": figures,
        "environment": environment(),
    }
    replace_file(to / RESULT, (json.dumps(about, indent=2) + "\n").encode(), InputError)
    return result


def _run(trainer: pl.Trainer, learner: pl.LightningModule, batches: Any, last: Path | None) -> None:
    """Lightning turns an interruption into an exit that nothing stops; here it stays what it is."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        trainer.fit(
            learner,
            batches["train"],
            batches["validation"],
            ckpt_path=None if last is None else str(last),
            weights_only=True,
        )
    except SystemExit as leaving:
        raise KeyboardInterrupt from leaving
    finally:
        if handler is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)


def _figures(trainer: pl.Trainer, learner: pl.LightningModule, batches: Any, best: Path) -> dict[str, float]:
    """The best checkpoint's figures on validation and test."""
    learner.load_state_dict(contents(best)["state_dict"])
    found: dict[str, float] = {}
    for run, part in ((trainer.validate, "validation"), (trainer.test, "test")):
        (figures,) = run(learner, batches[part], verbose=False)
        found |= {name: float(value) for name, value in figures.items()}
    return found


def _start(to: Path, model: str, *, resume: bool) -> dict[str, Any] | None:
    """The checkpoint that training goes on from, or ``None``."""
    last = to / LAST
    if not resume:
        if last.exists() or (to / BEST).exists():
            raise InputError(
                "a training is here already",
                where=to,
                fix="--resume goes on with it, --to names another folder",
            )
        return None
    if not last.is_file():
        raise InputError(
            "no training to resume", where=to, expected=f"a file {LAST}", fix="leave --resume out"
        )
    found = contents(last)
    own = (found.get("hyper_parameters") or {}).get("model")
    if own != model or "epoch" not in found:
        raise InputError("not a training of this model", where=last, found=own, expected=model)
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
