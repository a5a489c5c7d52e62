"""How ATen operators are said in core operators: the registry, and what a translator sees of a call.

The words are those of `formats.reading.translating`; operands and settings are both arguments and go by the names
of the operator's schema. Further ones are for what only PyTorch has: what its shape inference knows (``op.result``),
sizes that are computed (``op.values.size``), complex numbers, which are read as two tensors (`Op.parts`,
`Op.give_pair`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import fx

from ....discovery import Handlers
from ....graph import Array
from ...reading.translating import Operation, trimmed
from .nodes import is_complex, label, value_of
from .values import Names, Values

Translator = Callable[["Op"], None]

#: Marks a function as the one that says some operators ("aten.conv" or "aten.conv.overload") in core operators.
#: It may stand beside the one that builds the operator's module.
reads = Handlers[Translator](f"{__package__}.aten", f"{__package__.rpartition('.')[0]}.modules")

#: Element types of PyTorch -> what `cast` and its like call them.
TYPES = {
    torch.bool: "bool",
    torch.int8: "int8",
    torch.uint8: "uint8",
    torch.int16: "int16",
    torch.int32: "int32",
    torch.int64: "int64",
    torch.float16: "float",
    torch.bfloat16: "float",
    torch.float32: "float",
    torch.float64: "float",
    torch.uint16: "uint16",
    torch.uint32: "uint32",
    torch.uint64: "uint64",
}
#: Arguments that need not be looked at: where elements lie, what the result's type and shape say already, and what
#: matters for gradients alone.
TOLD = {
    *("layout", "device", "pin_memory", "memory_format", "physical_layout", "non_blocking", "copy"),
    *("dtype", "out_dtype", "half_to_float", "size", "sizes", "shape", "start_dim", "end_dim", "implicit"),
    *("split_size", "split_sizes", "sections", "chunks"),
    *("requires_grad", "padding_idx", "scale_grad_by_freq", "sparse", "sparse_grad"),
}


def translator(name: str) -> Translator | None:
    """What reads an operator, by its name with its overload or without."""
    known = reads.all()
    return known.get(name) or known.get(name.rsplit(".", 1)[0])


class Op(Operation[str]):
    """One call of an operator as its translator sees it.

    ``args`` are the arguments by name, ``made`` the tensors of the results given so far by place, ``pair`` the real
    and imaginary parts of complex ones.
    """

    setting = "argument"

    def __init__(self, values: Values, node: fx.Node) -> None:
        super().__init__(label(node), f"{values.where}, {values.builder.origin}", values.builder)
        self.values, self.node = values, node
        schema = getattr(node.target, "_schema", None)
        self.args: dict[str, Any] = dict(node.kwargs)
        self._defaults: dict[str, Any] = {}
        if schema is not None:
            self._defaults = {
                one.name: one.default_value for one in schema.arguments if one.has_default_value()
            }
            given = dict(zip((one.name for one in schema.arguments), node.args, strict=False))
            self.args = self._defaults | given | dict(node.kwargs)
        self.made: dict[int, str] = {}
        self.pair: tuple[Names, Names] | None = None

    # What was given.

    def settings(self) -> Mapping[str, Any]:
        """The arguments; those that are None are not set."""
        return self.args

    def has(self, name: str) -> bool:
        """Whether the argument is there and not None."""
        return self.args.get(name) is not None

    def input(self, name: str, *, optional: bool = False) -> str:
        """The tensor of an argument; "" if it is None and ``optional``. A number becomes a constant."""
        return "" if optional and not self.has(name) else self.tensor(self.attr(name))

    def tensor(self, value: Any) -> str:
        """The tensor of a node or a number."""
        if isinstance(value, fx.Node):
            return self.values.tensor(value)
        return self.constant(np.array(value, np.float64 if isinstance(value, float) else None))

    def is_complex(self, name: str) -> bool:
        """Whether an argument holds complex numbers."""
        return is_complex(self.args[name])

    def parts(self, name: str) -> tuple[str, str]:
        """Real and imaginary part of an argument; that of a real one is 0."""
        value = self.attr(name)
        if isinstance(value, fx.Node) and is_complex(value):
            real, imaginary = self.values.parts(value)
            assert isinstance(real, str)
            assert isinstance(imaginary, str)
            return real, imaginary
        if isinstance(value, complex):
            return self.constant(value.real), self.constant(value.imag)
        number = value if isinstance(value, fx.Node) else float(value)
        return self.tensor(number), self.constant(0.0)

    def known(self, name: str) -> Array | None:
        """The values of an argument that is a weight, sharing their memory."""
        value = self.args.get(name)
        return self.values.array(value) if isinstance(value, fx.Node) else None

    def changed(self, name: str, form: str, change: Callable[[Array], Array]) -> str:
        """A weight in another ``form``, a constant of which is made once."""
        node = self.args.get(name)
        return self.values.constant_of(node, form, change) if node in self.values.weights else ""

    def shape(self, name: str) -> list[Any]:
        """The shape of an argument: a number, or a symbol, an axis."""
        return list(value_of(self.args[name]).shape)

    def rank(self, name: str) -> int:
        """How many axes an argument has."""
        return len(value_of(self.args[name]).shape)

    def dtype(self, name: str) -> str | None:
        """The element type that nodes declare, which is the result's."""
        return self.declared

    def axis(self, name: str, of: str = "self") -> int:
        """An argument that is an axis, counted from the left."""
        return self.attr(name, kind=int) % max(self.rank(of), 1)

    def axes(self, name: str, of: str = "self") -> tuple[int, ...]:
        """An argument that is a list of axes, counted from the left; all of them if it is empty or None."""
        given = self.attr(name, None)
        rank = self.rank(of)
        given = [given] if isinstance(given, int) else given
        return tuple(sorted(int(one) % max(rank, 1) for one in given)) if given else tuple(range(rank))

    def is_float(self, name: str) -> bool:
        """Whether an argument holds floating-point numbers."""
        value = self.args[name]
        if isinstance(value, fx.Node):
            known = value_of(value)
            return isinstance(known, torch.SymFloat | float) or (
                isinstance(known, torch.Tensor) and known.dtype.is_floating_point
            )
        return isinstance(value, float)

    @property
    def value(self) -> Any:
        """What the operator returns, as PyTorch's own shape inference has it."""
        return value_of(self.node)

    @property
    def result(self) -> Any:
        """The first of the results."""
        return self.value[0] if isinstance(self.value, tuple | list) else self.value

    def wanted(self, output: int) -> bool:
        """Whether anybody asks for this one of several results."""
        return any(user.args[1] == output for user in self.node.users if len(user.args) > 1)

    # What comes of it.

    def temps(
        self, core: str, inputs: Sequence[str], count: int, /, *, dtype: str | None = None, **attrs: Any
    ) -> tuple[str, ...]:
        """A node with several results, which are called by their places."""
        if count == 1:
            return super().temps(core, inputs, 1, dtype=dtype, **attrs)
        outputs = [self.builder.fresh(f"{self.label}.{place}") for place in range(count)]
        return self.builder.emit(core, trimmed(inputs), outputs, dtype=dtype or self.declared, **attrs)

    def constant(self, value: Any, hint: str = "constant") -> str:
        """A constant that the operator implies; numbers in float64, as Python has them."""
        return self.builder.constant(np.asarray(value), f"{self.label}.{hint}")

    def give(
        self, core: str, inputs: Sequence[str], /, *, output: int | None = None, **attrs: Any
    ) -> tuple[str, ...]:
        """Add the node that gives this result, or the only one; its tensor."""
        made = self.builder.emit(core, trimmed(inputs), hint=self.label, dtype=self.declared, **attrs)
        self.made[output or 0] = made[0]
        return made

    def results(self, *tensors: str) -> None:
        """These tensors are the results, in order; "" for one that nobody asks for."""
        self.made = dict(enumerate(tensors))

    def give_pair(self, real: Names, imaginary: Names) -> None:
        """The real and imaginary parts of a result of complex numbers, or of several."""
        self.pair = real, imaginary

    def by_part(self) -> None:
        """Give what the operator's translator for real numbers makes of the real parts, and of the imaginary ones."""
        translate = translator(self.type)
        assert translate is not None, self.type
        made: list[Names] = []
        for self.values.part in (0, 1):
            translate(self)
            made.append(self.names)
        self.values.part = None
        self.give_pair(made[0], made[1])

    @property
    def names(self) -> Names:
        """The tensors of the results: one, or several."""
        if not isinstance(self.value, tuple | list):
            return self.made[0]
        return tuple(self.made.get(place, "") for place in range(len(self.value)))

    def shape_tensor(self, sizes: Sequence[Any]) -> str:
        """Sizes, some of which are computed, as one tensor."""
        if not any(isinstance(one, fx.Node) for one in sizes):
            return self.constant(np.array([int(one) for one in sizes], np.int64))
        return self.temp("stack", [self.values.size(one) for one in sizes], axis=0)

    # Inside.

    @property
    def label(self) -> str:
        """The node's name."""
        return str(self.node.name)

    @property
    def declared(self) -> str | None:
        """The first result's type, if it is one of floating-point numbers."""
        dtype = getattr(self.result, "dtype", None)
        dtype = dtype.to_real() if dtype is not None and dtype.is_complex else dtype
        floats = dtype is not None and dtype.is_floating_point
        return str(dtype).removeprefix("torch.") if floats else None

    def unread(self) -> list[str]:
        """Arguments other than tensors that nobody looked at and that are not what they are if left out."""
        left = set(self.args) - self._read - TOLD
        return sorted(name for name in left if self.has(name) and self._says(name))

    def _says(self, name: str) -> bool:
        value = self.args[name]
        tensors = value if isinstance(value, list | tuple) else [value]
        return not any(isinstance(one, fx.Node) for one in tensors) and value != self._defaults.get(name)

    def _is_set(self, name: str) -> bool:
        return self.has(name)
