"""What a written file says of where it came from."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np

from ...graph import Graph


def provenance(graph: Graph) -> dict[str, str]:
    """Where the graph came from, and which one it is."""
    facts = {"modelparity.graph": graph.hash}
    if graph.source is not None:
        facts["modelparity.source.format"] = graph.source.format
        facts["modelparity.source.file"] = PurePath(graph.source.path).name
        facts["modelparity.source.sha256"] = graph.source.sha256
    narrowed = sorted(name for name, a in graph.constants.items() if a.dtype == np.float64)
    if narrowed:
        facts["modelparity.float64_as_float32"] = ", ".join(narrowed)
    return facts
