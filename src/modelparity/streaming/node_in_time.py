"""One node of a stream on its way through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..engine.operator import Kernel, Step
from ..engine.program import Program
from ..graph import Array, Node
from .plan import results_of


class Mover:
    """The frames that a node still needs, and the state it carries."""

    def __init__(
        self,
        made: Program,
        node: Node,
        kernel: Kernel,
        step: Step,
        times: Mapping[str, int | None],
        fixed: Mapping[str, Array],
    ) -> None:
        if step.attrs:  # what the stream does in the node's place, the node does not do again in every block
            kernel = made.kernel(replace(node, attrs={**node.attrs, **step.attrs}))
        self._run, self._node, self._kernel, self._step = made.step, node, kernel, step
        self._before, self._fill = step.before, made.ar.cast(np.array(step.fill, np.float64))
        self._arrays: list[Array | None] = [fixed.get(name) for name in node.inputs]
        states = max((index for index, _ in step.carry), default=-1) + 1
        self._arrays += [None] * (states - len(self._arrays))
        #: input index -> axis of the array (lanes come first) that is time
        self._axes = {
            i: time + 1 for i, name in enumerate(node.inputs) if (time := times.get(name)) is not None
        }
        self._kept: dict[int, Array | None] = dict.fromkeys(self._axes)
        self._skip = dict.fromkeys(self._axes, 0)

    def push(self, blocks: Sequence[Array | None]) -> tuple[Array | None, ...]:
        """Take each input's new frames (``None``: none) and return each output's new ones, lanes included."""
        for index, axis in self._axes.items():
            self._append(index, axis, blocks[index])
        ready = min(self._length(index) for index in self._axes)
        count = results_of(ready, self._step)
        if count == 0:
            return (None,) * len(self._node.outputs)
        use = (count - 1) * self._step.hop + self._step.extent
        for index, axis in self._axes.items():
            self._arrays[index] = _part(self._kept[index], axis, 0, use)
        results = self._run(self._node, self._kernel, self._arrays)
        for index, output in self._step.carry:
            self._arrays[index] = results[output]
        for index in self._axes:
            self._drop(index, count * self._step.hop)
        return results

    def _length(self, index: int) -> int:
        kept = self._kept[index]
        return 0 if kept is None else kept.shape[self._axes[index]]

    def _append(self, index: int, axis: int, block: Array | None) -> None:
        if block is None:
            return
        if self._before and index == 0:
            shape = (*block.shape[:axis], self._before, *block.shape[axis + 1 :])
            block = np.concatenate((np.full(shape, self._fill, block.dtype), block), axis=axis)
            self._before = 0
        kept = self._kept[index]
        self._kept[index] = block if kept is None else np.concatenate((kept, block), axis=axis)
        self._drop(index, self._skip[index])  # a hop longer than the window leaves frames out

    def _drop(self, index: int, frames: int) -> None:
        have = self._length(index)
        self._skip[index] = max(0, frames - have)
        self._kept[index] = (
            _part(self._kept[index], self._axes[index], frames, have) if frames < have else None
        )


def _part(array: Array | None, axis: int, start: int, stop: int) -> Array:
    assert array is not None
    return array[(slice(None),) * axis + (slice(start, stop),)]
