"""The C interface as cffi needs it, from the one header that Swift implements."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from . import sources

#: The version of the interface that this package was written for.
INTERFACE = 1
#: Element types of tensors, by their number.
DTYPES = ("float32", "float64", "float16", "int32")
#: The most axes that a tensor has.
MOST_AXES = 8
_FUNCTION = re.compile(r"^[a-z_0-9]+[ \w*]*?[ *](m[mp]_\w+)\(", re.MULTILINE)


def text() -> str:
    """The header without the preprocessor's lines."""
    lines = sources.header().read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


def functions(*, stand_in: bool) -> tuple[str, ...]:
    """Names that a library must have; those of the stand-in are not part of Core ML's."""
    found = re.findall(_FUNCTION, re.sub(r"/\*.*?\*/", "", text(), flags=re.DOTALL))
    own = ("mp_standin_", "mp_reply_")
    return tuple(sorted(name for name in found if stand_in or not name.startswith(own)))


@cache
def ffi() -> Any:
    """cffi's view of the declarations, parsed once a process."""
    from cffi import FFI

    made = FFI()
    made.cdef(text())
    return made
