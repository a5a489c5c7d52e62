"""What RNN, LSTM and GRU share: directions, lanes and batch laid out so that one loop over time serves all.

Inside the loop a state is (group, row, hidden) and the gates are (gate, group, row, hidden), so that each gate
is one run of memory. Rows share a recurrent matrix, groups have one each: lanes that share weights are rows,
so a perturbed run of many lanes is still one matrix product a step; ensemble members are groups, like the two
directions. The input projection of all steps is one product before the loop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..errors import GraphError
from ..graph import Array
from .arithmetic import Arithmetic
from .facts import Facts, Shape
from .operator import Step, affine, find

#: An elementwise operator inside the loop: its name, or name and attributes.
Activation = str | tuple[str, tuple[tuple[str, Any], ...]]
#: Which directions run over time backwards.
DIRECTIONS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}


class Layout:
    """The shapes of one recurrent call and the ways in and out of the loop's layout.

    x (lane, time, in) or (lane, time, batch, in); recurrent (lane or 1, direction, hidden, gates * hidden).
    """

    def __init__(self, x: Array, weight: Array, recurrent: Array, direction: str, gates: int) -> None:
        if direction not in DIRECTIONS:
            raise GraphError(f"unknown direction {direction!r}", expected=", ".join(DIRECTIONS))
        self.backwards = DIRECTIONS[direction]
        self.dirs, self.hidden = len(self.backwards), recurrent.shape[-2]
        self.gates, self.batched = gates, x.ndim == 4
        self.lanes, self.time = max(x.shape[0], weight.shape[0], recurrent.shape[0]), x.shape[1]
        self.batch = x.shape[2] if self.batched else 1
        self.own_weights = max(weight.shape[0], recurrent.shape[0]) > 1
        wide = gates * self.hidden
        self._expect("x", x, (None, None, *([None] if self.batched else []), weight.shape[-2]))
        self._expect("weight", weight, (None, self.dirs, None, wide))
        self._expect("recurrent weight", recurrent, (None, self.dirs, self.hidden, wide))
        self.groups = self.dirs * self._split()
        self.rows = self.batch * (1 if self.own_weights else self.lanes)
        full = np.broadcast_to(recurrent, (self._split(), *recurrent.shape[1:]))
        self.recurrent = full.reshape(self.groups, self.hidden, wide).copy()  # gates may negate it

    def _expect(self, what: str, array: Array, shape: tuple[int | None, ...]) -> None:
        if array.ndim != len(shape) or any(
            n is not None and n != m for n, m in zip(shape, array.shape, strict=True)
        ):
            said = tuple("any" if n is None else n for n in shape[1:])
            raise GraphError(f"shape of {what} does not fit", found=array.shape[1:], expected=said)

    def project(self, ar: Arithmetic, x: Array, weight: Array, bias: Array | None) -> Array:
        """x W + b for every step: (time, gate, group, row, hidden), backward directions already reversed."""
        x = x if self.batched else x[:, :, None]
        split = self._split()
        out = np.empty((self.time, self.gates, split, self.dirs, self.rows, self.hidden), ar.dtype)
        for d, backwards in enumerate(self.backwards):
            # one affine a direction: the two read the same x but land in reversed time
            y = affine(ar, x, weight[:, d], None if bias is None else bias[:, d])
            y = np.broadcast_to(y, (self.lanes, *y.shape[1:]))
            y = np.moveaxis(y[:, ::-1] if backwards else y, 0, 1)  # (time, lane, batch, wide)
            y = y.reshape(self.time, split, self.rows, self.gates, self.hidden)
            out[:, :, :, d] = np.moveaxis(y, 3, 1)
        return out.reshape(self.time, self.gates, self.groups, self.rows, self.hidden)

    def buffers(self, ar: Arithmetic, gates: int | None = None) -> tuple[Array, Array]:
        """Room for h R of one step (group, row, gates * hidden), and a view of it as (gate, group, row, hidden)."""
        gates = self.gates if gates is None else gates
        product = np.empty((self.groups, self.rows, gates * self.hidden), ar.dtype)
        view = product.reshape(self.groups, self.rows, gates, self.hidden)
        return product, np.moveaxis(view, 2, 0)

    def _split(self) -> int:
        """How many groups a direction has: the lanes, if each brings weights of its own."""
        return self.lanes if self.own_weights else 1

    def per_group(self, parameter: Array) -> Array:
        """A parameter (lane or 1, direction, ...) as (group, 1, ...), to broadcast over rows."""
        n = self._split()
        shape = (n, *parameter.shape[1:])
        return np.broadcast_to(parameter, shape).reshape(self.groups, 1, *parameter.shape[2:]).copy()

    def state(self, ar: Arithmetic, initial: Array | None) -> Array:
        """An initial state (lane or 1, direction, [batch,] hidden), or zeros, as (group, row, hidden)."""
        if initial is None:
            return np.zeros((self.groups, self.rows, self.hidden), ar.dtype)
        if initial.ndim == 3:
            initial = initial[:, :, None]
        self._expect("initial state", initial, (None, self.dirs, None, self.hidden))
        full = np.broadcast_to(initial, (self.lanes, self.dirs, self.batch, self.hidden))
        if not self.own_weights:  # (lane, direction, ...) -> (direction, lane, ...): lanes are rows
            full = np.moveaxis(full, 0, 1)
        return full.reshape(self.groups, self.rows, self.hidden).astype(ar.dtype)

    def quantized(self, ar: Arithmetic, h: Array) -> Array:
        """A state as its nearest of 256 equal steps from its least element to its largest, zero among them.

        Every lane and direction has steps of its own, which all rows of its batch share; not in place.
        """
        lanes = h.reshape(*self._lanes_in(), self.hidden)
        lanes = lanes if self.own_weights else np.moveaxis(lanes, 0, 1)  # (lane, direction, batch, hidden)
        low, high = (f(lanes, axis=(2, 3), keepdims=True, initial=0) for f in (np.min, np.max))
        step = ar.rounded((high - low) / ar.dtype.type(255), inner=True)
        safe = np.where(step > 0, step, ar.dtype.type(1))
        zero = np.clip(np.rint(-low / safe), 0, 255)
        y = np.clip(np.rint(ar.whole(lanes / safe)) + zero, 0, 255) - zero
        y = ar.rounded((y * step).astype(ar.dtype))
        return (y if self.own_weights else np.moveaxis(y, 1, 0)).reshape(h.shape)

    def sequence(self, steps: Array) -> Array:
        """Steps (time, group, row, hidden) as the result (lane, time, [batch,] direction * hidden)."""
        y = steps.reshape(self.time, *self._lanes_in(), self.hidden)
        y = y if self.own_weights else np.moveaxis(y, 1, 2)  # (time, lane, direction, batch, hidden)
        out = np.empty((self.lanes, self.time, self.batch, self.dirs, self.hidden), steps.dtype)
        for d, backwards in enumerate(self.backwards):
            out[:, :, :, d] = np.moveaxis(y[::-1, :, d] if backwards else y[:, :, d], 1, 0)
        out = out.reshape(self.lanes, self.time, self.batch, self.dirs * self.hidden)
        return out if self.batched else out[:, :, 0]

    def final(self, state: Array) -> Array:
        """A last state (group, row, hidden) as the result (lane, direction, [batch,] hidden)."""
        s = state.reshape(*self._lanes_in(), self.hidden)
        s = s if self.own_weights else np.moveaxis(s, 0, 1)
        return s if self.batched else s[:, :, 0]

    def _lanes_in(self) -> tuple[int, int, int]:
        if self.own_weights:
            return self.lanes, self.dirs, self.batch
        return self.dirs, self.lanes, self.batch


class Gate:
    """An activation inside the loop, applied in place.

    A logistic gate takes its argument negated, since 1 / (1 + exp(a)) then needs one pass less; `Gate.turn`
    negates what feeds it once before the loop. Negation is exact, so no rounding changes.
    An activation is an operator's name, or (name, pairs of attribute and value).
    """

    def __init__(self, ar: Arithmetic, activation: Activation) -> None:
        self.negated = activation == "sigmoid"
        self._ar = ar
        self._apply: Callable[[Array], Array]
        if self.negated:
            self._apply = self._sigmoid
        elif activation == "tanh":
            self._apply = self._tanh
        else:
            name, attrs = (activation, ()) if isinstance(activation, str) else activation
            self._kernel = partial(find(name).kernel, **dict(attrs)) if attrs else find(name).kernel
            self._apply = self._any

    def turn(self, *parameters: Array) -> None:
        """Negate parameters (views, in place) if this gate wants its argument negated."""
        if self.negated:
            for parameter in parameters:
                np.negative(parameter, out=parameter)

    def __call__(self, z: Array) -> Array:
        """Apply to ``z`` in place, already negated if `negated` says so."""
        return self._apply(z)

    def _sigmoid(self, z: Array) -> Array:
        np.exp(z, out=z)
        np.add(z, 1, out=z)
        np.reciprocal(z, out=z)
        return self._ar.rounded(z, bounded=True)

    def _tanh(self, z: Array) -> Array:
        return self._ar.rounded(np.tanh(z, out=z))

    def _any(self, z: Array) -> Array:
        np.copyto(z, self._kernel(self._ar, z))
        return z


def limiter(bound: float | None) -> Callable[[Array], Array]:
    """What keeps an array within +-``bound``, in place; symmetric, so that a negated argument may come too.

    Raises `GraphError` for a bound that is not positive.
    """
    if bound is None:
        return lambda z: z
    if not bound > 0:
        raise GraphError("a clip bound is not positive", found=bound)
    return lambda z: np.minimum(np.maximum(z, -bound, out=z), bound, out=z)


def carried(*states: tuple[int, int]) -> Callable[..., Step | str]:
    """Streaming of a recurrent operator: forward only, each (state input, state output) carried on."""

    def streaming(
        times: Sequence[int | None], shapes: Sequence[Shape | None], attrs: Mapping[str, Any]
    ) -> Step | str:
        if attrs.get("direction", "forward") != "forward":
            return "it reads the sequence backwards, so its first output needs the last frame"
        if times[0] != 0:
            return "its time axis is not the first"
        if any(time is not None for time in times[1:]):
            return "its weights or its initial state change over time"
        return Step(0, carry=states)

    return streaming


def recurrent_facts(*, gates: str, states: int, **cuts: Mapping[int, int]) -> Facts:
    """Facts of an operator whose ``states`` have as many numbers as its recurrent weight has rows.

    Its gates lie side by side along the last axis of weights and biases, in the order of the letters ``gates``;
    directions lie along the first axis of all;
    ``cuts`` says more of further parameters.
    """

    def state(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
        return states * shapes["recurrent"][-2]

    def cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
        frames = math.prod(shapes["x"][:-1])  # in each of which every weight of a matrix takes part once
        matrices = ("weight", "recurrent", "projection")
        return frames * sum(math.prod(shapes[name]) for name in matrices if name in shapes)

    wide = {key: {0: 0, -1: len(gates)} for key in ("weight", "recurrent", "bias")}
    return Facts(recurrent=True, state=state, cost=cost, gates=gates, cuts={**wide, "h0": {0: 0}, **cuts})
