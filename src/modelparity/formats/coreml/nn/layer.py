"""One layer while it is read: its parameters, its inputs as tensors, and the nodes that it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ....engine.operator import find
from ....errors import ArtefactError
from ....graph import Array
from .fields import Fields
from .weights import read_weight

if TYPE_CHECKING:
    from .scope import Scope

#: Elements of one array that a layer may ask for by its parameters alone.
MOST = 1 << 31


class Layer:
    """``p`` are the parameters, ``inputs`` the tensors that the input blobs stand for, ``outputs`` blob names."""

    def __init__(self, scope: Scope, message: Any, where: str) -> None:
        self.scope, self.where = scope, where
        self.kind: str = message.WhichOneof("layer")
        self.p = Fields(getattr(message, self.kind), where)
        self.name: str = message.name
        self.outputs: tuple[str, ...] = tuple(message.output)
        self.inputs = [scope.read(name, where) for name in message.input]
        for tensor, stated in zip(self.inputs, message.inputTensor, strict=False):
            if scope.rank(tensor) is None and stated.rank:
                scope.ranks[tensor] = int(stated.rank)
        self._stated = [int(tensor.rank) or None for tensor in message.outputTensor]
        self.given: list[str] | None = None

    @property
    def x(self) -> str:
        """The first input."""
        return self.inputs[0]

    def count(self, inputs: int | tuple[int, int | None], outputs: int | tuple[int, int | None] = 1) -> None:
        """Raise `ArtefactError` unless there are that many inputs and outputs: a number, or least and most."""
        for what, found, wanted in (("inputs", self.inputs, inputs), ("outputs", self.outputs, outputs)):
            low, high = (wanted, wanted) if isinstance(wanted, int) else wanted
            if len(found) < low or (high is not None and len(found) > high):
                span = str(low) if low == high else f"{low} or more" if high is None else f"{low} to {high}"
                raise self.error(f"number of {what} does not fit", found=len(found), expected=span)

    def error(
        self, what: str, *, found: object = None, expected: object = None, fix: str | None = None
    ) -> ArtefactError:
        """What is wrong with this layer, to be raised."""
        return ArtefactError(what, where=self.where, found=found, expected=expected, fix=fix)

    def rank(self, tensor: str | None = None) -> int:
        """A tensor's rank (the first input's by default). Raises `ArtefactError` if it is known only at run time."""
        rank = self.scope.rank(self.x if tensor is None else tensor)
        if rank is None:
            raise self.error(
                "the rank of its input is known only at run time, and the layer's meaning depends on it",
                fix="state the rank in the layer's inputTensor field",
            )
        return rank

    def at_least(self, least: int, tensor: str | None = None) -> None:
        """Raise `ArtefactError` if a tensor's rank is known and less than ``least``."""
        rank = self.scope.rank(self.x if tensor is None else tensor)
        if rank is not None and rank < least:
            raise self.error("rank of the input is too low", found=rank, expected=f"at least {least}")

    def const(self, value: Any, hint: str = "") -> str:
        """A constant tensor, named after the layer and ``hint``."""
        label = self.name or self.kind
        tensor = self.scope.builder.constant(value, f"{label}.{hint}" if hint else label)
        self.scope.ranks[tensor] = np.ndim(value)
        return tensor

    def known(self, tensor: str) -> Array | None:
        """The values of a tensor that the file fixes, or ``None``."""
        return self.scope.builder.constants.get(tensor)

    def scalar(self, value: float, hint: str = "") -> str:
        """A single number of a parameter, which the file has in single precision."""
        return self.const(np.float32(value), hint)

    def weight(
        self, name: str, shape: Sequence[int], *, axis: int = 0, fields: Fields | None = None
    ) -> Array:
        """A weight parameter as an array of ``shape``; see `read_weight`."""
        if any(n < 0 for n in shape) or float(np.prod([float(n) for n in shape])) > MOST:
            raise self.error(
                f"absurd size of {name}", found=tuple(shape), expected=f"at most {MOST:,} values"
            )
        return read_weight(fields or self.p, name, shape, self.where, axis=axis)

    def sizes(self, name: str, *, least: int = 0) -> tuple[int, ...]:
        """A shape that the parameters give outright. Raises `ArtefactError` if nobody could want it."""
        shape = tuple(int(n) for n in getattr(self.p, name))
        if not shape or min(shape) < least or float(np.prod([float(abs(n)) for n in shape])) > MOST:
            raise self.error(f"{name} cannot be", found=shape, expected=f"sizes of at least {least}")
        return shape

    def axis(self, value: int, rank: int, what: str = "axis") -> int:
        """An axis of a tensor of ``rank``, not negative. Raises `ArtefactError` if it is not there."""
        if not -rank <= value < rank:
            raise self.error(f"{what} is not there", found=value, expected=f"{-rank} to {rank - 1}")
        return value % rank

    def emit(self, op: str, *inputs: str, rank: int | None = -1, **attrs: Any) -> str:
        """Add a node with one result. ``rank`` of the result: by default as the operator's inputs have it."""
        return self.emit_all(op, *inputs, results=1, ranks=(rank,), **attrs)[0]

    def emit_all(
        self, op: str, *inputs: str, results: int, ranks: Sequence[int | None] = (), **attrs: Any
    ) -> tuple[str, ...]:
        """Add a node with several results."""
        builder, scope = self.scope.builder, self.scope
        builder.origin = self.where
        hint = self.outputs[0] if self.outputs else self.name or self.kind
        made = builder.emit(op, inputs, [builder.fresh(f"{hint}.{op}") for _ in range(results)], **attrs)
        for tensor, rank in zip(made, tuple(ranks) or (-1,) * results, strict=True):
            scope.ranks[tensor] = self._rank_of(op, inputs) if rank == -1 else rank
        return made

    def _rank_of(self, op: str, inputs: Sequence[str]) -> int | None:
        """The largest rank where the operator broadcasts its arrays; of all others, that of the first."""
        facts = find(op).facts
        broadcasts = facts.elementwise or facts.broadcasts
        known = [self.scope.rank(name) for name in (inputs if broadcasts else inputs[:1]) if name]
        return None if not known or None in known else max(rank for rank in known if rank is not None)

    def floats(self, tensor: str) -> str:
        """A tensor of truth values or whole numbers as numbers: every blob of a NeuralNetwork holds those."""
        return self.emit("cast", tensor, to="float")

    def whole(self, tensor: str) -> str:
        """A blob that holds indices, as whole numbers."""
        return self.emit("cast", tensor, to="int64")

    def give(self, *tensors: str) -> None:
        """The results, in the order of the output blobs."""
        if len(tensors) != len(self.outputs):
            raise self.error("number of outputs does not fit", found=len(self.outputs), expected=len(tensors))
        stated = self._stated + [None] * (len(tensors) - len(self._stated))
        for blob, tensor, rank in zip(self.outputs, tensors, stated, strict=False):
            if self.scope.rank(tensor) is None:
                self.scope.ranks[tensor] = rank
            self.scope.write(blob, self._named(tensor, blob), self.where, again=self.kind == "copy")
        self.given = list(tensors)

    def _named(self, tensor: str, blob: str) -> str:
        """Rename a tensor that this layer's last nodes made to its blob's name, for taps."""
        builder = self.scope.builder
        name = builder.fresh(blob)
        for index in range(len(builder.nodes) - 1, -1, -1):
            node = builder.nodes[index]
            if node.origin != self.where:
                break
            if tensor in node.outputs:
                if any(tensor in later.inputs for later in builder.nodes[index + 1 :]):
                    break
                outputs = tuple(name if output == tensor else output for output in node.outputs)
                own = node.outputs[0] == tensor
                builder.nodes[index] = replace(node, name=name if own else node.name, outputs=outputs)
                self.scope.ranks[name] = self.scope.ranks.pop(tensor, None)
                return name
        return tensor
