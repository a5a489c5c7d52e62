"""Weights of a symbolic encoder from a folder, safely: ``model.safetensors``, with its sizes in ``config.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from modelparity.errors import ArtefactError, InputError, near
from modelparity.graph import Array
from modelparity_families.training import checkpoints

from ....safetensor_files import arrays
from ...audio.muq.reading import configuration
from .sizes import Sizes

FILE, CONFIG = "model.safetensors", "config.json"


def read(folder: Path, kind: type[Sizes]) -> tuple[Sizes, dict[str, Array]]:
    """Sizes of that kind and weights of a folder.

    Raises `ArtefactError` for a file that is missing or of something else, for sizes that nobody knows, and for
    weights that lack, do not fit or are not finite.
    """
    for name in (FILE, CONFIG):
        if not (folder / name).is_file():
            raise ArtefactError(f"there is no {name}", where=folder, expected=f"{FILE} and {CONFIG}")
    sizes = configured(configuration(folder / CONFIG), kind, folder / CONFIG)
    path = folder / FILE
    held = {name.removeprefix(checkpoints.PREFIX): one for name, one in arrays(path).items()}
    sizes.check(held, path)
    for name, array in held.items():
        if not np.isfinite(array).all():
            raise ArtefactError(f"weight {name!r} is not finite", where=path)
    return sizes, {
        name: array if array.dtype.kind == "i" else array.astype(np.float32) for name, array in held.items()
    }


def configured(given: Mapping[str, Any], kind: type[Sizes], where: object = None) -> Sizes:
    """Sizes by their names; the published ones of what is not given. Raises `ArtefactError` for other names."""
    known = [one.name for one in fields(kind)]
    for name in given:
        if name not in known:
            raise ArtefactError(f"there is no size {name!r}", where=where, expected=near(name, known))
    made: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
    }
    try:
        return kind(**made)
    except (InputError, TypeError) as error:
        raise ArtefactError("sizes of no encoder", where=where, found=error) from error
