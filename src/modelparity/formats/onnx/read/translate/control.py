"""Control flow: If, Loop and Scan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .....graph import Axis, Graph, Node, TensorSpec
from ..body import run_nodes
from ..inner import Inner, chosen, closed, extra_input, merged
from ..node import Op, reads
from ..scope import Kind
from ..subgraph import inlined, opened, subgraph
from ..tensors import held


@reads("If")
def if_(op: Op) -> None:
    """The outputs of one of two graphs; of the right one only, if it is known which"""
    then, otherwise = op.attr("then_branch"), op.attr("else_branch")
    known = op.known(0)
    if known is not None and known.size == 1:
        values = inlined(op, then if known.item() else otherwise, "then" if known.item() else "else")
        _count(op, len(values))
        for place, value in enumerate(values):
            if op.wanted(place):
                op.pass_on(value, place)
        return
    inners = [subgraph(op, graph, label, []) for graph, label in ((then, "then"), (otherwise, "else"))]
    for inner in inners:
        _count(op, len(inner.outputs))
    chosen(op, op.input(0), inners, range(len(op.outputs)))


@reads("Loop")
def loop(op: Op) -> None:
    """A graph repeated a number of times, as long as it says so; some of its outputs are collected"""
    body = op.attr("body")
    starts = [op.value(place) for place in range(2, op.count)]
    carried, scans = len(starts), len(body.output) - 1 - len(starts)
    if scans < 0:
        raise op.error(
            "the body gives too few outputs", found=len(body.output), expected=f"{1 + carried} or more"
        )
    _count(op, carried + scans)
    kinds = [_free(value.kind) for value in starts]
    for _ in range(3):
        scope = opened(op, body, "body", [Kind("int64", ()), Kind("bool", ()), *kinds])
        number = body.input[0].name
        lists = [extra_input(scope, f"collected.{k}", "float32", 1) for k in range(scans)]
        inner = Inner(scope, f"{op.where}/body", run_nodes(scope, body, f"{op.where}/body"))
        found = [_free(inner.value(1 + k).kind) for k in range(carried)]
        now = [
            merged(a, b) if b.shape is None or a.shape is None else a
            for a, b in zip(kinds, found, strict=True)
        ]
        now = [
            Kind(a.dtype)
            if a.shape is not None and b.shape is not None and len(a.shape) != len(b.shape)
            else a
            for a, b in zip(now, found, strict=True)
        ]
        if now == kinds:
            break
        kinds = now  # ranks change from turn to turn: read the body again without them
    builder = scope.builder
    builder.origin = inner.label.partition("/")[2]
    (after,) = builder.emit(
        "add", [number, builder.constant(np.int64(1), "one")], hint="number", dtype="int64"
    )
    grown = [
        builder.emit("append", [one, inner.tensor(1 + carried + k)], hint="collected")[0]
        for k, one in enumerate(lists)
    ]
    outputs = [after, inner.tensor(0), *(inner.tensor(1 + k) for k in range(carried)), *grown]
    limit = op.input(0, optional=True)
    outside = list(dict.fromkeys([*([limit] if limit else []), *scope.captured.values()]))
    total = 2 + carried + scans
    graph = closed(inner, outputs, outside, "body")
    condition = _condition(total, outside, limit)
    start = [op.constant(np.int64(0), "number"), op.input(1) if op.has(1) else op.constant(np.True_, "again")]
    elements = [inner.value(1 + carried + k).kind for k in range(scans)]
    empty = [op.constant(_empty(kind), "collected") for kind in elements]
    inputs = [*start, *(op.input(2 + k) for k in range(carried)), *empty, *outside]
    results = op.temps("while_loop", inputs, total, condition=condition, body=graph, carried=total)
    ends = [merged(value.kind, inner.value(1 + k).kind) for k, value in enumerate(starts)]
    rows = [Kind(kind.dtype, None if kind.shape is None else (None, *kind.shape)) for kind in elements]
    _give(op, results[2:], [*ends, *rows])


def _condition(total: int, outside: Sequence[str], limit: str) -> Graph:
    """Whether a further turn follows: the number of turns is below the limit, and the last turn said so."""
    specs = [TensorSpec("number", (), "int64"), TensorSpec("again", (), "bool")]
    specs += [TensorSpec(f"value.{k}", (Axis(f"value.{k}.0", None, 0),)) for k in range(2, total)]
    specs += [TensorSpec(f"outside.{k}", (Axis(f"outside.{k}.0", None, 0),)) for k in range(len(outside))]

    nodes = [Node("flag", "reshape", ("again",), ("flag",), {"shape": ()})]
    if limit:
        most = f"outside.{outside.index(limit)}"
        nodes += [
            Node("most", "reshape", (most,), ("most",), {"shape": ()}),
            Node("below", "less", ("number", "most"), ("below",)),
            Node("both", "logical_and", ("below", "flag"), ("both",)),
        ]
    return Graph("condition", tuple(specs), ("both" if limit else "flag",), tuple(nodes), {})


@reads("Scan")
def scan(op: Op) -> None:
    """A graph run over the elements of arrays one after the other; some of its outputs are collected"""
    if op.version < 9:
        op.declined("Scan over batches, as opset 8 had it")
    body, count = op.attr("body"), op.attr("num_scan_inputs")
    states = op.count - count
    scans = len(body.output) - states
    if states < 0 or scans < 0:
        raise op.error("the body's inputs and outputs do not fit", found=(len(body.input), len(body.output)))
    _count(op, states + scans)
    axes_in = op.attr("scan_input_axes", (0,) * count)
    axes_out = op.attr("scan_output_axes", (0,) * scans)
    back_in = op.attr("scan_input_directions", (0,) * count)
    back_out = op.attr("scan_output_directions", (0,) * scans)
    fixed = [_free(op.kind(k)) for k in range(states)]
    elements = []
    for k in range(count):
        shape, axis = op.shape(states + k), op.axis(axes_in[k], states + k)
        elements.append(
            _free(Kind(op.dtype(states + k), tuple(n for at, n in enumerate(shape) if at != axis)))
        )
    # Elements are picked inside the body, by the number of the turn.
    scope = opened(op, body, "body", [*fixed, *elements])
    own = scope.inputs[:]
    number = scope.builder.fresh("number")
    lists = [extra_input(scope, f"collected.{k}", "float32", 1) for k in range(scans)]
    wholes = [extra_input(scope, f"scanned.{k}", "float32", 1) for k in range(count)]
    more = scope.inputs[len(own) :]
    scope.inputs[:] = [TensorSpec(number, (), "int64"), *own[:states], *more]
    scope.builder.origin = f"{op.where}/body".partition("/")[2]
    for k, spec in enumerate(own[states:]):
        x = wholes[k]
        scope.builder.emit("gather", [x, number], [spec.name], dtype=elements[k].dtype, axis=axes_in[k])
    inner = Inner(scope, f"{op.where}/body", run_nodes(scope, body, f"{op.where}/body"))
    builder = scope.builder
    (after,) = builder.emit(
        "add", [number, builder.constant(np.int64(1), "one")], hint="number", dtype="int64"
    )
    grown = [
        builder.emit("append", [one, inner.tensor(states + k)], hint="collected")[0]
        for k, one in enumerate(lists)
    ]
    outputs = [after, *(inner.tensor(k) for k in range(states)), *grown]
    total = len(outputs)
    given = []
    for k in range(count):
        x = op.input(states + k)
        if back_in[k]:
            x = op.temp("reverse", [x], dtype=op.dtype(states + k), axes=(op.axis(axes_in[k], states + k),))
        given.append(x)
    captured = list(dict.fromkeys(scope.captured.values()))
    graph = closed(inner, outputs, captured, "body")
    sizes = op.temp("shape", [given[0]], dtype="int64")
    length = op.temp(
        "gather", [sizes, op.constant(np.int64(op.axis(axes_in[0], states)), "axis")], dtype="int64"
    )
    outside = [*given, *captured, length]
    spec = captured_spec_of(scope.builder.fresh("length"))
    graph = graph.changed(inputs=(*graph.inputs, spec))
    kinds = [inner.value(states + k).kind for k in range(scans)]
    inputs = [op.constant(np.int64(0), "number"), *(op.input(k) for k in range(states))]
    inputs += [op.constant(_empty(kind), "collected") for kind in kinds]
    results = op.temps(
        "while_loop",
        [*inputs, *outside],
        total,
        condition=_below(total, len(outside)),
        body=graph,
        carried=total,
    )
    for k in range(states):
        if op.wanted(k):
            op.give("identity", [results[1 + k]], output=k, kind=merged(op.kind(k), inner.value(k).kind))
    for k, kind in enumerate(kinds):
        if not op.wanted(states + k):
            continue
        y = results[1 + states + k]
        if back_out[k]:
            y = op.temp("reverse", [y], dtype=kind.dtype, axes=(0,))
        rank = None if kind.shape is None else len(kind.shape) + 1
        axis = axes_out[k]
        if axis and rank is not None:
            order = list(range(1, rank))
            order.insert(axis % rank, 0)
            y = op.temp("transpose", [y], dtype=kind.dtype, axes=tuple(order))
        elif axis:
            raise op.error("the number of axes of a collected output is not known")
        op.give(
            "identity",
            [y],
            output=states + k,
            kind=Kind(kind.dtype, None if rank is None else (None,) * rank),
        )


def captured_spec_of(name: str) -> TensorSpec:
    """The input that is the number of turns."""
    return TensorSpec(name, (), "int64")


def _below(total: int, outside: int) -> Graph:
    """Whether the number of turns is below the length, which comes last."""

    specs = [TensorSpec("number", (), "int64")]
    specs += [TensorSpec(f"value.{k}", (Axis(f"value.{k}.0", None, 0),)) for k in range(1, total)]
    specs += [TensorSpec(f"outside.{k}", (Axis(f"outside.{k}.0", None, 0),)) for k in range(outside - 1)]
    specs += [TensorSpec("length", (), "int64")]
    return Graph(
        "condition", tuple(specs), ("below",), (Node("below", "less", ("number", "length"), ("below",)),), {}
    )


def _free(kind: Kind) -> Kind:
    """A kind whose sizes may change from turn to turn."""
    return Kind(kind.dtype, None if kind.shape is None else (None,) * len(kind.shape))


def _empty(kind: Kind) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """A list without elements; of the elements' shape, if it is known."""
    shape = kind.shape if kind.shape is not None and all(isinstance(n, int) for n in kind.shape) else ()
    return np.zeros((0, *(int(n or 0) for n in shape)), held(kind.dtype or "float32"))


def _count(op: Op, found: int) -> None:
    if found < len(op.outputs):
        raise op.error("a graph gives too few outputs", found=found, expected=len(op.outputs))


def _give(op: Op, results: Sequence[str], kinds: Sequence[Kind]) -> None:
    for place, (tensor, kind) in enumerate(zip(results, kinds, strict=False)):
        if op.wanted(place):
            op.give("identity", [tensor], output=place, kind=kind)
