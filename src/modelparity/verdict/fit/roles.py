"""What the free axes of a reference are: which may be one and whole all the same, and which go frame by frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...describe.shapes import free_axes
from ...graph import Axis
from ...inputs.sizes import BATCHES, member, sequences
from ..reference import Reference


def batch(name: str) -> bool:
    """Whether an axis is one of members that know nothing of each other, by its name."""
    return "batch" in name.lower() or name.lower() in BATCHES


@dataclass(frozen=True)
class Roles:
    """Free axes of a reference by name, beside batches, which are both.

    ``members`` are axes of members that know nothing of each other; ``ones`` may be of size one and are whole all the
    same. Any other goes one after another: a candidate that takes one frame is no candidate of a sequence of one.
    ``most`` has the sizes of inputs that were given: there is no more of them.
    """

    members: frozenset[str] = frozenset()
    ones: frozenset[str] = frozenset()
    most: Mapping[str, int] = field(default_factory=dict)

    def member(self, name: str) -> bool:
        """Whether an axis is one of members."""
        return batch(name) or name in self.members

    def one(self, axis: Axis) -> bool:
        """Whether a run at size one is a whole one."""
        return axis.least <= 1 and (batch(axis.name) or axis.name in self.ones)


def roles(subject: Reference) -> Roles:
    """The roles of a reference's free axes. Of inputs that were given, only what is one may be one."""
    graph, sizes = subject.graph, subject.sizes
    rest = [name for name in free_axes(graph) if name not in sequences(graph)]
    return Roles(
        frozenset(name for name in rest if member(graph, name)),
        frozenset(name for name in rest if not subject.given or sizes[name] == 1),
        sizes if subject.given else {},
    )
