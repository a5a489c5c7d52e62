"""Names that Core ML accepts."""

from __future__ import annotations

import re

from ....errors import ConversionError

_ALLOWED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
#: Words of MIL's own text form: a value of such a name does not compile.
RESERVED = frozenset(
    (
        "any",
        "bool",
        "program",
        "func",
        "tensor",
        "list",
        "dict",
        "tuple",
        "true",
        "false",
        "string",
        "state",
        "bf16",
        "fp16",
        "fp32",
        "fp64",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
    )
)


class Names:
    """Gives every value a name of its own; those of inputs and outputs are taken from the start."""

    def __init__(self, kept: list[str]) -> None:
        self._taken = set(kept)

    def free(self, name: str) -> None:
        """Give a name that was kept to the next who wishes for it."""
        self._taken.discard(name)

    def fresh(self, wish: str) -> str:
        """A name that nothing else has, as near to ``wish`` as the rules allow."""
        base = re.sub(r"[^A-Za-z0-9_]", "_", wish) or "value"
        if not _ALLOWED.match(base) or base in RESERVED:
            base = f"_{base}"
        name, count = base, 1
        while name in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._taken.add(name)
        return name


def allowed(name: str, what: str, where: str) -> str:
    """``name``, if an input or output may have it; else a `ConversionError`."""
    if not _ALLOWED.match(name) or name in RESERVED:
        raise ConversionError(
            f"Core ML allows no {what} named {name!r}",
            where=where,
            expected="letters, digits and _, not a digit first, and no word of MIL such as 'state' or 'list'",
            fix=f"rename the {what} in the graph",
        )
    return name
