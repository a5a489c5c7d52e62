"""What the source of a translator says of a value: what it may be, as far as that is followed."""

from __future__ import annotations

import ast
import dataclasses
import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

#: Values that are followed of one expression.
MOST = 400
#: Methods of texts that are followed.
TEXT = ("removeprefix", "removesuffix", "split", "lower", "strip", "partition", "rpartition", "replace")
#: What an expression may be; empty if the source says nothing of it.
Values = list[Any]


class Unknown:
    """A value of which the source says nothing."""

    def __repr__(self) -> str:
        return "?"


UNKNOWN = Unknown()


class Instance:
    """An object of a class, of which its methods are known, and the fields that it was made with."""

    def __init__(self, kind: type, fields: Mapping[str, Values] | None = None) -> None:
        self.kind, self.fields = kind, dict(fields or {})

    def __repr__(self) -> str:
        return f"<{self.kind.__name__} {self.fields}>" if self.fields else f"<{self.kind.__name__}>"


def fields_of(kind: type, args: list[Values], keywords: Mapping[str, Values]) -> dict[str, Values]:
    """The fields of a dataclass that is made so; none of another class."""
    if not dataclasses.is_dataclass(kind):
        return {}
    names = [one.name for one in dataclasses.fields(kind)]
    return dict(zip(names, args, strict=False)) | dict(keywords)


class Method:
    """A method of such an object."""

    def __init__(self, of: Instance, function: Any) -> None:
        self.of, self.function = of, function


class Inner:
    """A function within a function."""

    def __init__(self, node: ast.FunctionDef | ast.Lambda, frame: Any) -> None:
        self.node, self.frame = node, frame


class Either(list[Any]):
    """What an entry of a table may be."""


def unique(values: Sequence[Any]) -> Values:
    """Without repetitions, in order."""
    found: dict[str, Any] = {}
    for value in values:
        for one in value if isinstance(value, Either) else [value]:
            found.setdefault(f"{type(one).__name__} {one!r}", one)
    return list(found.values())


def choices(parts: Sequence[Values]) -> Iterator[tuple[Any, ...]]:
    """One of each, in every way, as many as are followed."""
    return itertools.islice(itertools.product(*parts), MOST)


def elements(values: Values) -> Values:
    """What stands in lists, tuples and tables."""
    return [one for value in values if isinstance(value, tuple | list | dict | set) for one in value]


def picked(bases: Values, keys: Values) -> Values:
    """What subscripts give: all entries of a table if none of the keys is known to be in it."""
    found: Values = []
    for base in bases:
        if isinstance(base, Mapping):
            hits = [base[key] for key in keys if isinstance(key, Hashable) and key in base]
            found += hits if hits and len(hits) == len(keys) else list(base.values())
        elif isinstance(base, tuple | list):
            hits = [base[key] for key in keys if isinstance(key, int) and -len(base) <= key < len(base)]
            found += hits if hits and len(hits) == len(keys) else list(base)
    return found


def applied(method: str, bases: Values, args: list[Values]) -> Values:
    """A method of texts and tables."""
    found: Values = []
    for base in bases:
        if isinstance(base, str) and method in (*TEXT, "startswith", "endswith"):
            for chosen in choices(args):
                if all(isinstance(one, str | int | tuple) for one in chosen):
                    found.append(getattr(base, method)(*chosen))
        elif isinstance(base, Mapping):
            if method == "get":
                found += picked([base], args[0] if args else []) + (args[1] if len(args) > 1 else [])
            elif method in ("values", "items", "keys"):
                found.append(tuple(getattr(base, method)()))
    return found


def holds_unknown(value: Any) -> bool:
    """Whether part of a value is unknown."""
    return isinstance(value, Unknown | Instance) or (
        isinstance(value, tuple | list) and any(holds_unknown(one) for one in value)
    )


def compared(how: ast.cmpop, left: Any, right: Any) -> bool | None:
    """A comparison of two known values."""
    try:
        match how:
            case ast.Eq():
                return bool(left == right)
            case ast.NotEq():
                return bool(left != right)
            case ast.In():
                return bool(left in right)
            case ast.NotIn():
                return bool(left not in right)
    except TypeError:
        pass
    return None


def texts(values: Values) -> Iterator[str]:
    """Every text among some values."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | list | set):
            yield from texts(list(value))
