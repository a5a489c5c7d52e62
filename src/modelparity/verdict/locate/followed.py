"""What became of a candidate's tensors beside the reference's, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...graph import Array
from .known import Known, Match
from .live import Live


@dataclass(frozen=True)
class Blame:
    """A node does the reference's work on what the reference gives it.

    ``instead`` are its inputs that hold something else, each with the reference's tensor that it should be.
    """

    node: int
    instead: tuple[tuple[str, str], ...]

    @property
    def given(self) -> str:
        """The first of these inputs."""
        return self.instead[0][0]

    @property
    def known(self) -> str:
        """What it should be."""
        return self.instead[0][1]


@dataclass
class Followed:
    """What became of the candidate's tensors: those that agree, in ``matched``, and all of them as they were."""

    live: Live
    matched: dict[str, Match] = field(default_factory=dict)
    outputs: dict[str, Array] = field(default_factory=dict)
    blames: list[Blame] = field(default_factory=list)
    ran: set[int] = field(default_factory=set)
    #: Tensors that agree nowhere, and the reference's that they should be: with these, what reads them agrees.
    instead: dict[str, Known] = field(default_factory=dict)
    stopped: str = ""  # why the run ended early
    #: The candidate's tensors that are nowhere in the reference, as they were.
    odd: dict[str, Array] = field(default_factory=dict)

    def agrees(self, name: str) -> bool:
        """Whether a tensor is the reference's, or it is known which it should be."""
        return name in self.matched or name in self.instead

    sizes: dict[str, int] = field(default_factory=dict)  # {whole numbers or truth values: how many}
