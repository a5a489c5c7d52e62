"""Arrays joined, split, stacked and repeated."""

from __future__ import annotations

from typing import Any

from ..layer import Op
from ..registry import reads


@reads("concat")
def concat(op: Op) -> None:
    """Along channels, or along the sequence."""
    op.expects((1, None))
    axis = -5 if op.attr("sequenceConcat") else -3
    op.at_least(-axis)
    op.give("concat", op.inputs(), axis=axis)


@reads("concatND")
def concat_nd(op: Op) -> None:
    """Along any axis, one after the other or taking turns."""
    op.expects((1, None))
    axis = op.attr("axis", kind=int)
    if not op.attr("interleave"):
        op.give("concat", op.inputs(), axis=axis)
        return
    rank = op.rank()
    along = op.axis(axis, rank)
    stacked = op.temp("stack", op.inputs(), axis=along + 1)
    # Each pair (place, input) becomes one place; the sizes around are known only when it runs.
    order = (along, along + 1, *(a for a in range(rank + 1) if a not in (along, along + 1)))
    front = op.temp("transpose", [stacked], axes=order)
    flat = _merged(op, front)
    back = list(range(1, rank))
    back.insert(along, 0)
    op.give("transpose", [flat], axes=tuple(back))


def _merged(op: Op, x: str) -> str:
    """(a, b, rest...) -> (a b, rest...)"""
    rank = op.rank_of(x)
    sizes = op.temp("shape", [x])
    rest = op.temp("slice", [sizes], starts=(2,), ends=(None,))
    left = op.temp("concat", [op.constant([-1], "all"), rest], axis=0)
    return op.temp("reshape_to", [x, left], rank=rank - 1)


@reads("split", "splitND")
def split(op: Op) -> None:
    """Into parts along channels, or along any axis."""
    op.expects(1, (1, None))
    count = len(op.outputs)
    if op.type == "split":
        if op.attr("nOutputs", kind=int) != count:
            raise op.error(
                "nOutputs does not fit the outputs", found=op.attr("nOutputs", kind=int), expected=count
            )
        op.at_least(3)
        _parts(op, -3, {"count": count})
        return
    sizes = tuple(int(n) for n in op.attr("splitSizes"))
    if sizes:
        op.ignore("numSplits")
        if len(sizes) != count:
            raise op.error("splitSizes do not fit the outputs", found=sizes, expected=f"{count} of them")
    elif op.attr("numSplits", kind=int) != count:
        raise op.error(
            "numSplits does not fit the outputs", found=op.attr("numSplits", kind=int), expected=count
        )
    _parts(op, op.attr("axis", kind=int), {"sizes": sizes} if sizes else {"count": count, "even": False})


def _parts(op: Op, axis: int, attrs: dict[str, Any]) -> None:
    rank = op.scope.rank(op.input(0))
    count = len(op.outputs)
    op.results(*op.temps("split", [op.input(0)], count, ranks=(rank,) * count, axis=axis, **attrs))


@reads("stack")
def stack(op: Op) -> None:
    """Along a new axis."""
    op.expects((1, None))
    op.give("stack", op.inputs(), axis=op.attr("axis", kind=int))


@reads("sequenceRepeat")
def sequence_repeat(op: Op) -> None:
    """The sequence several times over."""
    op.expects(1)
    rank, times = op.rank(), op.attr("nRepetitions", kind=int) or 1
    if rank < 5 or times >= 1 << 31:
        raise op.error("cannot repeat", found=f"rank {rank}, {times} times", expected="rank 5 at least")
    op.give("tile", [op.input(0)], repeats=tuple(times if axis == rank - 5 else 1 for axis in range(rank)))


@reads("tile")
def tile(op: Op) -> None:
    """Every axis several times over; a second input may say how often."""
    op.expects((1, 2))
    rank = op.rank()
    if op.count == 2:
        op.ignore("reps")
        counts = op.whole(op.input(1))
        padded = op.temp("concat", [op.constant([1] * rank, "once"), counts], axis=0)
        op.give("tile", [op.input(0), op.temp("slice", [padded], starts=(-rank,), ends=(None,))])
        return
    reps = tuple(int(n) for n in op.attr("reps"))
    if not 1 <= len(reps) <= rank or max(reps) >= 1 << 31 or min(reps) < 1:
        raise op.error("reps is not valid", found=reps, expected=f"1 to {rank} numbers of at least 1")
    op.give("tile", [op.input(0)], repeats=(1,) * (rank - len(reps)) + reps)


@reads("slidingWindows")
def sliding_windows(op: Op) -> None:
    """Windows along an axis, as a new axis behind it."""
    op.expects(1)
    rank = op.rank()
    axis, size, step = (
        op.axis(op.attr("axis", kind=int), rank),
        op.attr("windowSize", kind=int),
        op.attr("step", kind=int),
    )
    if not (0 < size < 1 << 31 and 0 < step < 1 << 31):
        raise op.error("windowSize or step is not valid", found=(size, step), expected="positive numbers")
    op.give("sliding_windows", [op.input(0)], axis=axis, size=size, stride=step)
