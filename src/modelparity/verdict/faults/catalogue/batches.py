"""Batches: taken for time."""

from __future__ import annotations

from collections.abc import Iterator

from ..fault import by_format
from ..making import NodeFault, Way, ahead, behind
from ..view import At
from .recurrence import GROUP, LAYERS


class BatchForTime(NodeFault):
    id = "batch-for-time"
    group = GROUP
    ops = LAYERS
    where = "recurrent layers of batches"
    text = "A recurrent layer runs along the batch instead of along time."
    happens = "PyTorch's layers take time first unless batch_first=True, Keras's take the batch first."
    repair = "Give the layer time where it has it."
    repairs = by_format(
        torch="Set batch_first=True.", onnx="Transpose what GRU, LSTM or RNN is given: time, batch."
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.rank(at.tensors["x"]) == 3:
            first = ahead(at, self.id, "x", lambda w, x: w("transpose", x, axes=(1, 0, 2)))
            then = behind(at, self.id, lambda w, x: w("transpose", x, axes=(1, 0, 2)))
            yield Way("", f"{at.name} runs along the batch", first | then)
