"""The numbers of an ONNX tensor as an array: a view of the file wherever they stand in it as numpy holds them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ....errors import ArtefactError
from ....graph import Array, numbered
from ....ops._minifloat import FORMATS, POWERS, read_powers
from .external_weights import Files
from .protobuf_bytes import place

#: TensorProto.DataType -> our name (https://github.com/onnx/onnx, onnx.proto).
NAMES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    8: "string",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    14: "complex64",
    15: "complex128",
    16: "bfloat16",
    17: "float8e4m3fn",
    18: "float8e4m3fnuz",
    19: "float8e5m2",
    20: "float8e5m2fnuz",
    21: "uint4",
    22: "int4",
    23: "float4e2m1",
    24: "float8e8m0",
    25: "uint2",
    26: "int2",
}
CODES = {name: code for code, name in NAMES.items()}
#: What ONNX calls text.
TEXT = "string"
#: What numpy holds the elements in, where that differs from the type's own name.
HELD = {
    "bfloat16": "float32",
    "string": "int64",  # see `modelparity.graph.numbered`
    **dict.fromkeys((*FORMATS, POWERS), "float32"),
    "uint4": "uint8",
    "int4": "int8",
    "uint2": "uint8",
    "int2": "int8",
}
#: Bits of the types that are packed tighter than bytes.
PACKED = {"uint4": 4, "int4": 4, "float4e2m1": 4, "uint2": 2, "int2": 2}
#: More elements than any tensor of a model can have; what declares more is damaged or hostile.
MOST = 1 << 34


def held(dtype: str) -> str:
    """What numpy holds elements of that type in; "" for complex numbers, which no graph has."""
    return "" if dtype in ("complex64", "complex128") else HELD.get(dtype, dtype)


def as_numbers(dtype: str | None) -> str | None:
    """The type itself; of text, that of the numbers which it is in a graph."""
    return HELD[TEXT] if dtype == TEXT else dtype


def is_float(dtype: str | None) -> bool:
    """Whether it is a floating-point type."""
    return dtype is not None and "float" in dtype


class Tensors:
    """Reads tensors of one model; ``token`` marks those whose numbers stand in the model's file.

    ``words`` are those that it holds.
    """

    def __init__(self, files: Files, token: str, words: Sequence[str] = ()) -> None:
        self.files, self.token, self.words = files, token, tuple(words)

    def read(self, tensor: Any, where: str) -> tuple[str, Array]:
        """(element type, array). Raises `ArtefactError` for a tensor that is not what it says."""
        dtype = element_type(tensor.data_type, where)
        shape = tuple(int(n) for n in tensor.dims)
        if min(shape, default=0) < 0 or math.prod(shape) > MOST:
            raise ArtefactError(
                "a shape out of range", where=where, found=shape, expected=f"at most {MOST:,} elements"
            )
        if not held(dtype):
            raise ArtefactError(
                f"a tensor of {dtype}",
                where=where,
                expected="numbers, booleans or text",
                fix="complex numbers are outside of what modelparity computes",
            )
        raw = None if dtype == TEXT else self._raw(tensor, dtype, where)
        array = self._typed(tensor, dtype, where) if raw is None else decoded(raw, dtype, shape, where)
        if array.size != math.prod(shape):
            raise ArtefactError(
                "a tensor has another number of elements than its shape",
                where=where,
                found=array.size,
                expected=f"{math.prod(shape)} for {shape}",
            )
        return dtype, array.reshape(shape)

    def _raw(self, tensor: Any, dtype: str, where: str) -> Array | None:
        """The bytes of the numbers, or None if they stand in a field of their type."""
        entries = {entry.key: entry.value for entry in tensor.external_data}
        if self.token in entries:
            at = place(entries[self.token])
            found = self.files.main[at.offset : at.offset + at.length]
            if at.held != "raw" and at.held != np.dtype(dtype if dtype != "bfloat16" else "V").str:
                raise ArtefactError(
                    "numbers in a field of another type", where=where, found=at.held, expected=dtype
                )
            return found
        if tensor.data_location != 1:
            return np.frombuffer(tensor.raw_data, np.uint8) if tensor.HasField("raw_data") else None
        if "location" not in entries:
            raise ArtefactError(
                "external data without a location", where=where, found=", ".join(entries) or "nothing"
            )
        data = self.files.beside(entries["location"], where)
        try:
            offset = int(entries.get("offset") or 0)
            length = int(entries.get("length") or data.size - offset)
        except ValueError:
            raise ArtefactError(
                "offset or length of external data is no number", where=where, found=entries
            ) from None
        if offset < 0 or length < 0 or offset + length > data.size:
            raise ArtefactError(
                f"the external data {entries['location']!r} is too short",
                where=where,
                found=f"{data.size} bytes",
                expected=f"{length} bytes from {offset} on",
                fix="copy or download the file again",
            )
        return data[offset : offset + length]

    def _typed(self, tensor: Any, dtype: str, where: str) -> Array:
        """Numbers that stand in a field of their type."""
        if dtype == TEXT:
            return numbered(one.decode("utf-8", "replace") for one in tensor.string_data)
        if dtype in ("float32",):
            return np.array(tensor.float_data, np.float32)
        if dtype == "float64":
            return np.array(tensor.double_data, np.float64)
        if dtype == "int64":
            return np.array(tensor.int64_data, np.int64)
        if dtype in ("uint32", "uint64"):
            return np.array(tensor.uint64_data, np.uint64).astype(dtype)
        words = np.array(tensor.int32_data, np.int32)
        if dtype in ("float16", "bfloat16"):
            return decoded(words.astype("<u2").view(np.uint8), dtype, None, where)
        if dtype in PACKED or dtype in FORMATS or dtype == POWERS:
            shape = tuple(int(n) for n in tensor.dims)
            return decoded(words.astype(np.uint8), dtype, shape, where)
        return words.astype(dtype)


def element_type(code: int, where: str) -> str:
    """Our name of a TensorProto.DataType."""
    if code not in NAMES:
        raise ArtefactError("an unknown element type", where=where, found=code, expected=f"1 to {max(NAMES)}")
    return NAMES[code]


def decoded(raw: Array, dtype: str, shape: tuple[int, ...] | None, where: str) -> Array:
    """Bytes (as ``raw_data`` has them, little-endian) as the array that holds them; a view where that can be."""
    if dtype in PACKED:
        return _unpacked(raw, dtype, math.prod(shape or ()), where)
    if dtype in FORMATS:
        return FORMATS[dtype].read(raw)
    if dtype == POWERS:
        return read_powers(raw)
    kind = np.dtype("<u2" if dtype == "bfloat16" else dtype).newbyteorder("<")
    if raw.size % kind.itemsize or (shape is not None and raw.size != math.prod(shape) * kind.itemsize):
        count = (
            "whole elements" if shape is None else f"{math.prod(shape) * kind.itemsize} for {dtype} {shape}"
        )
        raise ArtefactError(
            "a tensor has another number of bytes than its type and shape",
            where=where,
            found=raw.size,
            expected=count,
        )
    if dtype == "bool":
        flags: Array = raw != 0
        return flags
    numbers: Array = raw.view(kind) if raw.flags.c_contiguous else np.ascontiguousarray(raw).view(kind)
    if dtype == "bfloat16":
        wide = numbers.astype(np.uint32) << np.uint32(16)
        return wide.view(np.float32)
    return numbers if kind.isnative else numbers.astype(kind.newbyteorder("="))


def _unpacked(raw: Array, dtype: str, count: int, where: str) -> Array:
    bits = PACKED[dtype]
    each = 8 // bits
    if raw.size != -(-count // each):
        raise ArtefactError(
            "a tensor has another number of bytes than its type and shape",
            where=where,
            found=raw.size,
            expected=-(-count // each),
        )
    shifts = np.arange(each, dtype=np.uint8) * np.uint8(bits)
    codes = ((raw[:, None] >> shifts) & np.uint8((1 << bits) - 1)).reshape(-1)[:count]
    if dtype == "float4e2m1":
        return FORMATS[dtype].read(codes)
    if dtype.startswith("u"):
        unsigned: Array = codes
        return unsigned
    signed: Array = (codes << np.uint8(8 - bits)).view(np.int8) >> np.int8(8 - bits)
    return signed
