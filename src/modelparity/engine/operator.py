"""How an operator is written, found and told apart.

An operator is one function in one module of `modelparity.ops`, both named as the graph's nodes name it::

    @operator()
    def softmax(ar, x, *, axis=-1): ...

Arrays come positionally (``None`` where a node leaves an optional input out), attributes as keywords. Every
array has a leading *lane* axis that is not part of the formula: lanes are independent replicas (perturbed
runs, or members of an ensemble with weights of their own). A constant that all lanes share has lane size 1,
so ordinary broadcasting serves both.

Where lanes would only get in the way, ``@operator(plain=True)`` writes the formula for arrays as they are, and the
engine calls it once a lane. ``@operator(control=True)`` marks control flow: its kernel also gets ``call``, with
which it runs the graphs among its attributes.

Another package registers its own under the entry point group ``modelparity.operators``, by the function's name.

What else is true of an operator (that it works element by element, keeps a state, gives numbers from 0 to 1) is
declared with it, as `Facts`::

    @operator(facts=Facts(range=always(0, 1)))
    def hard_sigmoid(ar, x, *, alpha=0.2, beta=0.5): ...
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

import numpy as np

from ..discovery import Plugins, module_names
from ..discovery.plugins import kind, misnamed
from ..errors import GraphError, near
from ..graph import Array
from .arithmetic import Arithmetic
from .facts import Facts, Shape
from .sums import in_strand, product

__all__ = [
    "Operator",
    "Step",
    "aligned",
    "find",
    "first_only",
    "framewise",
    "names",
    "not_causal",
    "operator",
    "untouched",
]

#: What an operator module exports: (arithmetic, *arrays, **attributes) -> one array or a tuple of them.
Kernel = Callable[..., Any]
K = TypeVar("K", bound=Kernel)


@dataclass(frozen=True, slots=True)
class Step:
    """How a node runs block by block, as far as the time axis goes.

    ``time`` is the time axis of the result. A framewise node has ``extent`` 1 and ``hop`` 1; a window reads
    ``extent`` frames and moves on by ``hop``; ``carry`` maps an input to the output that becomes its next value.
    ``before`` frames of ``fill`` stand in front of the first frame; as the stream puts them there, the node runs
    with ``attrs`` in place of its own of these names.
    """

    time: int
    extent: int = 1
    hop: int = 1
    carry: tuple[tuple[int, int], ...] = ()
    before: int = 0
    fill: float = 0.0
    attrs: Mapping[str, Any] = field(default_factory=dict)


#: (time axis of each input or None, shape of each input or None, attributes) -> Step, or a sentence why not.
#: Axes are those of the formula: lanes do not count. Only sizes off the time axis mean anything.
Streaming = Callable[[Sequence[int | None], Sequence[Shape | None], Mapping[str, Any]], "Step | str"]


@dataclass(frozen=True)
class Operator:
    """A registered operator: its name, its kernel, how it streams, and what else is true of it."""

    name: str
    kernel: Kernel
    streaming: Streaming
    doc: str = field(default="", repr=False)
    plain: bool = False
    control: bool = False
    in_place: Kernel | None = None
    ufunc: np.ufunc | None = None
    facts: Facts = field(default_factory=Facts)


def framewise(
    times: Sequence[int | None], shapes: Sequence[Shape | None], attrs: Mapping[str, Any]
) -> Step | str:
    """Each frame on its own: elementwise operators. Broadcasting aligns axes from the right."""
    ranks = [0 if shape is None else len(shape) for shape in shapes]
    from_right = {time - rank for time, rank in zip(times, ranks, strict=True) if time is not None}
    if len(from_right) != 1:
        return "its inputs carry time on different axes"
    return Step(max(ranks) + from_right.pop())


def first_only(rule: Callable[[int, Shape, Mapping[str, Any]], Step | str]) -> Streaming:
    """For operators of which only the first input may change over time: ``rule`` gets its time axis and shape."""

    def streaming(
        times: Sequence[int | None], shapes: Sequence[Shape | None], attrs: Mapping[str, Any]
    ) -> Step | str:
        time, shape = times[0], shapes[0]
        if time is None or shape is None or any(other is not None for other in times[1:]):
            return "another input than its first changes over time"
        return rule(time, shape, attrs)

    return streaming


def untouched(axes_of: Callable[[Mapping[str, Any], int], Sequence[int]]) -> Streaming:
    """For operators that work along some axes: framewise as long as time is none of them."""

    def rule(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
        if time in {axis % len(shape) for axis in axes_of(attrs, len(shape))}:
            return "it works along the time axis and needs all frames"
        return Step(time)

    return first_only(rule)


@dataclass(frozen=True, slots=True)
class Never:
    """How an operator streams that can never run block by block: the reason."""

    reason: str

    def __call__(
        self, times: Sequence[int | None], shapes: Sequence[Shape | None], attrs: Mapping[str, Any]
    ) -> str:
        return self.reason


def not_causal(reason: str) -> Streaming:
    """For operators that can never run block by block."""
    return Never(reason)


def operator(
    streaming: Streaming | None = None,
    *,
    plain: bool = False,
    control: bool = False,
    in_place: Kernel | None = None,
    ufunc: np.ufunc | None = None,
    facts: Facts | None = None,
) -> Callable[[K], K]:
    """Mark a function as the operator of its module.

    Args:
        streaming: how it runs block by block. Left out it is `framewise`, and the operator counts as elementwise; but
            a plain or control operator then does not stream, because a wrong guess would show in no size.
        plain: it takes and returns arrays without a lane axis.
        control: it takes ``call(graph, arrays)``, which runs a graph on arrays with lanes and returns a list of its
            outputs.
        in_place: the same kernel writing its result into its first array, for loops over frames that hold it alone.
        ufunc: what the kernel comes to where there is one lane and the carrier does the rounding.
        facts: what else is true of it.

    Returns:
        What marks the function, and returns it as it is.

    Raises:
        Nothing here: a name that is taken is found out when operators are looked for.
    """
    silent = not_causal("it does not say how it runs block by block") if plain or control else framewise
    known = facts or Facts()
    if streaming is None and not plain and not control:
        known = replace(known, elementwise=True)

    def mark(kernel: K) -> K:
        made = Operator(
            kernel.__name__,
            kernel,
            streaming or silent,
            kernel.__doc__ or "",
            plain=plain,
            control=control,
            in_place=in_place,
            ufunc=ufunc,
            facts=known,
        )
        kernel.operator = made  # type: ignore[attr-defined]
        return kernel

    return mark


def _marked(found: object) -> Operator | None:
    """The operator that a function was marked as."""
    made = getattr(found, "operator", None)
    return made if isinstance(made, Operator) else None


def _lack(name: str, found: object) -> str | None:
    marked = _marked(found)
    return kind(found) if marked is None else misnamed(name, marked.name)


@cache
def _own() -> tuple[str, ...]:
    """This package's."""
    return module_names("modelparity.ops")


