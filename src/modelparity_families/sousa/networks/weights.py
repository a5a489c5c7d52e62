"""Weights of the networks: from a file, of which nothing is executed, and from a seed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from modelparity.errors import ArtefactError
from modelparity.graph import Array
from modelparity.inputs import Generator
from modelparity_families.training import checkpoints

from .sizes import Sizes

#: What may stand before all names: a module's name in a checkpoint of Lightning.
PREFIXES = ("model.", "network.")
#: A file of settings is no longer than this.
MOST_CONFIG = 1 << 20


def read(path: Path, *, heads: int | None = None) -> tuple[Sizes, dict[str, Array]]:
    """The network that a file of weights holds: .safetensors, or what PyTorch saved (a state_dict or a checkpoint).

    Which of the two it is, its form and its sizes are read from the weights. How many heads there are they do not
    say: ``heads``, or else a checkpoint's own settings or the configuration beside the file, or else 4. Of a pickle
    nothing but tensors is loaded.

    Returns:
        The sizes, and float32 weights by name.

    Raises:
        ArtefactError: not such a file, or weights that are missing, too many, of another shape or not finite.
        Unavailable: PyTorch is needed and not here.
    """
    found, kept = _contents(path)
    weights = _stripped({str(name): one for name, one in found.items()})
    if heads is None and "nhead" not in kept:
        kept = _beside(path, weights)
    sizes = Sizes.of(weights, heads=heads or kept.get("nhead", 4), where=path)
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise ArtefactError(
                f"weight {name!r} is not finite",
                where=path,
                fix="the training diverged: try a lower learning rate",
            )
    return sizes, {name: weights[name] for name in sizes.shapes}


def seeded(sizes: Sizes, seed: int = 0) -> dict[str, Array]:
    """Float32 weights by name, the same bits on every machine.

    Matrices are even in +-sqrt(6 / (fan in + fan out)) as the original draws them. Biases are even in +-0.1 and gains
    in 1 +- 0.1, none equal: the original's zeros and ones would hide a bias that was dropped.
    """
    generator = Generator("sousa", sizes.network, sizes.final_norm, seed)
    found = {}
    for name, shape in sizes.shapes.items():
        values = generator.uniform(math.prod(shape)) * 2 - 1
        if len(shape) > 1:
            values *= math.sqrt(6 / sum(shape))
        else:
            values = values / 10 + (1 if _gain(name) else 0)
        found[name] = values.astype(np.float32).reshape(shape)
    return found


def _gain(name: str) -> bool:
    """Whether a weight is the gain of a layer normalisation."""
    layer, _, part = name.rpartition(".")
    return part == "weight" and layer.rpartition(".")[2] in ("norm1", "norm2", "layer_norm")


def _contents(path: Path) -> tuple[Mapping[Any, Any], dict[str, Any]]:
    """Arrays by name, and the settings that a checkpoint keeps beside them."""
    if path.suffix == ".safetensors":
        try:
            return load_file(path), {}
        except OSError as error:
            raise ArtefactError("not readable", where=path, found=error.strerror or error) from error
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ArtefactError("not a safetensors file", where=path, found=error) from error
    found = checkpoints.contents(path)
    kept = found.get("state_dict", found)
    if not isinstance(kept, Mapping):
        raise ArtefactError(
            "not a checkpoint", where=path, found=type(kept).__name__, expected="weights by name"
        )
    own = found.get("hyper_parameters") or {}
    config = own.get("config", {}) if isinstance(own, Mapping) else {}
    return kept, _heads(config, path) if isinstance(config, Mapping) else {}


def _stripped(found: Mapping[str, Any]) -> dict[str, Array]:
    """Float32 arrays, without what stands before all names."""
    prefix = next((one for one in PREFIXES if found and all(name.startswith(one) for name in found)), "")
    return {name.removeprefix(prefix): _array(name, one) for name, one in found.items()}


def _array(name: str, value: Any) -> Array:
    if isinstance(value, np.ndarray):
        return value.astype(np.float32)
    import torch

    if not isinstance(value, torch.Tensor):
        raise ArtefactError(f"{name!r} is no weight", found=type(value).__name__)
    array: Array = value.detach().cpu().float().numpy()
    return array


def _beside(path: Path, weights: Mapping[str, Array]) -> dict[str, Any]:
    """The heads that the configuration beside a file of weights says, if there is one."""
    from .sizes import HEADS

    network = next((n for n, head in HEADS.items() if f"{head}.weight" in weights), None)
    beside = path.with_name(f"{network}_config.json")
    try:
        if network is None or not beside.is_file():
            return {}
        if beside.stat().st_size > MOST_CONFIG:
            raise ArtefactError("too long for a configuration", where=beside, found=beside.stat().st_size)
        config = json.loads(beside.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ArtefactError("not a configuration", where=beside, found=error) from error
    if not isinstance(config, dict):
        raise ArtefactError("not a configuration", where=beside, found=type(config).__name__)
    return _heads(config, beside)


def _heads(config: Mapping[Any, Any], where: Path) -> dict[str, Any]:
    heads = config.get("nhead")
    if heads is None:
        return {}
    if type(heads) is not int or heads < 1:
        raise ArtefactError("nhead is no number of heads", where=where, found=repr(heads))
    return {"nhead": heads}
