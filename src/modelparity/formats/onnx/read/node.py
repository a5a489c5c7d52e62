"""How ONNX operators are said in core operators: the registry, and what a translator sees of a node.

The words are those of `formats.reading.translating`; operands go by place. Further ones are for what only ONNX has:
results whose type and shape are inferred (``kind=``), values that are known when the file is read (`Op.fold`),
several versions of one operator (``op.version``). A translator that finds a form it does not know calls
`Op.declined`; where the operator's definition has a body, that is read instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from ....discovery import Handlers
from ....graph import Array
from ...reading.translating import Operation, trimmed
from .scope import Kind, Scope, Sizes, Value
from .tensors import TEXT, as_numbers, is_float

Translator = Callable[["Op"], None]
_handlers = Handlers[Translator](f"{__package__}.translate")


def reads(*names: str, domain: str = "") -> Callable[[Translator], Translator]:
    """Mark a function as the translator of these operators of a domain."""
    return _handlers(*(f"{domain}:{name}" for name in names))


def translators() -> dict[str, Translator]:
    """ "domain:operator" -> its translator."""
    return _handlers.all()


class Declined(Exception):
    """A translator does not know this ``form`` of its operator."""

    def __init__(self, form: str) -> None:
        self.form = form
        super().__init__(form)


class Undecided(Exception):
    """A translator asks for the number of axes of an input that may have several; ``place`` is the input's."""

    def __init__(self, place: int) -> None:
        self.place = place
        super().__init__(place)


