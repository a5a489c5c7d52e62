"""What an operator declares of itself, compared with what its kernel does on an example."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from modelparity.engine.arithmetic import Arithmetic, arithmetic
from modelparity.engine.facts import Range, union
from modelparity.engine.operator import Operator
from modelparity.errors import GraphError
from modelparity.graph import Array

from .counting import Counting, Tally, counted, counting, plain
from .examples import Example

Arrays = list[Array | None]
#: How far from zero the arrays of a check reach, one size after the other.
SIZES = (1.0, 30.0, 1e4, 1e30)
RNG = np.random.default_rng


def contradictions(operator: Operator, example: Example) -> list[str]:
    """Every fact of the operator that does not hold on the example, as a sentence."""
    facts = operator.facts
    found: list[str] = []
    found += _named(operator)
    if found:
        return found
    if facts.elementwise:
        found += _elementwise(operator, example)
    if facts.elementwise or facts.broadcasts:
        found += _broadcasts(operator, example)
    if facts.rank:
        found += _rank(operator, example)
    if facts.moves:
        found += _moves(operator, example)
    if facts.range:
        found += _range(operator, example)
    if facts.recurrent:
        found += _recurrent(operator, example)
    if facts.state:
        found += _state(operator, example)
    if facts.cost:
        found += _cost(operator, example)
    if facts.windowed and example.short:
        found += _windowed(operator, example)
    if facts.lookup:
        found += _lookup(operator, example)
    if facts.gates:
        found += _gates(operator, example)
    found += _cuts(operator, example)
    return found


def apply(
    operator: Operator, arrays: Arrays, example: Example, ar: Arithmetic | None = None
) -> tuple[Array, ...]:
    """The kernel's results, without lanes."""
    ar = ar or arithmetic("float64")
    if not operator.plain:
        arrays = [None if a is None else a[None] for a in arrays]
    with np.errstate(all="ignore"):
        result = operator.kernel(ar, *arrays, **example.attrs)
    results = result if isinstance(result, tuple) else (result,)
    return results if operator.plain else tuple(a[0] for a in results)


def parameters(operator: Operator, count: int) -> list[str]:
    """The parameter of each of so many arrays; those of ``*xs`` share its name."""
    arrays: list[str] = []
    for one in list(inspect.signature(operator.kernel).parameters.values())[1:]:
        if one.kind is one.VAR_POSITIONAL:
            arrays += [one.name] * (count - len(arrays))
        elif one.kind is one.POSITIONAL_OR_KEYWORD:
            arrays.append(one.name)
    return arrays[:count]


def defaults_of(operator: Operator) -> dict[str, Any]:
    """Attributes that need not be given, with their values."""
    given = inspect.signature(operator.kernel).parameters.values()
    return {one.name: one.default for one in given if one.kind is one.KEYWORD_ONLY}


def drawn(example: Example, size: float = 1.0, seed: int = 0) -> Arrays:
    """The example's arrays with floats drawn anew."""
    rng = RNG(seed)
    return [
        a if a is None or a.dtype.kind != "f" else rng.uniform(-size, size, a.shape) for a in example.arrays
    ]


def same(one: Array, other: Array) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def _named(operator: Operator) -> Iterator[str]:
    facts, known = operator.facts, inspect.signature(operator.kernel).parameters
    for what, names in (("moves", facts.moves), ("cuts", facts.cuts), ("graphs", facts.graphs)):
        yield from (f"{what} names {name!r}, which is no parameter" for name in names if name not in known)
    if facts.lookup and not {facts.lookup, "indices"} <= set(known):
        yield f"lookup names {facts.lookup!r}, but there is no such array, or no indices"


def _elementwise(operator: Operator, example: Example) -> Iterator[str]:
    """It commutes with moving elements, and an element that changes changes the result at its place alone."""
    given = drawn(example)
    shape = np.broadcast_shapes(*(a.shape for a in given if a is not None))
    full: Arrays = [None if a is None else np.broadcast_to(a, shape).copy() for a in given]
    (result,) = apply(operator, full, example)
    if result.shape != shape:
        yield f"elementwise, but arrays {shape} give {result.shape}"
        return
    order = RNG(1).permutation(result.size)
    turned: Arrays = [None if a is None else a.reshape(-1)[order].reshape(shape) for a in full]
    (moved,) = apply(operator, turned, example)
    if not same(moved.reshape(-1), result.reshape(-1)[order]):
        yield "elementwise, but the result depends on where an element stands"
    kept = RNG(2).random(shape) < 0.5
    others: Arrays = [
        None if a is None else np.where(kept, a, np.roll(a, 1) if a.dtype.kind != "f" else 3 * a)
        for a in full
    ]
    (changed,) = apply(operator, others, example)
    if not same(changed[kept], result[kept]):
        yield "elementwise, but an element changes the result at another place"


