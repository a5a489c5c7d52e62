"""What a network is trained for, and the figures that say how well it does. All of it minds the mask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

Sums = dict[str, Tensor]


@dataclass(frozen=True)
class Objective:
    """``loss(given, wanted, mask)`` is a number; ``tally`` adds up over a part, and ``figures`` are made of the sums.

    Arrays are (batch, time, target). ``readout`` is how many numbers a linear layer that is trained along, and not
    exported, makes of the outputs; 0 if the outputs are what is wanted.
    """

    loss: Callable[[Tensor, Tensor, Tensor], Tensor]
    tally: Callable[[Tensor, Tensor, Tensor], Sums]
    figures: Callable[[Mapping[str, Tensor]], dict[str, float]]
    readout: int = 0


def mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of what is known."""
    return (values * mask).sum() / mask.sum().clamp(min=1)


def squared(given: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    """Mean squared error."""
    return mean((given - wanted) ** 2, mask)


def added(total: Sums, more: Sums) -> Sums:
    """Two tallies as one."""
    return {name: total[name] + one.detach() if name in total else one.detach() for name, one in more.items()}
