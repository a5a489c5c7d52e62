"""Which passes of a runtime's optimiser make a difference: found by switching them off, half by half."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def culprits(passes: Sequence[str], right: Callable[[Sequence[str]], bool]) -> tuple[str, ...]:
    """The fewest passes, as far as bisection tells, without which the result is ``right``; () if there are none.

    ``right`` says it of passes that are switched off. One pass alone is found in log2 of them, and each further one
    that must be off as well in as many again.
    """
    chosen: list[str] = []
    while True:
        left = [name for name in passes if name not in chosen]
        if not right([*left, *chosen]):
            return ()
        low, high = 0, len(left)  # the least number of them, from the front, that must be off
        while low < high:
            middle = (low + high) // 2
            if right([*left[:middle], *chosen]):
                high = middle
            else:
                low = middle + 1
        if low:
            chosen.append(left[low - 1])
        if not low or right(chosen):
            return tuple(reversed(chosen))
        passes = [*left[: low - 1], *chosen]
