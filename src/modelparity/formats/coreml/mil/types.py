"""Types of MIL values, and the values that stand in a file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....engine.arithmetic import arithmetic
from ....errors import ArtefactError
from ....graph import Array
from ..proto import module

#: More elements than any tensor of a model can have; what declares more is damaged or hostile.
MOST_ELEMENTS = 1 << 34
#: Bits of the types that are packed tighter than bytes.
PACKED = {"int4": 4, "uint1": 1, "uint2": 2, "uint3": 3, "uint4": 4, "uint6": 6}
#: What numpy holds the elements in, where that differs from the type's own name.
HELD = {"int4": "int8", **{name: "uint8" for name in PACKED if name[0] == "u"}, "bfloat16": "float32"}
PLAIN = (
    "bool",
    *(f"float{n}" for n in (16, 32, 64)),
    *(f"{i}{n}" for i in ("int", "uint") for n in (8, 16, 32, 64)),
)

#: (file name, offset, dtype, where) -> the blob's bytes.
Blobs = Callable[[str, int, str, str], Array]


@dataclass(frozen=True)
class Type:
    """``kind`` is tensor, list, state, dictionary or tuple; ``shape`` has None where a size is not known.

    A list has ``dtype`` and ``shape`` of its stacked elements, so its length comes first. Without ``ranked`` not even
    the number of axes is known, and ``shape`` is empty.
    """

    kind: str
    dtype: str
    shape: tuple[int | None, ...] = ()
    ranked: bool = True

    def __str__(self) -> str:
        sizes = "..." if not self.ranked else ", ".join("?" if n is None else str(n) for n in self.shape)
        return f"{'' if self.kind == 'tensor' else self.kind + ' of '}{self.dtype} ({sizes})"


@dataclass(frozen=True)
class Packed:
    """Whole numbers packed tighter than bytes, as the file has them: bytes, bits each, shape."""

    raw: Array
    bits: int
    shape: tuple[int, ...]
    signed: bool

    @property
    def attrs(self) -> dict[str, Any]:
        """The attributes of the node that unpacks the bytes."""
        return {"bits": self.bits, "shape": self.shape, "signed": self.signed}

    def array(self) -> Array:
        """The numbers as int8 or uint8."""
        from ....ops.unpack_bits import unpack_bits

        unpacked: Array = unpack_bits(arithmetic("float64"), self.raw, **self.attrs)
        return unpacked


#: Types that were read before, by their bytes: a program has few, and names them thousands of times.
_SEEN: dict[bytes, Type] = {}


def read_type(spec: Any, where: str) -> Type:
    """A ``ValueType`` message. Raises `ArtefactError` for what no program can mean."""
    key = spec.SerializeToString()
    found = _SEEN.get(key)
    if found is None:
        found = _read_type(spec, where)
        if len(_SEEN) < 4096 and len(key) < 256:
            _SEEN[key] = found
    return found


def _read_type(spec: Any, where: str) -> Type:
    kind = spec.WhichOneof("type")
    if kind == "tensorType":
        return _tensor(spec.tensorType, where)
    if kind == "listType":
        element = read_type(spec.listType.type, where)
        if element.kind != "tensor":
            raise ArtefactError(
                "a list of something other than tensors", where=where, found=str(element), expected="tensors"
            )
        return _bounded(
            Type("list", element.dtype, (_size(spec.listType.length, where), *element.shape), element.ranked),
            where,
        )
    if kind == "stateType":
        return Type("state", *_inner(read_type(spec.stateType.wrappedType, where)))
    if kind == "dictionaryType":
        read_type(spec.dictionaryType.keyType, where)
        return Type("dictionary", read_type(spec.dictionaryType.valueType, where).dtype)
    if kind == "tupleType":
        for one in spec.tupleType.types:
            read_type(one, where)
        return Type("tuple", "")
    raise ArtefactError(
        "a value has no type",
        where=where,
        found="none that is known",
        expected="a tensor, list, state or dictionary",
    )


def _inner(wrapped: Type) -> tuple[str, tuple[int | None, ...], bool]:
    return wrapped.dtype, wrapped.shape, wrapped.ranked


def _tensor(spec: Any, where: str) -> Type:
    names = module("MIL").DataType
    try:
        dtype = names.Name(spec.dataType).lower()
    except ValueError:
        dtype = f"type number {spec.dataType}"
    if dtype not in (*PLAIN, *HELD, "string"):
        raise ArtefactError(
            "unknown element type", where=where, found=dtype, expected=", ".join((*PLAIN, *HELD))
        )
    if spec.attributes:
        raise ArtefactError("attributes of a tensor type", where=where, found=", ".join(spec.attributes))
    if any(one.WhichOneof("dimension") == "unknown" and one.unknown.variadic for one in spec.dimensions):
        return Type("tensor", dtype, ranked=False)
    if spec.rank != len(spec.dimensions):
        raise ArtefactError(
            "the rank of a tensor is not the number of its dimensions",
            where=where,
            found=len(spec.dimensions),
            expected=spec.rank,
        )
    return _bounded(Type("tensor", dtype, tuple(_size(one, where) for one in spec.dimensions)), where)


def _size(dimension: Any, where: str) -> int | None:
    if dimension.WhichOneof("dimension") == "constant":
        return int(dimension.constant.size)
    return None


def _bounded(one: Type, where: str) -> Type:
    if len(one.shape) > 32 or math.prod(n or 1 for n in one.shape) > MOST_ELEMENTS:
        raise ArtefactError(
            "a tensor of absurd size",
            where=where,
            found=str(one),
            expected=f"at most {MOST_ELEMENTS:,} elements",
        )
    return one


def read_value(spec: Any, blobs: Blobs, where: str) -> tuple[Type, Any]:
    """A ``Value`` message as (type, array; or str, list, dict where it is no tensor of numbers).

    Arrays from the weights file are views of it.
    """
    kind = read_type(spec.type, where)
    stored = spec.WhichOneof("value")
    if stored == "blobFileValue":
        if kind.kind != "tensor":
            raise ArtefactError(f"a {kind.kind} from the weights file", where=where)
        raw = blobs(spec.blobFileValue.fileName, spec.blobFileValue.offset, kind.dtype, where)
        return kind, _from_bytes(raw, kind, where)
    if stored != "immediateValue":
        raise ArtefactError("a constant has no value", where=where, found="none", expected=str(kind))
    value = spec.immediateValue
    held = value.WhichOneof("value")
    if held == "tensor" and kind.kind == "tensor":
        return kind, _immediate(value.tensor, kind, where)
    if held == "list" and kind.kind == "list":
        items = [read_value(item, blobs, where)[1] for item in value.list.values]
        if kind.shape[0] not in (None, len(items)):
            raise ArtefactError(
                "a list has another length", where=where, found=len(items), expected=kind.shape[0]
            )
        return kind, items
    if held == "dictionary" and kind.kind == "dictionary":
        return kind, dict(_pair(one, blobs, where) for one in value.dictionary.values)
    raise ArtefactError("a constant's value is not of its type", where=where, found=held, expected=str(kind))


def _pair(spec: Any, blobs: Blobs, where: str) -> tuple[Any, Any]:
    """An entry of a dictionary; its key is a text or one number."""
    key = read_value(spec.key, blobs, where)[1]
    if isinstance(key, np.ndarray) and key.ndim == 0:
        key = key.item()
    if not isinstance(key, str | int | float):
        raise ArtefactError(
            "a key of a dictionary is no text or number",
            where=where,
            found=type(key).__name__,
            expected="a text",
        )
    return key, read_value(spec.value, blobs, where)[1]


def _immediate(spec: Any, kind: Type, where: str) -> Any:
    field = spec.WhichOneof("value")
    if field is None:
        raise ArtefactError("a constant has no value", where=where, found="none", expected=str(kind))
    values = getattr(spec, field).values
    if field == "bytes":
        return _from_bytes(np.frombuffer(values, np.uint8), kind, where)
    if (field == "strings") != (kind.dtype == "string"):
        raise ArtefactError(
            "a constant's value is not of its type", where=where, found=field, expected=str(kind)
        )
    if field == "strings":
        return (
            values[0]
            if kind.shape == () and len(values) == 1
            else _shaped(np.array(list(values)), kind, where)
        )
    fits = {"floats": "f", "doubles": "f", "ints": "iu", "longInts": "iu", "bools": "b"}[field]
    target = np.dtype(HELD.get(kind.dtype, kind.dtype))
    if target.kind not in fits:
        raise ArtefactError(
            "a constant's value is not of its type", where=where, found=field, expected=str(kind)
        )
    array = np.array(
        values, {"floats": "f4", "doubles": "f8", "ints": "i4", "longInts": "i8", "bools": "?"}[field]
    )
    cast = array.astype(target)
    if target.kind in "iu" and (cast != array).any():
        raise ArtefactError("a constant's value does not fit its type", where=where, expected=str(kind))
    return _shaped(cast, kind, where)


def _from_bytes(raw: Array, kind: Type, where: str) -> Array | Packed:
    """An array of ``kind`` from its bytes (uint8)."""
    if None in kind.shape:
        raise ArtefactError("a constant of unknown shape", where=where, found=str(kind))
    count = math.prod(n or 0 for n in kind.shape)
    bits = PACKED.get(kind.dtype)
    if kind.dtype in ("string", "bool") and bits is None:
        if kind.dtype == "bool" and raw.size == count:
            return _shaped(raw != 0, kind, where)
        raise ArtefactError(
            "a constant's value is not of its type", where=where, found="bytes", expected=str(kind)
        )
    width = 2 if kind.dtype == "bfloat16" else np.dtype(HELD.get(kind.dtype, kind.dtype)).itemsize
    size = -(-count * bits // 8) if bits else count * width
    if raw.size != size:
        raise ArtefactError(
            "a constant's bytes do not fill its shape",
            where=where,
            found=f"{raw.size:,} bytes",
            expected=f"{size:,} for {kind}",
        )
    if bits:
        return Packed(raw, bits, tuple(n or 0 for n in kind.shape), signed=kind.dtype[0] == "i")
    if kind.dtype == "bfloat16":
        return _shaped((raw.view("<u2").astype(np.uint32) << np.uint32(16)).view(np.float32), kind, where)
    if raw.ctypes.data % width:  # a blob that does not lie aligned
        raw = raw.copy()
    return _shaped(raw.view(np.dtype(kind.dtype).newbyteorder("<")), kind, where)


def _shaped(array: Array, kind: Type, where: str) -> Array:
    shape = tuple(n or 0 for n in kind.shape)
    if None in kind.shape or array.size != math.prod(shape):
        raise ArtefactError(
            "a constant's values do not fill its shape", where=where, found=array.size, expected=str(kind)
        )
    return array.reshape(shape)