def _broadcasts(operator: Operator, example: Example) -> Iterator[str]:
    given = drawn(example)
    rank = max(a.ndim for a in given if a is not None)
    (result,) = apply(operator, given, example)
    if result.ndim != rank:
        yield f"it broadcasts, but from rank {rank} comes rank {result.ndim}"


def _rank(operator: Operator, example: Example) -> Iterator[str]:
    names = parameters(operator, len(example.arrays))
    ranks = {n: a.ndim for n, a in zip(names, example.arrays, strict=True) if a is not None}
    assert operator.facts.rank is not None
    said = operator.facts.rank(ranks, {**defaults_of(operator), **example.attrs})
    for y in apply(operator, drawn(example), example):
        if y.ndim != said:
            yield f"it says to give rank {said}, but gives rank {y.ndim}"


def _moves(operator: Operator, example: Example) -> Iterator[str]:
    """Distinct values in, no other out; and with other values in, the others stand at the same places."""
    names = parameters(operator, len(example.arrays))
    moved = [
        k for k, name in enumerate(names) if name in operator.facts.moves and example.arrays[k] is not None
    ]
    count = sum(np.size(example.arrays[k]) for k in moved)
    results = []
    for seed in (3, 4):
        values, at, given = RNG(seed).permutation(count) + 0.5, 0, drawn(example)
        for k in moved:
            shape, size = np.shape(given[k]), np.size(given[k])
            given[k], at = values[at : at + size].reshape(shape), at + size
        results.append((values, apply(operator, given, example)))
    (before, first), (after, second) = results
    renamed = dict(zip(before.tolist(), after.tolist(), strict=True))
    for one, other in zip(first, second, strict=True):
        strange = sorted(set(one.reshape(-1).tolist()) - set(renamed))
        if strange:
            yield f"moves only, but {strange[0]} is in the result and in none of {operator.facts.moves}"
        elif not same(np.array([renamed[v] for v in one.reshape(-1).tolist()]), other.reshape(-1)):
            yield "moves only, but what it picks depends on the values"


def _range(operator: Operator, example: Example) -> Iterator[str]:
    rule, names = operator.facts.range, parameters(operator, len(example.arrays))
    assert rule is not None
    attrs = {**defaults_of(operator), **example.attrs}
    for seed, size in enumerate(SIZES):
        given = drawn(example, size, seed)
        ranges: dict[str, Range | None] = {}
        for name in dict.fromkeys(names):
            ranges[name] = union(
                _seen(a) for a, n in zip(given, names, strict=True) if n == name and a is not None
            )
        found = rule(ranges, attrs)
        if found is None:
            continue
        result = apply(operator, given, example)[0]
        room = 4 * np.finfo(np.float64).eps * found.size
        if result.min() < found.low - room or result.max() > found.high + room:
            yield f"range {found.low} to {found.high}, but it gives {result.min()} to {result.max()}"
            return
        if found.total is not None and not np.allclose(result.sum(axis=found.total), 1):
            yield f"sums to one along axis {found.total}, but it does not"
    nothing = rule(dict.fromkeys(names), attrs)
    if nothing is not None and nothing.quiet:
        low = apply(
            operator, [None if a is None else np.full(a.shape, -30.0) for a in example.arrays], example
        )[0]
        less = apply(
            operator, [None if a is None else np.full(a.shape, -31.0) for a in example.arrays], example
        )[0]
        if not (0 < less.max() < 0.5 * low.max() < 1e-6 * nothing.size):
            yield "quiet, but it has no tail next to zero"


def _seen(a: Array) -> Range | None:
    return Range(float(a.min()), float(a.max())) if a.dtype.kind == "f" and a.size else None


def _recurrent(operator: Operator, example: Example) -> Iterator[str]:
    """Frames depend on earlier ones, and not as those of a sum do: how much depends on what comes between."""
    given = drawn(example)
    x = given[0]
    assert x is not None
    kicks = []
    for between in (1.0, 3.0):
        frames = x.copy()
        frames[1:] *= between
        kicked = frames.copy()
        kicked[0] += 1
        one, other = (apply(operator, [a, *given[1:]], example)[0] for a in (frames, kicked))
        kicks.append(other[-1] - one[-1])
    if not kicks[0].any():
        yield "recurrent, but the first frame does not reach the last"
    elif np.allclose(*kicks, rtol=1e-6, atol=0):
        yield "recurrent, but the first frame reaches the last as in a sum, whatever comes between"


