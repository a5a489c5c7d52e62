"""How MIL operations are said in core operators: the registry, and what a translator sees of an operation.

The words are those of `formats.reading.translating`; operands and settings are both parameters and go by name.
Further ones are for what only MIL has: declared types (`Op.type_of`, ``op.out``), parameters that are lists
(`Op.consts`), nested blocks, states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ....discovery import Handlers
from ....errors import ArtefactError
from ....graph import Array
from ...reading.translating import Operation, trimmed
from ..proto import near
from .scope import Scope, Value, declared
from .types import Packed, Type, read_value

Translator = Callable[["Op"], None]

#: Marks a function as the translator of these MIL operations.
reads = Handlers[Translator](f"{__package__}.translate")


def translators() -> dict[str, Translator]:
    """MIL operation -> its translator."""
    return reads.all()


class Op(Operation[str]):
    """One operation as its translator sees it.

    ``outputs`` are (name, type) as declared, ``blocks`` the nested blocks, ``where`` the place in the file.
    """

    setting = "parameter"

    def __init__(self, scope: Scope, spec: Any, where: str) -> None:
        super().__init__(str(spec.type), where, scope.builder)
        self.scope, self.spec = scope, spec
        self.outputs: list[tuple[str, Type]] = [declared(one, where) for one in spec.outputs]
        self._given: dict[str, list[Value | str]] = {}
        for param, argument in spec.inputs.items():
            self._given[param] = [self._binding(one, param) for one in argument.arguments]
        for param, value in spec.attributes.items():
            if param in self._given:
                raise self.error(f"parameter {param!r} is given twice")
            if param != "name":
                self._given[param] = [Value(*self._swapped(value, param))]
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

    def settings(self) -> Mapping[str, Any]:
        """The parameters."""
        return self._given

    def has(self, param: str) -> bool:
        """Whether the parameter is there; asking does not count as having read it."""
        return bool(self._given.get(param))

    def input(self, param: str, *, optional: bool = False) -> str:
        """The graph's tensor that a parameter names; "" if it is absent and ``optional``."""
        if optional and not self.has(param):
            return ""
        return self._tensor(self._one(param), param)

    def inputs(self, *params: str) -> list[str]:
        """The graph's tensors of parameters, some of which may take several."""
        for param in params:
            self._present(param)
        return [self._tensor(one, param) for param in params for one in self._given[param]]

    def value(self, param: str) -> Any:
        """A parameter's value as it stands in the file: arrays even where they have no axes, and packed ones."""
        known = self._value(self._one(param)).known
        if known is None:
            raise self.error(
                f"parameter {param!r} must be known before the program runs",
                found="a result",
                expected="a constant",
            )
        return known

    def const(self, param: str) -> Array:
        """A parameter's array. Raises `ArtefactError` if it is known only when the program runs, or no numbers."""
        known = plain(self.value(param))
        if not isinstance(known, np.ndarray) or known.dtype.kind not in "fiub":
            found = str(self.type_of(param))
            raise self.error(f"parameter {param!r} must be numbers", found=found, expected="numbers")
        return known

    def consts(self, param: str) -> list[Any]:
        """The values of a parameter that takes several."""
        self._present(param)
        return [plain(self._value(one).known) for one in self._given[param]]

    def known(self, param: str) -> Array | None:
        """A parameter's array, or None if it is absent or known only when the program runs.

        Someone who gets None must still read the parameter with `input`.
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

    def changed(self, param: str, form: str, change: Callable[[Array], Array]) -> str:
        """A known parameter in another ``form``, under the name of what it is bound to."""
        known = self.known(param)
        if known is None:
            return ""
        given = self._given[param][0]
        name = given if isinstance(given, str) else f"{self.label}.{param}"
        return self.builder.constant(change(known), f"{name}.{form}")

    @property
    def out(self) -> Type:
        """The declared type of the first output."""
        if not self.outputs:
            raise self.error("the operation has no output")
        return self.outputs[0][1]

    # What the translator makes of it.

    def give(
        self,
        core: str,
        inputs: Sequence[str],
        /,
        *,
        output: int | None = None,
        also: int = 0,
        **attrs: Any,
    ) -> tuple[str, ...]:
        """Add the node that gives this output, or all of them, and ``also`` so many results; all their tensors."""
        places = range(len(self.outputs)) if output is None else [output]
        if not all(0 <= place < len(self.outputs) for place in places):
            raise self.error(f"{len(self.outputs)} outputs instead of {max(places) + 1}")
        taken = [self.outputs[place] for place in places]
        names = [name for name, _ in taken]
        dtype = taken[0][1].dtype if taken else None
        for name, kind in taken:
            self._define(name, Value(kind, tensor=name))
        names += [self.builder.fresh(f"{names[0] if names else self.type}.{core}") for _ in range(also)]
        return self.builder.emit(core, trimmed(inputs), names, dtype=dtype, **attrs)

    def fold(self, value: Any, output: int = 0) -> None:
        """An output that is known when the file is read."""
        name, kind = self.outputs[output]
        self._define(name, Value(kind, known=value))

    def finished(self) -> None:
        """Raises `ArtefactError` unless every parameter was read and every output defined."""
        super().finished()
        if self.blocks and not self.blocks_read:
            raise self.error("an operation without blocks has some", found=len(self.blocks), expected=0)
        missing = [name for name, _ in self.outputs if name not in self._defined]
        if missing:
            raise self.error(f"output {missing[0]!r} is one too many", found=len(self.outputs))

    # Inside.

    @property
    def label(self) -> str:
        """The first output's name."""
        return self.outputs[0][0] if self.outputs else self.type

    @property
    def declared(self) -> str | None:
        """The first output's element type."""
        return self.outputs[0][1].dtype if self.outputs else None

    def _is_set(self, name: str) -> bool:
        return self.has(name)

    def _setting(self, name: str) -> Any:
        known = plain(self.value(name))
        return known.item() if isinstance(known, np.ndarray) and known.ndim == 0 else known

    def _define(self, name: str, value: Value) -> None:
        self.scope.define(name, value, self.where)
        self._defined.add(name)

    def _present(self, param: str, *, mark: bool = True) -> None:
        if mark:
            self._read.add(param)
        if not self.has(param):
            raise self.missing(param)

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
            given.tensor = self.scope.stored(given, f"{self.label}.{param}", f"{self.where}, {param}")
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
    op.translated(known[spec.type])
