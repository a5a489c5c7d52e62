"""Arrays in files of other programs: .npy, .npz, .safetensors. Nothing is unpickled, sizes are bounded first."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from ..errors import InputError
from ..graph import Array

SUFFIXES = (".npz", ".npy", ".safetensors")
#: Bytes of one file's arrays: hours of features, less than a machine.
MOST = 1 << 32
#: Arrays of one file, and bytes of a header.
ARRAYS, HEADER = 4096, 1 << 24
#: What numpy and zipfile raise on files that are not what they should be.
DAMAGED = (
    *(OSError, ValueError, EOFError, KeyError, TypeError, NotImplementedError, MemoryError, RecursionError),
    *(SyntaxError, tokenize.TokenError, zipfile.BadZipFile, zlib.error, struct.error, AttributeError),
)


def read(path: Path) -> dict[str, Array]:
    """{name: array} of a file; the array of an .npy file, which has no name, is called by an empty text.

    Raises `InputError` for what is no such file, is cut short, holds objects or is too large.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError("not a file", where=path, expected=_expected(), fix="save it to a file first")
        with path.open("rb") as file:
            size = path.stat().st_size
            suffix = path.suffix.lower()
            if suffix == ".npy":
                return {"": _array(file, size, path)}
            if suffix == ".npz":
                return _archive(file, path)
            if suffix == ".safetensors":
                return _tensors(file, size, path)
    except DAMAGED as error:
        what = "no such file" if isinstance(error, FileNotFoundError) else "not readable as arrays"
        raise InputError(
            what, where=path, found=None if what[0:2] == "no " else f"{error!s}"[:200], expected=_expected()
        ) from error
    raise InputError(
        "not a file of arrays", where=path, found=path.suffix or "no suffix", expected=_expected()
    )


def write(path: Path, arrays: Mapping[str, Array] | Array) -> None:
    """An .npy file of one array, an .npz or .safetensors file of several, as ``path`` ends."""
    if isinstance(arrays, Mapping):
        named = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        if path.suffix == ".safetensors":
            import safetensors.numpy

            path.write_bytes(safetensors.numpy.save(named))
        else:
            with path.open("wb") as file:
                np.savez(file, **named)  # type: ignore[arg-type] # names are texts
    else:
        with path.open("wb") as file:
            np.save(file, np.asarray(arrays), allow_pickle=False)


def _archive(file: IO[bytes], path: Path) -> dict[str, Array]:
    with zipfile.ZipFile(file) as archive:
        parts = [one for one in archive.infolist() if one.filename.endswith(".npy")]
        total = sum(one.file_size for one in parts)
        if not parts or len(parts) > ARRAYS or total > MOST:
            raise InputError(
                "not an archive of arrays" if not parts else "holds more than is read",
                where=path,
                found=f"{len(parts)} arrays of {total} bytes",
                expected=f"1 to {ARRAYS} arrays, at most {MOST} bytes",
            )
        found = {}
        for one in parts:
            with archive.open(one) as part:
                found[one.filename.removesuffix(".npy")] = _array(
                    part, one.file_size, f"{path}, {one.filename}"
                )
        return found


def _array(file: IO[bytes], size: int, where: object) -> Array:
    """One array of ``size`` bytes, header and all; no more is asked for than is there."""
    version = npy.read_magic(file)
    if version == (1, 0):
        shape, fortran, dtype = npy.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, fortran, dtype = npy.read_array_header_2_0(file)
    else:
        raise InputError("another version of .npy", where=where, found=version, expected="1.0 or 2.0")
    count = 1
    for axis in shape:
        count *= int(axis)
    if dtype.hasobject:
        raise InputError(
            "holds Python objects, which are not read", where=where, expected="plain numbers or text"
        )
    if min((0, *shape)) < 0 or count * dtype.itemsize > min(size, MOST):
        raise InputError(
            "the array is cut short, or its header is wrong",
            where=where,
            found=f"{size} bytes",
            expected=f"{dtype} of shape {shape}",
            fix="save it again",
        )
    data = file.read(count * dtype.itemsize)
    if len(data) != count * dtype.itemsize:
        raise InputError(
            "the array is cut short",
            where=where,
            found=f"{len(data)} bytes",
            expected=f"{count * dtype.itemsize}",
            fix="save it again",
        )
    array = np.frombuffer(bytearray(data), dtype, count)
    return array.reshape(shape, order="F" if fortran else "C")


def _tensors(file: IO[bytes], size: int, path: Path) -> dict[str, Array]:
    import safetensors
    import safetensors.numpy

    if size > MOST:
        raise InputError("holds more than is read", where=path, found=size, expected=f"at most {MOST} bytes")
    data = file.read()
    if len(data) < 8 or int.from_bytes(data[:8], "little") > min(len(data) - 8, HEADER):
        raise InputError("not a safetensors file, or cut short", where=path, found=f"{len(data)} bytes")
    try:
        return dict(safetensors.numpy.load(data))
    except (safetensors.SafetensorError, TypeError, AttributeError) as error:
        raise InputError("not readable as safetensors", where=path, found=f"{error!s}"[:200]) from error


def _expected() -> str:
    return f"a file of numbers: {', '.join(SUFFIXES)}"
