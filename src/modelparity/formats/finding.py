"""What is wrong, or may be wrong, with a file that its own runtime does not complain of.

===========  ==========================================================================================
level        what it means
===========  ==========================================================================================
fails        the runtime throws, returns no model, or does what its language leaves undefined: it is not read
silent       the runtime loads it without a word and computes something else than the file seems to say
undecidable  right and wrong look alike in the file; running it against its source settles it
note         harmless, and good to know
===========  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEVELS = ("fails", "silent", "undecidable", "note")
#: Levels that say that something is wrong.
WRONG = ("fails", "silent")


@dataclass(frozen=True)
class Finding:
    """One thing to know about a file.

    ``kind`` is the finding's name, the same for every file; ``where`` is the place in the file; ``layer`` names
    the layer for a reader, ``name`` in the graph, where the names of its nodes begin with it; ``found`` and
    ``expected`` are what is there and what should be.
    """

    kind: str
    level: str
    where: str
    what: str
    layer: str = ""
    name: str = ""
    found: object = None
    expected: object = None
    fix: str | None = None

    @property
    def wrong(self) -> bool:
        """Whether it says that something is wrong, not only that it may be."""
        return self.level in WRONG

    def __str__(self) -> str:
        place = f"{self.where} ({self.layer})" if self.layer else self.where
        lines = [f"{self.level}: {self.kind}: {place}: {self.what}"]
        lines += [f"  found:    {self.found}"] if self.found is not None else []
        lines += [f"  expected: {self.expected}"] if self.expected is not None else []
        lines += [f"  next:     {self.fix}"] if self.fix is not None else []
        return "\n".join(lines)


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, otherwise in the order of the file."""
    return sorted(findings, key=lambda one: LEVELS.index(one.level))


def render(findings: Sequence[Finding]) -> str:
    """Findings as text: those that are undecidable on a line each, for a sound file may have many."""
    lines = [str(one) for one in ordered(findings) if one.level != "undecidable"]
    open_questions = [one for one in findings if one.level == "undecidable"]
    if open_questions:
        lines.append("undecidable from the file alone (running it against its source settles them):")
        lines += [f"  {one.kind}: {one.where} ({one.layer}): {one.what}" for one in open_questions]
    return "\n".join(lines)
