"""``modelparity realtime train``, ``export`` and ``bench``."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from modelparity.errors import Unavailable
from modelparity.family import Command, Training
from modelparity_families.training.commands import export_command, train_command

from .benchmark.command import BENCH
from .models import NAME, locate
from .stack import stack, stacks, table

if TYPE_CHECKING:
    from modelparity_families.training.exporting import Export


def commands(training: Training) -> tuple[Command, ...]:
    """The family's verbs."""
    return train_command(NAME, training), export_command(tuple(stacks()), export), BENCH


def export(model: str, to: Path, checkpoint: Path | None = None) -> Export:
    """Write one of the five for every runtime, each file compared with the engine.

    The weights are those of ``checkpoint``, or of a trained one that is found, else seeded. Raises `ArtefactError`
    for a checkpoint of another model, `FamilyError` for an unknown model, `ConversionError` and `Unavailable`.
    """
    own = stack(model)
    if find_spec("torch") is None:
        raise Unavailable("torch is not installed: pip install 'modelparity[torch]'", where=NAME)
    from modelparity_families.training.exporting import export as written

    from .export import forms

    found = locate(own.name) if checkpoint is None else checkpoint
    return written(forms(own, None if found == table() else found), to)
