"""Which of many switches make a difference: passes of an optimiser, operators at half precision; half by half."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def culprits(switches: Sequence[T], right: Callable[[Sequence[T]], bool]) -> tuple[T, ...]:
    """The fewest switches, as far as bisection tells, that must be off for the result to be right; () if none helps.

    ``right`` says whether it is with those switches off. One alone is found in log2 of them, and each further one
    that must be off as well in as many again. None of what is found can be on again.
    """
    ask = once(right)
    if ask(()) or not ask(switches):
        return ()
    chosen: list[T] = []
    left = list(switches)
    while not ask(chosen):
        low, high = 0, len(left)  # the least number of them, from the front, that must be off
        while low < high:
            middle = (low + high) // 2
            if ask([*left[:middle], *chosen]):
                high = middle
            else:
                low = middle + 1
        if not low:
            return ()  # what was right before is not any more: it does not depend on the switches alone
        chosen.append(left[low - 1])
        left = left[: low - 1]
    for one in [*chosen]:  # what was needed beside those that came later may not be needed with them
        without = [other for other in chosen if other != one]
        if ask(without):
            chosen = without
    return tuple(one for one in switches if one in chosen)


def once(right: Callable[[Sequence[T]], bool]) -> Callable[[Sequence[T]], bool]:
    """The same, asked once of each set."""
    known: dict[frozenset[T], bool] = {}

    def asked(off: Sequence[T]) -> bool:
        key = frozenset(off)
        if key not in known:
            known[key] = right(off)
        return known[key]

    return asked
