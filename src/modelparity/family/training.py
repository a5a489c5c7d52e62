"""How a family's models are trained, whatever framework does it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import FamilyError, near
from .progress_bar import Progress


@dataclass(frozen=True)
class Trained:
    """What came of a training: the best checkpoint, figures by part, epochs run, and pieces that were left out.

    ``figures`` are named ``part_figure``, such as ``validation_loss``; ``problems`` is {piece: why it was left out}.
    """

    checkpoint: Path
    figures: dict[str, float]
    epochs: int
    problems: dict[str, str]


class Training:
    """What a family gives as its ``training``; derive from it."""

    def models(self) -> tuple[str, ...]:
        """Names of what can be trained."""
        return ()

    def settings(self) -> str:
        """Every setting with its default and what it means, as TOML."""
        return ""

    def train(
        self,
        model: str,
        data: Path,
        *,
        config: Path | None = None,
        to: Path | None = None,
        resume: bool = False,
        seed: int | None = None,
        epochs: int | None = None,
        progress: Progress | None = None,
    ) -> Trained:
        """Train ``model``, and leave a checkpoint.

        Args:
            model: one of `models`.
            data: the folder of the data set, as it was unpacked.
            config: a TOML file with the settings that differ from the defaults.
            to: the folder for checkpoints, log and result; the family's name and the model's by default.
            resume: go on with the training that is in ``to``.
            seed: instead of the settings' own.
            epochs: at most; instead of the settings' own.
            progress: is told how far it is.

        Returns:
            The best checkpoint and its figures.

        Raises:
            FamilyError: for an unknown model; for each of them where this method is as it is here.
            InputError: for data or settings that are not what they should be.
            Unavailable: for a package that is not here.
        """
        known = self.models()
        if model in known:
            raise FamilyError(
                f"nothing says how {model!r} is trained",
                where=type(self).__name__,
                fix="give the class a method train(), as modelparity.family.Training describes it",
            )
        raise FamilyError(
            f"there is no model {model!r} to train", where=type(self).__name__, expected=near(model, known)
        )
