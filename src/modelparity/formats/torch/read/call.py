"""One operator of a program as its translator sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import fx

from ....discovery import Handlers
from ....errors import ArtefactError
from ....graph import Array

if TYPE_CHECKING:
    from .reading import Reading

Translator = Callable[["Call"], Any]

#: Marks a function as the one that says some operators ("aten.conv" or "aten.conv.overload") in core operators.
reads = Handlers[Translator](f"{__package__}.aten")

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


class Call:
    """One operator of the program as its translator sees it; arguments by the names of its schema."""

    def __init__(self, reading: Reading, node: fx.Node) -> None:
        self.reading, self.node, self.op = reading, node, label(node)
        schema = getattr(node.target, "_schema", None)
        self.args: dict[str, Any] = dict(node.kwargs)
        if schema is not None:
            self.args = {one.name: one.default_value for one in schema.arguments if one.has_default_value()}
            self.args |= dict(zip((one.name for one in schema.arguments), node.args, strict=False)) | dict(
                node.kwargs
            )

    # What was given.

    def __getitem__(self, name: str) -> Any:
        return self.args[name]

    def get(self, name: str, default: Any = None) -> Any:
        """An argument, or ``default`` where the operator has none of that name or it is None."""
        value = self.args.get(name)
        return default if value is None else value

    def tensor(self, name: str) -> str:
        """The tensor of an argument; "" for None. A number becomes a constant."""
        value = self.args.get(name)
        return "" if value is None else self.operand(value)

    def operand(self, value: Any) -> str:
        """The tensor of a node or a number."""
        if isinstance(value, fx.Node):
            return self.reading.tensor(value)
        return self.constant(np.array(value, np.float64 if isinstance(value, float) else None))

    def is_complex(self, name: str) -> bool:
        """Whether an argument holds complex numbers."""
        return is_complex(self.args[name])

    def parts(self, name: str) -> tuple[str, str]:
        """Real and imaginary part of an argument; that of a real one is 0."""
        value = self.args[name]
        if isinstance(value, fx.Node) and is_complex(value):
            real, imaginary = self.reading.parts(value)
            assert isinstance(real, str)
            assert isinstance(imaginary, str)
            return real, imaginary
        if isinstance(value, complex):
            return self.constant(value.real), self.constant(value.imag)
        number = value if isinstance(value, fx.Node) else float(value)
        return self.operand(number), self.constant(0.0)

    def by_part(self) -> tuple[Any, Any]:
        """What the operator's translator for real numbers makes of the real parts, and of the imaginary ones."""
        translate = self.reading.translator(self.op)
        assert translate is not None, self.op
        made = []
        for part in (0, 1):
            self.reading.part = part
            made.append(translate(self))
        self.reading.part = None
        return made[0], made[1]

    def constant(self, value: Any) -> str:
        """A new constant."""
        return self.reading.builder.constant(np.asarray(value), f"{self.node.name}.constant")

    def array(self, name: str) -> Array | None:
        """The values of an argument that is a weight, sharing their memory."""
        value = self.args.get(name)
        return self.reading.array(value) if isinstance(value, fx.Node) else None

    def laid(self, name: str, form: str, axes: Sequence[int]) -> str:
        """An argument with its axes in another order: a view if it is a weight, else a node."""
        node = self.args.get(name)
        if node is None:
            return ""
        if node in self.reading.weights:
            return self.reading.constant_of(node, form, lambda array: array.transpose(axes))
        return self.emit("transpose", [self.reading.tensor(node)], axes=tuple(axes))

    def shaped(self, name: str, form: str, shape: Sequence[int]) -> str:
        """An argument in another shape: a view if it is a weight, else a node."""
        node = self.args.get(name)
        if node is None:
            return ""
        if node in self.reading.weights:
            return self.reading.constant_of(node, form, lambda array: array.reshape(shape))
        return self.emit("reshape", [self.reading.tensor(node)], shape=tuple(shape))

    def sizes(self, name: str) -> list[Any]:
        """The shape of an argument: a number, or a symbol, an axis."""
        return list(value_of(self.args[name]).shape)

    def rank(self, name: str) -> int:
        """How many axes an argument has."""
        return len(value_of(self.args[name]).shape)

    def axis(self, name: str, of: str = "self") -> int:
        """An argument that is an axis, counted from the left."""
        rank = self.rank(of)
        return int(self.args[name]) % max(rank, 1)

    def axes(self, name: str, of: str = "self") -> tuple[int, ...]:
        """An argument that is a list of axes, counted from the left; all of them if it is empty or None."""
        given = self.args.get(name)
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

    # What comes of it.

    def emit(self, op: str, inputs: Sequence[str], **attrs: Any) -> str:
        """A node with one result on the way to the operator's own."""
        hint = f"{self.node.name}.{op}"
        return self.reading.builder.emit(op, inputs, hint=hint, dtype=self._declared, **attrs)[0]

    def give(self, op: str, inputs: Sequence[str], **attrs: Any) -> str:
        """The node whose only result is the operator's own."""
        return self.reading.builder.emit(op, inputs, hint=self.node.name, dtype=self._declared, **attrs)[0]

    def several(self, op: str, inputs: Sequence[str], results: int, **attrs: Any) -> tuple[str, ...]:
        """A node with several results."""
        outputs = [self.reading.builder.fresh(f"{self.node.name}.{place}") for place in range(results)]
        return self.reading.builder.emit(op, inputs, outputs, dtype=self._declared, **attrs)

    def shape_tensor(self, sizes: Sequence[Any]) -> str:
        """Sizes, some of which are computed, as one tensor."""
        if not any(isinstance(one, fx.Node) for one in sizes):
            return self.constant(np.array([int(one) for one in sizes], np.int64))
        return self.emit("stack", [self.reading.size(one) for one in sizes], axis=0)

    @property
    def _declared(self) -> str | None:
        dtype = getattr(self.result, "dtype", None)
        dtype = dtype.to_real() if dtype is not None and dtype.is_complex else dtype
        floats = dtype is not None and dtype.is_floating_point
        return str(dtype).removeprefix("torch.") if floats else None

    def error(self, what: str, **more: Any) -> ArtefactError:
        """The error for a use of an operator that cannot be read."""
        return ArtefactError(
            f"{self.op}: {what}", where=f"{self.reading.where}, {self.reading.builder.origin}", **more
        )


