"""Weights: made from a seed on this machine, or those of a trained checkpoint."""

from __future__ import annotations

import hashlib
import math
import os
import pickle
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from modelparity.cache import cache
from modelparity.errors import ArtefactError, Unavailable
from modelparity.graph import Array
from modelparity.inputs.generator import Generator

from .stack import Stack

#: Names a folder of checkpoints: NAME.ckpt in it, or NAME/best.ckpt as training leaves it.
VARIABLE = "MODELPARITY_REALTIME"
#: What stands before the names of the stack's weights in a checkpoint of training.
PREFIX = "network."


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
            fix="modelparity train realtime --to FOLDER, or unset it for seeded weights",
        )
    places = (folder / f"{name}.ckpt", folder / name / "best.ckpt")
    return next((place for place in places if place.is_file()), None)


def trained(path: Path, stack: Stack) -> dict[str, Array]:
    """The weights in a checkpoint of training, or in a bare state_dict. Nothing but tensors is unpickled.

    Raises `ArtefactError` for a file that is none, or that belongs to another model, naming what differs, and
    `Unavailable` without PyTorch.
    """
    found = contents(path)
    kept: Any = found.get("state_dict", found)
    own = found.get("hyper_parameters") or {}
    if isinstance(own, Mapping) and own.get("model") not in (None, stack.name):
        raise ArtefactError(
            "this checkpoint is of another model", where=path, found=own["model"], expected=stack.name
        )
    prefix = PREFIX if any(str(name).startswith(PREFIX) for name in kept) else ""
    return {name: _array(kept, prefix + name, shape, path) for name, shape in stack.shapes.items()}


def contents(path: Path) -> dict[str, Any]:
    """A checkpoint as PyTorch's safe unpickler gives it. Raises `ArtefactError` and `Unavailable`."""
    if find_spec("torch") is None:
        raise Unavailable("torch is not installed: pip install 'modelparity[torch]'", where=path)
    from modelparity.formats.torch.checkpoints import load

    try:
        found = load(path)
    except OSError as error:
        raise ArtefactError("cannot be read", where=path, found=error.strerror or error) from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, AttributeError) as error:
        raise ArtefactError(
            "not a checkpoint that is safe to load",
            where=path,
            found=str(error).splitlines()[0][:200],
            expected="a file that torch.load(weights_only=True) takes",
        ) from error
    if not isinstance(found, dict):
        raise ArtefactError(
            "not a checkpoint", where=path, found=type(found).__name__, expected="a dict of weights"
        )
    return found


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _array(kept: Any, name: str, shape: tuple[int, ...], path: Path) -> Array:
    tensor: Any = kept.get(name) if isinstance(kept, Mapping) else None
    if not hasattr(tensor, "detach"):
        raise ArtefactError(f"the checkpoint has no weight {name!r}", where=path)
    array: Array = tensor.detach().cpu().float().numpy()
    if array.shape != shape:
        raise ArtefactError(
            f"weight {name!r} has another shape", where=path, found=array.shape, expected=shape
        )
    if not np.isfinite(array).all():
        raise ArtefactError(
            f"weight {name!r} is not finite",
            where=path,
            fix="the training diverged: try a lower learning rate",
        )
    return array
