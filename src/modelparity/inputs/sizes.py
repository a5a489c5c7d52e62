"""How long each variable axis gets: what was asked for, what the recipe wants, what the graph needs."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..errors import InputError, near
from ..graph import Graph
from ..shapes import free_axes
from .recipes import Recipe

#: Sizes of variable axes other than time. Two in a batch, so that mixing its members up shows.
USUAL = {"batch": 2, "frequency": 32, "height": 32, "width": 32, "sequence": 32, "token": 32, "sample": 4096}

#: No input holds more elements: a slip in ``length`` should say so instead of filling the memory.
MOST = 1 << 28


def axis_sizes(
    graph: Graph, recipe: Recipe, length: int | None, sizes: Mapping[str, int] | None
) -> dict[str, int]:
    """{name of a variable axis: its size}; with ``sizes=None`` only time. Raises `InputError`."""
    least = free_axes(graph)
    result = {}
    if "time" in least:
        result["time"] = _frames(graph, recipe, length, least.pop("time"))
    elif length is not None:
        raise InputError(
            "a length was given, but no input has a variable axis named time",
            where=graph.name,
            found=f"length {length}",
            expected="; ".join(map(str, graph.inputs)),
            fix="leave length out" + (f", or give sizes= for {', '.join(least)}" if least else ""),
        )
    if sizes is None:
        return result
    for name in sizes:
        if name not in least:
            raise InputError(f"no variable axis {name!r}", where=graph.name, expected=near(name, least))
    for name, smallest in least.items():
        result[name] = _size(graph, name, sizes.get(name), smallest)
    _bounded(graph, result)
    return result


def _frames(graph: Graph, recipe: Recipe, length: int | None, least: int) -> int:
    where = f"{graph.name}, axis 'time'"
    if length is None:
        frames = least if recipe.length is None else max(recipe.length, least)
        return frames + (recipe.odd and frames % 2 == 0)
    if length < least:
        raise InputError(
            f"length {length} is too short: this network needs at least {least}", where=where, found=length,
            fix=f"give length={least} or more",
        )  # fmt: skip
    if recipe.length is None and length != least:
        raise InputError(
            f"recipe {recipe.name!r} is the shortest legal input, which is {least} long", where=where,
            found=length, fix="leave length out, or take the recipe noise",
        )  # fmt: skip
    if recipe.odd and length % 2 == 0:
        raise InputError(
            f"recipe {recipe.name!r} wants an odd length",
            where=where,
            found=length,
            fix=f"length={length + 1}",
        )
    return length


def _size(graph: Graph, name: str, given: int | None, least: int) -> int:
    where = f"{graph.name}, axis {name!r}"
    if given is None and name not in USUAL:
        raise InputError(
            "its size is the caller's choice, and no usual one is known", where=where,
            fix=f"give sizes={{{name!r}: n}} with n at least {least}, or inputs of your own",
        )  # fmt: skip
    if given is not None and given < least:
        raise InputError(f"size {given} is below the least, {least}", where=where, found=given)
    return max(USUAL[name], least) if given is None else given


def _bounded(graph: Graph, known: Mapping[str, int]) -> None:
    for spec in graph.inputs:
        count = math.prod(known[a.name] if a.size is None else a.size for a in spec.axes)
        if count > MOST:
            raise InputError(
                f"input {spec.name!r} would have {count:,} elements", where=graph.name,
                expected=f"at most {MOST:,}", fix="give a smaller length or sizes",
            )  # fmt: skip
