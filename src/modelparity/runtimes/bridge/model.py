"""A model that the bridge has opened, and what is carried between its runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...graph import Array
from .._input_types import unchanged
from .calling import Calls
from .tensors import TYPES, lent, owned


class Model:
    """Named arrays in, named arrays out. Closed when nobody holds it any more."""

    def __init__(self, library: Calls, handle: Any) -> None:
        self._library, self._handle = library, handle
        self._described: dict[str, Any] | None = None

    def describe(self) -> dict[str, Any]:
        """Inputs, outputs, states and functions as the model's own description has them."""
        if self._described is None:
            found = self._library.text(self._library.lib.mp_model_describe, self._handle)
            self._described = json.loads(found)
        return self._described

    def plan(self) -> Any:
        """Which device each operation would run on. Raises `Unavailable` where the system does not say."""
        return json.loads(self._library.text(self._library.lib.mp_model_plan, self._handle))

    def run(
        self, feeds: Mapping[str, Array], *, state: State | None = None, wanted: Sequence[str] | None = None
    ) -> dict[str, Array]:
        """{output: array}, arrays over the bridge's memory, which goes when they do.

        Arrays must have the types that the model declares (`exact` casts). Raises `InputError`, `RuntimeFailure`.
        """
        library = self._library
        ffi, lib = library.ffi, library.lib
        tensors = ffi.new("mp_tensor[]", max(len(feeds), 1))
        held = [
            lent(ffi, tensors[place], library.name(name), array, name)
            for place, (name, array) in enumerate(feeds.items())
        ]
        names = ffi.NULL if wanted is None else ffi.new("char *[]", [library.name(one) for one in wanted])
        made = ffi.new("mp_result **")
        library.check(
            lib.mp_model_run(
                self._handle,
                tensors,
                len(feeds),
                ffi.NULL if state is None else state.handle,
                names,
                0 if wanted is None else len(wanted),
                made,
            )
        )
        del held
        result = ffi.gc(made[0], lib.mp_result_free)
        found, tensor = {}, ffi.new("mp_tensor *")
        for index in range(lib.mp_result_count(result)):
            library.check(lib.mp_result_get(result, index, tensor))
            shape = tuple(tensor.shape[0 : tensor.rank])
            name = ffi.string(tensor.name).decode()
            found[name] = owned(ffi, tensor.data, TYPES[tensor.dtype], shape, result)
        return found

    def state(self) -> State:
        """A new state at its beginning. Raises `Unavailable` where the system or the model has none."""
        made = self._library.ffi.new("mp_state **")
        self._library.check(self._library.lib.mp_state_make(self._handle, made))
        return State(self._library, self._library.ffi.gc(made[0], self._library.lib.mp_state_free), self)

    def exact(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """``feeds`` in the types that the model declares. Raises `InputError` if that changes a value."""
        declared = {one["name"]: one.get("dtype") for one in self.describe()["inputs"]}
        return {name: _exact(array, declared.get(name), name) for name, array in feeds.items()}


class State:
    """What a model carries from run to run. It keeps its model open."""

    def __init__(self, library: Calls, handle: Any, model: Model) -> None:
        self._library, self.handle, self._model = library, handle, model

    def reset(self) -> None:
        """To its beginning again."""
        self._library.check(self._library.lib.mp_state_reset(self.handle))


def _exact(array: Array, declared: str | None, name: str) -> Array:
    if declared not in ("float32", "float64", "float16", "int32") or array.dtype == declared:
        return array  # names that the model does not have are the library's to refuse
    kinds = "f" if declared.startswith("float") else "iub"
    return unchanged(array, declared, name=name, taker="Core ML", kinds=kinds)