_strangers = Plugins[Kernel](
    "operator",
    "modelparity.operators",
    lack=_lack,
    expected="a function marked with modelparity.engine.operator.operator() and called as its entry point",
    page="docs/extending/operator.md",
    own=_own,
)


@cache
def find(name: str) -> Operator:
    """The operator of that name; raises `GraphError` naming what is near if there is none.

    Those of other packages are imported when they are asked for; raises `PluginError` if one is broken.
    """
    known, kernel = names(), None
    if name in _own():
        kernel = vars(importlib.import_module(f"modelparity.ops.{name}"))[name]
    elif name in known:
        kernel = _strangers.get(name)
    found = _marked(kernel)
    if found is None:
        raise GraphError(f"unknown operator {name!r}", expected=near(name, known))
    return found


def names() -> tuple[str, ...]:
    """Every operator there is, sorted. Raises `PluginError` if two have one name."""
    strangers = _strangers.names()
    return tuple(sorted((*_own(), *strangers))) if strangers else _own()


def aligned(*arrays: Array) -> Sequence[Array]:
    """Arrays brought to one rank by unit axes behind the lane axis, so that they broadcast as the formula says."""
    if len(arrays) == 2 and arrays[0].ndim == arrays[1].ndim:
        return arrays
    rank = max(a.ndim for a in arrays)
    return [
        a if a.ndim == rank else a.reshape((a.shape[0],) + (1,) * (rank - a.ndim) + a.shape[1:])
        for a in arrays
    ]


def onto(ufunc: np.ufunc, y: Array, other: Array) -> Array:
    """``ufunc(y, other)``, broadcast from the right, written into y where it fits; y is a fresh result."""
    y, other = aligned(y, other)
    fits = y.flags.writeable and y.dtype == np.result_type(y, other)
    if fits and np.broadcast_shapes(y.shape, other.shape) == y.shape:
        return ufunc(y, other, out=y)  # type: ignore[no-any-return]
    return ufunc(y, other)  # type: ignore[no-any-return]


def affine(ar: Arithmetic, x: Array, weight: Array, bias: Array | None = None) -> Array:
    """``x @ weight + bias`` for x (lane, ..., in), weight (lane or 1, in, out), bias (lane or 1, out).

    Rows of all lanes go through one matrix product where they share their weight.
    """
    if x.shape[-1] != weight.shape[-2]:
        raise GraphError("input width differs from weight rows", found=x.shape[-1], expected=weight.shape[-2])
    x = ar.operand(x, terms=in_strand(ar, x.shape[-1]))
    if weight.shape[0] == 1:
        y = product(ar, x.reshape(-1, x.shape[-1]), weight[0]).reshape(*x.shape[:-1], weight.shape[-1])
    else:
        rows = x.reshape(x.shape[0], -1, x.shape[-1])
        y = product(ar, rows, weight)
        y = y.reshape(y.shape[0], *x.shape[1:-1], weight.shape[-1])
    y = ar.rounded(y, inner=bias is not None)
    if bias is not None:
        y += aligned(y, bias)[1]
        y = ar.rounded(y)
    return y
