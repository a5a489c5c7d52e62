"""How long each variable axis gets: what was asked for, what the recipe wants, what the graph needs."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from ..describe.shapes import free_axes, shapes
from ..errors import InputError, ModelparityError, near
from ..graph import Graph
from .cost import Budget, affordable
from .kinds import kind
from .order import ordered
from .recipes import Recipe

#: Sizes of variable axes other than time, by words in their names; two in a batch, so that mixing members up shows.
USUAL = {"batch": 2, "channel": 3, "sample": 4096}
#: The size of any other one: most strides divide it.
OTHER = 32
#: Words in the names of axes along which things happen one after another, and whole names of batches.
ALONG, BATCHES = ("time", "seq", "frame", "step", "len", "token"), ("n", "b", "bs")

#: Words in the names of axes of images.
SPACE = ("height", "width", "depth")

#: No input holds more elements: a slip in ``length`` should say so instead of filling the memory.
MOST = 1 << 28


def axis_sizes(
    graph: Graph,
    recipe: Recipe,
    length: int | None,
    sizes: Mapping[str, int] | None,
    budget: Budget | None = None,
) -> dict[str, int]:
    """{name of a variable axis: its size}; with ``sizes=None`` only time. Raises `InputError`."""
    result = wanted_sizes(graph, recipe, length, sizes)
    if sizes is None or length is not None:
        return result
    return affordable(graph, result, {**sizes, **{name: result[name] for name in listed(graph)}}, budget)


def listed(graph: Graph) -> set[str]:
    """The variable axes whose sizes the artefact lists."""
    return {axis.name for spec in graph.inputs if spec.shapes for axis in spec.axes if axis.size is None}


def wanted_sizes(
    graph: Graph, recipe: Recipe, length: int | None, sizes: Mapping[str, int] | None
) -> dict[str, int]:
    """As `axis_sizes`, whatever a run at these sizes takes."""
    least = free_axes(graph)
    _refuse_unknown(graph, sizes or {}, least)
    result, time = {}, time_axis(graph)
    if time is not None and time not in (sizes or ()):
        smallest = least.pop(time)
        if recipe.length is None and time != "time":  # a name of ours says that the least length is known
            smallest = _shortest(graph, time, smallest, sizes or {})
        result[time] = _frames(graph, recipe, length, smallest, time)
        if length is None:
            result[time] = _at_most(graph, time, result[time])
    elif length is not None:
        raise InputError(
            "a length was given, but "
            + (f"so was a size of {time!r}" if time else "no variable axis is one of time"),
            where=graph.name,
            found=f"length {length}",
            expected="; ".join(map(str, graph.inputs)),
            fix="leave length out" + (f", or give sizes= for {', '.join(least)}" if least else ""),
        )
    if sizes is None:
        return result
    for name, smallest in least.items():
        result[name] = _size(graph, name, sizes.get(name), smallest)
        if name not in sizes:
            result[name] = _at_most(graph, name, result[name])
    result = _listed(graph, result, {*sizes, *([time] if time is not None and length is not None else ())})
    _bounded(graph, result)
    return result


def _at_most(graph: Graph, name: str, size: int) -> int:
    """A size, or the largest that the artefact takes along that axis."""
    most = [a.most for spec in graph.inputs for a in spec.axes if a.name == name and a.most is not None]
    return min([size, *most])


def _listed(graph: Graph, wanted: dict[str, int], asked: Collection[str]) -> dict[str, int]:
    """Of the sizes that the artefact lists, those that are next to what is wanted, and are what was asked for.

    Raises `InputError` where it lists none of these.
    """
    result = dict(wanted)
    for spec in graph.inputs:
        if not spec.shapes:
            continue
        free = [(place, axis.name) for place, axis in enumerate(spec.axes) if axis.size is None]
        found = [
            shape for shape in spec.shapes if all(shape[at] == wanted[n] for at, n in free if n in asked)
        ]
        if not found:
            raise InputError(
                f"input {spec.name!r} has no such size",
                where=graph.name,
                found=", ".join(f"{n}={wanted[n]}" for _, n in free if n in asked),
                expected=f"one of the shapes that the file lists: {', '.join(map(str, spec.shapes[:12]))}",
            )
        nearest = min(
            found, key=lambda shape: sum(abs(math.log(max(shape[at], 1) / wanted[n])) for at, n in free)
        )
        result.update({name: nearest[at] for at, name in free})
    return result


def _refuse_unknown(graph: Graph, sizes: Mapping[str, int], free: Mapping[str, int]) -> None:
    """Raise `InputError` for sizes of axes that are not there, or that have another one and no choice."""
    fixed = {axis.name: axis.size for spec in graph.inputs for axis in spec.axes if axis.size is not None}
    for name, size in sizes.items():
        if name in free or fixed.get(name) == size:
            continue
        if name in fixed:
            raise InputError(
                f"axis {name!r} has one size only",
                where=graph.name,
                found=size,
                expected=fixed[name],
                fix="leave it out: the network takes no other",
            )
        raise InputError(f"no variable axis {name!r}", where=graph.name, expected=near(name, free))


def time_axis(graph: Graph) -> str | None:
    """The variable axis that counts as time: the one of that name, else the one that sounds like it or is alone.

    None if no variable axis is left but batches, or several of which none sounds more like it than another. An axis
    of no telling name that comes first is a batch unless the network treats it as a sequence (`order.ordered`).
    """
    free = free_axes(graph)
    names = [name for name in free if not _batch(graph, name)]
    if "time" in names:
        return "time"
    alike = [name for name in names if _sounds(name)]
    if len(names) > 1 and alike:
        return alike[0] if len(alike) == 1 else None
    first = [name for name in names if not _told(name) and leads(graph, name)]
    sequences = [name for name in first if ordered(graph, name)]
    kept = sequences or [name for name in names if name not in first]
    return kept[0] if len(kept) == 1 else None


def sequences(graph: Graph) -> tuple[str, ...]:
    """The variable axes along which things happen one after another: what counts as time, and what sounds like it.

    Channels, and rows and columns of images, are none, even where no other axis is left to be time.
    """
    time = time_axis(graph)
    named = [name for name in free_axes(graph) if _sounds(name) and not _batch(graph, name)]
    beside = any(word in (time or "").lower() for word in ("channel", *SPACE))
    return tuple(dict.fromkeys([*named, *(() if time is None or beside else (time,))]))


def member(graph: Graph, name: str) -> bool:
    """Whether an axis that is no sequence is one of members that know nothing of each other.

    A batch by its name, or one of no telling name that comes first.
    """
    return _batch(graph, name) or (leads(graph, name) and not _told(name))


def _sounds(name: str) -> bool:
    return any(word in name.lower() for word in ALONG)


def leads(graph: Graph, name: str) -> bool:
    """Whether an axis is the first of several wherever it occurs, as batches are."""
    places = [
        (place, len(spec.axes))
        for spec in graph.inputs
        for place, axis in enumerate(spec.axes)
        if axis.name == name
    ]
    return all(place == 0 and rank > 1 for place, rank in places)


def _batch(graph: Graph, name: str) -> bool:
    """Whether an axis is a batch by its name; a single letter says so of one that comes first."""
    return "batch" in name.lower() or (name.lower() in BATCHES and leads(graph, name))


def _shortest(graph: Graph, axis: str, least: int, sizes: Mapping[str, int]) -> int:
    """The least size of the axis at which the graph runs, as far as a few tries tell."""
    others = {
        name: _size(graph, name, sizes.get(name), n) for name, n in free_axes(graph).items() if name != axis
    }
    for size in (least, *(n for n in (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64) if n > least)):
        try:
            shapes(graph, {**others, axis: size})
        except ModelparityError:
            continue
        return size
    return max(least, 100)


def _frames(graph: Graph, recipe: Recipe, length: int | None, least: int, axis: str) -> int:
    where = f"{graph.name}, axis {axis!r}"
    if length is None:
        frames = least if recipe.length is None else max(_usual(graph, recipe.length, axis), least)
        return frames + (recipe.odd and frames % 2 == 0)
    if length < least:
        raise InputError(
            f"length {length} is too short: this network needs at least {least}",
            where=where,
            found=length,
            fix=f"give length={least} or more",
        )
    if recipe.length is None and length != least:
        raise InputError(
            f"recipe {recipe.name!r} is the shortest legal input, which is {least} long",
            where=where,
            found=length,
            fix="leave length out, or take the recipe noise",
        )
    if recipe.odd and length % 2 == 0:
        raise InputError(
            f"recipe {recipe.name!r} wants an odd length",
            where=where,
            found=length,
            fix=f"length={length + 1}",
        )
    return length


def _usual(graph: Graph, length: int, axis: str) -> int:
    """A recipe's length; of sound as many samples as some windows of it need, unless its axis is called time."""
    sound = any(
        spec.axes and spec.axes[-1].name == axis and kind(graph, spec) == "sound" for spec in graph.inputs
    )
    return max(length, USUAL["sample"]) if sound and axis != "time" else length


def _size(graph: Graph, name: str, given: int | None, least: int) -> int:
    where = f"{graph.name}, axis {name!r}"
    if given is not None and given < least:
        raise InputError(f"size {given} is below the least, {least}", where=where, found=given)
    if given is not None:
        return given
    known = (
        2 if member(graph, name) else next((n for word, n in USUAL.items() if word in name.lower()), OTHER)
    )
    return max(known, least)


def _told(name: str) -> bool:
    """Whether an axis' name says what it is."""
    return _sounds(name) or any(word in name.lower() for word in (*USUAL, *SPACE))


def _bounded(graph: Graph, known: Mapping[str, int]) -> None:
    for spec in graph.inputs:
        count = math.prod(known[a.name] if a.size is None else a.size for a in spec.axes)
        if count > MOST:
            raise InputError(
                f"input {spec.name!r} would have {count:,} elements",
                where=graph.name,
                expected=f"at most {MOST:,}",
                fix="give a smaller length or sizes",
            )
