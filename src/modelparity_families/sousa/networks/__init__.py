"""The two networks: `OnsetTransformer` names the rudiment, `FeatureInference` finds features of strokes.

==========  ===============================================================================
`sizes`     what a network is made of, read from its weights
`weights`   weights from a file, safely, and from a seed
`graph`     a network as a `Graph`, the reference
`modules`   a network as a PyTorch module, with the keys of the original
==========  ===============================================================================

Nothing of PyTorch is imported before a module is made, or a file of PyTorch is read.
"""

from __future__ import annotations

from ..names import FEATURES, ONSETS
from .graph import graph_of
from .sizes import Sizes
from .weights import read, seeded

__all__ = ["FEATURES", "ONSETS", "Sizes", "graph_of", "read", "seeded"]
