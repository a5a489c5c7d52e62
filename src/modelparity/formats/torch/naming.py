"""What the tensors inside a module's arguments and results are called, wherever they are asked for."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def results(structure: Any) -> dict[str, Any]:
    """The leaves of what a module returned, by name.

    A single tensor is ``output``; those of a tuple or list ``output_0``, ``output_1``; those of a mapping keep their
    keys. What stands deeper adds a dot and its key or place: ``output_1.0``. ``None`` is left out.
    """
    if isinstance(structure, Mapping):
        return dict(_leaves(structure, ""))
    if isinstance(structure, tuple | list):
        found = enumerate(structure)
        return {name: leaf for place, one in found for name, leaf in _leaves(one, f"output_{place}")}
    return dict(_leaves(structure, "output"))


def arguments(names: list[str], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The leaves of what a module is called with, by the names of its parameters."""
    given = [*zip(names, args, strict=False), *kwargs.items()]
    return {name: leaf for root, one in given for name, leaf in _leaves(one, root)}


def by_position(parameters: Iterable[inspect.Parameter], names: Iterable[str]) -> tuple[str, ...]:
    """Of what is given by name, what ``*args`` collects, behind what stands before it; nothing without ``*args``.

    Nothing there has a name of its own, so that the order counts in which it is given. What passes on everything
    (``*args, **kwargs``) is called by name.
    """
    known, given = [*parameters], [*names]
    if not any(one.kind is one.VAR_POSITIONAL for one in known):
        return ()
    before = [one.name for one in known if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    if not before and any(one.kind is one.VAR_KEYWORD for one in known):
        return ()
    behind = [one.name for one in known if one.kind is one.KEYWORD_ONLY]
    rest = [name for name in given if name not in before and name not in behind]
    return (*(name for name in before if name in given), *rest)


def _leaves(structure: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(structure, Mapping):
        for key, one in structure.items():
            yield from _leaves(one, f"{path}.{key}" if path else str(key))
    elif isinstance(structure, tuple | list):
        for place, one in enumerate(structure):
            yield from _leaves(one, f"{path}.{place}")
    elif structure is not None:
        yield path, structure


def axes(names: list[str], shapes: Any) -> dict[str, dict[int, str]]:
    """{input: {axis: name}} from what `torch.export` takes as ``dynamic_shapes``; names may stand for its ``Dim``."""
    if shapes is None:
        return {}
    by_name = isinstance(shapes, Mapping)
    found: dict[str, dict[int, str]] = {}
    for path, dim in arguments(names, () if by_name else tuple(shapes), shapes if by_name else {}).items():
        name = dim if isinstance(dim, str) else str(getattr(dim, "__name__", ""))
        root, _, axis = path.rpartition(".")
        if name and axis.isdigit():
            found.setdefault(root, {})[int(axis)] = name
    return found
