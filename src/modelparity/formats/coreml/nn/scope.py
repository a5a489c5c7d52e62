"""Blobs by name while a network is read: which tensor each stands for now, and what rank it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ....errors import ArtefactError
from ...graph_builder import Builder
from ..proto import near

#: Readings of layers that any network gets, and how many a layer gets beyond them. Layers are read again where
#: branches that leave a loop follow each other, and where a loop changes a rank; both multiply if they are nested.
MOST_READ, A_LAYER = 1024, 16


@dataclass
class Turn:
    """A turn of the loop whose body is being read.

    ``rest`` are the layers behind the branch that is being read, if it may leave the loop: they belong to its
    sides. ``ended`` says that nothing behind runs; ``broken`` is the tensor that says whether the loop was left,
    or "". ``copies`` counts such branches over all sides.
    """

    rest: list[tuple[str, Any]] = field(default_factory=list)
    ended: bool = False
    broken: str = ""
    copies: list[int] = field(default_factory=lambda: [0])

    def again(self) -> Turn:
        """The same turn, as one side of a branch sees it."""
        return Turn(copies=self.copies)


@dataclass
class Scope:
    """The blobs that a list of layers can see. Blobs may be written again in loops, tensors never.

    ``written`` are the blobs that were given a tensor here (not in an outer network), in order.
    """

    builder: Builder
    blobs: dict[str, str] = field(default_factory=dict)
    ranks: dict[str, int | None] = field(default_factory=dict)
    written: dict[str, None] = field(default_factory=dict)
    #: Blobs that may be written again: those that an outer network or an earlier turn of a loop has written.
    outer: frozenset[str] = frozenset()
    #: Blobs that are gone, each with the reason.
    gone: dict[str, str] = field(default_factory=dict)
    turn: Turn | None = None
    #: How many layers may still be read, repeated readings counted; one number for all networks within a network.
    budget: list[int] = field(default_factory=lambda: [MOST_READ])
    #: Names of the model's inputs, which no output may take for other values.
    given: frozenset[str] = frozenset()
    #: Whether the sequence axis of tensors of rank 5 always has size one.
    single: bool = False

    def rank(self, tensor: str) -> int | None:
        """A tensor's rank, or ``None`` if only a run can tell."""
        return self.ranks.get(tensor)

    def read(self, blob: str, where: str) -> str:
        """The tensor that a blob stands for. Raises `ArtefactError` if nothing before has defined it."""
        if blob in self.blobs:
            return self.blobs[blob]
        raise ArtefactError(
            f"blob {blob!r} is read, but nothing before defines it",
            where=where,
            found=self.gone.get(blob, repr(blob)[:80]),
            expected=f"one of {near(blob, self.blobs)}",
            fix="a layer may only read what inputs or earlier layers define; a cycle has no order to run in",
        )

    def write(self, blob: str, tensor: str, where: str, *, again: bool = False) -> None:
        """Let a blob stand for a tensor. Raises `ArtefactError` if it has one and may not be written again."""
        if not blob:
            raise ArtefactError("an output has no name", where=where)
        if blob in self.blobs and not again and blob not in self.outer:
            raise ArtefactError(
                f"blob {blob!r} is defined twice",
                where=where,
                found="a second layer that gives it",
                expected="one layer a blob",
                fix="rename one of them",
            )
        self.blobs[blob] = tensor
        self.written[blob] = None
