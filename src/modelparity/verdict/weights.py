"""What a candidate's own weights say about its precision, whatever its outputs show.

Half-precision weights move silent or saturated outputs by less than a runtime's own rounding, so outputs
alone cannot rule them out on every input. The arrays in the file can.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..arithmetic import Arithmetic, arithmetic
from ..graph import Array, Graph

#: Values looked at per array; more would say the same.
SAMPLE = 4096
#: An array with fewer telling values may be representable by chance.
ENOUGH = 8


def shrunken(graph: Graph, arrays: Mapping[str, Array]) -> str | None:
    """ "float16" or "bfloat16" if weights in ``arrays`` hold that precision only and ``graph``'s hold more.

    None if they hold what the source holds, or if the source itself is no more precise.
    """
    for precision in ("float16", "bfloat16"):
        ar = arithmetic(precision)
        if _share(graph.constants, ar) < 0.5 < _share(arrays, ar, largest=True):
            return precision
    return None


def _share(arrays: Mapping[str, Array], ar: Arithmetic, *, largest: bool = False) -> float:
    """The share of telling values that ``ar`` holds exactly; with ``largest`` that of the array with most."""
    exact, total, most = 0, 0, 0.0
    for a in arrays.values():
        if a.dtype.kind != "f":
            continue
        a = a.ravel()[:: max(1, a.size // SAMPLE)]
        # 0, 1 and other small dyadic numbers are constants of the network's form more often than weights
        telling = a[np.isfinite(a) & (a * 8 != np.round(a * 8))]
        held = int(np.count_nonzero(ar.cast(telling) == telling))
        exact, total = exact + held, total + telling.size
        if telling.size >= ENOUGH:
            most = max(most, held / telling.size)
    return most if largest else exact / total if total else 1.0