def label(node: fx.Node) -> str:
    """An operator's name as errors and origins have it: "aten.convolution", with its overload if that has a name."""
    target = node.target
    if isinstance(target, torch._ops.OpOverload):
        name = f"{target.namespace}.{target._opname}"
        return name if target._overloadname == "default" else f"{name}.{target._overloadname}"
    return str(getattr(target, "__name__", target))


def module_path(node: fx.Node) -> str:
    """Where the module stands that made a node: "encoder.layers.0.linear1"; "" for the outermost."""
    stack = node.meta.get("nn_module_stack") or {}
    paths = [str(path) for path, _ in stack.values() if not str(path).startswith("_empty_nn_module")]
    return paths[-1].removeprefix("L['self'].") if paths else ""


def is_complex(node: Any) -> bool:
    """Whether a value of the program is complex, or begins with a tensor of complex numbers."""
    if isinstance(node, complex):
        return True
    value = value_of(node) if isinstance(node, fx.Node) and "val" in node.meta else None
    value = value[0] if isinstance(value, tuple | list) and value else value
    return isinstance(value, torch.Tensor) and value.is_complex()


def value_of(node: Any) -> Any:
    """What PyTorch's shape inference knows of a value."""
    return node.meta["val"] if isinstance(node, fx.Node) else node


def symbol(node: fx.Node) -> Any:
    """As `value_of`, with a size that turned out fixed as a number."""
    value = node.meta.get("val")
    if isinstance(value, torch.SymInt) and value.node.expr.is_number:
        return int(value.node.expr)
    return value
