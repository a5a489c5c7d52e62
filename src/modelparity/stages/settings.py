"""Settings of stages: keyword parameters of what computes them, with their defaults; validated by name and type.

What a setting may be stands in the signature: ``threshold: float``, ``combine: Annotated[float, Span(0, 1e5)]``.
"""

from __future__ import annotations

import inspect
import math
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial, wraps
from typing import Annotated, Any, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from ..errors import InputError, near

P = ParamSpec("P")
R = TypeVar("R")
#: No setting is a larger number; it keeps out infinities too.
MOST = 1e300


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers from ``least`` to ``most``, in `typing.Annotated`; with ``above`` without ``least`` itself."""

    least: float = -MOST
    most: float = MOST
    above: bool = False

    def __contains__(self, number: float) -> bool:
        return (number > self.least if self.above else number >= self.least) and number <= self.most

    def __str__(self) -> str:
        low = f"{'above' if self.above else 'at least'} {self.least:g}" if self.least > -MOST else ""
        high = f"at most {self.most:g}" if self.most < MOST else ""
        return " and ".join(filter(None, (low, high)))


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
                fix=f"{name!r} is a stage: give it to run()" if given else None,
            )
        if not fits(value, known[name].kind):
            raise InputError(
                f"the setting {name!r} does not take this",
                where=where,
                found=f"{value!r} ({type(value).__name__})",
                expected=f"{known[name].told}, such as {known[name].default!r}",
            )
    return dict(chosen)


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function with its settings (`settings_of`) validated before it runs: names, types and ranges."""
    name = function.__name__

    @wraps(function)
    def call(*given: P.args, **keywords: P.kwargs) -> R:
        known, needed = _keywords(function)
        validated(name, known, {one: value for one, value in keywords.items() if one not in needed})
        return function(*given, **keywords)

    return call


@cache
def _keywords(function: Callable[..., Any]) -> tuple[dict[str, Setting], frozenset[str]]:
    """Settings of a function, and its other parameters."""
    known = settings_of(function)
    return known, frozenset(inspect.signature(function).parameters) - known.keys()


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of that type: whole numbers are numbers, truth values are none, NaN is no setting."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        spans = [one for one in inner[1:] if isinstance(one, Span)]
        return fits(value, inner[0]) and all(one in span for span in spans for one in _numbers(value))
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Sequence):
        each = [one for one in inner if one is not Ellipsis]
        listed = isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)
        return listed and len(value) > 0 and all(not each or fits(one, each[0]) for one in value)
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


def _numbers(value: Any) -> list[Any]:
    """The numbers of a value: of a list all of them, of None none."""
    return [] if value is None else list(np.asarray(value).reshape(-1))


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    while isinstance(function, partial):
        function = function.func
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError):  # annotations of what is imported for types only
        return {}


def _told(kind: Any) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return " ".join([_told(inner[0]), *(str(one) for one in inner[1:] if isinstance(one, Span))])
    if origin in (Union, types.UnionType):
        return " or ".join(_told(one) for one in inner)
    if kind in (None, type(None)):
        return "None"
    if origin is not None:
        return f"a list of {_told(inner[0])}" if inner else "a list"
    return {int: "a whole number", float: "a number", bool: "True or False", str: "a text"}.get(
        kind, getattr(kind, "__name__", str(kind))
    )


def one_of(setting: str, value: object, known: Collection[str]) -> None:
    """Raises `InputError` unless the value is one of the known words."""
    if value not in known:
        raise InputError(
            f"setting {setting!r} has no such value", found=value, expected=near(str(value), sorted(known))
        )
