"""One training from settings to weights that the pipeline takes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from modelparity.errors import InputError
from modelparity.family import Progress, Trained
from modelparity.files import replace_file
from modelparity_families.training.fitting import write_result
from modelparity_families.training.running import Course, Run, Watched

from ..data import DataSet
from ..synthetic import write
from .batches import FeaturePerformances, Performances, RudimentPerformances
from .exporting import exported
from .learners import FeatureLearner, Learner, RudimentLearner
from .settings import DataSettings, Settings, composed, text

SETTINGS = "config.yaml"
#: Figures that a learner may be judged by, and whether the largest is best.
FIGURES = {"val/loss": False, "val/acc": True, "val/f1_macro": True}
BATCHES: dict[str, type[Performances]] = {"features": FeaturePerformances, "rudiments": RudimentPerformances}
LEARNERS: dict[str, type[Learner]] = {"features": FeatureLearner, "rudiments": RudimentLearner}


@dataclass(frozen=True)
class Result(Trained):
    """What came of a training, and the file of the exported ``weights``."""

    weights: Path


def train(task: str, overrides: Sequence[str] = (), *, progress: Progress | None = None) -> Result:
    """Train ``features`` or ``rudiments``, and export the best weights.

    Args:
        task: which of the two.
        overrides: settings as Hydra writes them, such as ``training.epochs=3`` or ``data=folder``.
        progress: is told how far it is.

    Returns:
        The best checkpoint, its figures (``validation_acc``, ``test_loss`` ...), the weights that were exported, and
        which performances were left out.

    Raises:
        InputError: settings or data that are not what they should be, a training that is there already, a loss that
            is not finite.
        Unavailable: a package is not here.
    """
    own = composed(task, overrides)
    sizes, to = own.sizes, Path(own.to)
    course = Course(**{one.name: vars(own.training)[one.name] for one in fields(Course)})
    run = Run(to, sizes.network, course, _watched(task, own), resume=own.resume, progress=progress)
    with run.open():
        data = _opened(own.data, to, progress)
        batches = BATCHES[task](
            data,
            batch=own.training.batch,
            strokes=own.data.strokes,
            filters=own.filters,
            augmentation=own.spoilt,
            validation=own.data.validation,
            seed=own.training.seed,
            epoch=run.done,
        )
        run.seed()
        rates = {"learning_rate": own.training.learning_rate, "weight_decay": own.training.weight_decay}
        learner = LEARNERS[task](sizes, **rates)
        replace_file(to / SETTINGS, text(own).encode(), InputError)
        learned = run.learn(learner, batches, tested=bool(batches.parts["test"]))
        weights = exported(learned.checkpoint, Path(own.weights))
        result = Result(
            learned.checkpoint, _named(learned.figures), learned.epochs, batches.problems, weights
        )
        about = {
            "data": str(data.root),
            "performances": {part: len(some) for part, some in batches.parts.items()},
            "left_out": batches.problems,
            "weights": str(weights),
        }
        write_result(to, sizes.network, result, course.seed, about)
    return result


def _watched(task: str, own: Settings) -> Watched:
    """The figure that the best epoch is chosen by, which its checkpoint's name says."""
    figure = own.training.watch
    known = [name for name in FIGURES if task == "rudiments" or name == "val/loss"]
    if figure not in known:
        raise InputError("training.watch is no figure of validation", found=figure, expected=", ".join(known))
    told = {"train": "train/loss", "validation": "val/loss", "accuracy": "val/acc"}
    stem = f"best-epoch={{epoch:03d}}-{figure.replace('/', '_')}={{{figure}:.4f}}"
    return Watched(figure, told, stem, largest=FIGURES[figure])


def _opened(own: DataSettings, to: Path, progress: Progress | None) -> DataSet:
    """The data set of the folder, or performances that are written beside the run unless they are there."""
    if own.folder is not None:
        return DataSet.open(Path(own.folder).expanduser())
    folder = to / f"performances-{own.players}-{own.tempi}-{own.cycles}-{own.seed}"
    if not folder.is_dir():
        to.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".performances-", dir=to) as name:
            draft = Path(name) / "draft"
            write(
                draft,
                players=own.players,
                tempi=own.tempi,
                cycles=own.cycles,
                seed=own.seed,
                midi=False,
                progress=progress,
            )
            shutil.move(draft, folder)
    return DataSet.open(folder)


def _named(figures: dict[str, float]) -> dict[str, float]:
    """Figures of both parts as `Trained` names them; those of single rudiments are in the log."""
    words = {"val": "validation", "test": "test"}
    pairs = ((name.split("/"), value) for name, value in figures.items())
    return {f"{words[name[0]]}_{name[1]}": value for name, value in pairs if len(name) == 2}
