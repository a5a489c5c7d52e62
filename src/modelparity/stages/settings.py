"""Settings of stages: keyword parameters of what computes them, with their defaults; validated by name and type."""

from __future__ import annotations

import inspect
import math
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from ..errors import InputError, near


@dataclass(frozen=True)
class Setting:
    """One setting: its name, the value that it has if nobody chooses another, and its type as an annotation."""

    name: str
    default: Any
    kind: Any

    @property
    def told(self) -> str:
        """Its type as a person reads it."""
        return _told(self.kind)


def settings_of(function: Callable[..., Any]) -> dict[str, Setting]:
    """{name: setting} of the keyword-only parameters of ``function`` that have a default.

    What `functools.partial` binds by keyword counts as another default.
    """
    hints = _hints(function)
    return {
        one.name: Setting(one.name, one.default, hints.get(one.name, type(one.default)))
        for one in inspect.signature(function).parameters.values()
        if one.kind is one.KEYWORD_ONLY and one.default is not one.empty
    }


def takes(function: Callable[..., Any], name: str) -> bool:
    """Whether ``function`` has a keyword parameter of that name."""
    return name in inspect.signature(function).parameters


def validated(
    where: str, known: Mapping[str, Setting], chosen: Mapping[str, Any], others: Iterable[str] = ()
) -> dict[str, Any]:
    """The settings that were ``chosen``, if all are ``known`` and of the right type.

    ``others`` are names of what is given to a run instead. Raises `InputError` that names what is near.
    """
    for name, value in chosen.items():
        if name not in known:
            given = name in set(others)
            raise InputError(
                f"there is no setting {name!r}",
                where=where,
                found=f"{name}={value!r}" if not given else None,
                expected=near(name, known) if not given else None,
                fix=f"{name!r} is a stage: give it to run() or check()" if given else "see describe()",
            )
        if not fits(value, known[name].kind):
            raise InputError(
                f"the setting {name!r} has the wrong type",
                where=where,
                found=f"{value!r} ({type(value).__name__})",
                expected=f"{known[name].told}, such as {known[name].default!r}",
            )
    return dict(chosen)


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of that type: whole numbers are numbers, truth values are none, NaN is no setting."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Sequence):
        each = [one for one in inner if one is not Ellipsis]
        listed = isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)
        return listed and all(not each or fits(one, each[0]) for one in value)
    if kind in (None, type(None)):
        return value is None
    if kind is bool:
        return isinstance(value, bool | np.bool_)
    if isinstance(value, bool | np.bool_):
        return kind is Any
    if kind is int:
        return isinstance(value, int | np.integer)
    if kind is float:
        return isinstance(value, int | float | np.integer | np.floating) and not math.isnan(value)
    return not isinstance(kind, type) or isinstance(value, kind)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    while isinstance(function, partial):
        function = function.func
    try:
        return get_type_hints(function)
    except (NameError, TypeError):  # annotations of what is imported for types only
        return {}


def _told(kind: Any) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return " or ".join(_told(one) for one in inner)
    if kind in (None, type(None)):
        return "None"
    if origin is not None:
        return f"a list of {_told(inner[0])}" if inner else "a list"
    return {int: "a whole number", float: "a number", bool: "True or False", str: "a text"}.get(
        kind, getattr(kind, "__name__", str(kind))
    )
