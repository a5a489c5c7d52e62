"""A training on a corpus from start to end: its batches, its run, and the result on unseen pieces."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from modelparity.errors import InputError
from modelparity.family import Progress, Trained
from modelparity.files import replace_file
from modelparity.report import environment

from .configuration import Configuration
from .folders import Corpus
from .learner import Learner
from .loading import Batches, loaders
from .running import Course, Run, Watched

RESULT, SETTINGS = "result.json", "config.toml"
WATCHED = Watched("validation_loss", {"train": "train_loss", "validation": "validation_loss"})


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
    own = config.training
    course = Course(**{one.name: own[one.name] for one in fields(Course) if one.name in own})
    run = Run(to, model, course, WATCHED, resume=resume, progress=progress)
    with run.open():
        opened = corpus()
        batches = loaders(opened, config, epoch=run.done)
        run.seed()
        network = learner()
        replace_file(to / SETTINGS, config.text().encode(), InputError)
        learned = run.learn(network, _Parts(batches))
        problems = {
            key: why
            for one in batches.values()
            for key, why in one.dataset.problems.items()  # type: ignore[attr-defined]
        }
        result = Trained(learned.checkpoint, learned.figures, learned.epochs, problems)
        about = {
            "data": opened.title,
            "pieces": {part: len(opened.part(part)) for part in batches},
            "left_out": problems,
        }
        write_result(to, model, result, course.seed, about)
    return result


def write_result(to: Path, model: str, result: Trained, seed: int, about: Mapping[str, Any]) -> None:
    """What came of a training, as a JSON file; ``about`` is what it learned from. Raises `InputError`."""
    told = {
        "model": model,
        **about,
        "epochs": result.epochs,
        "seed": seed,
        "figures": result.figures,
        "environment": environment(),
    }
    replace_file(to / RESULT, (json.dumps(told, indent=2) + "\n").encode(), InputError)


class _Parts(pl.LightningDataModule):
    """The batches of train, validation and test, as Lightning asks for them."""

    def __init__(self, batches: Mapping[str, Batches]) -> None:
        super().__init__()
        self._batches = batches

    def train_dataloader(self) -> Batches:
        """What is learned from."""
        return self._batches["train"]

    def val_dataloader(self) -> Batches:
        """What the best epoch is chosen by."""
        return self._batches["validation"]

    def test_dataloader(self) -> Batches:
        """What nothing is chosen by."""
        return self._batches["test"]
