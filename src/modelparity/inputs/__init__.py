"""Named inputs for any network: the same bytes on every machine, from an own generator and no global seed."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping

from ..errors import InputError, near
from ..graph import Array, Graph
from .cost import Budget
from .drawing import drawn
from .generator import Generator
from .integers import refuse_unknown
from .kinds import suited
from .recipes import RECIPES, Recipe
from .sizes import axis_sizes, time_axis, wanted_sizes
from .special import SPECIAL

__all__ = [
    "LENGTHS",
    "Generator",
    "Recipe",
    "add_recipes",
    "length_of",
    "make",
    "recipes",
    "special_recipes",
    "suited",
]

#: Recipes of several lengths: what a model is tried on if nobody says otherwise.
LENGTHS = ("noise", "odd_length", "one_frame")
#: Part of every stream's key: a change to what a recipe draws must come with another number.
GENERATION = 1
#: {name: (owner, recipe)} of those that suit some models only.
_added: dict[str, tuple[str, Recipe]] = {}


def recipes() -> tuple[str, ...]:
    """Every recipe that suits any network, the plainest first."""
    return tuple(RECIPES)


def special_recipes() -> tuple[str, ...]:
    """Every recipe for inputs of one kind: sound, spectra, pixels, padding. `suited` has those for a graph."""
    return tuple(SPECIAL)


def add_recipes(owner: str, recipes: Iterable[Recipe]) -> None:
    """Let `make` know recipes that suit the models of ``owner``, a family; adding them again changes nothing.

    Raises `InputError` for a name that a general recipe or another owner's has.
    """
    for one in recipes:
        other = (
            "modelparity itself" if one.name in RECIPES | SPECIAL else _added.get(one.name, (owner, one))[0]
        )
        if other != owner:
            raise InputError(
                f"a recipe is called {one.name!r} already",
                where=owner,
                found=f"one of {other}",
                fix=f"call it {owner}_{one.name}, or anything that is free",
            )
        _added[one.name] = owner, one


def make(
    graph: Graph,
    recipe: str = "noise",
    *,
    seed: int = 0,
    length: int | None = None,
    sizes: Mapping[str, int] | None = None,
    below: Mapping[str, int] | None = None,
    budget: Budget | None = None,
) -> dict[str, Array]:
    """Inputs that ``graph`` accepts: {input name: array of the declared type}.

    Each input has a stream of its own, keyed by recipe, input name and seed. Floating-point values are multiples
    or roundings that float32 holds exactly. A mask keeps everything, but in a recipe with padding. States are
    left to start from zeros where time goes on, and drawn like any input where a run is a single step.

    Args:
        graph: the network.
        recipe: a name of `recipes` or `special_recipes`.
        seed: a whole number from 0 on; another one gives other numbers.
        length: the size of the variable axis that counts as time (`sizes.time_axis`: the one of that name, or the
            only one that is no batch); by default the recipe's own (100 frames, 97 for ``odd_length``, 400 for
            ``long``, the least legal one for ``one_frame``), raised where the graph needs more.
        sizes: variable axes by name; the others get a usual size.
        below: by input name, the number that integer inputs stay below; it is found in the graph where the input
            indexes a table of constants.
        budget: what a run may take: a size that nobody asked for is taken smaller where a run would go beyond it.

    Returns:
        {input name: array of the axes' sizes}.

    Raises:
        InputError: an unknown recipe, input or axis, or a size that the graph does not take.
    """
    chosen = _recipe(recipe)
    if operator.index(seed) < 0:
        raise InputError("a seed is a whole number from 0 on", where="seed", found=seed)
    refuse_unknown(graph, below or {})
    known, along = axis_sizes(graph, chosen, length, sizes or {}, budget), time_axis(graph)
    arrays = {}
    for spec in graph.inputs:
        if spec.name in graph.states and along is not None:
            continue
        shape = tuple(known[axis.name] if axis.size is None else axis.size for axis in spec.axes)
        generator = Generator("modelparity", GENERATION, chosen.name, spec.name, operator.index(seed))
        arrays[spec.name] = drawn(graph, spec, chosen, generator, shape, along, below or {}, known)
    return arrays


def shrunk(
    graph: Graph,
    recipe: str,
    taken: Mapping[str, int],
    *,
    length: int | None = None,
    sizes: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """{variable axis: the size that it gets whatever a run takes} of those that ``taken`` has smaller."""
    wanted = wanted_sizes(graph, _recipe(recipe), length, sizes or {})
    return {name: size for name, size in wanted.items() if taken.get(name, size) < size}


def length_of(graph: Graph, recipe: str = "noise", length: int | None = None) -> int | None:
    """How many frames `make` gives ``graph`` for these arguments; ``None`` if it has no variable time axis."""
    return axis_sizes(graph, _recipe(recipe), length, None).get(time_axis(graph) or "")


def _recipe(name: str) -> Recipe:
    if name in RECIPES:
        return RECIPES[name]
    if name in SPECIAL:
        return SPECIAL[name]
    if name in _added:
        return _added[name][1]
    raise InputError(f"unknown recipe {name!r}", expected=near(str(name), (*RECIPES, *SPECIAL, *_added)))