def _state(operator: Operator, example: Example) -> Iterator[str]:
    """As many numbers as a stream of one sequence carries from block to block: states, or frames of its input."""
    given = drawn(example)
    names = parameters(operator, len(given))
    shapes = {n: a.shape for n, a in zip(names, given, strict=True) if a is not None}
    attrs = {**defaults_of(operator), **example.attrs}
    counted = operator.facts.state(shapes, attrs) if operator.facts.state else 0
    if attrs.get("direction", "forward") != "forward":
        return
    step = operator.streaming([0, *[None] * (len(given) - 1)], [shapes.get(n) for n in names], attrs)
    if isinstance(step, str):
        yield f"it keeps a state, but does not stream: {step}"
        return
    x = given[0]
    assert x is not None
    if step.carry:
        batch = x.shape[1] if x.ndim == 3 else 1
        results = apply(operator, given, example)
        carried = sum(results[output].size for _, output in step.carry) // batch
    else:
        carried = min(step.before, step.extent - 1) * x[0].size
    if carried != counted:
        yield f"it says to keep {counted} numbers, but a stream carries {carried}"


def multiplied(operator: Operator, example: Example) -> tuple[Tally, tuple[Array, ...]]:
    """What the kernel multiplies on the example, and its results."""
    with counting() as tally:
        results = apply(operator, [counted(a) for a in drawn(example)], example, Counting())
    return tally, plain(results)


def _cost(operator: Operator, example: Example) -> Iterator[str]:
    """All sums of products count; multiplications of single elements may."""
    tally, results = multiplied(operator, example)
    names = parameters(operator, len(example.arrays))
    if names.count(names[-1]) > 1:  # an operator of any number of arrays
        names = [f"{name}[{k}]" for k, name in enumerate(names)]
    shapes = {name: a.shape for name, a in zip(names, example.arrays, strict=True) if a is not None}
    assert operator.facts.cost is not None
    said = operator.facts.cost(shapes, {**defaults_of(operator), **example.attrs}, [y.shape for y in results])
    if not tally.products <= said <= tally.products + tally.others:
        yield (
            f"it says to multiply {said} times, but has {tally.products} products to sum and multiplies "
            f"{tally.others} single elements"
        )


def _windowed(operator: Operator, example: Example) -> Iterator[str]:
    given = drawn(example)
    apply(operator, given, example)  # which is long enough
    given[0] = np.ones(example.short)
    try:
        apply(operator, given, example)
    except GraphError:
        return
    yield f"it reads a window, but takes {example.short}"


def _lookup(operator: Operator, example: Example) -> Iterator[str]:
    """The last entry along ``axis`` can be asked for, and the one behind it cannot."""
    names = parameters(operator, len(example.arrays))
    at, table = names.index("indices"), example.arrays[names.index(operator.facts.lookup)]
    assert table is not None
    indices = example.arrays[at]
    entries = table.shape[{**defaults_of(operator), **example.attrs}.get("axis", 0)]
    for wanted, refused in ((entries - 1, False), (entries, True)):
        given = drawn(example)
        given[at] = np.full_like(indices, wanted)
        try:
            apply(operator, given, example)
            raised = False
        except GraphError:
            raised = True
        if raised != refused:
            yield f"{entries} entries are looked up, but index {wanted} is {'refused' if raised else 'taken'}"


#: A gate held by its bias -> what then comes of it: nothing at all, or the state as it was.
HELD = {"o": (-1000.0, "nothing"), "z": (1000.0, "h0"), "i": (-1000.0, "c0")}


def _gates(operator: Operator, example: Example) -> Iterator[str]:
    """A gate lies where its letter says: held open or closed by its bias, it does what it is there for."""
    names = parameters(operator, len(example.arrays))
    given = dict(zip(names, drawn(example), strict=True))
    weight, bias = given["weight"], given["bias"]
    assert weight is not None
    assert bias is not None
    wide, letters = weight.shape[-1], operator.facts.gates
    if wide % len(letters):
        yield f"{wide} columns are no {len(letters)} gates"
        return
    size = wide // len(letters)
    for letter, (level, stays) in HELD.items():
        if letter not in letters:
            continue
        held = bias.copy()
        held[:, letters.index(letter) * size :][:, :size] = level
        if letter == "i":  # nothing is written, and nothing forgotten
            held[:, letters.index("f") * size :][:, :size] = 1000.0
        results = apply(operator, list({**given, "bias": held}.values()), example)
        start = given.get(stays)
        expected = np.zeros(1) if start is None else start
        result = results[2] if letter == "i" else results[0][-1] if letter == "o" else results[1]
        if not np.allclose(result, expected):
            yield f"gates {letters}, but the one called {letter} is another"


def _cuts(operator: Operator, example: Example) -> Iterator[str]:
    names = parameters(operator, len(example.arrays))
    for a, name in zip(example.arrays, names, strict=True):
        for axis, parts in operator.facts.cuts.get(name, {}).items():
            if a is not None and (not -a.ndim <= axis < a.ndim or (parts and a.shape[axis] % parts)):
                yield f"{name} {a.shape} does not fall into {parts} parts along axis {axis}"
