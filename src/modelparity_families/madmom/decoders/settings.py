"""Settings of decoders: what each may be stands in the signature, and is checked when the decoder is called.

    @decoder
    def peaks(activations: Array, *, combine: Seconds = 0.03) -> Array: ...

`settings` tells the same to whoever wants it by name: a pipeline, a page of the documentation.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from types import MappingProxyType, NoneType
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar, cast, get_args, get_origin, get_type_hints

import numpy as np

from modelparity.errors import InputError, near

P = ParamSpec("P")
R = TypeVar("R")
#: No setting is a larger number; it keeps out infinities and NaN too.
MOST = 1e300


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers from ``least`` to ``most``; with ``above`` without ``least`` itself."""

    least: float = -MOST
    most: float = MOST
    above: bool = False

    def __contains__(self, number: float) -> bool:
        return (number > self.least if self.above else number >= self.least) and number <= self.most

    def __str__(self) -> str:
        low = f"{'above' if self.above else 'at least'} {self.least:g}" if self.least > -MOST else ""
        high = f"at most {self.most:g}" if self.most < MOST else ""
        return " and ".join(filter(None, (low, high)))


#: Frames a second.
Rate = Annotated[float, Span(0, 1e6, above=True)]
Seconds = Annotated[float, Span(0, 1e5)]
#: Beats a minute.
Tempo = Annotated[float, Span(0, 1e6, above=True)]
#: How many beats each modelled bar has.
BarLengths = Annotated[tuple[int, ...], Span(1, 1000)]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: ``type`` of its values, ``span`` of its numbers, whether it can be None, whether it is several."""

    name: str
    default: Any
    type: type
    span: Span = Span()
    optional: bool = False
    several: bool = False

    def __str__(self) -> str:
        kinds = {bool: "True or False", int: "a whole number", float: "a number"}
        kind = (
            "one or several whole numbers, each" if self.several else kinds.get(self.type, self.type.__name__)
        )
        return " ".join(filter(None, (kind, str(self.span)))) + (", or None" if self.optional else "")

    def checked(self, value: Any, where: str) -> Any:
        """The value, of the setting's own type. Raises `InputError` for any that it may not have."""
        if value is None and self.optional:
            return None
        if not self.several:
            return self._one(value, where)
        many = (value,) if np.isscalar(value) else value
        if not isinstance(many, Sequence | np.ndarray) or isinstance(many, str | bytes) or len(many) == 0:
            self._refuse(value, where)
        return tuple(self._one(one, where) for one in many)

    def _one(self, value: Any, where: str) -> Any:
        if self.type is bool:
            return bool(value) if isinstance(value, bool | np.bool_) else self._refuse(value, where)
        if self.type not in (int, float):
            return value if isinstance(value, self.type) else self._refuse(value, where)
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        number = whole or (self.type is float and isinstance(value, float | np.floating))
        return self.type(value) if number and value in self.span else self._refuse(value, where)

    def _refuse(self, value: Any, where: str) -> NoReturn:
        raise InputError(
            f"the setting {self.name!r} does not take this", where=where, found=repr(value), expected=self
        )


@cache
def settings(function: Callable[..., Any]) -> Mapping[str, Setting]:
    """{name: `Setting`} of a decoder's keywords, in the order of its signature."""
    hints = get_type_hints(function, include_extras=True)
    return MappingProxyType(
        {
            name: _setting(name, one.default, hints[name])
            for name, one in inspect.signature(function).parameters.items()
            if one.kind is one.KEYWORD_ONLY
        }
    )


def _setting(name: str, default: Any, hint: Any) -> Setting:
    span, optional, several = Span(), False, False
    while not isinstance(hint, type) or get_args(hint):
        if get_origin(hint) is Annotated:
            hint, span = get_args(hint)
        elif get_origin(hint) is tuple:
            hint, several = get_args(hint)[0], True
        else:
            (hint,) = (one for one in get_args(hint) if one is not NoneType)
            optional = True
    return Setting(name, default, hint, span, optional, several)


def decoder(function: Callable[P, R]) -> Callable[P, R]:
    """A decoder whose keywords are checked before it runs: names with those near them, types and ranges."""

    @wraps(function)
    def checked(*arrays: P.args, **keywords: P.kwargs) -> R:
        known = settings(function)
        for name in keywords:
            if name not in known:
                raise InputError(
                    "no setting of this name", where=function.__name__, found=name, expected=near(name, known)
                )
        values = {
            name: known[name].checked(value, f"{function.__name__}({name}=)")
            for name, value in keywords.items()
        }
        return function(*arrays, **cast(Any, values))

    return checked
