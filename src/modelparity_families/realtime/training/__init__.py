"""Training the five models. Nothing of PyTorch is imported before somebody trains."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from modelparity.errors import Unavailable
from modelparity.family import Progress, Trained, Training

from ..models import NAME
from ..stack import stack, stacks

__all__ = ["RealtimeTraining"]


class RealtimeTraining(Training):
    """With PyTorch Lightning, on the data sets that `corpora` knows."""

    def models(self) -> tuple[str, ...]:
        """The five, by name."""
        return tuple(stacks())

    def settings(self) -> str:
        """Every setting with its default and what it means, as TOML."""
        from .settings import DEFAULTS

        return DEFAULTS.text()

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
        """Train one of the five on the data set in ``data``; see `modelparity.family.Training.train`."""
        own = stack(model)
        if missing := [name for name in ("torch", "pytorch_lightning") if find_spec(name) is None]:
            raise Unavailable(
                f"training needs {' and '.join(missing)}",
                where=NAME,
                fix="pip install 'modelparity[realtime]'",
            )
        from .fitting import fit
        from .settings import configured

        settings = configured(own.name, config, seed=seed, epochs=epochs)
        return fit(own.name, data, settings, to or Path(NAME) / own.name, resume=resume, progress=progress)
