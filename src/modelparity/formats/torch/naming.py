"""What the tensors inside a module's arguments and results are called, wherever they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
