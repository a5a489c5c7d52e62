"""Weights: made from a seed on this machine, or those of a trained checkpoint."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np

from modelparity.cache import cache
from modelparity.errors import Unavailable
from modelparity.graph import Array
from modelparity.inputs import Generator
from modelparity_families.training import checkpoints

from .stack import Stack

#: Names a folder of checkpoints: NAME.ckpt in it, or NAME/best.ckpt as training leaves it.
VARIABLE = "MODELPARITY_REALTIME"


def seeded(stack: Stack, seed: int = 0) -> dict[str, Array]:
    """Float32 weights by name, even in +-1 / sqrt(fan in) as PyTorch draws them; the same bits on every machine."""
    generator = Generator("realtime", stack.name, seed)
    found = {}
    for name, shape in stack.shapes.items():
        layer = stack.layers[int(name.split(".")[1])]
        values = generator.uniform(math.prod(shape)) * 2 - 1
        found[name] = (values / math.sqrt(layer.fan_in)).astype(np.float32).reshape(shape)
    return found


def home() -> Path:
    """The folder where trained checkpoints are looked for; it need not exist."""
    given = os.environ.get(VARIABLE)
    return Path(given).expanduser() if given else cache() / "realtime"


def checkpoint(name: str) -> Path | None:
    """The trained checkpoint of a model, if there is one.

    Raises `Unavailable` if the environment variable names a folder that is not there: nobody means seeded weights.
    """
    folder = home()
    if os.environ.get(VARIABLE) and not folder.is_dir():
        raise Unavailable(
            f"{VARIABLE} names a folder that is not there",
            where=f"realtime/{name}",
            found=folder,
            fix="modelparity realtime train --to FOLDER, or unset it for seeded weights",
        )
    places = (folder / f"{name}.ckpt", folder / name / "best.ckpt")
    return next((place for place in places if place.is_file()), None)


def trained(path: Path, stack: Stack) -> dict[str, Array]:
    """The weights in a checkpoint of training, or in a bare state_dict. Nothing but tensors is unpickled.

    Raises `ArtefactError` for a file that is none, or that belongs to another model, naming what differs, and
    `Unavailable` without PyTorch.
    """
    return checkpoints.trained(path, stack.name, stack.shapes)
