"""The process in which coremltools runs Core ML: answers `modelparity.runtimes.coremltools` until its input ends.

Requests are {"do": "predict", "path": ..., "units": ...} with the inputs as arrays, and {"do": "describe"}.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from ..graph import Array
from ._messages import receive, send

#: Models kept loaded.
KEPT = 4


class Models:
    """Apple's models, loaded once."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, str], Any] = {}

    def answer(
        self, message: Mapping[str, Any], arrays: dict[str, Array]
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """One request."""
        import coremltools
        import numpy as np

        if message["do"] == "describe":
            import platform

            return {"version": coremltools.__version__, "macos": platform.mac_ver()[0]}, {}
        key = (message["path"], message["units"])
        if key not in self._loaded:
            while len(self._loaded) >= KEPT:
                del self._loaded[next(iter(self._loaded))]
            units = getattr(coremltools.ComputeUnit, message["units"])
            self._loaded[key] = coremltools.models.MLModel(message["path"], compute_units=units)
        results = self._loaded[key].predict(arrays)
        return {}, {name: np.asarray(value) for name, value in results.items()}


def main() -> None:
    """Serve. What libraries print goes to standard error: standard output carries messages only."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    models = Models()
    while True:
        try:
            message, arrays = receive(sys.stdin.buffer)
        except EOFError:
            return
        try:
            reply, results = models.answer(message, arrays)
        except Exception as error:  # coremltools raises plain RuntimeError, and more
            reply, results = (
                {"error": {"kind": "RuntimeFailure", "what": f"Core ML refuses this: {error}"}},
                {},
            )
        send(out, reply, results)


if __name__ == "__main__":
    main()
