"""What models compute where a stand-in takes Core ML's place: a Python object behind the C callbacks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ...errors import ModelparityError, RuntimeFailure
from ...graph import Array
from .calling import Calls
from .tensors import TYPES, lent, shown


class Evaluator(Protocol):
    """Says what models are and compute. What it raises becomes the stand-in's error text."""

    def describe(self, path: str, function: str | None) -> Mapping[str, Any]:
        """The description of a model, as ``mp_model_describe`` gives it."""

    def predict(
        self, path: str, function: str | None, state: int, feeds: Mapping[str, Array]
    ) -> Mapping[str, Array]:
        """Outputs by name. ``feeds`` are valid during the call only; ``state`` is 0 for none."""

    def forget(self, state: int) -> None:
        """A state is gone; its number is not used again."""


@dataclass(frozen=True)
class Callbacks:
    """The struct that is registered, and what must live as long."""

    struct: Any
    held: tuple[Any, ...]


def callbacks(library: Calls, evaluator: Evaluator) -> Callbacks:
    """``evaluator`` as the C struct."""
    ffi, lib = library.ffi, library.lib

    def text(pointer: Any) -> str | None:
        return str(ffi.string(pointer).decode()) or None if pointer else None

    def guarded(reply: Any, answer: Callable[[], None]) -> None:
        try:
            answer()
        except ModelparityError as error:
            lib.mp_reply_fail(reply, str(error).encode())
        except Exception as error:  # C has no exceptions
            lib.mp_reply_fail(reply, f"{type(error).__name__}: {error}".encode())

    @ffi.callback("void(void *, const char *, const char *, mp_reply *)")  # type: ignore[untyped-decorator]
    def describe(context: Any, path: Any, function: Any, reply: Any) -> None:
        def answer() -> None:
            found = evaluator.describe(text(path) or "", text(function))
            _well(lib.mp_reply_text(reply, json.dumps(found, sort_keys=True).encode()))

        guarded(reply, answer)

    @ffi.callback(  # type: ignore[untyped-decorator]
        "void(void *, const char *, const char *, int64_t, const mp_tensor *, int32_t, mp_reply *)"
    )
    def predict(
        context: Any, path: Any, function: Any, state: int, inputs: Any, count: int, reply: Any
    ) -> None:
        def answer() -> None:
            feeds = {text(inputs[i].name) or "": shown(ffi, inputs[i]) for i in range(count)}
            found = evaluator.predict(text(path) or "", text(function), state, feeds)
            for name, array in found.items():
                tensor = ffi.new("mp_tensor *")
                held = lent(ffi, tensor, library.name(name), _carried(array), name)
                _well(lib.mp_reply_tensor(reply, tensor))
                del held

        guarded(reply, answer)

    @ffi.callback("void(void *, int64_t)")  # type: ignore[untyped-decorator]
    def forget(context: Any, state: int) -> None:
        evaluator.forget(state)

    struct = ffi.new("mp_evaluator *", {"describe": describe, "predict": predict, "forget": forget})
    return Callbacks(struct, (describe, predict, forget))


def _well(status: int) -> None:
    if status:
        raise RuntimeFailure("the stand-in does not take this answer", found=f"status {status}")


def _carried(array: Array) -> Array:
    """Outputs of types that Core ML's arrays do not have, as the nearest that holds every value."""
    array = np.asarray(array)
    if array.dtype in TYPES:
        return array
    if array.dtype.kind in "iub":
        with np.errstate(invalid="ignore"):
            cast = array.astype(np.int32)
        if np.array_equal(cast, array):
            return cast
    raise RuntimeFailure("an output that Core ML's arrays cannot hold", found=array.dtype)
