"""A layer's entry in the file: its values as RTNeural's JSON library converts them, with the path of each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .findings import Report, Stop

#: Wider layers and longer kernels than any that runs in real time; larger sizes are a slip, or hostile.
LARGEST = 1 << 20


class Fields:
    """One JSON object. Everything that is asked for is remembered, so that `ignored` knows the rest."""

    def __init__(
        self, values: Mapping[str, Any], where: str, label: str, report: Report, *, name: str = ""
    ) -> None:
        self.values, self.where, self.label, self.report, self.name = values, where, label, report, name
        self._asked: set[str] = set()

    @property
    def _layer(self) -> dict[str, str]:
        """What findings say of the layer: its label for a reader, and its name in the graph."""
        return {"layer": self.label, "name": self.name}

    def path(self, key: str) -> str:
        """The JSON path of a key."""
        return f"{self.where}.{key}"

    def fail(self, kind: str, key: str, what: str, **more: object) -> Stop:
        """A failure at a key; for ``raise``."""
        return self.report.fail(kind, self.path(key) if key else self.where, what, **self._layer, **more)

    def silent(self, kind: str, key: str, what: str, **more: object) -> None:
        """Note what RTNeural passes in silence."""
        self.report.add(kind, "silent", self.path(key) if key else self.where, what, **self._layer, **more)

    def undecidable(self, kind: str, key: str, what: str) -> None:
        """Note what the file alone cannot tell."""
        self.report.add(kind, "undecidable", self.path(key) if key else self.where, what, **self._layer)

    def note(self, kind: str, key: str, what: str, **more: object) -> None:
        """Note what is harmless."""
        self.report.add(kind, "note", self.path(key) if key else self.where, what, **self._layer, **more)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        self._asked.add(key)
        return key in self.values

    def any(self, key: str) -> Any:
        """The value of a key that RTNeural cannot do without."""
        if not self.has(key):
            raise self.fail("key-missing", key, f"there is no {key!r}, and RTNeural throws", expected=key)
        return self.values[key]

    def text(self, key: str) -> str:
        """A string."""
        value = self.any(key)
        if not isinstance(value, str):
            raise self.fail("not-a-string", key, "not a string, and RTNeural throws", found=shown(value))
        return value

    def size(self, key: str, *, least: int = 1) -> int:
        """A whole number; of a list the last, as RTNeural takes it."""
        value = self.any(key)
        if isinstance(value, list):
            if not value:
                raise self.fail("empty-list", key, "an empty list, whose last element RTNeural reads")
            if any(one != value[-1] for one in value):
                self.silent(
                    "only-last-used",
                    key,
                    "RTNeural uses the last of these numbers only",
                    found=value,
                    expected=f"{value[-1]} throughout",
                )
            value = value[-1]
        return self._whole(value, key, least)

    def scalar(self, key: str, *, least: int = 1) -> int:
        """A whole number that may not be a list."""
        return self._whole(self.any(key), key, least)

    def optional(self, key: str, default: int) -> int:
        """A whole number that RTNeural fills in."""
        return self._whole(self.values[key], key, 1) if self.has(key) else default

    def _whole(self, value: Any, key: str, least: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail("not-a-number", key, "not a number, and RTNeural throws", found=shown(value))
        if not math.isfinite(value) or not least <= value <= LARGEST:
            raise self.fail(
                "size-impossible",
                key,
                "a size that RTNeural cannot have",
                found=shown(value),
                expected=f"a whole number from {least} to {LARGEST:,}",
            )
        if int(value) != value:
            self.silent(
                "size-rounded", key, "RTNeural cuts the fraction off a size", found=value, expected=int(value)
            )
        return int(value)

    def number(self, key: str) -> float:
        """A real number."""
        value = self.any(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.fail("not-a-number", key, "not a number, and RTNeural throws", found=shown(value))
        return float(value)

    def width(self, key: str) -> int:
        """The width that a shape stands for: its last entry, of four the last two multiplied."""
        shape = self.any(key)
        if not isinstance(shape, list) or not shape:
            kind = "not-a-shape" if not isinstance(shape, list) else "empty-list"
            raise self.fail(kind, key, "not a shape such as [null, null, 8]", found=shown(shape))
        last = [2, 3] if len(shape) == 4 else [len(shape) - 1]
        return math.prod(self._whole(shape[place], f"{key}[{place}]", 1) for place in last)

    def length(self, key: str) -> int | None:
        """The number of frames that a shape states, if it does."""
        shape = self.values.get(key)
        if not isinstance(shape, list) or len(shape) < 3 or not isinstance(shape[1], int):
            return None
        return shape[1]

    def weights(self) -> Sequence[Any]:
        """The list of arrays."""
        value = self.any("weights")
        if not isinstance(value, list):
            raise self.fail(
                "not-an-array", "weights", "not a list of arrays, and RTNeural throws", found=shown(value)
            )
        return value

    def ignored(self) -> list[str]:
        """Keys that nobody asked for."""
        return [key for key in self.values if key not in self._asked]


def shown(value: Any) -> str:
    """A JSON value in a few words."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object with {', '.join(map(repr, list(value)[:4])) or 'nothing'}"
    if value is None:
        return "null"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
