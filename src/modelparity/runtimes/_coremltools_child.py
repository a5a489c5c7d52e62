"""The process in which coremltools runs Core ML: answers `modelparity.runtimes.coremltools` until its input ends.

Requests are {"do": "predict", "path": ..., "units": ...} with the inputs as arrays, and {"do": "describe"}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import RuntimeFailure
from ..graph import Array
from ._serving import Answer, serve

#: Models kept loaded.
KEPT = 4


class Models:
    """Apple's models, loaded once."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, str], Any] = {}

    def answer(self, message: Mapping[str, Any], arrays: dict[str, Array]) -> Answer:
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
            try:
                self._loaded[key] = coremltools.models.MLModel(message["path"], compute_units=units)
            except Exception as error:  # as below
                raise RuntimeFailure(f"Core ML refuses this: {error}") from error
        try:
            results = self._loaded[key].predict(arrays)
        except Exception as error:  # coremltools raises plain RuntimeError, and more
            raise RuntimeFailure(f"Core ML refuses this: {error}") from error
        return {}, {name: np.asarray(value) for name, value in results.items()}


def main() -> None:
    """Serve until the input ends."""
    serve(Models().answer)


if __name__ == "__main__":
    main()
