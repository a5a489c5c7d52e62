"""The process in which PyTorch runs .pt2 archives: answers `modelparity.runtimes.torch` until its input ends.

Requests are {"do": ..., "path": ..., "stamp": ..., "threads": ...}. "run", "taps", "kept" and "push", the next run of
a "session", have the inputs as arrays; "parameters", "weights" and "end", of a "session", have none. Programs are
the copies that the archive's reader vetted, as they are anywhere here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..errors import RuntimeFailure
from ..graph import Array
from ._nested import apart
from ._serving import Answer, serve
from .torch import Torch, loaded

#: The next run of a session.
Run = Callable[[Mapping[str, Array]], Mapping[str, Array]]
#: Programs kept loaded, the last that were asked for.
KEPT = 4


class Programs:
    """Programs, loaded once; every run is of a copy."""

    def __init__(self) -> None:
        self.loaded: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self.sessions: dict[int, tuple[ExitStack, Run]] = {}

    def answer(self, message: Mapping[str, Any], arrays: dict[str, Array]) -> Answer:
        """One request. Raises whatever `Torch` does."""
        runtime, do = Torch(threads=message["threads"]), message["do"]
        if do == "end":
            stack, _ = self.sessions.pop(message["session"], (ExitStack(), None))
            stack.close()
            return {}, {}
        module = self._module(message["path"], message["stamp"])
        if do == "parameters":
            return {"parameters": runtime.parameters(module)}, {}
        if do == "kept":
            return {"kept": runtime.kept(module, arrays)}, {}
        asked: dict[str, Callable[[], Mapping[str, Array]]] = {
            "run": lambda: runtime.run(module, arrays),
            "push": lambda: self._session(runtime, module, message)(arrays),
            "taps": lambda: runtime.taps(module, arrays),
            "weights": lambda: runtime.weights(module),
        }
        if do not in asked:
            raise RuntimeFailure("a request that this process does not know", found=do)
        results: dict[str, Array] = {}
        return {"results": apart(dict(asked[do]()), results)}, results

    def _session(self, runtime: Torch, module: Any, message: Mapping[str, Any]) -> Run:
        number = message["session"]
        if number not in self.sessions:
            if message["begun"]:
                raise RuntimeFailure(
                    "the process that held this session's state has ended", fix="start the session again"
                )
            stack = ExitStack()
            self.sessions[number] = stack, stack.enter_context(runtime.session(module))
        return self.sessions[number][1]

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
