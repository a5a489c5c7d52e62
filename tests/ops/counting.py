"""Multiplications counted while a kernel runs: of sums of products, and of elements one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelparity.engine.arithmetic import Arithmetic
from modelparity.graph import Array


@dataclass
class Tally:
    """``products`` are terms of sums of products, ``others`` multiplications of single elements."""

    products: int = 0
    others: int = 0


class Number(float):
    """A number that counts how often numbers of its kind are multiplied."""

    multiplied = 0

    def __mul__(self, other: float) -> Number:
        Number.multiplied += 1
        return Number(float(self) * float(other))

    def __add__(self, other: float) -> Number:
        return Number(float(self) + float(other))


class Counted(np.ndarray):
    """An array that enters what is done with it into the tally at hand, and so do the results."""

    tally = Tally()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
        given = [plain(one) for one in inputs]
        if out is not None:
            kwargs["out"] = tuple(plain(one) for one in out)
        result = getattr(ufunc, method)(*given, **kwargs)
        size = np.size(result)
        if ufunc is np.matmul:
            self.tally.products += size * given[0].shape[-1]
        elif ufunc in (np.multiply, np.square) and method == "__call__":
            self.tally.others += size
        return out[0] if out is not None else counted(result)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        args, kwargs = plain(args), plain(kwargs)
        if func is np.einsum:
            before = Number.multiplied
            np.einsum(args[0], *(_numbers(one) for one in args[1:]))
            self.tally.products += Number.multiplied - before
        elif func is np.linalg.det:  # by elimination: of each column from the rows below, row by row
            n = args[0].shape[-1]
            self.tally.products += args[0].size // n**2 * sum(k * (k + 1) for k in range(n))
        elif func in (np.dot, np.tensordot, np.inner, np.vdot, np.outer, np.kron, np.convolve):
            raise AssertionError(f"say how many multiplications np.{func.__name__} takes")
        return counted(func(*args, **kwargs))


def plain(value: Any) -> Any:
    """The value with ordinary arrays in place of counted ones, in tuples, lists and mappings too."""
    if isinstance(value, Counted):
        return value.view(np.ndarray)
    if isinstance(value, tuple | list):
        return type(value)(map(plain, value))
    return {key: plain(one) for key, one in value.items()} if isinstance(value, dict) else value


def counted(value: Any) -> Any:
    """The value with counted arrays in place of ordinary ones."""
    if isinstance(value, np.ndarray):
        return value.view(Counted)
    return type(value)(map(counted, value)) if type(value) in (tuple, list) else value


class Counting(Arithmetic):
    """float64, in which every operand of a sum of products counts, wherever it comes from."""

    def operand(self, x: Array, terms: int = 1, *, fresh: bool = False) -> Array:
        made: Array = counted(x)
        return made


@contextmanager
def counting() -> Iterator[Tally]:
    """What is multiplied within, of `counted` arrays and of what comes of them."""
    Counted.tally = tally = Tally()
    yield tally


def _numbers(array: Array) -> Array:
    made = np.empty(array.shape, object)
    made.reshape(-1)[:] = [Number(one) for one in array.reshape(-1)]
    return made
