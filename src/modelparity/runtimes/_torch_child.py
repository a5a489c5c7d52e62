"""The process in which PyTorch runs .pt2 archives: answers `modelparity.runtimes.torch` until its input ends.

Requests are {"do": "run" | "taps" | "parameters" | "weights", "path": ..., "stamp": ..., "threads": ...}; the first
two have the inputs as arrays. Programs are the copies that the archive's reader vetted, as they are anywhere here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import RuntimeFailure
from ..graph import Array
from ._nested import apart
from ._serving import Answer, serve
from .torch import Torch, loaded

#: Programs kept loaded, the last that were asked for.
KEPT = 4


class Programs:
    """Programs, loaded once; every run is of a copy."""

    def __init__(self) -> None:
        self.loaded: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def answer(self, message: Mapping[str, Any], arrays: dict[str, Array]) -> Answer:
        """One request. Raises whatever `Torch` does."""
        runtime, do = Torch(threads=message["threads"]), message["do"]
        module = self._module(message["path"], message["stamp"])
        results: dict[str, Array] = {}
        if do == "run":
            return {"results": apart(runtime.run(module, arrays), results)}, results
        if do == "taps":
            return {"results": apart(runtime.taps(module, arrays), results)}, results
        if do == "weights":
            return {"results": apart(runtime.weights(module), results)}, results
        if do == "parameters":
            return {"parameters": runtime.parameters(module)}, {}
        raise RuntimeFailure("a request that this process does not know", found=do)

    def _module(self, path: str, stamp: str) -> Any:
        key = path, stamp
        if key not in self.loaded:
            while len(self.loaded) >= KEPT:
                self.loaded.popitem(last=False)
            self.loaded[key] = loaded(Path(path))
        self.loaded.move_to_end(key)
        return self.loaded[key]


if __name__ == "__main__":
    serve(Programs().answer)
