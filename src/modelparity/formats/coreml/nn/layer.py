"""What a translator sees of a layer of a NeuralNetwork.

The words are those of `formats.reading.translating`; operands go by place, and settings are the fields of the
layer's message: an enumeration's by its name, a message within it as `Fields`. Further words are for what only this
format has: how many inputs and outputs a layer may have (`Op.expects`), ranks that are followed while the network is
read (``rank=`` of a result), weights by the name of their field (`Op.weight`), numbers where others have booleans and
whole numbers (`Op.floats`, `Op.whole`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....engine.bound_node import by_parameter, defaults
from ....engine.operator import find
from ....errors import ArtefactError
from ....graph import Array, Node
from ...reading.translating import Operation, whole_numbers
from .fields import Fields
from .scope import Scope
from .weights import read_weight

#: Elements of one array that a layer may ask for by its parameters alone.
MOST = 1 << 31


class Op(Operation[int]):
    """``p`` are the parameters as a message, ``outputs`` the names of the output blobs, ``given`` their tensors."""

    setting = "parameter"

    def __init__(self, scope: Scope, message: Any, where: str) -> None:
        super().__init__(message.WhichOneof("layer"), where, scope.builder)
        self.scope, self.name = scope, str(message.name)
        self.p = Fields(getattr(message, self.type), where)
        self.outputs: tuple[str, ...] = tuple(message.output)
        self._inputs = [scope.read(name, where) for name in message.input]
        for tensor, stated in zip(self._inputs, message.inputTensor, strict=False):
            if scope.rank(tensor) is None and stated.rank:
                scope.ranks[tensor] = int(stated.rank)
        self._stated = [int(tensor.rank) or None for tensor in message.outputTensor]
        self._made: dict[int, str] = {}
        self.given: list[str] | None = None

    # What the layer was given.

    @property
    def count(self) -> int:
        """How many inputs it has."""
        return len(self._inputs)

    def expects(
        self, inputs: int | tuple[int, int | None], outputs: int | tuple[int, int | None] = 1
    ) -> None:
        """Raise `ArtefactError` unless there are that many inputs and outputs: a number, or least and most."""
        for what, found, wanted in (
            ("inputs", self.count, inputs),
            ("outputs", len(self.outputs), outputs),
        ):
            low, high = (wanted, wanted) if isinstance(wanted, int) else wanted
            if found < low or (high is not None and found > high):
                span = str(low) if low == high else f"{low} or more" if high is None else f"{low} to {high}"
                raise self.error(f"number of {what} does not fit", found=found, expected=span)

    def has(self, place: int) -> bool:
        """Whether there is an input at this place."""
        return place < self.count

    def input(self, place: int, *, optional: bool = False) -> str:
        """The tensor that an input blob stands for; "" if there is none and ``optional``."""
        if not self.has(place) and not optional:
            raise self.error(f"input {place} is missing", found=self.count)
        return self._inputs[place] if self.has(place) else ""

    def inputs(self, *places: int) -> list[str]:
        """The tensors of these inputs, or of all."""
        return [self.input(place) for place in places or range(self.count)]

    def known(self, place: int) -> Array | None:
        """The values of an input that the file fixes, or None."""
        return self.builder.constants.get(self.input(place, optional=True))

    def rank(self, place: int = 0) -> int:
        """An input's rank. Raises `ArtefactError` if it is known only at run time."""
        return self.rank_of(self.input(place))

    def rank_of(self, tensor: str) -> int:
        """As `rank`, of any tensor."""
        rank = self.scope.rank(tensor)
        if rank is None:
            raise self.error(
                "the rank of its input is known only at run time, and the layer's meaning depends on it",
                fix="state the rank in the layer's inputTensor field",
            )
        return rank

    def at_least(self, least: int, tensor: str | None = None) -> None:
        """Raise `ArtefactError` if a tensor's rank is known and less than ``least``."""
        rank = self.scope.rank(self.input(0) if tensor is None else tensor)
        if rank is not None and rank < least:
            raise self.error("rank of the input is too low", found=rank, expected=f"at least {least}")

    def dtype(self, place: int) -> str | None:
        """None: every blob holds single precision."""
        return None

    def settings(self) -> Mapping[str, Any]:
        """The fields that are present."""
        return self.p.filled()

    def ignore(self, *names: str) -> None:
        """These fields mean nothing here; the translator says in a comment why."""
        self.p.ignore(*names)

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
        shape = self.attr(name, kind=whole_numbers)
        if not shape or min(shape) < least or float(np.prod([float(abs(n)) for n in shape])) > MOST:
            raise self.error(f"{name} is not valid", found=shape, expected=f"sizes of at least {least}")
        return shape

    def axis(self, value: int, rank: int, what: str = "axis") -> int:
        """An axis of a tensor of ``rank``, not negative. Raises `ArtefactError` if it is not there."""
        if not -rank <= value < rank:
            raise self.error(f"{what} is not there", found=value, expected=f"{-rank} to {rank - 1}")
        return value % rank

    # What the translator makes of it.

    def temps(
        self,
        core: str,
        inputs: Sequence[str],
        count: int,
        /,
        *,
        dtype: str | None = None,
        rank: int | None = -1,
        ranks: Sequence[int | None] = (),
        **attrs: Any,
    ) -> tuple[str, ...]:
        """As in every reader; the results' ``ranks``, or the one of all, are as the operator has it if left out."""
        self.builder.origin = self.where
        made = super().temps(core, inputs, count, dtype=dtype, **attrs)
        for tensor, one in zip(made, tuple(ranks) or (rank,) * count, strict=True):
            self.scope.ranks[tensor] = self._rank_of(core, inputs, attrs) if one == -1 else one
        return made

    def constant(self, value: Any, hint: str = "") -> str:
        """A constant tensor, named after the layer and ``hint``."""
        label = self.name or self.type
        tensor = self.builder.constant(value, f"{label}.{hint}" if hint else label)
        self.scope.ranks[tensor] = np.ndim(value)
        return tensor

    def scalar(self, value: float, hint: str = "") -> str:
        """A single number of a parameter, which the file has in single precision."""
        return self.constant(np.float32(value), hint)

    def give(
        self, core: str, inputs: Sequence[str], /, *, output: int | None = None, **attrs: Any
    ) -> tuple[str, ...]:
        """Add the node that gives this result, or all of them in order; their tensors."""
        places = range(len(self.outputs)) if output is None else [output]
        made = self.temps(core, inputs, len(places), **attrs)
        self._made |= dict(zip(places, made, strict=True))
        if len(self._made) == len(self.outputs):
            self.results(*(self._made[place] for place in range(len(self.outputs))))
        return made

    def _rank_of(self, core: str, inputs: Sequence[str], attrs: Mapping[str, Any]) -> int | None:
        """The largest rank where the operator broadcasts its arrays; of all others, what they declare."""
        facts = find(core).facts
        known = [self.scope.rank(name) for name in inputs if name]
        if facts.elementwise or facts.broadcasts:
            return None if not known or None in known else max(rank for rank in known if rank is not None)
        if facts.rank is None:
            return None
        named, several = by_parameter(Node(self.label, core, tuple(inputs), ()))
        named |= {} if several is None else {several[0]: several[1][0]}
        ranks = {name: rank for name, one in named.items() if (rank := self.scope.rank(one)) is not None}
        try:
            return facts.rank(ranks, {**defaults(core), **attrs})
        except KeyError:
            return None

    def floats(self, tensor: str) -> str:
        """A tensor of truth values or whole numbers as numbers: every blob of a NeuralNetwork holds those."""
        return self.temp("cast", [tensor], to="float")

    def whole(self, tensor: str) -> str:
        """A blob that holds indices, as whole numbers."""
        return self.temp("cast", [tensor], to="int64")

    def results(self, *tensors: str) -> None:
        """The results, in the order of the output blobs."""
        if len(tensors) != len(self.outputs):
            raise self.error("number of outputs does not fit", found=len(self.outputs), expected=len(tensors))
        stated = self._stated + [None] * (len(tensors) - len(self._stated))
        for blob, tensor, rank in zip(self.outputs, tensors, stated, strict=False):
            if self.scope.rank(tensor) is None:
                self.scope.ranks[tensor] = rank
            self.scope.write(blob, self._named(tensor, blob), self.where, again=self.type == "copy")
        self.given = list(tensors)

    def _named(self, tensor: str, blob: str) -> str:
        """Rename a tensor that this layer's last nodes made to its blob's name, for taps."""
        builder = self.builder
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

    # How the reader runs it.

    def error(self, what: str, **details: Any) -> ArtefactError:
        """An error at this layer's place, which names it, to be raised."""
        return ArtefactError(what, where=self.where, **details)

    def finished(self) -> None:
        """Raises `ArtefactError` unless the outputs are given and every field that is present was read."""
        if self.given is None and self.outputs:
            raise self.error("the layer defines no output", found=", ".join(self.outputs))
        if left := self.unread():
            raise self.error(
                f"{self.type} has parameters that were not understood",
                found=", ".join(left),
                fix="if this form of the layer is legitimate, please report it",
            )

    def unread(self) -> list[str]:
        """Fields that are present and nobody looked at, within messages too."""
        return self.p.unread()

    @property
    def label(self) -> str:
        """The first output's name."""
        return self.outputs[0] if self.outputs else self.name or self.type

    def _is_set(self, name: str) -> bool:
        return True  # a field that is left out has its type's default

    def _setting(self, name: str) -> Any:
        return self.p.by_name(name)