class Op(Operation[int]):
    """One node as its translator sees it.

    ``version`` is the one of the operator's definition that the file's opset asks for (1 outside of ONNX's own
    domains), ``kinds`` what is known of its outputs, ``where`` the place in the file.
    """

    def __init__(
        self,
        scope: Scope,
        node: Any,
        version: int,
        values: Sequence[Value | None],
        kinds: Sequence[Kind],
        attributes: dict[str, Any],
        where: str,
    ) -> None:
        super().__init__(str(node.op_type), where, scope.builder)
        self.scope, self.node, self.version, self.attributes = scope, node, version, attributes
        self.values, self.kinds = list(values), list(kinds)
        self.outputs = [str(name) for name in node.output]
        self._defined: set[int] = set()

    # What the node was given.

    @property
    def count(self) -> int:
        """How many inputs it has, left-out ones included."""
        return len(self.values)

    def has(self, place: int) -> bool:
        """Whether there is an input at this place."""
        return place < len(self.values) and self.values[place] is not None

    def value(self, place: int) -> Value:
        """The input at this place."""
        value = self.values[place] if place < len(self.values) else None
        if value is None:
            raise self.error(f"input {place} is missing")
        return value

    def input(self, place: int, *, optional: bool = False) -> str:
        """The graph's tensor of an input; "" if it is left out and ``optional``."""
        if optional and not self.has(place):
            return ""
        return self.scope.stored(self.value(place), str(self.node.input[place]), self.where)

    def inputs(self, *places: int) -> list[str]:
        """The tensors of these inputs, or of all; "" for one that is left out."""
        return [self.input(place, optional=True) for place in places or range(self.count)]

    def kind(self, place: int = 0) -> Kind:
        """What is known of an input."""
        return self.value(place).kind

    def dtype(self, place: int = 0) -> str:
        """An input's element type, as that of numbers where it is text."""
        dtype = as_numbers(self.kind(place).dtype)
        if dtype is None:
            raise self.error(f"the element type of input {place} is not known")
        return dtype

    def shape(self, place: int = 0) -> Sizes:
        """An input's shape, None and names where sizes are known only when the model runs."""
        shape = self.kind(place).shape
        if shape is None and self.kind(place).either:
            raise Undecided(place)
        if shape is None:
            raise self.error(
                f"the number of axes of {self.word(place)} is not known",
                fix="run onnx.shape_inference on the model, or declare shapes where it is exported",
            )
        return shape

    def rank(self, place: int = 0) -> int:
        """An input's number of axes."""
        return len(self.shape(place))

    def axis(self, axis: int, place: int = 0) -> int:
        """An axis of an input, counted from the front."""
        rank = self.rank(place)
        if not -rank <= axis < rank:
            raise self.error(f"axis {axis} is not there", found=str(self.kind(place)))
        return axis % rank

    def is_text(self, place: int = 0) -> bool:
        """Whether an input is text."""
        return self.kind(place).dtype == TEXT

    def is_float(self, place: int = 0) -> bool:
        """Whether an input has floating-point elements."""
        return is_float(self.dtype(place))

    def known(self, place: int) -> Array | None:
        """An input's array, or None if it is left out or known only when the model runs."""
        return self.value(place).known if self.has(place) else None

    def settings(self) -> Mapping[str, Any]:
        """The attributes."""
        return self.attributes

    def word(self, place: int) -> str:
        """An input in errors."""
        given = self.node.input[place] if place < len(self.node.input) else ""
        return f"input {place} ({given!r})" if given else f"input {place}"

    def hint(self, place: int) -> str:
        """An input in the names of constants."""
        return f"weight{place}"

    # What the translator makes of it.

    def wanted(self, output: int) -> bool:
        """Whether the node names this output."""
        return output < len(self.outputs) and bool(self.outputs[output])

    def give(
        self,
        core: str,
        inputs: Sequence[str],
        /,
        *,
        output: int | None = None,
        kind: Kind | None = None,
        **attrs: Any,
    ) -> tuple[str, ...]:
        """Add the node that gives this output, or all of them in order; ``kind`` where inference does not tell."""
        places = range(len(self.outputs)) if output is None else [output]
        names = []
        for place in places:
            name = self.outputs[place] if place < len(self.outputs) else ""
            if name and not self.scope.shared:
                names.append(name)
            else:
                names.append(self.builder.fresh(name or f"{self.label}.{core}"))
        given = self._kind(places[0] if len(places) else 0, kind)
        self.builder.emit(core, trimmed(inputs), names, dtype=as_numbers(given.dtype), **attrs)
        for place, tensor in zip(places, names, strict=True):
            if self.wanted(place):
                self._define(place, Value(self._kind(place, kind), tensor=tensor))
        return tuple(names)

    def fold(self, array: Array, output: int = 0, *, dtype: str | None = None) -> None:
        """An output that is known when the file is read."""
        dtype = dtype or self._kind(output, None).dtype or np.asarray(array).dtype.name
        array = np.asarray(array)
        self._define(output, Value(Kind(dtype, array.shape), known=array, sizes=elements(array, dtype)))

    def pass_on(self, value: Value, output: int = 0) -> None:
        """An output that is another value itself."""
        if value.known is not None or value.items is not None:
            self._define(output, Value(value.kind, value.tensor, value.known, value.sizes, value.items))
        else:
            tensor = self.scope.stored(value, self.label, self.where)
            self.give("identity", [tensor], output=output, kind=value.kind)

    def declined(self, what: str) -> NoReturn:
        """Stop before anything was added: this form of the operator is not known here."""
        raise Declined(what)

    def finished(self) -> None:
        """Raises `ArtefactError` unless every attribute was read and every output defined."""
        super().finished()
        for place, name in enumerate(self.outputs):
            if name and place not in self._defined:
                raise self.error(f"output {name!r} is one too many", found=len(self.outputs))

    # Inside.

    @property
    def label(self) -> str:
        """The first output's name."""
        return next((name for name in self.outputs if name), self.type)

    @property
    def declared(self) -> str | None:
        """The first output's element type."""
        return as_numbers(self._kind(0, None).dtype)

    def _kind(self, output: int, given: Kind | None) -> Kind:
        inferred = self.kinds[output] if output < len(self.kinds) else Kind()
        if given is None:
            given = Kind()
        dtype, shape = inferred.dtype or given.dtype, inferred.shape
        if given.shape is not None and (shape is None or len(shape) == len(given.shape)):
            merged = (
                given.shape
                if shape is None
                else tuple(
                    b if a is None or isinstance(b, int) else a
                    for a, b in zip(shape, given.shape, strict=True)
                )
            )
            shape = merged
        if dtype is None and self.values and self.values[0] is not None:
            dtype = self.values[0].kind.dtype
        return Kind(dtype, shape, inferred.either or given.either if shape is None else ())

    def _define(self, output: int, value: Value) -> None:
        self._defined.add(output)
        if self.wanted(output):
            self.scope.define(self.outputs[output], value, self.where)


def elements(array: Array, dtype: str | None) -> Sizes | None:
    """The elements of a small vector of whole numbers, for arithmetic on shapes."""
    if array.ndim > 1 or array.size > 64 or np.asarray(array).dtype.kind not in "iu":
        return None
    return tuple(int(n) for n in array.reshape(-1))
