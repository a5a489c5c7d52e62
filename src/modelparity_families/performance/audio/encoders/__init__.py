"""The three audio models: what they share, and the backbone that the third has of its own.

============  ====================================================================================
`sizes`       sizes, and names and shapes of weights
`graph`       the networks as `Graph`: the reference
`modules`     the networks as PyTorch modules, with the names of the original
============  ====================================================================================

A1 learns from pairs of performances, A2 first from augmented ones alone, A3 with a backbone whose layers thaw one by
one: `training.learners` has them. Networks of A1 and A2 are the same.
"""

from __future__ import annotations

from .graph import pair_of, scores_of
from .sizes import Sizes

__all__ = ["Sizes", "pair_of", "scores_of"]
