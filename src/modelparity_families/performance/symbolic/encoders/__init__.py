"""The symbolic encoders: S1 sees tokens, S3 frames of continuous features.

============  ====================================================================================
`sizes`       sizes, and names and shapes of weights
`graph`       the networks as `Graph`: the reference
`modules`     the networks as PyTorch modules, with the names of the original
============  ====================================================================================
"""

from __future__ import annotations

from .graph import masked_of, pair_of, scores_of
from .sizes import FrameSizes, Sizes, TokenSizes

__all__ = ["FrameSizes", "Sizes", "TokenSizes", "masked_of", "pair_of", "scores_of"]
