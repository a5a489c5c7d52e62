"""The forms that a model is handed out in: for whole sequences, and with its state outside."""

from __future__ import annotations

from pathlib import Path

from modelparity.graph import Source
from modelparity_families.training.checkpoints import sha256
from modelparity_families.training.exporting import Form

from .graph import graph_of
from .network import module_of
from .stack import Stack
from .weights import seeded, trained


def forms(stack: Stack, checkpoint: Path | None) -> tuple[Form, ...]:
    """ONNX, Core ML and RTNeural files of a checkpoint, or of seeded weights.

    A recurrent model has a second form for ONNX and Core ML, NAME.step, with its state as input and output; RTNeural
    keeps the state itself. Raises `ArtefactError` for a checkpoint that is none of this model.
    """
    weights = seeded(stack) if checkpoint is None else trained(checkpoint, stack)
    source = None if checkpoint is None else Source("torch checkpoint", checkpoint.name, sha256(checkpoint))
    whole = Form(
        graph_of(stack, weights, source=source), (".onnx", ".mlpackage", ".json"), module_of(stack, weights)
    )
    if stack.recurrent is None:
        return (whole,)
    step = Form(
        graph_of(stack, weights, source=source, step=True),
        (".onnx", ".mlpackage"),
        module_of(stack, weights, step=True),
    )
    return whole, step
