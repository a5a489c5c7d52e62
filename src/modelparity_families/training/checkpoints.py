"""Checkpoints: dicts of weights and of plain settings, unpickled by PyTorch's safe loader alone."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from modelparity.errors import ArtefactError, Unavailable
from modelparity.graph import Array

#: What stands before the names of the network's weights in a checkpoint of training.
PREFIX = "network."


def trained(path: Path, model: str, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """The weights of ``model`` in a checkpoint of training, or in a bare state_dict, as float32 by name.

    ``shapes`` are those that it must have. Nothing but tensors is unpickled. Raises `ArtefactError` for a file that
    is none, or that belongs to another model, naming what differs, and `Unavailable` without PyTorch.
    """
    found = contents(path)
    kept: Any = found.get("state_dict", found)
    own = found.get("hyper_parameters") or {}
    if isinstance(own, Mapping) and own.get("model") not in (None, model):
        raise ArtefactError(
            "this checkpoint is of another model", where=path, found=own["model"], expected=model
        )
    prefix = PREFIX if any(str(name).startswith(PREFIX) for name in kept) else ""
    return {name: _array(kept, prefix + name, shape, path) for name, shape in shapes.items()}


def contents(path: Path) -> dict[str, Any]:
    """A checkpoint as PyTorch's safe unpickler gives it, on the CPU: code and classes are refused.

    Raises `ArtefactError` and `Unavailable`.
    """
    if find_spec("torch") is None:
        raise Unavailable("torch is not installed: pip install 'modelparity[torch]'", where=path)
    import torch

    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ArtefactError("not readable", where=path, found=error.strerror or error) from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, AttributeError) as error:
        raise ArtefactError(
            "not a checkpoint that is safe to load",
            where=path,
            found=(str(error) or type(error).__name__).splitlines()[0][:200],
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
    import torch

    tensor = kept.get(name) if isinstance(kept, Mapping) else None
    if not isinstance(tensor, torch.Tensor):
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
