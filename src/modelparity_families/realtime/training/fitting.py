"""Train one of the five: its data set, its network and its objective, in the training that families share."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from modelparity.family import Progress, Trained
from modelparity_families.training import fitting
from modelparity_families.training.configuration import Configuration
from modelparity_families.training.learner import Learner

from ..corpora import open_corpus
from ..network import Network
from ..stack import stack
from .objectives import OBJECTIVES
from .settings import features


def fit(
    model: str,
    folder: Path,
    config: Configuration,
    to: Path,
    *,
    resume: bool = False,
    progress: Progress | None = None,
) -> Trained:
    """Train ``model`` on the data set in ``folder``, into the folder ``to``.

    ``resume`` goes on with the training that is there. Raises `InputError`; see
    `modelparity_families.training.fitting.fit`.
    """
    data = config.data
    corpus = partial(open_corpus, folder, model, features(config), layout=data["layout"], limit=data["limit"])
    return fitting.fit(
        model, corpus, partial(learner, model, config), config, to, resume=resume, progress=progress
    )


def learner(model: str, config: Configuration) -> Learner:
    """The network with what it learns by."""
    own, training = stack(model), config.training
    return Learner(
        own.name,
        Network(own),
        OBJECTIVES[own.name],
        width=own.output,
        learning_rate=training["learning_rate"],
        weight_decay=training["weight_decay"],
        epochs=training["epochs"],
    )
