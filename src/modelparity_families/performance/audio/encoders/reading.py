"""Weights of an audio model from a file, safely; its sizes are read from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from modelparity.errors import ArtefactError
from modelparity.graph import Array
from modelparity_families.training import checkpoints

from ....safetensor_files import arrays
from .sizes import Sizes

FILE = "model.safetensors"


def read(path: Path) -> tuple[Sizes, dict[str, Array]]:
    """Sizes and float32 weights of a file: safetensors, or a checkpoint of learning, of which tensors are loaded.

    Raises `ArtefactError` for a file of something else, and weights that lack, do not fit or are not finite.
    """
    if path.suffix == ".safetensors":
        found = {name.removeprefix(checkpoints.PREFIX): one for name, one in arrays(path).items()}
        sizes = Sizes.of(found, path)
        held = {name: found[name].astype(np.float32) for name in sizes.shapes}
    else:
        kept = checkpoints.contents(path).get("state_dict", {})
        sizes = Sizes.of(
            {str(name).removeprefix(checkpoints.PREFIX): one for name, one in kept.items()}, path
        )
        held = checkpoints.trained(path, "", sizes.shapes)
    for name, array in held.items():
        if not np.isfinite(array).all():
            raise ArtefactError(f"weight {name!r} is not finite", where=path)
    return sizes, held
