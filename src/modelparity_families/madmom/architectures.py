"""madmom's networks without their weights: what each ensemble computes, with weights from a seed.

For where the release is not to be had: conversions, streaming and speed can be tried on the same nodes and shapes.
What such a network says of music means nothing.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from modelparity.graph import Array, Axis, Graph, Node, TensorSpec
from modelparity.inputs import Generator

#: Weights that stand around 1 and must stay above 0: scales of normalization.
SCALES = ("inv_std", "gamma")


@cache
def architectures() -> dict[str, Any]:
    """The list that comes with the package (``architectures.json``, made by ``fixtures/list_architectures.py``)."""
    found: dict[str, Any] = json.loads(files(__package__).joinpath("architectures.json").read_text("utf-8"))
    return found


def seeded(key: str, ensemble: str, seed: int = 0) -> Graph:
    """The network ``key`` of an ensemble; the same weights on every machine, others for each key and seed."""
    own = architectures()[ensemble]
    return Graph(
        key,
        tuple(
            TensorSpec(spec["name"], tuple(Axis(*axis) for axis in spec["axes"])) for spec in own["inputs"]
        ),
        tuple(own["outputs"]),
        tuple(
            Node(name, op, tuple(taken), tuple(given), {k: _tuples(v) for k, v in attrs.items()}, origin)
            for name, op, taken, given, attrs, origin in own["nodes"]
        ),
        {
            name: _weight(key, name, tuple(shape), seed).astype(dtype)
            for name, (dtype, *shape) in own["weights"].items()
        },
    )


def _weight(key: str, name: str, shape: tuple[int, ...], seed: int) -> Array:
    """Even in +-1 / sqrt(fan in), all axes but the last feeding one result; scales even in 0.75 .. 1.25."""
    values = Generator("madmom", key, name, seed).uniform(math.prod(shape)).reshape(shape) * 2 - 1
    if name.rpartition(".")[2] in SCALES:
        return (1 + values / 4).astype(np.float32)
    # The first axis of a recurrent layer's weights is its direction.
    fan_in = shape[-2] if len(shape) == 3 else math.prod(shape[:-1])
    return (values / math.sqrt(max(fan_in, 4))).astype(np.float32)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
