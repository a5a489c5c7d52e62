"""One input's array: drawn by a recipe, for what the input holds, with masks and padding where there are any."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..describe.modes import mode
from ..errors import InputError
from ..graph import Array, Graph, TensorSpec, numbered
from .generator import Generator
from .integers import bound_below, counted, whole_below
from .kinds import kind, measured, pad_token, sequence
from .recipes import RECIPES, Recipe


def drawn(
    graph: Graph,
    spec: TensorSpec,
    recipe: Recipe,
    generator: Generator,
    shape: tuple[int, ...],
    along: str | None,
    below: Mapping[str, int],
    sizes: Mapping[str, int],
) -> Array:
    """The array of an input; ``along`` is the axis that counts as time, ``below`` as for `inputs.make`.

    ``sizes`` are those of free axes: an input of lengths says how long the rows of another one are.

    Raises `InputError` where the legal whole numbers are not known.
    """
    if spec.name not in below and (longer := measured(graph, spec)) is not None:
        return _lengths(*longer, spec, recipe, shape, sizes)
    what, time = kind(graph, spec), _place(graph, spec, along)
    kept = None if recipe.kept is None else recipe.kept(shape, time)
    if what == "mask" and spec.name not in below:
        keeps = np.ones(shape, bool) if kept is None else kept
        # A padding mask marks what is padding, any other one what is none.
        mask: Array = (keeps != ("pad" in spec.name.lower())).astype(spec.dtype)
        return mask
    own = recipe if _meant(graph, recipe, what) else RECIPES["noise"]
    array = _filled(graph, spec, own, generator, shape, time, below)
    if kept is None:
        return array
    pad = pad_token(graph, spec) if what == "tokens" else None
    return np.where(kept, array, np.array(pad or 0, array.dtype))


def _lengths(
    of: TensorSpec,
    place: int,
    spec: TensorSpec,
    recipe: Recipe,
    shape: tuple[int, ...],
    sizes: Mapping[str, int],
) -> Array:
    """How long the rows of an input are along an axis: as long as the axis, less what a recipe pads."""
    whole = tuple(sizes[axis.name] if axis.size is None else axis.size for axis in of.axes)
    array = np.full(shape, whole[place], spec.dtype)
    if recipe.kept is not None and len(whole) == 2 and len(shape) == 1:
        array = np.minimum(array, recipe.kept(whole, place).sum(axis=place).astype(spec.dtype))
    return array


def _meant(graph: Graph, recipe: Recipe, what: str | None) -> bool:
    """Whether a recipe is for such an input: one for a kind is for those of it, or for all if there are none."""
    return recipe.kind in (None, what) or all(kind(graph, one) != recipe.kind for one in graph.inputs)


def _place(graph: Graph, spec: TensorSpec, along: str | None) -> int:
    """The axis of an input that counts as time; that of its sequence, or the first one, if none does."""
    named = next((place for place, axis in enumerate(spec.axes) if axis.name == along), None)
    return named if named is not None else sequence(graph, spec) or 0


def _filled(
    graph: Graph,
    spec: TensorSpec,
    recipe: Recipe,
    generator: Generator,
    shape: tuple[int, ...],
    time: int,
    below: Mapping[str, int],
) -> Array:
    dtype = np.dtype(spec.dtype)
    if dtype.kind == "f" and (most := whole_below(graph, spec)) is not None:
        return recipe.whole(generator, shape, time, most).astype(dtype)
    if dtype.kind == "f":
        # By way of float32, so that a float64 input holds only what a float32 runtime can take. Rows of sound are
        # members of a batch, not bands of a spectrum.
        rows = (*shape, 1) if recipe.kind == "sound" and len(shape) == 2 else shape
        return recipe.draw(generator, rows, time).reshape(shape).astype(np.float32).astype(dtype)
    if spec.name not in below and (chosen := mode(graph, spec)) is not None:
        return np.array(chosen, dtype)
    if spec.words:  # each drawn from those that the file knows
        return numbered(spec.words)[recipe.whole(generator, shape, time, len(spec.words))]
    try:
        bound = 2 if dtype.kind == "b" else bound_below(graph, spec, below)
    except InputError:
        if spec.name in below or (count := counted(graph, spec)) is None:
            raise
        return np.full(shape, count, dtype)
    return recipe.whole(generator, shape, time, bound).astype(dtype)
