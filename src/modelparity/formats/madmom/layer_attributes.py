"""Attributes of a layer as the pickle holds them, each with its place, and an account of what was read."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import ArtefactError
from ...graph import Array
from .allowed_globals import ACTIVATION_MODULE, Global
from .arrays import finished, is_array, is_number, kind_of
from .pickled_instance import Record

_MISSING = object()


class View:
    """A record and where it stands (``layers[0].fwd_layer``). Every error names that place."""

    def __init__(self, record: Any, where: str) -> None:
        if not isinstance(record, Record) or record.state is None:
            raise ArtefactError(
                "not a layer, or one without its contents", where=where, found=kind_of(record)
            )
        self.kind, self.where, self.state = record.kind, where, record.state
        self.read: set[str] = set()

    def has(self, name: str) -> bool:
        """True if the attribute is there and not ``None``."""
        return self.state.get(name) is not None

    def get(self, name: str, default: Any = _MISSING) -> Any:
        """The attribute as it is."""
        self.read.add(name)
        value = self.state.get(name, default)
        if value is _MISSING:
            raise ArtefactError(
                f"{self.kind} has no {name!r}",
                where=self.where,
                found=", ".join(sorted(self.state)) or "nothing",
                expected=name,
                fix="the file is damaged or of another version; fetch it again",
            )
        return value

    def part(self, name: str, *kinds: str) -> View:
        """A record inside this one, of one of the given classes."""
        view = View(self.get(name), f"{self.where}.{name}")
        if view.kind not in kinds:
            raise ArtefactError(
                f"{self.kind} holds a {view.kind}", where=view.where, expected=" or ".join(kinds)
            )
        return view

    def array(self, name: str, *, finite: bool = True) -> Array:
        """An array or number of this record. Raises `ArtefactError` if missing or, naming the place, not finite.

        With ``finite=False`` infinities pass (a forbidden transition is minus infinity); NaN never does.
        """
        value, where = self.get(name), f"{self.where}.{name}"
        array = np.asarray(value) if is_number(value) else finished(value, where)
        if array.dtype.kind == "f":
            bad = ~np.isfinite(array) if finite else np.isnan(array)
            if bad.any():
                index = tuple(int(i) for i in np.argwhere(bad)[0])
                raise ArtefactError(
                    f"{int(bad.sum())} of {array.size} elements are not finite",
                    where=where,
                    found=f"{array[index]} at {index}",
                    expected="numbers",
                    fix="the file is damaged; fetch it again",
                )
        return array

    def activation(self, name: str = "activation_fn") -> str:
        """The name of an activation function."""
        value = self.get(name)
        if not isinstance(value, Global) or value.module != ACTIVATION_MODULE:
            raise ArtefactError(
                "unknown activation: what it computes is not known, and nothing is assumed",
                where=f"{self.where}.{name}",
                found=kind_of(value),
                expected=f"a function of {ACTIVATION_MODULE}",
            )
        return value.name

    def integer(self, name: str) -> int:
        """A whole number, Python's or numpy's."""
        return whole(self.get(name), f"{self.where}.{name}")

    def integers(self, name: str, *, rank: int | None = None) -> tuple[int, ...]:
        """Several whole numbers, in a tuple, a list or an array."""
        value, where = self.get(name), f"{self.where}.{name}"
        if is_array(value):
            value = finished(value, where)
            value = value.tolist() if value.ndim == 1 else None
        if not isinstance(value, tuple | list) or len(value) > 8 or rank not in (None, len(value)):
            raise ArtefactError(
                "not a list of whole numbers",
                where=where,
                found=kind_of(value),
                expected=f"{rank or 'some'} of them",
            )
        return tuple(whole(item, where) for item in value)

    def leftovers(self, reasons: Mapping[str, str]) -> dict[str, str]:
        """Arrays that nobody read: place -> reason. Raises for a part that nobody knows what to do with."""
        left = {}
        for name, value in self.state.items():
            where = f"{self.where}.{name}"
            if name in self.read:
                continue
            if is_array(value):
                left[where] = reasons.get(name, f"madmom's {self.kind} has no use for {name!r}")
            elif isinstance(value, Record | tuple | list | dict):
                raise ArtefactError(
                    f"{self.kind} holds a part that is not known",
                    where=where,
                    found=kind_of(value),
                    fix="the file is of another version of madmom; what this part computes is not assumed",
                )
        return left


def whole(value: Any, where: str) -> int:
    """A value as an int; raises `ArtefactError` if it is none."""
    if isinstance(value, bool | np.bool_) or not is_number(value):
        raise ArtefactError("not a whole number", where=where, found=kind_of(value))
    try:
        return operator.index(value)
    except TypeError:
        raise ArtefactError("not a whole number", where=where, found=kind_of(value)) from None
