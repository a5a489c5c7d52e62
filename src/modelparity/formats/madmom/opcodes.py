"""The opcodes of a pickle as plain data, without running any.

`pickletools.genops` stops at the Latin-1 bytes of Python 2 strings, so arguments are read here: opcode names
and argument kinds from `pickletools`, values as bytes that the machine may interpret. Every length is compared
with the bytes that are there before anything is copied.
"""

from __future__ import annotations

import codecs
import pickletools
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ...errors import ArtefactError

#: No madmom model comes near these; a file that does is damaged or means harm.
MAX_BYTES = 64 << 20
MAX_OPCODES = 1 << 18
MAX_DIGITS = 40

_TABLE = {ord(info.code): info for info in pickletools.opcodes}
#: The inside of a string as Python 2's repr writes it.
_ESCAPED = re.compile(rb"(?:[^\\]++|\\(?:[\\'\"tnr]|x[0-9a-fA-F]{2}))*+", re.DOTALL)
_PACKED = {"uint1": "<B", "uint2": "<H", "int4": "<i", "uint4": "<I", "uint8": "<Q", "float8": ">d"}
#: (size of the length field, how to read it) of counted arguments.
_COUNTED = {
    pickletools.TAKEN_FROM_ARGUMENT1: "<B",
    pickletools.TAKEN_FROM_ARGUMENT4: "<i",
    pickletools.TAKEN_FROM_ARGUMENT4U: "<I",
    pickletools.TAKEN_FROM_ARGUMENT8U: "<Q",
}


class Token(NamedTuple):
    """One opcode: its name, its argument (``None`` if it takes none) and the byte where it starts."""

    name: str
    value: Any
    at: int


def tokens(data: bytes) -> Iterator[Token]:
    """Every opcode up to STOP. Raises `ArtefactError` for a truncated, endless or unreadable pickle."""
    at = count = 0
    while at < len(data):
        start, info = at, _TABLE.get(data[at])
        count += 1
        if info is None or count > MAX_OPCODES:
            what = "not a pickle opcode" if info is None else f"more than {MAX_OPCODES} opcodes"
            raise ArtefactError(f"damaged pickle: {what}", found=f"byte {data[at]:#04x} at {at}")
        at += 1
        value: Any = None
        if info.arg is not None:
            try:
                raw, at = _argument(data, at, info.arg)
                value = _value(info.arg.name, raw)
            except (ValueError, UnicodeError, OverflowError) as error:
                raise ArtefactError(
                    f"damaged pickle: argument of {info.name} is not readable ({error})",
                    found=f"at byte {start}",
                ) from None
        yield Token(info.name, value, start)
        if info.name == "STOP":
            if at < len(data):
                raise ArtefactError("bytes follow the end of the pickle", found=f"{len(data) - at} of them")
            return
    raise ArtefactError(
        "truncated pickle: it ends before its STOP",
        found=f"{len(data)} bytes",
        fix="fetch or copy the file again",
    )


def _argument(data: bytes, at: int, kind: Any) -> tuple[bytes, int]:
    """The raw bytes of an argument and where it ends."""
    if kind.n >= 0:
        end = at + kind.n
    elif kind.n == pickletools.UP_TO_NEWLINE:
        end = _line_end(data, at)
        if kind.name == "stringnl_noescape_pair":
            end = _line_end(data, end + 1)
        return data[at:end], end + 1
    else:
        form = _COUNTED[kind.n]
        width = struct.calcsize(form)
        if at + width > len(data):
            raise ValueError("truncated")
        (length,) = struct.unpack_from(form, data, at)
        if length < 0:
            raise ValueError("negative length")
        at += width
        end = at + length
    if end > len(data):
        raise ValueError(f"truncated: {end - len(data)} bytes missing")
    return data[at:end], end


def _line_end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    if end < 0:
        raise ValueError("truncated: no end of line")
    return end


def _quoted(raw: bytes) -> str:
    """A Python 2 string in quotes with escapes, as Latin-1 text."""
    raw = raw.strip()
    if len(raw) < 2 or raw[0] != raw[-1] or raw[:1] not in (b"'", b'"'):
        raise ValueError("not a quoted string")
    if not _ESCAPED.fullmatch(raw, 1, len(raw) - 1):
        raise ValueError("an escape that Python 2 never writes")
    text: bytes = codecs.escape_decode(raw[1:-1])[0]
    return text.decode("latin-1")


def _decimal(raw: bytes) -> int | bool:
    if raw in (b"00", b"01"):
        return raw == b"01"
    if len(raw) > MAX_DIGITS:
        raise ValueError("too many digits")
    return int(raw.removesuffix(b"L"))


def _long(raw: bytes) -> int:
    if len(raw) > MAX_DIGITS:
        raise ValueError("too many digits")
    return int.from_bytes(raw, "little", signed=True)


_READERS: dict[str, Callable[[bytes], Any]] = {
    "stringnl": _quoted,
    "stringnl_noescape": lambda raw: raw.decode("latin-1"),
    "stringnl_noescape_pair": lambda raw: tuple(raw.decode("latin-1").split("\n")),
    "string1": lambda raw: raw.decode("latin-1"),
    "string4": lambda raw: raw.decode("latin-1"),
    "unicodestringnl": lambda raw: raw.decode("raw-unicode-escape"),
    "unicodestring1": lambda raw: raw.decode("utf-8", "surrogatepass"),
    "unicodestring4": lambda raw: raw.decode("utf-8", "surrogatepass"),
    "unicodestring8": lambda raw: raw.decode("utf-8", "surrogatepass"),
    "decimalnl_short": _decimal,
    "decimalnl_long": _decimal,
    "floatnl": lambda raw: float(raw) if len(raw) <= MAX_DIGITS else float("nan"),
    "long1": _long,
    "long4": _long,
}


def _value(kind: str, raw: bytes) -> Any:
    if kind in _PACKED:
        return struct.unpack(_PACKED[kind], raw)[0]
    return _READERS.get(kind, bytes)(raw)
