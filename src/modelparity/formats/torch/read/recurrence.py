"""Recurrent layers kept whole while a module is exported.

PyTorch takes LSTM, GRU and RNN apart into a step for every frame of the example, so that the program is as long
as the example and fits no other. Here each call becomes one operator of the namespace ``modelparity`` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

_REST = (
    "Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, "
    "bool batch_first"
)
#: Names of PyTorch's functions -> what the states are, going in and coming out.
KINDS = {
    "lstm": ("Tensor[]", ", Tensor"),
    "gru": ("Tensor", ""),
    "rnn_tanh": ("Tensor", ""),
    "rnn_relu": ("Tensor", ""),
}
PACKED = "packed sequences are not read: give the module padded sequences, or each sequence alone"


@cache
def _operators() -> dict[str, Callable[..., Any]]:
    """The operators, defined when a module is first read; they know shapes and compute nothing."""
    library = torch.library.Library("modelparity", "DEF")  # type: ignore[no-untyped-call]
    found = {}
    for name, (states, more) in KINDS.items():
        library.define(f"{name}(Tensor input, {states} hx, {_REST}) -> (Tensor, Tensor{more})")  # type: ignore[no-untyped-call]
        torch.library.register_fake(f"modelparity::{name}", _shapes, lib=library)
        found[name] = getattr(torch.ops.modelparity, name)
    found["_library"] = library  # operators live as long as it does
    return found


def _shapes(input: Tensor, hx: Any, params: Sequence[Tensor], *settings: Any) -> tuple[Tensor, ...]:
    states = hx if isinstance(hx, list | tuple) else [hx]
    width = states[0].shape[-1] * (2 if settings[-2] else 1)
    return input.new_empty(*input.shape[:-1], width), *(torch.empty_like(one) for one in states)


class Whole(TorchFunctionMode):
    """While this is active, PyTorch's recurrent functions are the operators of this module."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        if name == "_pack_padded_sequence":
            raise NotImplementedError(PACKED)
        if name in KINDS and getattr(torch._VF, name, None) is func:
            # With packed sequences the second argument is a tensor of batch sizes, and the states come third.
            if isinstance(args[1], Tensor) and args[1].dtype == torch.int64:
                raise NotImplementedError(PACKED)
            return _operators()[name](*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))
