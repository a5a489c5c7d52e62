"""What range an output's values have, as a golden's manifest says it: of a sigmoid, a softmax, a tanh."""

from __future__ import annotations

from typing import Any

from ..describe.ranges import output_ranges
from ..graph import Graph


def ranges(graph: Graph) -> dict[str, dict[str, Any]]:
    """{output: {"low": number, "high": number}} of the outputs whose range follows from what makes them.

    ``"sum"`` is there besides where the values sum to one: {"axis": axis of the output}.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, one in output_ranges(graph).items():
        found[name] = {"low": float(one.low), "high": float(one.high)}
        if one.total is not None:
            found[name]["sum"] = {"axis": one.total}
    return found
