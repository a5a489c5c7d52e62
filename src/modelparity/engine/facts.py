"""What is true of an operator, declared where the operator is and read from there by everybody else.

A fact is a property of the formula, never of one network. None is declared that nobody reads, and each of them is
compared with the kernel by a test over all operators (tests/ops/test_facts.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..graph import Node

__all__ = ["Facts", "Range", "always", "rank_of", "spanned_by", "union"]

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """What the elements of a tensor lie between, ``low`` and ``high`` included.

    ``quiet``: all of them may lie in a tail next to zero, where an absolute error of what enters comes out as a
    relative one (a sigmoid far on the left): what is large there is judged by the range, not by the values.
    ``total``: the axis along which they sum to one.
    """

    low: float
    high: float
    quiet: bool = False
    total: int | None = None

    def joined(self, other: Range) -> Range:
        """The range of tensors of which some elements have this one and some the other. No sum survives."""
        return Range(min(self.low, other.low), max(self.high, other.high), self.quiet and other.quiet)

    @property
    def size(self) -> float:
        """The largest magnitude in it."""
        return max(abs(self.low), abs(self.high))


#: Ranges of the arrays by parameter (of ``*xs`` that of all together), ``None`` where nothing is known.
Ranges = Mapping[str, Range | None]
#: (ranges of the arrays, attributes with their defaults) -> the range of the first result, or ``None``.
RangeRule = Callable[[Ranges, Mapping[str, Any]], Range | None]
#: (ranks of the arrays that are known, by parameter; attributes with their defaults) -> the rank of each result. Of
#: ``*xs`` the ranks are that of the first. `KeyError` where an array's rank must be known and is not.
RankRule = Callable[[Mapping[str, int], Mapping[str, Any]], int]
#: (shapes of the arrays by parameter, those of ``*xs`` as "xs[0]", "xs[1]"...; attributes, as far as they are numbers
#: of the node; shapes of the results) -> multiplications.
CostRule = Callable[[Mapping[str, Shape], Mapping[str, Any], Sequence[Shape]], int]
#: (shapes of the arrays that are known, by parameter; attributes with their defaults) -> numbers.
StateRule = Callable[[Mapping[str, Shape], Mapping[str, Any]], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of one operator.

    ``elementwise``: an element of the result depends on the elements at its own place and on no others, arrays
    broadcast from the right. ``broadcasts``: arrays broadcast so in all axes but those that the formula names, and
    the result has the largest rank among them, if they have those axes; elementwise operators do.

    ``rank`` gives the rank of the results of an operator that does not broadcast, and tells which arrays must have a
    known rank for it: those that it looks up. Without one, only a run tells.

    ``moves`` names the arrays whose elements the results consist of, picked by their place alone and unchanged: not
    by their value (as a maximum is), and with nothing put in (as padding is).
    ``range`` gives the range of the first result from those of the arrays; what ``moves`` keeps their union.

    ``recurrent``: it feeds its own result, by weights or a graph, into the next frame or turn, so that errors feed on
    themselves (those of a running sum only add up). ``state`` counts the numbers that a causal run keeps from frame
    to frame: states, or frames that a window looks back on.
    ``windowed``: it refuses an axis that is shorter than what it reads at once, so that sizes decide whether it runs.

    ``cost`` counts the multiplications of its sums of products, from shapes alone. An operator without one makes few
    of them for an element of its arrays and results: none, or those of a short series.

    ``gates``: the order in which gates lie along the last axis of a recurrent operator's weights, a letter each.
    ``cuts``: parameter -> {axis: number of parts that lie side by side along it, 0 for one element each}, where a
    writer may cut a weight. ``lookup`` names the array that ``indices`` point into, along ``axis`` or the first axis.

    ``graphs`` names the attributes that are graphs; they are given the inputs from the ``given``-th on. With
    ``chooses``, one of them gives the results. ``runs`` says for an operator that runs another one which node that is
    (``None`` for a node that lacks what says it).
    """

    elementwise: bool = False
    broadcasts: bool = False
    rank: RankRule | None = None
    moves: tuple[str, ...] = ()
    range: RangeRule | None = None
    recurrent: bool = False
    state: StateRule | None = None
    windowed: bool = False
    cost: CostRule | None = None
    gates: str = ""
    cuts: Mapping[str, Mapping[int, int]] = field(default_factory=dict, hash=False)
    lookup: str = ""
    graphs: tuple[str, ...] = ()
    given: int = 0
    chooses: bool = False
    runs: Callable[[Node], Node | None] | None = None


def always(low: float, high: float, *, quiet: bool = False) -> RangeRule:
    """The range of a result that lies in it whatever enters."""
    found = Range(low, high, quiet)
    return lambda given, attrs: found


def rank_of(parameter: str) -> RankRule:
    """For results that have as many axes as this array."""
    return lambda ranks, attrs: ranks[parameter]


def spanned_by(*parameters: str) -> RangeRule:
    """For results that lie between the least and the largest element of these arrays, such as means."""

    def rule(given: Ranges, attrs: Mapping[str, Any]) -> Range | None:
        return union(given.get(name) for name in parameters)

    return rule


def union(ranges: Iterable[Range | None]) -> Range | None:
    """The range of all of them together; ``None`` if one is not known, or there are none."""
    joined: Range | None = None
    for one in ranges:
        if one is None:
            return None
        joined = one if joined is None else joined.joined(one)
    return joined
