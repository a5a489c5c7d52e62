"""MuQ's weights and configuration from files: every name and shape looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from modelparity.errors import ArtefactError, near
from modelparity.graph import Array

from ....safetensor_files import arrays, names
from ...seeded import COUNTED
from .sizes import FREQUENCIES, UNUSED, Sizes

#: A file of settings is no longer than this.
MOST_CONFIG = 1 << 20
#: How far stored rotary frequencies may be from computed ones, as a share: they are float32.
ALIKE = 1e-6


def configuration(path: Path) -> dict[str, Any]:
    """A file of settings. Raises `ArtefactError` for what is none."""
    try:
        if path.stat().st_size > MOST_CONFIG:
            raise ArtefactError("too long for a configuration", where=path, found=path.stat().st_size)
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ArtefactError("not a configuration", where=path, found=error) from error
    if not isinstance(found, dict):
        raise ArtefactError(
            "not a configuration", where=path, found=type(found).__name__, expected="settings"
        )
    return found


def read(path: Path, sizes: Sizes) -> dict[str, Array]:
    """The weights of a safetensors file that count, as float32; those that do not are known by name and not read.

    Raises `ArtefactError` for a file that is none, and as `checked` does.
    """
    own = sizes.shapes
    _known(names(path), sizes, path)
    found = arrays(path, lambda name: name in own or name == FREQUENCIES)
    held = {
        name: array.astype(np.float32) if array.dtype.kind == "f" else array for name, array in found.items()
    }
    return checked(sizes, held, path)


def checked(sizes: Sizes, weights: Mapping[str, Array], where: object = None) -> dict[str, Array]:
    """Those of ``weights`` that count, in the order of the module. Counts of steps may lack.

    Raises `ArtefactError` naming the first that lacks, is not known, has another shape or is not finite, and for
    rotary frequencies that are not those of the configuration.
    """
    _known(weights, sizes, where)
    kept = {}
    for name, shape in sizes.shapes.items():
        if name not in weights:
            if not name.endswith(COUNTED):
                raise ArtefactError(f"weight {name!r} is missing", where=where, expected=f"shape {shape}")
            kept[name] = np.zeros((), np.int64)
            continue
        kept[name] = array = np.asarray(weights[name])
        if array.shape != shape:
            raise ArtefactError(
                f"weight {name!r} has another shape", where=where, found=array.shape, expected=shape
            )
        if not np.isfinite(array).all():
            raise ArtefactError(f"weight {name!r} is not finite", where=where)
    size = sizes.width // sizes.heads
    rates = sizes.base ** (-np.arange(0, size, 2) / size)
    stored = np.asarray(weights.get(FREQUENCIES, rates))
    if stored.shape != rates.shape or not np.allclose(stored, rates, rtol=ALIKE, atol=0):
        raise ArtefactError(
            f"{FREQUENCIES!r} is not that of the configuration",
            where=where,
            expected=f"{len(rates)} frequencies of base {sizes.base:g}",
        )
    return kept


def _known(found: Iterable[str], sizes: Sizes, where: object) -> None:
    own = sizes.shapes
    beyond = [
        name
        for name in found
        if name not in own and name != FREQUENCIES and not name.startswith(tuple(UNUSED))
    ]
    if beyond:
        raise ArtefactError(
            f"MuQ has no weight {beyond[0]!r}",
            where=where,
            found=f"{len(beyond)} such: {', '.join(beyond[:3])}",
            expected=near(beyond[0], own),
        )
