"""What looks like a slip in a whole file, though each layer is sound: nothing here is certain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .layer_registry import Layer

_AFFINE = ("dense", "time-distributed-dense")
#: So many layers of one activation are worth a word.
SAME = 3


def suspect(layers: Sequence[Layer], frames: int | None) -> None:
    """Note linear layers in a row, one activation everywhere, and shapes that lose frames (``frames`` go in)."""
    for first, second in pairwise(layers):
        if _linear(first) and second.type in _AFFINE:
            first.fields.undecidable(
                "activation-lost",
                "activation",
                f"no activation stands between it and the {second.type} behind it, "
                "so that the two are one; exporters write '' for what RTNeural lacks, such as leaky ReLU or swish",
            )
    named = [name for layer in layers if layer.type not in ("gru", "lstm") and (name := _activation(layer))]
    if len(named) >= SAME and len(set(named)) == 1:
        layers[0].fields.undecidable(
            "activations-alike",
            "activation",
            f"all {len(named)} activations of the file are {named[0]}; some "
            "exporters write one for every layer",
        )
    _frames(layers, frames)


def _linear(layer: Layer) -> bool:
    return layer.type in (*_AFFINE, "conv1d") and not _activation(layer)


def _activation(layer: Layer) -> str:
    found = layer.fields.values.get("activation")
    return found if isinstance(found, str) else ""


def _frames(layers: Sequence[Layer], before: int | None) -> None:
    """A convolution whose shape has fewer frames than its input's was trained without zeros in front."""
    for layer in layers:
        after = layer.fields.length("shape")
        if layer.type in ("conv1d", "conv2d") and before is not None and after is not None and after < before:
            layer.fields.note(
                "frames-lost",
                "shape",
                "its shape drops frames, as a convolution without padding in time does; "
                f"RTNeural puts zeros in front, so its first {before - after} frames are its own",
                found=after,
                expected=before,
            )
        before = after
