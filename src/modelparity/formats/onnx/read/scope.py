"""What names mean while a graph is read: tensors of the graph, known values, and values of graphs around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ....errors import ArtefactError, near
from ....graph import Array, Axis, TensorSpec
from ...graph_builder import Builder
from .tensors import TEXT, Tensors, held

#: A size: a number, the name of a free axis, or None if nothing is known.
Size = int | str | None
Sizes = tuple[Size, ...]


@dataclass(frozen=True)
class Kind:
    """An element type as ONNX declares it, and a shape; None where unknown.

    ``either``: of a result whose number of axes is known only when the model runs, the shapes that it may have, each
    of another rank; none if nothing is known.
    """

    dtype: str | None = None
    shape: Sizes | None = None
    either: tuple[Sizes, ...] = ()

    def __str__(self) -> str:
        texts = [f"({', '.join('?' if n is None else str(n) for n in one)})" for one in self.shapes]
        return f"{self.dtype or 'unknown'} {' or '.join(texts) or 'of any rank'}"

    @property
    def shapes(self) -> tuple[Sizes, ...]:
        """Every shape that it may have; none if nothing is known."""
        return self.either if self.shape is None else (self.shape,)


@dataclass
class Value:
    """What a name stands for: a tensor of the graph, a known array, both, or a sequence of values.

    ``sizes`` are the elements of a small vector (or scalar) of whole numbers as far as they are known. ``computed``
    says that a node computes what is known, which then only serves to settle shapes.
    """

    kind: Kind
    tensor: str | None = None
    known: Array | None = None
    sizes: Sizes | None = None
    items: list[Value] | None = None
    computed: bool = False


@dataclass
class Model:
    """What all graphs of a file share: tensors, functions by (domain, name, overload), IR version.

    Functions that call each other can make any number of nodes from few: ``most_nodes`` is where that ends.
    """

    tensors: Tensors
    functions: Mapping[tuple[str, str, str], Any]
    ir_version: int
    most_nodes: int
    nodes: int = 0
    dtypes: set[str] = field(default_factory=set)


class Scope:
    """One graph, or one call of a function, while it is read.

    A graph inside another takes what it reads of the outer one as further inputs, listed in ``captured`` (name of
    the input -> tensor outside). A function's call shares the builder of its caller but none of its names; an
    ``inline`` graph shares both.
    """

    def __init__(
        self,
        model: Model,
        opsets: Mapping[str, int],
        *,
        taken: Sequence[str] = (),
        parent: Scope | None = None,
        builder: Builder | None = None,
        depth: int = 0,
        inline: bool = False,
    ) -> None:
        self.model, self.opsets, self.parent, self.depth = model, opsets, parent, depth
        self.builder = Builder(taken) if builder is None else builder
        self.shared, self.inline = builder is not None, inline
        self.values: dict[str, Value] = {}
        self.inputs: list[TensorSpec] = []
        self.captured: dict[str, str] = {}
        #: Attributes of the function whose body this is.
        self.attributes: dict[str, Any] = {}

    def within(self, taken: Sequence[str] = (), *, inline: bool = False) -> Scope:
        """The scope of a graph within this one."""
        builder, depth = self.builder if inline else None, self.depth + 1
        inner = Scope(
            self.model, self.opsets, taken=taken, parent=self, builder=builder, depth=depth, inline=inline
        )
        inner.attributes = self.attributes
        return inner

    def define(self, name: str, value: Value, where: str) -> None:
        """Give a name its meaning; each may be given once."""
        if name in self.values and name not in self.captured:
            raise ArtefactError(f"{name!r} is defined twice", where=where)
        self.values[name] = value
        if value.kind.dtype is not None:
            self.model.dtypes.add(value.kind.dtype)

    def takes(self, name: str, kind: Kind, axes: Sequence[Axis], where: str) -> Value:
        """A new input of this graph."""
        assert kind.dtype is not None
        words = self.model.tensors.words if kind.dtype == TEXT else ()
        self.inputs.append(TensorSpec(name, tuple(axes), held(kind.dtype), words=words))
        value = Value(kind, tensor=name)
        self.define(name, value, where)
        return value

    def lookup(self, name: str, where: str) -> Value:
        """What ``name`` means here. Raises `ArtefactError` naming what is near."""
        if name in self.values:
            return self.values[name]
        if self.inline and self.parent is not None:
            return self.parent.lookup(name, where)
        if self.parent is None or self.shared:
            raise ArtefactError(
                f"{name!r} is defined by nothing before it",
                where=where,
                expected=near(name, self.values),
                fix="nodes must be sorted: what defines a tensor stands before what reads it, and cycles cannot run",
            )
        outer = self.parent.lookup(name, where)
        if outer.items is not None or (outer.known is not None and not outer.computed):
            self.values[name] = Value(outer.kind, None, outer.known, outer.sizes, outer.items)
        else:
            inner = self.builder.fresh(name)
            self.inputs.append(captured_spec(inner, outer.kind))
            self.captured[inner] = self.parent.tensor(name, where)
            self.values[name] = Value(outer.kind, inner, outer.known, outer.sizes, computed=outer.computed)
        return self.values[name]

    def tensor(self, name: str, where: str) -> str:
        """The tensor of this graph that holds the value; a known one becomes a constant when first asked for."""
        return self.stored(self.lookup(name, where), name, where)

    def stored(self, value: Value, name: str, where: str) -> str:
        """As `tensor`, for a value that has no name, or has it elsewhere."""
        if value.tensor is None:
            if value.known is None:
                raise ArtefactError(
                    f"{name!r} is not a tensor", where=where, found="a sequence", expected="a tensor"
                )
            value.tensor = self.builder.constant(value.known, name)
        return value.tensor


def captured_spec(name: str, kind: Kind) -> TensorSpec:
    """An input of an inner graph, which is handed what it reads without being asked for its shape."""
    rank = len(kind.shape or ())
    axes = tuple(Axis(f"{name}_{place}", None, least=0) for place in range(rank))
    return TensorSpec(name, axes, held(kind.dtype or "float32") or "float32")
