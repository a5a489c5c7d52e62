"""What explains a difference, as data: causes that were proven, what explains a part of it, and what was tried."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cause:
    """A mistake that explains the difference.

    Args:
        fault: id of the catalogue (`modelparity.verdict.faults`); "interface", "state" or "window" for what lies in
            how inputs and outputs correspond or in what is carried from call to call.
        nodes: the reference's nodes at which it was made.
        before: the difference in floors.
        after: what is left of it with the mistake undone; None where that was not measured in floors.
        text: what it is, in a sentence that has both numbers.
        repair: what to change.
        variant: which way of the fault, where there are several.
        alike: other mistakes that are the same on this network: keys of applications, as `fault@nodes`.
    """

    fault: str
    nodes: tuple[str, ...] = ()
    before: float | None = None
    after: float | None = None
    text: str = ""
    repair: str = ""
    variant: str = ""
    alike: tuple[str, ...] = ()


@dataclass(frozen=True)
class Search:
    """What was tried to explain a difference.

    Args:
        tried: how many possible mistakes were made to the reference and compared.
        known: how many there are, as far as they were counted.
        seconds: what it took.
        partly: what takes away a share of the difference where nothing explains it; never the cause.
        weights: what a comparison of the weight arrays alone shows, in sentences.
    """

    tried: int = 0
    known: int = 0
    seconds: float = field(default=0.0, compare=False)
    partly: str = ""
    weights: tuple[str, ...] = ()

    def describe(self) -> tuple[str, ...]:
        """Lines for a person: only what says more than that nothing was found."""
        lines = [*self.weights, *([self.partly] if self.partly else [])]
        if self.tried < self.known:
            lines.append(f"{self.tried} of {self.known} possible mistakes tried in {self.seconds:.2g} s")
        return tuple(lines)
