"""Training mode: dropout left on, or its factor."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..fault import Group, by_format
from ..making import NodeFault, Way, Written, behind
from ..view import At

GROUP = Group("training", "Training mode", 68)


class DropoutOn(NodeFault):
    id = "dropout-left-on"
    group = GROUP
    guessed = False
    ops = ("dense", "matmul", "conv", "lstm", "gru", "embedding", "relu", "gelu", "tanh", "attention")
    where = "behind layers and activations; a fixed seed"
    text = "Dropout is left on: elements are set to zero at random and the others enlarged."
    happens = "The model was exported or run in training mode; LoRA's dropout is one of its own."
    repair = "Export in inference mode."
    repairs = by_format(
        torch="Call model.eval() before exporting.",
        onnx="Set training_mode of Dropout to false, or remove it.",
        keras="Call with training=False.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.view.array(at.key) is None:
            for rate in (0.1, 0.5):
                yield Way(
                    f"{rate:g}",
                    f"dropout of {rate:g} is on behind {at.name}",
                    behind(at, self.id, partial(_dropout, rate)),
                )


def _dropout(rate: float, w: Written, x: str) -> str:
    kept = w("random_bernoulli", w("shape", x), probability=1 - rate, seed=1)
    return w("mul", x, w("scale_shift", w("cast", kept, to="float"), alpha=1 / (1 - rate)))


class DropoutScale(NodeFault):
    id = "dropout-scale"
    group = GROUP
    ops = DropoutOn.ops
    where = "behind layers and activations: by 1 - p and 1 / (1 - p) for the usual rates"
    text = "A tensor is larger or smaller by the share that dropout keeps."
    happens = (
        "The first dropout multiplied weights by 1 - p when running, today's divides when training: one "
        "is converted as the other."
    )
    repair = "Remove the factor."

    def ways(self, at: At) -> Iterator[Way]:
        if at.view.array(at.key) is None:
            for rate in (0.5, 0.1, 0.2, 0.25, 0.3):
                for factor, said in ((1 - rate, f"{1 - rate:g}"), (1 / (1 - rate), f"1 / {1 - rate:g}")):
                    edit = behind(at, self.id, partial(_scaled, factor))
                    yield Way(said, f"what {at.name} gives is multiplied by {said}", edit)


def _scaled(factor: float, w: Written, x: str) -> str:
    return w("scale_shift", x, alpha=factor)
