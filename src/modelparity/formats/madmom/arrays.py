"""numpy arrays out of a pickle, checked before any memory is taken. Nothing of numpy's own unpickling runs."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from ...errors import ArtefactError, UnsafePickleError
from ...graph import Array
from .allowed_globals import NDARRAY, Global

_PLAIN = re.compile(r"[fiu][1248]|b1|\?")
MAX_RANK = 8


class Shell:
    """An array (``kind`` "array") or element type ("dtype") under construction; empty until its state came."""

    __slots__ = ("kind", "name", "value")

    def __init__(self, kind: str, name: str = "") -> None:
        self.kind, self.name = kind, name
        self.value: Any = None


def new_array(args: tuple[Any, ...]) -> Shell:
    """``_reconstruct(ndarray, (0,), b"b")``: only this form, which numpy always writes."""
    if len(args) != 3 or args[0] != NDARRAY or args[1] != (0,) or args[2] not in ("b", b"b"):
        raise UnsafePickleError(
            "an array is rebuilt in a way that numpy never writes",
            found=kind_of(args),
            expected="_reconstruct(ndarray, (0,), 'b')",
        )
    return Shell("array")


def new_dtype(args: tuple[Any, ...]) -> Shell:
    """``dtype("f4", 0, 1)``: plain numbers only; object, structured, string and date types are refused."""
    if not 1 <= len(args) <= 3 or not isinstance(args[0], str | bytes):
        raise UnsafePickleError(
            "an element type is rebuilt in a way that numpy never writes", found=kind_of(args)
        )
    name = args[0] if isinstance(args[0], str) else args[0].decode("latin-1")
    if not _PLAIN.fullmatch(name) or name == "f1":
        raise UnsafePickleError(
            f"arrays of type {name[:40]!r} are refused", expected="numbers of 1, 2, 4 or 8 bytes or booleans"
        )
    return Shell("dtype", "b1" if name == "?" else name)


def set_dtype(shell: Shell, state: Any) -> None:
    """State (version, byte order, subdtype, names, fields, itemsize, alignment, flags)."""
    if not (
        isinstance(state, tuple)
        and len(state) == 8
        and state[0] == 3
        and state[1] in ("<", ">", "|", b"<", b">", b"|")
        and all(part is None for part in state[2:5])
        and state[5:] == (-1, -1, 0)
    ):
        raise UnsafePickleError("an element type has a state that no plain number has", found=kind_of(state))
    order = state[1] if isinstance(state[1], str) else state[1].decode("latin-1")
    if shell.value is not None:
        raise UnsafePickleError("an element type is changed after it was made")
    if order == "|" and shell.name[1:] != "1":
        raise ArtefactError("an element type has no byte order", found=shell.name)
    shell.value = np.dtype(order + shell.name)


def dtype_of(value: Any) -> np.dtype[Any]:
    """A finished element type."""
    if not isinstance(value, Shell) or value.kind != "dtype" or value.value is None:
        raise ArtefactError("an array has no element type", found=kind_of(value))
    return value.value  # type: ignore[no-any-return]


def set_array(shell: Shell, state: Any) -> int:
    """State (version, shape, dtype, column-major?, bytes); sizes must agree before anything is allocated.

    Returns the number of bytes that the array takes.
    """
    if not isinstance(state, tuple) or len(state) != 5 or state[0] != 1 or not isinstance(state[1], tuple):
        raise ArtefactError("an array has a state that numpy never writes", found=kind_of(state))
    if shell.value is not None:
        raise UnsafePickleError("an array is changed after it was made")
    _, shape, element, columns, raw = state
    dtype = dtype_of(element)
    if len(shape) > MAX_RANK or not all(type(n) is int and 0 < n < 1 << 32 for n in shape):
        found = (
            str(shape) if len(shape) <= MAX_RANK and all(type(n) is int for n in shape) else kind_of(shape)
        )
        raise ArtefactError("an array has an impossible shape", found=found)
    if type(columns) not in (bool, int):
        raise ArtefactError("an array does not say how its elements are ordered", found=kind_of(columns))
    data = _bytes(raw)
    wanted = math.prod(shape) * dtype.itemsize
    if wanted != len(data):
        raise ArtefactError(
            "an array does not hold as many bytes as its shape needs",
            found=f"{len(data)} bytes",
            expected=f"{wanted} for shape {shape} of {dtype}",
        )
    # native byte order, so that every array of a graph is one that numpy computes with directly
    flat = np.frombuffer(data, dtype).astype(dtype.newbyteorder("="))
    shell.value = flat.reshape(shape, order="F" if columns else "C")
    return wanted


def scalar(args: tuple[Any, ...]) -> Any:
    """``scalar(dtype, bytes)`` as a numpy number."""
    if len(args) != 2:
        raise UnsafePickleError("a scalar is rebuilt in a way that numpy never writes", found=kind_of(args))
    dtype, data = dtype_of(args[0]), _bytes(args[1])
    if len(data) != dtype.itemsize:
        raise ArtefactError("a scalar has the wrong size", found=len(data), expected=dtype.itemsize)
    return np.frombuffer(data, dtype).astype(dtype.newbyteorder("="))[0]


def encode(args: tuple[Any, ...]) -> bytes:
    """``_codecs.encode(text, "latin1")``: how Python 3 writes bytes in an old protocol."""
    if len(args) != 2 or not isinstance(args[0], str) or args[1] not in ("latin1", "latin-1", "bytes"):
        raise UnsafePickleError("bytes are encoded in a way that pickle never writes", found=kind_of(args))
    return _bytes(args[0])


def _bytes(raw: Any) -> bytes:
    if isinstance(raw, bytes):
        return raw
    if not isinstance(raw, str):
        raise UnsafePickleError(
            "an array's elements are not bytes: arrays of objects are refused",
            found=kind_of(raw),
            expected="bytes",
        )
    try:
        return raw.encode("latin-1")
    except UnicodeEncodeError:
        raise ArtefactError("an array's bytes are not bytes", found="text beyond Latin-1") from None


def kind_of(value: Any) -> str:
    """What a value is, in a few words. Never its `repr`: a hostile one may be endless."""
    if isinstance(value, bool | int | float) or value is None:
        return str(value)
    if isinstance(value, str | bytes):
        return f"{type(value).__name__} {value[:40]!r}"
    if isinstance(value, tuple | list | dict):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, np.ndarray):
        return f"an array {value.shape} of {value.dtype}"
    if isinstance(value, np.generic):
        return f"{value.dtype} {value}"
    return str(value) if isinstance(value, Global) else f"a {getattr(value, 'kind', type(value).__name__)}"


def is_number(value: Any) -> bool:
    """True for Python's and numpy's numbers and booleans."""
    return isinstance(value, bool | int | float | np.bool_ | np.integer | np.floating)


def is_array(value: Any) -> bool:
    """True for an array, finished or not."""
    return isinstance(value, np.ndarray) or (isinstance(value, Shell) and value.kind == "array")


def finished(value: Any, where: str) -> Array:
    """The array in a shell; raises `ArtefactError` naming ``where`` if its data never came."""
    if isinstance(value, Shell):
        value = value.value
    if not isinstance(value, np.ndarray):
        raise ArtefactError("not an array, or one whose data is missing", where=where, found=kind_of(value))
    return value
