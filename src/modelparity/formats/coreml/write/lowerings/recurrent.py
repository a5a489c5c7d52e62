"""RNN, LSTM and GRU from plain operations.

MIL has recurrent operations of its own, but none with a reset after the product or with a learned initial state,
and those with peepholes have crashed older runtimes. A state is (direction, 1, row, hidden) and what a frame
brings (direction, gate, row, hidden), so both directions run in one loop, and a gate is a slice of axis 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .....engine.bound_node import Call, defaults
from .....engine.recurrence import DIRECTIONS
from ..activations import activate, known
from ..block import Block
from ..builder import Builder, refusal
from ..lowering import lowers
from ..time_loop import Cell, scan
from ..values import Value


@lowers("rnn")
def rnn(b: Builder, c: Call) -> None:
    """h = act(x W + b + h' R)"""
    act = _activation(c, "activation")

    def cell(k: Block, x: Value, states: Sequence[Value]) -> list[Value]:
        return [act(k, k.pointwise("add", x, _product(k, states[0], matrix)))]

    matrix = _matrix(b, c, 1)
    _recurrent(b, c, 1, ("h0",), cell)


@lowers("lstm")
def lstm(b: Builder, c: Call) -> None:
    """Gates in the order i f o g; the ones that look at the same cell state share their operations."""
    gate, squash, out = (_activation(c, f"{kind}_activation") for kind in ("gate", "cell", "output"))
    peephole = b.constant(c, "peephole")
    early = late = None
    if peephole is not None:
        early = b.block.weight(c.tensors["peephole"], peephole[:, :2, None])
        late = b.block.weight(c.tensors["peephole"], peephole[:, 2:, None])

    def cell(k: Block, x: Value, states: Sequence[Value]) -> list[Value]:
        h, before = states
        z = k.pointwise("add", x, _product(k, h, matrix))
        if early is None or late is None:
            gates, g = k.split(z, (3, 1), axis=1)
            i, f, o = k.split(gate(k, gates), (1, 1, 1), axis=1)
        else:
            gates, o, g = k.split(z, (2, 1, 1), axis=1)
            gates = k.pointwise("add", gates, k.pointwise("mul", before, early))
            i, f = k.split(gate(k, gates), (1, 1), axis=1)
        now = k.pointwise("add", k.pointwise("mul", f, before), k.pointwise("mul", i, squash(k, g)))
        if late is not None:
            seen = now if c.attrs["output_peephole"] == "new" else before
            o = gate(k, k.pointwise("add", o, k.pointwise("mul", seen, late)))
        return [k.pointwise("mul", out(k, now), o), now]

    matrix = _matrix(b, c, 4)
    _recurrent(b, c, 4, ("h0", "c0"), cell)


@lowers("gru")
def gru(b: Builder, c: Call) -> None:
    """Gates in the order r z n, with the reset and the update as the node says."""
    gate, squash = (_activation(c, f"{kind}_activation") for kind in ("gate", "cell"))
    after, replaces = c.attrs["reset"] == "after", c.attrs["update"] == "replaces"
    hidden = b.weight(c, "recurrent").shape[1]
    shift = b.constant(c, "recurrent_bias")
    bias = None
    if shift is not None:
        bias = b.block.weight(c.tensors["recurrent_bias"], shift.reshape(len(shift), 3, 1, hidden))

    def cell(k: Block, x: Value, states: Sequence[Value]) -> list[Value]:
        (h,) = states
        early, n = k.split(x, (2, 1), axis=1)
        if after:
            product = _product(k, h, matrix)
            if bias is not None:
                product = k.pointwise("add", product, bias)
            gates, inner = k.split(product, (2, 1), axis=1)
        else:
            gates = _product(k, h, matrix)
        r, z = k.split(gate(k, k.pointwise("add", early, gates)), (1, 1), axis=1)
        inner = k.pointwise("mul", r, inner if after else h)
        if not after:
            inner = _product(k, inner, candidate)
        n = squash(k, k.pointwise("add", n, inner))
        rest = k.pointwise("sub", 1.0, z)
        new, kept = (z, rest) if replaces else (rest, z)
        return [k.pointwise("add", k.pointwise("mul", new, n), k.pointwise("mul", kept, h))]

    if after:
        matrix = _matrix(b, c, 3)
        _recurrent(b, c, 3, ("h0",), cell)
    else:  # the candidate's product needs r first; outside the product the two biases add up
        matrix = _matrix(b, c, 3, slice(0, 2))
        candidate = _matrix(b, c, 3, slice(2, 3))
        _recurrent(b, c, 3, ("h0",), cell, shift=bias)


def _activation(c: Call, parameter: str) -> Callable[[Block, Value], Value]:
    """An activation inside the loop, with the defaults of its operator."""
    name = c.attrs[parameter]
    if not known(name):
        raise refusal(c, f"MIL has no {name} ({parameter})")
    return lambda k, x: activate(k, name, x, defaults(name))


def _matrix(b: Builder, c: Call, gates: int, part: slice = slice(None)) -> Value:
    """R (direction, hidden, gate * hidden) as (direction, gate, hidden, hidden), one matrix a gate."""
    recurrent = b.weight(c, "recurrent")
    d, hidden, _ = recurrent.shape
    split = recurrent.reshape(d, hidden, gates, hidden).transpose(0, 2, 1, 3)[:, part]
    return b.block.weight(c.tensors["recurrent"], split)


def _product(k: Block, h: Value, matrix: Value) -> Value:
    sized = (*matrix.shape[:2], h.shape[2], matrix.shape[3])
    return k.op("matmul", x=h, y=matrix, transpose_x=False, transpose_y=False, sized=sized, typed=h.dtype)


def _recurrent(
    b: Builder, c: Call, gates: int, states: tuple[str, ...], cell: Cell, shift: Value | None = None
) -> None:
    for setting in ("clip", "cell_clip", "coupled", "quantized"):
        if c.attrs.get(setting) not in (None, False):
            raise refusal(c, f"{setting}={c.attrs[setting]!r}: the loop that is written has no form of it")
    x = b.get(c.tensors["x"])
    if x.rank not in (2, 3):
        raise refusal(c, f"its input has {x.rank} axes")
    backwards = DIRECTIONS[c.attrs["direction"]]
    rows = x.shape[1] if x.rank == 3 else 1
    if rows is None:
        raise refusal(
            c, "the size of its batch is known only when it runs", "fix it: a loop's list needs one size"
        )
    pre = _projected(b, c, x, gates, backwards, rows)
    if shift is not None:
        pre = b.block.pointwise("add", pre, shift)
    hidden = b.graph.constants[c.tensors["recurrent"]].shape[1]
    starts = [_state(b, c, name, (len(backwards), 1, rows, hidden)) for name in states]
    y, *finals = c.node.outputs
    ys, last = scan(b.block, pre, starts, cell, finals=any(name in b.read for name in finals))
    axes = (1, 2) if x.rank == 3 else (1, 2, 3)
    if len(backwards) == 1:
        if backwards[0]:
            ys = b.block.unary("reverse", ys, axes=(0,))
        b.result(y, "squeeze", x=ys, axes=axes)
    else:
        parts = b.block.split(ys, (1, 1), axis=1)
        parts[1] = b.block.unary("reverse", parts[1], axes=(0,))
        wide = (*parts[0].shape[:-1], 2 * hidden)
        joined = b.block.op("concat", values=tuple(parts), axis=4, interleave=False, sized=wide)
        b.result(y, "squeeze", x=joined, axes=axes)
    for name, state in zip(finals, last, strict=False):
        if name in b.read:
            b.result(name, "squeeze", x=state, axes=(1,) if x.rank == 3 else (1, 2))


def _projected(b: Builder, c: Call, x: Value, gates: int, backwards: tuple[bool, ...], rows: int) -> Value:
    """x W + b of all frames, a product a direction -> (time, direction, gate, row, hidden), backwards reversed."""
    weight, bias = b.weight(c, "weight"), b.constant(c, "bias")
    d, _, wide = weight.shape
    parts = []
    for index, reverse in enumerate(backwards):
        seen = b.block.unary("reverse", x, axes=(0,)) if reverse else x
        given: dict[str, Any] = {"weight": b.block.weight(c.tensors["weight"], weight[index].T)}
        if bias is not None:
            given["bias"] = b.block.weight(c.tensors["bias"], bias[index])
        parts.append(b.block.op("linear", x=seen, **given, sized=(*x.shape[:-1], wide)))
    joined = parts[0]
    if len(parts) > 1:
        sized = (*x.shape[:-1], d * wide)
        joined = b.block.op("concat", values=tuple(parts), axis=x.rank - 1, interleave=False, sized=sized)
    hidden = wide // gates
    if x.rank == 2:
        sized = (x.shape[0], d, gates, 1, hidden)
        return b.block.op("reshape", x=joined, shape=(-1, d, gates, 1, hidden), sized=sized)
    # (time, row, gates of all directions * hidden): rows change places with the gates
    first = -1 if x.shape[0] is None else x.shape[0]
    sized = (x.shape[0], rows, d * gates, hidden)
    split = b.block.op("reshape", x=joined, shape=(first, rows, d * gates, hidden), sized=sized)
    sized = (x.shape[0], d * gates, rows, hidden)
    moved = b.block.op("transpose", x=split, perm=(0, 2, 1, 3), sized=sized)
    sized = (x.shape[0], d, gates, rows, hidden)
    return b.block.op("reshape", x=moved, shape=(first, d, gates, rows, hidden), sized=sized)


def _state(b: Builder, c: Call, parameter: str, shape: tuple[int, int, int, int]) -> Value:
    """An initial state (direction, 1, row, hidden): a constant of the network, zeros, or computed."""
    tensor = c.tensors.get(parameter)
    d, _, rows, hidden = shape
    if tensor is None:
        return b.block.weight(f"{c.node.name}_{parameter}", np.zeros(shape, np.float32))
    if tensor in b.graph.constants:
        given = b.block.weight(tensor, b.graph.constants[tensor].reshape(d, 1, -1, hidden))
    else:
        held = b.get(tensor)
        of = held.shape[1] if held.rank == 3 else 1
        given = b.block.op("reshape", x=held, shape=(d, 1, of or -1, hidden), sized=(d, 1, of, hidden))
    if given.shape[2] == rows:
        return given
    room = b.block.weight(f"{c.node.name}_rows", np.zeros((1, 1, rows, 1), np.float32))
    return b.block.op("add", x=given, y=room, sized=shape)  # one state for every row
