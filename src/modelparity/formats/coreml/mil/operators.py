"""How MIL operations are said in core operators: the registry, and what a translator sees of an operation.

A translator is found by living in a module of `translate`::

    @mil("relu")
    def relu(op: Op) -> None:
        op.emit("relu", [op.tensor("x")])

It must look at every parameter that the operation has: what nobody looked at is an error, because whoever
wrote the file meant something by it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

import numpy as np

from ....errors import ArtefactError, GraphError
from ....graph import Array
from ..proto import near
from .scope import Scope, Value, declared
from .types import Packed, Type, read_value

Translator = Callable[["Op"], None]
T = TypeVar("T", bound=Translator)
_found: dict[str, Translator] = {}
_REQUIRED: Any = object()
#: What to do about a parameter of a kind that no version of its operation has.
UNKIND = "if Core ML itself takes this file, please report it"


def mil(*names: str) -> Callable[[T], T]:
    """Mark a function as the translator of these MIL operations."""

    def mark(function: T) -> T:
        for name in names:
            if name in _found:
                raise RuntimeError(f"two translators of the MIL operation {name!r}")
            _found[name] = function
        return function

    return mark


@cache
def translators() -> dict[str, Translator]:
    """MIL operation -> its translator."""
    from . import translate

    for found in sorted(pkgutil.iter_modules(translate.__path__), key=lambda info: info.name):
        importlib.import_module(f"{translate.__name__}.{found.name}")
    return dict(sorted(_found.items()))


class Op:
    """One operation as its translator sees it.

    ``outputs`` are (name, type) as declared, ``blocks`` the nested blocks, ``where`` the place in the file.
    """

    def __init__(self, scope: Scope, spec: Any, where: str) -> None:
        self.scope, self.spec, self.type, self.where = scope, spec, str(spec.type), where
        self.outputs: list[tuple[str, Type]] = [declared(one, where) for one in spec.outputs]
        self._given: dict[str, list[Value | str]] = {}
        for param, argument in spec.inputs.items():
            self._given[param] = [self._binding(one, param) for one in argument.arguments]
        for param, value in spec.attributes.items():
            if param in self._given:
                raise self.error(f"parameter {param!r} is given twice")
            if param != "name":
                self._given[param] = [Value(*self._swapped(value, param))]
        self._read: set[str] = set()
        self._defined: set[str] = set()
        self.blocks = list(spec.blocks)
        self.blocks_read = False

    def _swapped(self, value: Any, param: str) -> tuple[Type, None, Any]:
        kind, known = read_value(value, self.scope.blobs, f"{self.where}, {param}")
        return kind, None, known

    def _binding(self, binding: Any, param: str) -> Value | str:
        kind = binding.WhichOneof("binding")
        if kind == "name":
            return str(binding.name)
        if kind == "value":
            return Value(*self._swapped(binding.value, param))
        raise self.error(f"parameter {param!r} is bound to nothing", found="none", expected="a name or value")

    # What the operation was given.

    def has(self, param: str) -> bool:
        """Whether the parameter is there; asking does not count as having read it."""
        return bool(self._given.get(param))

    def ignore(self, *params: str) -> None:
        """These parameters, if given, mean nothing here; the translator says in a comment why."""
        self._read.update(params)

    def tensor(self, param: str, *, optional: bool = False) -> str:
        """The graph's tensor that a parameter names; "" if it is absent and ``optional``."""
        if optional and not self.has(param):
            return ""
        return self._tensor(self._one(param), param)

    def tensors(self, param: str) -> list[str]:
        """The graph's tensors of a parameter that takes several."""
        self._present(param)
        return [self._tensor(one, param) for one in self._given[param]]

    def const(self, param: str, default: Any = _REQUIRED) -> Any:
        """A parameter's value: a str, bool, int, float, or an array if it has axes.

        Raises `ArtefactError` if it is only known when the program runs, or absent without a default.
        """
        if not self.has(param) and default is not _REQUIRED:
            return default
        known = plain(self.value(param))
        return known.item() if isinstance(known, np.ndarray) and known.ndim == 0 else known

    def value(self, param: str) -> Any:
        """As `const`, as it stands in the file: arrays even where they have no axes, and packed ones."""
        known = self._value(self._one(param)).known
        if known is None:
            raise self.error(
                f"parameter {param!r} must be known before the program runs",
                found="a result",
                expected="a constant",
            )
        return known

    def array(self, param: str) -> Array:
        """As `const`, for a parameter that must be numbers: their array."""
        known = plain(self.value(param))
        if not isinstance(known, np.ndarray) or known.dtype.kind not in "fiub":
            found = str(self.type_of(param))
            raise self.error(f"parameter {param!r} must be numbers", found=found, expected="numbers")
        return known

    def consts(self, param: str) -> list[Any]:
        """As `const`, for a parameter that takes several."""
        self._present(param)
        return [plain(self._value(one).known) for one in self._given[param]]

    def known(self, param: str) -> Array | None:
        """A parameter's array, or None if it is absent or known only when the program runs.

        Someone who gets None must still read the parameter with `tensor`.
        """
        if not self.has(param):
            return None
        known = self._value(self._given[param][0]).known
        if known is None:
            return None
        self._one(param)
        return np.asarray(plain(known))

    def type_of(self, param: str) -> Type:
        """A parameter's declared type; asking does not count as having read it."""
        self._present(param, mark=False)
        return self._value(self._given[param][0]).type

    def shape(self, param: str) -> tuple[int | None, ...]:
        """A parameter's declared shape, None where a size is known only when the program runs."""
        kind = self.type_of(param)
        if not kind.ranked:
            raise self.error(f"the number of axes of {param!r} must be known", found=str(kind))
        return kind.shape

    def rank(self, param: str) -> int:
        """A parameter's number of axes."""
        return len(self.shape(param))

    def dtype(self, param: str) -> str:
        """A parameter's declared element type."""
        return self.type_of(param).dtype

    def name_of(self, param: str) -> str:
        """The name that a parameter is bound to."""
        given = self._one(param)
        if not isinstance(given, str):
            raise self.error(f"parameter {param!r} must be a name")
        return given

    def write_state(self, name: str, tensor: str) -> None:
        """From here on the state's value is that of ``tensor``."""
        self.scope.state(name, self.where)  # raises if there is none of that name
        self.scope.states[name] = tensor

    @property
    def out(self) -> Type:
        """The declared type of the first output."""
        if not self.outputs:
            raise self.error("the operation has no output")
        return self.outputs[0][1]

    def weight(self, param: str, axes: Sequence[int]) -> str:
        """A parameter's tensor with its axes in another order: a constant's are turned when the file is read."""
        known = self.known(param)
        if known is None:
            return self.temp("transpose", [self.tensor(param)], axes=tuple(axes), dtype=self.dtype(param))
        given = self._given[param][0]
        name = given if isinstance(given, str) else f"{self.outputs[0][0]}.{param}"
        return self.scope.builder.constant(known.transpose(axes), f"{name}.{'x'.join(map(str, axes))}")

    # What the translator makes of it.

    def emit(
        self,
        op: str,
        inputs: Sequence[str],
        *,
        outputs: Sequence[int] | None = None,
        also: int = 0,
        **attrs: Any,
    ) -> tuple[str, ...]:
        """Add the node that gives these outputs of the operation (their places; all of them if left out).

        ``also`` is how many results it has beyond them. Returns the tensors of all.
        """
        places = range(len(self.outputs)) if outputs is None else outputs
        if not all(0 <= place < len(self.outputs) for place in places):
            raise self.error(f"{len(self.outputs)} outputs instead of {max(places) + 1}")
        taken = [self.outputs[place] for place in places]
        names = [name for name, _ in taken]
        dtype = taken[0][1].dtype if taken else None
        for name, kind in taken:
            self._define(name, Value(kind, tensor=name))
        names += [self.scope.builder.fresh(f"{names[0] if names else self.type}.{op}") for _ in range(also)]
        return self.scope.builder.emit(op, inputs, names, dtype=dtype, **attrs)

    def temp(self, op: str, inputs: Sequence[str], *, dtype: str | None = None, **attrs: Any) -> str:
        """Add a node on the way to the outputs; its tensor. ``dtype`` is that of the first output if left out."""
        return self.temps(op, inputs, 1, dtype=dtype, **attrs)[0]

    def temps(
        self, op: str, inputs: Sequence[str], count: int, *, dtype: str | None = None, **attrs: Any
    ) -> tuple[str, ...]:
        """As `temp`, for an operator of several results."""
        hint = f"{self.outputs[0][0] if self.outputs else self.type}.{op}"
        dtype = dtype or (self.out.dtype if self.outputs else None)
        return self.scope.builder.emit(op, inputs, count, hint=hint, dtype=dtype, **attrs)

    def constant(self, value: Any, hint: str = "constant") -> str:
        """A constant tensor that the operation implies; floats of the first output's type unless it is an array."""
        array = np.asarray(value)
        if not isinstance(value, np.ndarray | np.generic) and array.dtype.kind == "f":
            array = array.astype(np.float32)
        return self.scope.builder.constant(
            array, f"{self.outputs[0][0] if self.outputs else self.type}.{hint}"
        )

    def fold(self, value: Any, output: int = 0) -> None:
        """An output that is known when the file is read."""
        name, kind = self.outputs[output]
        self._define(name, Value(kind, known=value))

    def error(self, what: str, **details: Any) -> ArtefactError:
        """An error that names this operation and its place, to be raised."""
        return ArtefactError(f"{self.type}: {what}", where=self.where, **details)

    def finished(self) -> None:
        """Raises `ArtefactError` unless every parameter was read and every output defined."""
        unread = sorted(set(self._given) - self._read)
        if unread:
            raise self.error(
                f"parameter {unread[0]!r} is not understood",
                found=", ".join(sorted(self._given)),
                expected=f"only {', '.join(sorted(self._read)) or 'none'}",
            )
        if self.blocks and not self.blocks_read:
            raise self.error("an operation without blocks has some", found=len(self.blocks), expected=0)
        missing = [name for name, _ in self.outputs if name not in self._defined]
        if missing:
            raise self.error(f"output {missing[0]!r} is one too many", found=len(self.outputs))

    # Inside.

    def _define(self, name: str, value: Value) -> None:
        self.scope.define(name, value, self.where)
        self._defined.add(name)

    def _present(self, param: str, *, mark: bool = True) -> None:
        if mark:
            self._read.add(param)
        if not self.has(param):
            raise self.error(
                f"parameter {param!r} is missing",
                found=", ".join(sorted(self._given))[:200] or "no parameters",
                expected=param,
            )

    def _one(self, param: str) -> Value | str:
        self._present(param)
        if len(self._given[param]) != 1:
            raise self.error(
                f"parameter {param!r} takes one value", found=len(self._given[param]), expected=1
            )
        return self._given[param][0]

    def _value(self, given: Value | str) -> Value:
        return self.scope.lookup(given, self.where) if isinstance(given, str) else given

    def _tensor(self, given: Value | str, param: str) -> str:
        if isinstance(given, str):
            return self.scope.tensor(given, self.where)
        if given.tensor is None:
            first = self.outputs[0][0] if self.outputs else self.type
            given.tensor = self.scope.stored(given, f"{first}.{param}", f"{self.where}, {param}")
        return given.tensor


def plain(known: Any) -> Any:
    """A value of the file with packed numbers unpacked."""
    return known.array() if isinstance(known, Packed) else known


def translate(scope: Scope, spec: Any, where: str) -> None:
    """Add what an operation means to the graph of its block."""
    known = translators()
    if spec.type not in known:
        raise ArtefactError(
            f"unknown MIL operation {spec.type[:80]!r}",
            where=where,
            found=repr(spec.type)[:80],
            expected=f"one of {near(spec.type, known)}",
        )
    op = Op(scope, spec, where)
    scope.builder.origin = where
    try:
        known[spec.type](op)
    except GraphError as error:  # what an operator says of settings that it was asked about
        raise op.error(error.what, found=error.found, expected=error.expected, fix=error.fix) from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        # A parameter of another kind than any version of the operation has: an array for a number, say.
        raise op.error(
            "a parameter is of a wrong kind",
            found=f"{type(error).__name__}: {error}"[:300],
            expected=f"parameters as {spec.type} is defined",
            fix=UNKIND,
        ) from error
    op.finished()
