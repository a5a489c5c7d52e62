"""Names and shapes of the weights of parts that several networks have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelparity.errors import ArtefactError, near

Shapes = Iterator[tuple[str, tuple[int, ...]]]
#: Width of the layer that attention pooling scores frames by.
POOLING = 256


def layer(name: str, *shape: int) -> Shapes:
    """Weight and bias of a dense layer or a convolution (out, in...), or of a normalisation (width,)."""
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def batch_norm(name: str, width: int) -> Shapes:
    """A batch normalisation with its stored statistics."""
    yield from layer(name, width)
    yield f"{name}.running_mean", (width,)
    yield f"{name}.running_var", (width,)
    yield f"{name}.num_batches_tracked", ()


def pooling(name: str, source: int) -> Shapes:
    """Attention pooling of frames of ``source`` numbers."""
    yield from layer(f"{name}.0", POOLING, source)
    yield from layer(f"{name}.2", 1, POOLING)


def judging(width: int, narrow: int, labels: int) -> Shapes:
    """The comparator of two performances with its heads, and the head of scores."""
    yield from layer("comparator.0", width, 4 * width)
    yield from layer("comparator.1", width)
    yield from layer("comparator.4", narrow, width)
    for label in range(labels):
        yield from layer(f"ranking_heads.{label}", 1, narrow)
    yield from layer("regression_head.0", narrow, width)
    yield from layer("regression_head.3", labels, narrow)


def check(shapes: Mapping[str, tuple[int, ...]], weights: Mapping[str, Any], where: object = None) -> None:
    """Raise `ArtefactError` unless ``weights`` have these names and shapes, all and no others."""
    for name, shape in shapes.items():
        if name not in weights:
            raise ArtefactError(f"weight {name!r} is missing", where=where, expected=f"shape {shape}")
        if tuple(weights[name].shape) != shape:
            raise ArtefactError(
                f"weight {name!r} has another shape", where=where, found=weights[name].shape, expected=shape
            )
    if beyond := [name for name in weights if name not in shapes]:
        raise ArtefactError(
            f"there is no weight {beyond[0]!r}", where=where, expected=near(beyond[0], shapes)
        )
