"""The symbolic encoders: S1 sees tokens, S2 score graphs, S3 frames of continuous features.

===============  =====================================================================
`sizes`          sizes of S1 and S3, and names and shapes of their weights
`graph`          both as `Graph`: the reference
`modules`        both as PyTorch modules, with the names of the original
`graph_sizes`    sizes of S2, and names and shapes of its weights
`graph_modules`  S2 as a PyTorch module; it has no reference beside it yet
===============  =====================================================================
"""

from __future__ import annotations

from .graph import masked_of, pair_of, scores_of
from .sizes import FrameSizes, Sizes, TokenSizes

__all__ = ["FrameSizes", "Sizes", "TokenSizes", "masked_of", "pair_of", "scores_of"]
