"""Arrays joined, split, stacked and repeated."""

from __future__ import annotations

from ..layer import Layer
from ..registry import layer


@layer("concat")
def concat(layer: Layer) -> None:
    """Along channels, or along the sequence."""
    layer.count((1, None))
    axis = -5 if layer.p.sequenceConcat else -3
    layer.at_least(-axis)
    layer.give(layer.emit("concat", *layer.inputs, axis=axis))


@layer("concatND")
def concat_nd(layer: Layer) -> None:
    """Along any axis, one after the other or taking turns."""
    layer.count((1, None))
    axis = int(layer.p.axis)
    if not layer.p.interleave:
        layer.give(layer.emit("concat", *layer.inputs, axis=axis))
        return
    rank = layer.rank()
    along = layer.axis(axis, rank)
    stacked = layer.emit("stack", *layer.inputs, axis=along + 1, rank=rank + 1)
    # Each pair (place, input) becomes one place; the sizes around are known only when it runs.
    order = (along, along + 1, *(a for a in range(rank + 1) if a not in (along, along + 1)))
    front = layer.emit("transpose", stacked, axes=order)
    flat = _merged(layer, front)
    back = list(range(1, rank))
    back.insert(along, 0)
    layer.give(layer.emit("transpose", flat, axes=tuple(back)))


def _merged(layer: Layer, x: str) -> str:
    """(a, b, rest...) -> (a b, rest...)"""
    rank = layer.rank(x)
    sizes = layer.emit("shape", x, rank=1)
    rest = layer.emit("slice", sizes, starts=(2,), ends=(None,))
    left = layer.emit("concat", layer.const([-1], "all"), rest, axis=0)
    return layer.emit("reshape_to", x, left, rank=rank - 1)


@layer("split", "splitND")
def split(layer: Layer) -> None:
    """Into parts along channels, or along any axis."""
    layer.count(1, (1, None))
    p, count = layer.p, len(layer.outputs)
    if layer.kind == "split":
        if int(p.nOutputs) != count:
            raise layer.error("nOutputs does not fit the outputs", found=int(p.nOutputs), expected=count)
        layer.at_least(3)
        _parts(layer, -3, {"count": count})
        return
    sizes = tuple(int(n) for n in p.splitSizes)
    if sizes:
        p.ignore("numSplits")
        if len(sizes) != count:
            raise layer.error("splitSizes do not fit the outputs", found=sizes, expected=f"{count} of them")
    elif int(p.numSplits) != count:
        raise layer.error("numSplits does not fit the outputs", found=int(p.numSplits), expected=count)
    _parts(layer, int(p.axis), {"sizes": sizes} if sizes else {"count": count, "even": False})


def _parts(layer: Layer, axis: int, attrs: dict[str, object]) -> None:
    rank = layer.scope.rank(layer.x)
    count = len(layer.outputs)
    layer.give(*layer.emit_all("split", layer.x, results=count, ranks=(rank,) * count, axis=axis, **attrs))


@layer("stack")
def stack(layer: Layer) -> None:
    """Along a new axis."""
    layer.count((1, None))
    rank = layer.scope.rank(layer.x)
    layer.give(
        layer.emit("stack", *layer.inputs, axis=int(layer.p.axis), rank=None if rank is None else rank + 1)
    )


@layer("sequenceRepeat")
def sequence_repeat(layer: Layer) -> None:
    """The sequence several times over."""
    layer.count(1)
    rank, times = layer.rank(), int(layer.p.nRepetitions) or 1
    if rank < 5 or times >= 1 << 31:
        raise layer.error("cannot repeat", found=f"rank {rank}, {times} times", expected="rank 5 at least")
    layer.give(
        layer.emit("tile", layer.x, repeats=tuple(times if axis == rank - 5 else 1 for axis in range(rank)))
    )


@layer("tile")
def tile(layer: Layer) -> None:
    """Every axis several times over; a second input may say how often."""
    layer.count((1, 2))
    rank = layer.rank()
    if len(layer.inputs) == 2:
        layer.p.ignore("reps")
        counts = layer.whole(layer.inputs[1])
        padded = layer.emit("concat", layer.const([1] * rank, "once"), counts, axis=0)
        layer.give(layer.emit("tile", layer.x, layer.emit("slice", padded, starts=(-rank,), ends=(None,))))
        return
    reps = tuple(int(n) for n in layer.p.reps)
    if not 1 <= len(reps) <= rank or max(reps) >= 1 << 31 or min(reps) < 1:
        raise layer.error("reps cannot be", found=reps, expected=f"1 to {rank} numbers of at least 1")
    layer.give(layer.emit("tile", layer.x, repeats=(1,) * (rank - len(reps)) + reps))


@layer("slidingWindows")
def sliding_windows(layer: Layer) -> None:
    """Windows along an axis, as a new axis behind it."""
    layer.count(1)
    p, rank = layer.p, layer.rank()
    axis, size, step = layer.axis(int(p.axis), rank), int(p.windowSize), int(p.step)
    if not (0 < size < 1 << 31 and 0 < step < 1 << 31):
        raise layer.error("windowSize or step cannot be", found=(size, step), expected="positive numbers")
    layer.give(layer.emit("sliding_windows", layer.x, axis=axis, size=size, stride=step, rank=rank + 1))
