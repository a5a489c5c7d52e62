"""The process in which the bridge's library runs: answers requests of `modelparity.runtimes.bridge.runtime`.

Run as ``python -m modelparity.runtimes.bridge.child LIBRARY KIND [ARITHMETIC]``; KIND is what the library must say
it is, "Core ML" or "stand-in". Requests are {"do": ...} with arrays; every answer is one message.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from ...errors import RuntimeFailure, Unavailable
from ...graph import Array
from .._serving import Answer, serve
from .library import Library
from .model import Model, State

#: Models kept open.
KEPT = 4
#: What coremltools imports if it is there, which takes seconds, and reading files does not need.
UNNEEDED = ("torch", "tensorflow", "sklearn", "xgboost", "transformers", "executorch")


class Served:
    """The library, opened at the first request, and the models and states that are open."""

    def __init__(self, path: str, kind: str, arithmetic: str) -> None:
        self._path, self._kind, self._arithmetic = path, kind, arithmetic
        self._library: Library | None = None
        self._models: OrderedDict[tuple[Any, ...], Model] = OrderedDict()
        self._states: dict[int, State] = {}

    def answer(self, message: Mapping[str, Any], arrays: dict[str, Array]) -> Answer:
        """One request. Raises whatever error of this package it met."""
        library, do = self._opened(), message["do"]
        if do == "about":
            return dict(library.about), {}
        if do == "behave":
            library.behave(message["as"])
            return {}, {}
        if do == "one":
            (array,) = arrays.values()
            return {}, {"": library.predict(message["path"], array)}
        if do == "end":
            self._states.pop(message["stream"], None)
            return {}, {}
        if do == "reset":
            if message["stream"] in self._states:
                self._states[message["stream"]].reset()
            return {}, {}
        model = self._model(library, message)
        if do == "describe":
            return {"description": model.describe()}, {}
        if do == "plan":
            return {"plan": model.plan()}, {}
        if do == "predict":
            state = self._state(model, message.get("stream"), message.get("begun", False))
            return {}, model.run(model.exact(arrays), state=state)
        raise RuntimeFailure("a request that this process does not know", found=do)

    def _opened(self) -> Library:
        if self._library is None:
            library = Library(self._path)
            if library.about["runtime"] != self._kind:
                raise Unavailable(
                    "the library is of another kind",
                    where=self._path,
                    found=library.about["runtime"],
                    expected=self._kind,
                    fix="runtime 'stand-in' is for libraries built on Linux, 'coreml' for those built on a Mac",
                )
            if library.stand_in:
                for name in UNNEEDED:
                    sys.modules.setdefault(name, None)  # type: ignore[arg-type]
                from .evaluator import Interpreter

                library.evaluate_with(Interpreter(self._arithmetic))
            self._library = library
        return self._library

    def _model(self, library: Library, message: Mapping[str, Any]) -> Model:
        key = (message["path"], message["stamp"], message["units"], message["function"])
        if key not in self._models:
            while len(self._models) >= KEPT:
                self._models.popitem(last=False)
            self._models[key] = library.open(key[0], units=key[2], function=key[3])
        self._models.move_to_end(key)
        return self._models[key]

    def _state(self, model: Model, stream: int | None, begun: bool) -> State | None:
        if not model.describe().get("states"):
            return None
        if stream is None:
            return model.state()
        if stream not in self._states:
            if begun:
                raise RuntimeFailure(
                    "the process that held this stream's state has ended", fix="start the stream again"
                )
            self._states[stream] = model.state()
        return self._states[stream]


def main() -> None:
    """Serve until the input ends."""
    path, kind, *rest = sys.argv[1:]
    serve(Served(path, kind, *(rest or ["native"])).answer)


if __name__ == "__main__":
    main()
