"""Weights from files: safetensors, or what PyTorch loads without running code; each name and shape looked at."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from modelparity.errors import ArtefactError
from modelparity.graph import Array

from ..safetensor_files import arrays
from .layers import COUNTED, FASTAI, PREFIX, Layers, counted_layers, from_fastai
from .weights import Weights

SAFETENSORS = ".safetensors"
#: What a checkpoint may call its weights.
INSIDE = ("state_dict", "model")
#: Problems that a message lists; `modelparity orca extract` lists them all.
SHOWN = 12


def read(path: Path, layers: Layers | None = None) -> Weights:
    """{name of the port: float32 array} of all 332, from a state dict of the port or of a fastai learner.

    Counts of steps may lack. Raises `ArtefactError` for a pickled learner, with what exports it; for a file that is
    no state dict; for another network, told by its layers; and for weights that lack, are not known, have another
    shape or are not finite.
    """
    layers = layers or Layers()
    found = renamed(contents(path))
    lacks = problems(found, layers)
    theirs, ours = counted_layers(found), counted_layers(layers.shapes)
    if lacks and theirs != ours:
        raise ArtefactError("these are weights of another network", where=path, found=theirs, expected=ours)
    if lacks:
        more = len(lacks) - SHOWN
        told = lacks[:SHOWN] + ([f"and {more} more"] if more > 0 else [])
        raise ArtefactError(
            f"{len(lacks)} of the weights are not as the network has them",
            where=path,
            found="; ".join(told),
            expected=f"{len(layers.shapes)} arrays",
            fix=f"modelparity orca extract {shlex.quote(str(path))} (it lists them all)"
            if more > 0
            else None,
        )
    counted = {name: np.array(0, np.int64) for name in layers.shapes if name.endswith(COUNTED)}
    kept = {**counted, **found}
    return {name: kept[name].reshape(shape) for name, shape in layers.shapes.items()}


def problems(found: Mapping[str, Array], layers: Layers) -> list[str]:
    """Everything in which arrays by the port's names differ from what the network has, a sentence each."""
    shapes, told = layers.shapes, []
    for name, shape in shapes.items():
        if name not in found:
            if not name.endswith(COUNTED):
                told.append(f"{name} is missing")
        elif found[name].shape != shape and not (name.endswith(COUNTED) and found[name].size == 1):
            told.append(f"{name} has shape {found[name].shape} instead of {shape}")
        elif not np.isfinite(found[name]).all():
            told.append(f"{name} is not finite")
    return [*told, *(f"{name} is not known" for name in found if name not in shapes)]


def renamed(found: Mapping[str, Array]) -> Weights:
    """The arrays by the port's names, whoever named them: a fastai learner, the port, or its network alone."""
    names = list(found)
    if any(name.startswith(PREFIX) for name in names):
        return dict(found)
    if any(name.startswith(tuple(FASTAI)) for name in names):
        return {from_fastai(name) or name: array for name, array in found.items()}
    return {PREFIX + name: array for name, array in found.items()}


def contents(path: Path) -> Weights:
    """{name as the file has it: array}, floats as float32. Raises `ArtefactError` and `Unavailable`."""
    if not path.is_file():
        raise ArtefactError("there is no such file", where=path)
    if path.suffix.lower() == SAFETENSORS:
        return {name: _held(array) for name, array in arrays(path).items()}
    return {name: _held(array) for name, array in _pickled(path).items()}


def _held(array: Array) -> Array:
    return array.astype(np.float32) if array.dtype.kind == "f" else array


def _pickled(path: Path) -> Weights:
    from modelparity_families.training.checkpoints import contents as unpickled

    try:
        found: Any = unpickled(path)
    except ArtefactError as error:
        if not path.read_bytes()[:2].startswith((b"PK", b"\x80")):
            raise
        raise ArtefactError(
            "a pickled learner runs code when it is loaded: it is not read here",
            where=path,
            found=error.found,
            expected="a state dict, or safetensors",
            fix=f"where fastai 1 is, in a container without a network: {export_command(path)}",
        ) from error
    inner = next((found[name] for name in INSIDE if isinstance(found.get(name), Mapping)), found)
    tensors = {str(name): one for name, one in inner.items()}
    import torch

    others = [name for name, one in tensors.items() if not isinstance(one, torch.Tensor)]
    if others or not tensors:
        raise ArtefactError(
            "not a state dict",
            where=path,
            found=f"{others[0]}: {type(tensors[others[0]]).__name__}" if others else "nothing in it",
            expected="names and tensors",
        )
    return {
        name: (one.float() if one.is_floating_point() else one).detach().cpu().numpy()
        for name, one in tensors.items()
    }


def export_command(path: Path) -> str:
    """The line that writes the state dict of a pickled learner, where it may run its code."""
    code = (
        "import torch; from fastai.basic_train import load_learner; "
        f"torch.save(load_learner({str(path.parent)!r}, {path.name!r}).model.state_dict(), 'orca.pt')"
    )
    return f"python -c {shlex.quote(code)}"
