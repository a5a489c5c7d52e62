"""Frames in which something happens: where a clip is active at all, and runs of frames."""

from __future__ import annotations

import numpy as np

from modelparity.graph import Array


def active(activations: Array, threshold: float) -> tuple[int, int]:
    """The frames from the first to the last that reach the threshold in any column, as (first, behind the last).

    (0, 0) if none does, and, as in the original, if only frame 0 does. A threshold of 0 takes all frames.
    activations (frame, ...). Source: madmom 0.16.1 (features.downbeats.threshold_activations).
    """
    if not threshold:
        return 0, len(activations)
    reaching = np.nonzero(activations >= threshold)[0]
    return (int(reaching.min()), int(reaching.max()) + 1) if reaching.any() else (0, 0)


def runs(inside: Array) -> Array:
    """(run, 2): where each maximal run of True begins and ends (the frame behind it); inside (frame,) of bools."""
    steps = np.diff(inside.astype(np.int8), prepend=0, append=0)
    return np.column_stack([np.nonzero(steps > 0)[0], np.nonzero(steps < 0)[0]])
