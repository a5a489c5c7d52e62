"""The values of a program of core ATen operators while it becomes a graph: what they are called, and its weights."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import torch
from torch import fx

from ....errors import ArtefactError
from ....graph import Array
from ...graph_builder import Builder
from .nodes import is_complex, label, symbol

#: Names of a node's results: one, or several.
Names = str | tuple[str, ...]

#: Arithmetic on sizes -> core operators on whole numbers.
SIZES: dict[Any, str] = {
    operator.add: "add",
    operator.sub: "sub",
    operator.mul: "mul",
    operator.floordiv: "floor_div",
    operator.mod: "mod",
    operator.pow: "power",
    operator.neg: "neg",
    torch.sym_max: "maximum",
    torch.sym_min: "minimum",
}
#: Arithmetic that makes fractions of sizes.
FRACTIONS: dict[Any, str] = {
    operator.truediv: "div",
    torch.sym_float: "identity",
    torch._sym_sqrt: "sqrt",  # type: ignore[attr-defined]
}


class Values:
    """The program's values by node: tensors by name, weights until somebody asks for them, sizes likewise."""

    def __init__(self, builder: Builder, where: str) -> None:
        self.builder, self.where = builder, where
        self.declared = False  # whether nodes say their precision themselves
        self.names: dict[fx.Node, Names] = {}
        self.pairs: dict[fx.Node, tuple[Names, Names]] = {}  # real and imaginary parts
        self.part: int | None = None  # the one that stands for complex numbers just now
        self.weights: dict[fx.Node, tuple[str, Any]] = {}
        self._kept: dict[tuple[str, str], str] = {}
        self._sizes: dict[fx.Node, str] = {}
        self._shapes: dict[str, str] = {}

    def tensor(self, node: fx.Node) -> str:
        """The name of a node's only result; a weight becomes a constant when first asked for."""
        if is_complex(node):
            if self.part is None:
                raise ArtefactError(
                    "complex numbers where only real ones are read",
                    where=f"{self.where}, {self.builder.origin}",
                    fix="return torch.view_as_real(y), or its absolute value",
                )
            name = self.parts(node)[self.part]
            assert isinstance(name, str), node
            return name
        if node in self.weights:
            return self.constant_of(node)
        if isinstance(symbol(node), torch.SymInt | int | torch.SymFloat | float):
            return self.size(node)
        name = self.names[node]
        assert isinstance(name, str), node
        return name

    def parts(self, node: fx.Node) -> tuple[Names, Names]:
        """Real and imaginary part of a node's result, or of a weight."""
        if node not in self.weights:
            return self.pairs[node]
        name, tensor = self.weights[node]
        array = tensor if isinstance(tensor, np.ndarray) else tensor.detach().cpu().resolve_conj().numpy()
        return self.kept(name, "real part", lambda: array.real), self.kept(
            name, "imaginary part", lambda: array.imag
        )

    def array(self, node: Any) -> Array | None:
        """A weight's values, sharing its memory; None for what is computed."""
        return shared(self.weights[node][1]) if node in self.weights else None

    def constant_of(
        self, node: fx.Node, form: str = "", change: Callable[[Array], Array] | None = None
    ) -> str:
        """A weight as a constant of the graph, by its own name, or in another ``form`` that ``change`` makes."""
        name, tensor = self.weights[node]
        return self.kept(name, form, lambda: shared(tensor) if change is None else change(shared(tensor)))

    def kept(self, name: str, form: str, make: Callable[[], Array]) -> str:
        """A constant that is made once a form."""
        if (name, form) not in self._kept:
            self._kept[name, form] = self.builder.constant(make(), name)
        return self._kept[name, form]

    def joined(self, nodes: Sequence[fx.Node], form: str, make: Callable[[], Array]) -> str:
        """A constant made of several weights, by the name of the first."""
        names = [self.weights[node][0] for node in nodes]
        made = self.kept(names[0], f"{form} {'+'.join(names)}", make)
        for name in names[1:]:
            self._kept[name, form] = made
        return made

    def used(self, constants: Collection[str]) -> set[str]:
        """Names of the weights, some form of which is among these constants."""
        return {name for (name, _), constant in self._kept.items() if constant in constants}

    def size(self, value: Any) -> str:
        """A size as a tensor () of whole numbers: a number, or a node that computes it when the graph runs."""
        if isinstance(value, int | float):
            return self.kept(
                f"size_{value}", "", lambda: np.array(value, float if isinstance(value, float) else int)
            )
        if value not in self._sizes:
            self._sizes[value] = self._computed(value)
        return self._sizes[value]

    def shape(self, tensor: str) -> str:
        """The shape of a tensor, as one."""
        if tensor not in self._shapes:
            (self._shapes[tensor],) = self.builder.emit("shape", [tensor], hint=f"{tensor}.shape")
        return self._shapes[tensor]

    def _computed(self, node: fx.Node) -> str:
        known = symbol(node)
        if isinstance(known, int):
            return self.size(known)
        emit = self.builder.emit
        if node.target is torch.ops.aten.sym_size.int:
            of, axis = node.args
            at = self.size(int(axis))  # type: ignore[arg-type]
            return emit("gather", [self.shape(self.tensor(of)), at], hint=node.name, axis=0)[0]  # type: ignore[arg-type]
        if node.target is torch.ops.aten._local_scalar_dense.default or node.op == "placeholder":
            name = self.names[node if node.op == "placeholder" else node.args[0]]  # type: ignore[index]
            assert isinstance(name, str)
            return emit("reshape", [name], hint=node.name, shape=())[0]
        args = [self.size(one) for one in node.args]
        if node.target in FRACTIONS:
            args = [emit("cast", [one], hint=node.name, to="float")[0] for one in args]
            return emit(FRACTIONS[node.target], args, hint=node.name)[0]
        if node.target in SIZES:
            return emit(SIZES[node.target], args, hint=node.name)[0]
        raise ArtefactError(
            f"{label(node)} computes a size in a way that is not read",
            where=self.where,
            expected=", ".join(sorted(one.__name__ for one in SIZES)),
        )


def shared(tensor: Any) -> Array:
    """A weight as an array on its own memory; types that numpy lacks come as float32, which holds their values."""
    if isinstance(tensor, np.ndarray):
        return tensor
    tensor = tensor.detach()
    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_complex():
        raise ArtefactError("a weight of a kind that is not read", found=f"{tensor.layout}, {tensor.dtype}")
    if tensor.dtype is torch.bfloat16:
        tensor = tensor.float()
    array: Array = tensor.cpu().resolve_conj().resolve_neg().numpy()
    return array
