"""The dialect of all readers: how a translator says one operator of a file in core operators.

A translator is a function in a module of its reader's folder (ONNX: ``onnx/read/translate``, Core ML programs:
``coreml/mil/translate``, Core ML networks: ``coreml/nn/layers``, PyTorch: ``torch/read/aten``), found by its mark::

    @reads("LeakyRelu")
    def leaky_relu(op: Op) -> None:
        op.give("leaky_relu", [op.input(0)], slope=op.attr("alpha", 0.01, float))

================================  =============================================================================
word                              meaning
================================  =============================================================================
``@reads("Relu", ...)``           the function translates these operators of the format
``op.type``, ``op.where``         the operator's name in the format; its place in the file
``op.input(key)``                 an operand's tensor; with ``optional=True`` "" for one that is left out
``op.inputs(*keys)``              the tensors of several operands
``op.has(key)``                   whether the operand is there
``op.known(key)``                 an operand's values if the file fixes them, else None
``op.const(key)``                 the same; refused if they are known only when the model runs
``op.numbers(key)``               as ``const``, as whole numbers
``op.rank(key)``                  an operand's number of axes; refused if it is not known
``op.dtype(key)``                 an operand's element type
``op.turned(key, axes)``          an operand with its axes in another order: a constant if its values are known
``op.shaped(key, shape)``         an operand in another shape, likewise
``op.attr(name, default, kind)``  a setting as the file has it, or made ``bool``, ``int``, ``float``, ``str``
``op.choice(name, words)``        a setting that is one of some words, as what each of them stands for
``op.ignore(*names)``             these settings mean nothing here (a comment says why)
``op.temp(core, inputs)``         a node on the way to the results; its tensor
``op.temps(core, inputs, n)``     the same, for a core operator of n results
``op.constant(value, hint)``      a constant that the operator implies
``op.give(core, inputs)``         the node that gives the results, or with ``output=`` one of them
``op.results(*tensors)``          the results, where they are tensors already
``op.wanted(output)``             whether anybody asks for that result
``raise op.error(what, ...)``     refuse: an `ArtefactError` that names the operator and its place
================================  =============================================================================

A key is what the format tells operands apart by: a place (ONNX, Core ML networks) or a name (Core ML programs,
PyTorch). Inputs that are left out at the end of a node's list are dropped, so that optional ones need no care.
What was set and nobody looked at is an error, because whoever wrote the file meant something by it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

import numpy as np

from ...errors import ArtefactError, GraphError
from ...graph import Array
from ..graph_builder import Builder

Key = TypeVar("Key")
T = TypeVar("T")
D = TypeVar("D")
REQUIRED: Any = object()
#: What a translator raises when a setting is of another kind than any version of its operator has.
WRONG_KIND = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
#: What to do about one.
UNKIND = "if the framework itself takes this file, please report it"


class Operation(ABC, Generic[Key]):
    """One operator of a file as its translator sees it; see the module for the words.

    ``type`` is its name in the format, ``where`` its place in the file, ``builder`` collects the nodes.
    """

    #: What the format calls what it sets.
    setting = "attribute"

    def __init__(self, kind: str, where: str, builder: Builder) -> None:
        self.type, self.where, self.builder = kind, where, builder
        self._read: set[str] = set()

    # What the file gives.

    @abstractmethod
    def has(self, key: Key) -> bool:
        """Whether the operand is there."""

    @abstractmethod
    def input(self, key: Key, *, optional: bool = False) -> str:
        """An operand's tensor; "" if it is left out and ``optional``. Raises `ArtefactError` if it is missing."""

    def inputs(self, *keys: Key) -> list[str]:
        """The tensors of several operands."""
        return [self.input(key) for key in keys]

    @abstractmethod
    def known(self, key: Key) -> Array | None:
        """An operand's array; None if it is left out or known only when the model runs."""

    def const(self, key: Key) -> Array:
        """An operand's array. Raises `ArtefactError` if it is known only when the model runs."""
        known = self.known(key)
        if known is None:
            what = f"{self.word(key)} must be known before the model runs"
            raise self.error(what, found="a result", expected="a constant")
        return known

    def numbers(self, key: Key) -> tuple[int, ...]:
        """As `const`, for whole numbers."""
        known = self.const(key)
        if known.dtype.kind not in "iu":
            found, wanted = known.dtype, "whole numbers"
            raise self.error(f"{self.word(key)} is not of whole numbers", found=found, expected=wanted)
        return tuple(int(n) for n in known.reshape(-1))

    @abstractmethod
    def rank(self, key: Key) -> int:
        """An operand's number of axes. Raises `ArtefactError` if it is not known."""

    @abstractmethod
    def dtype(self, key: Key) -> str | None:
        """An operand's element type as nodes declare it."""

    def turned(self, key: Key, axes: Sequence[int]) -> str:
        """An operand with its axes in another order; a view of the file's values where they are known."""
        axes = tuple(axes)
        made = self.changed(key, "x".join(map(str, axes)), lambda array: array.transpose(axes))
        return made or self.temp("transpose", [self.input(key)], dtype=self.dtype(key), axes=axes)

    def shaped(self, key: Key, shape: Sequence[int]) -> str:
        """An operand in another shape; a view of the file's values where they are known."""
        shape = tuple(shape)
        made = self.changed(key, f"as {'x'.join(map(str, shape))}", lambda array: array.reshape(shape))
        return made or self.temp("reshape", [self.input(key)], dtype=self.dtype(key), shape=shape)

    def changed(self, key: Key, form: str, change: Callable[[Array], Array]) -> str:
        """A known operand in another ``form`` as a constant; "" if it is known only when the model runs."""
        known = self.known(key)
        return "" if known is None else self.constant(change(known), self.hint(key))

    @abstractmethod
    def settings(self) -> Mapping[str, Any]:
        """What is set, by name."""

    @overload
    def attr(self, name: str, default: Any = ..., kind: None = ...) -> Any: ...
    @overload
    def attr(self, name: str, default: D, kind: Callable[[Any], T]) -> T | D: ...
    @overload
    def attr(self, name: str, *, kind: Callable[[Any], T]) -> T: ...
    def attr(self, name: str, default: Any = REQUIRED, kind: Callable[[Any], Any] | None = None) -> Any:
        """A setting's value, made one of ``kind``; ``default``, as it is, where the file does not set it.

        Raises `ArtefactError` if it is missing without a default, or of another kind.
        """
        self._read.add(name)
        if not self._is_set(name):
            if default is REQUIRED:
                raise self.missing(name)
            return default
        value = self._setting(name)
        if kind is None:
            return value
        try:
            return kind(value)
        except WRONG_KIND as error:
            what = f"{self.setting} {name!r} is of a wrong kind"
            raise self.error(
                what, found=repr(value)[:200], expected=kind.__name__.replace("_", " "), fix=UNKIND
            ) from error

    def choice(self, name: str, words: Mapping[str, T], default: str = REQUIRED) -> T:
        """What a setting's word stands for. Raises `ArtefactError` naming ``words`` if it is none of them."""
        found = self.attr(name, default)
        if not isinstance(found, str) or found not in words:
            raise self.error(f"unknown {name}", found=found, expected=", ".join(filter(None, words)))
        return words[found]

    def missing(self, name: str) -> ArtefactError:
        """The error for a setting that must be there, to be raised."""
        found = ", ".join(sorted(self.settings()))[:200]
        return self.error(
            f"{self.setting} {name!r} is missing", found=found or f"no {self.setting}s", expected=name
        )

    def ignore(self, *names: str) -> None:
        """These settings mean nothing here; the translator says in a comment why."""
        self._read.update(names)

    # What the translator makes of it.

    def temp(self, core: str, inputs: Sequence[str], /, *, dtype: str | None = None, **attrs: Any) -> str:
        """Add a node on the way to the results; its tensor. ``dtype`` is that of the first result if left out."""
        return self.temps(core, inputs, 1, dtype=dtype, **attrs)[0]

    def temps(
        self, core: str, inputs: Sequence[str], count: int, /, *, dtype: str | None = None, **attrs: Any
    ) -> tuple[str, ...]:
        """As `temp`, for a core operator of several results."""
        hint = f"{self.label}.{core}"
        return self.builder.emit(
            core, trimmed(inputs), count, hint=hint, dtype=dtype or self.declared, **attrs
        )

    def constant(self, value: Any, hint: str = "constant") -> str:
        """A constant tensor that the operator implies; floats in float32 unless it is an array."""
        array = np.asarray(value)
        if not isinstance(value, np.ndarray | np.generic) and array.dtype.kind == "f":
            array = array.astype(np.float32)
        return self.builder.constant(array, f"{self.label}.{hint}")

    @abstractmethod
    def give(
        self, core: str, inputs: Sequence[str], /, *, output: int | None = None, **attrs: Any
    ) -> tuple[str, ...]:
        """Add the node that gives this result, or all of them in order; their tensors."""

    def results(self, *tensors: str) -> None:
        """These tensors are the results, in order."""
        for place, tensor in enumerate(tensors):
            if self.wanted(place):
                self.give("identity", [tensor], output=place)

    def wanted(self, output: int) -> bool:
        """Whether anybody asks for this result."""
        return True

    def error(self, what: str, **details: Any) -> ArtefactError:
        """An error that names this operator and its place, to be raised."""
        return ArtefactError(f"{self.type}: {what}", where=self.where, **details)

    # How the reader runs it.

    def translated(self, translate: Callable[[Any], Any]) -> None:
        """Run the translator. Raises `ArtefactError` for whatever it refuses, does not look at, or trips over."""
        try:
            translate(self)
        except GraphError as error:  # what a core operator says of settings that it was asked about
            raise self.error(error.what, found=error.found, expected=error.expected, fix=error.fix) from error
        except WRONG_KIND as error:  # an array for a number, say
            raise self.error(
                f"an input or {self.setting} is of a wrong kind",
                found=f"{type(error).__name__}: {error}"[:300],
                expected=f"those with which {self.type} is defined",
                fix=UNKIND,
            ) from error
        self.finished()

    def finished(self) -> None:
        """Raises `ArtefactError` unless everything that is set was looked at."""
        unread = self.unread()
        if unread:
            raise self.error(
                f"{self.setting} {unread[0]!r} is not understood",
                found=", ".join(sorted(self.settings())),
                expected=f"only {', '.join(sorted(self._read)) or 'none'}",
            )

    def unread(self) -> list[str]:
        """What is set and nobody looked at."""
        return sorted(set(self.settings()) - self._read)

    # What each format says of it.

    @property
    @abstractmethod
    def label(self) -> str:
        """With what the names of temporaries and constants begin: the first result's, or the operator's."""

    @property
    def declared(self) -> str | None:
        """The element type that the file declares for the first result, if it does."""
        return None

    def word(self, key: Key) -> str:
        """An operand in errors."""
        return f"{self.setting} {key!r}"

    def hint(self, key: Key) -> str:
        """An operand in the names of constants that are made of it."""
        return str(key)

    def _is_set(self, name: str) -> bool:
        return name in self.settings()

    def _setting(self, name: str) -> Any:
        return self.settings()[name]


def trimmed(inputs: Sequence[str]) -> Sequence[str]:
    """A node's inputs without those that are left out at the end."""
    count = len(inputs)
    while count and not inputs[count - 1]:
        count -= 1
    return inputs[:count]


def whole_numbers(value: Any) -> tuple[int, ...]:
    """For `Operation.attr`: a list, an array or one number, as whole numbers. Raises `TypeError` for others."""
    array = np.asarray(value)
    if array.dtype.kind not in "iub" and array.size:
        raise TypeError(f"not whole numbers: {value}")
    return tuple(int(n) for n in array.reshape(-1))


def known_as(*words: str) -> dict[str, str]:
    """For `Operation.choice`: words that stand for themselves."""
    return {word: word for word in words}
