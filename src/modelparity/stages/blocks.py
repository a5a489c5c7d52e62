"""Long signals in blocks of frames: what a stage that moves frame by frame needs before and after a block.

So the memory that frames of hours of sound take is that of one block; only what the stage gives is there whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: Frames in a block.
FRAMES = 1024


@dataclass(frozen=True)
class Blocks:
    """How a stage with a frame every ``hop`` samples (or frames) of what it takes is computed block by block.

    A frame depends on no more than ``before`` samples before its own (frame * hop) and ``after`` samples from there
    on; ``lead`` frames at the start of a block are wrong without the frames before, as of a difference in time, and
    computed anew. The first axis of what it takes and gives is time.
    """

    hop: int
    before: int
    after: int
    lead: int = 0

    def then(self, later: Blocks) -> Blocks:
        """This, and behind it a stage that takes its frames."""
        return Blocks(
            self.hop * later.hop,
            self.before + (later.before + later.lead + self.lead) * self.hop,
            (later.after - 1) * self.hop + self.after,
        )

    def plan(self, samples: int, frames: int = FRAMES) -> Iterator[tuple[slice, slice]]:
        """(samples to take, frames to keep of what they give) of each block in turn."""
        total = -(-samples // self.hop)
        for first in range(0, total, frames):
            last = min(first + frames, total)
            start = max(0, first - self.lead - -(-self.before // self.hop))
            end = samples if last == total else min(samples, last * self.hop + self.after)
            yield slice(start * self.hop, end), slice(first - start, last - start)


#: A stage whose frames depend on no other.
FRAMEWISE = Blocks(1, 0, 1)
