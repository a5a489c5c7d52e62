"""A module stays as it was: what is done with it is done to a copy, and it uses up nobody's random numbers."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

#: What every run begins to draw from, so that two runs are one.
SEED = 0


@contextmanager
def apart(module: Any, *, sharing: bool = False) -> Iterator[Any]:
    """A copy of ``module`` (buffers, attributes, modes), to be run or read in place of it.

    ``sharing``: the parameters are those of ``module`` itself, so that large weights take no memory again; for who
    only reads, since what runs may change them.

    Random numbers of PyTorch, numpy and Python are drawn from `SEED`, and go on where they were afterwards. A module
    that has no copy, since it holds a lock or an open file, is given itself, and gets back what it held.
    """
    drawn = random.getstate(), np.random.get_state()  # noqa: NPY002 - modules draw from numpy's own
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        random.seed(SEED)
        np.random.seed(SEED)  # noqa: NPY002
        try:
            made = _copied(module, sharing)
            if made is not None:
                yield made
            else:
                with _put_back(module):
                    yield module
        finally:
            random.setstate(drawn[0])
            np.random.set_state(drawn[1])  # noqa: NPY002


def changing(module: Any, run: Callable[[], object]) -> tuple[str, ...]:
    """Names of the buffers, and of the attributes that are tensors, which ``run`` changes."""
    before = {name: value.detach().clone() for name, value in _named(module)}
    run()
    return tuple(
        name
        for name, value in _named(module)
        if name not in before or not _same(before[name], value.detach())
    )


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype and bool(torch.equal(one, other))


def _named(module: Any) -> Iterator[tuple[str, torch.Tensor]]:
    yield from module.named_buffers()
    for path, one in _modules(module):
        todo = [(name, value) for name, value in vars(one).items() if not name.startswith("_")]
        while todo:
            name, value = todo.pop(0)
            if isinstance(value, torch.Tensor):
                yield f"{path}.{name}" if path else name, value
            elif isinstance(value, list | tuple | dict):
                parts = value.items() if isinstance(value, dict) else enumerate(value)
                todo += [(f"{name}.{key}", part) for key, part in parts]


def _copied(module: Any, sharing: bool) -> Any:
    """A deep copy; ``None`` where there can be none."""
    # A tensor that was computed with gradients is none that PyTorch copies: what it holds is all that a run needs.
    memo = {
        id(value): value.detach().clone()
        for _, one in _modules(module)
        for value in _held(one)
        if isinstance(value, torch.Tensor) and not value.is_leaf
    }
    if sharing:
        memo |= {id(value): value for value in module.parameters()}
    try:
        return copy.deepcopy(module, memo)
    except Exception:  # whatever forbids it, there is another way
        return None


@contextmanager
def _put_back(module: Any) -> Iterator[None]:
    modules = _modules(module)
    shallow = [(one, _fields(one)) for _, one in modules]
    tensors = [value for _, one in modules for value in (*_held(one), *one._parameters.values())]
    kept = [(value, value.detach().clone()) for value in tensors if isinstance(value, torch.Tensor)]
    try:
        yield
    finally:
        for one, fields in shallow:
            one.__dict__.clear()
            one.__dict__.update(fields)
        with torch.no_grad():
            for tensor, was in kept:
                tensor.copy_(was)


def _fields(one: nn.Module) -> dict[str, Any]:
    """Everything that it holds, in containers of their own."""
    return {
        name: copy.copy(value) if type(value) in (dict, list, set) else value
        for name, value in vars(one).items()
    }


def _held(one: nn.Module) -> list[Any]:
    """Buffers and attributes, those in lists, tuples and dicts as well."""
    found: list[Any] = list(one._buffers.values())
    todo = [value for name, value in vars(one).items() if not name.startswith("_") or name == "_buffers"]
    while todo:
        value = todo.pop()
        if isinstance(value, list | tuple):
            todo.extend(value)
        elif isinstance(value, dict):
            todo.extend(value.values())
        elif isinstance(value, torch.Tensor):
            found.append(value)
    return found


def _modules(module: Any) -> list[tuple[str, nn.Module]]:
    return list(module.named_modules())
