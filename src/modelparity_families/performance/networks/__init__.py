"""What audio and symbolic encoders share: pooling, scores, and comparing two performances.

==========  ======================================================
`shapes`    names and shapes of weights, and their check
`graph`     the parts as nodes of a `Graph`
`modules`   the parts as PyTorch modules, with the original's names
==========  ======================================================
"""

from __future__ import annotations
