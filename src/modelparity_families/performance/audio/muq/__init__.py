"""MuQ: from a waveform at 24 kHz to 25 (or 50) vectors a second, with the names of the published weights.

============  ==========================================================================
`sizes`       what a network is made of: its configuration, and the weights that it has
`reading`     weights and configuration from files, safely
`hub`         the same of a folder or a repository
`front_end`   waveform -> log-mel picture, as graphs
`graph`       the network as a `Graph`: the reference
`module`      the network as a PyTorch module
============  ==========================================================================

Nothing of PyTorch is imported before a module is made.
"""

from __future__ import annotations

from .graph import graph_of
from .sizes import Sizes

__all__ = ["Sizes", "graph_of"]
