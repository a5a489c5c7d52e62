"""The bridge's library in this process: checked when it is opened, called through cffi.

A model that Core ML does not like may end the process, so runtimes call it in a child (`child`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import InputError, Unavailable
from ...graph import Array
from .answering import Evaluator, callbacks
from .calling import Calls
from .declaration import INTERFACE, functions
from .finding import LINE
from .model import Model
from .tensors import TYPES, owned


class Library(Calls):
    """The library at ``path``. Raises `Unavailable` if it is none, lacks a function, or has another interface."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path)
        self._evaluator: object = None
        self._expect(["mp_interface", "mp_about", "mp_text_free"])
        version = int(self.lib.mp_interface())
        if version != INTERFACE:
            raise Unavailable(
                "the library has another interface than this package",
                where=self.path,
                found=version,
                expected=INTERFACE,
                fix=f"{LINE} (it was built from other sources)",
            )
        self.about = self._about()
        self._expect(functions(stand_in=self.stand_in))

    @property
    def stand_in(self) -> bool:
        """Whether a stand-in takes Core ML's place in this library."""
        return bool(self.about["runtime"] != "Core ML")

    def open(
        self,
        path: str | os.PathLike[str],
        *,
        units: str = "cpuOnly",
        function: str | None = None,
        cache: str | os.PathLike[str] | None = None,
    ) -> Model:
        """A model, compiled or from the cache of compiled models.

        Raises `InputError`, `RuntimeFailure`, and `Unavailable` for what this system does not have.
        """
        options = {"units": units, "function": function, "cache": None if cache is None else os.fspath(cache)}
        given = json.dumps({key: value for key, value in options.items() if value is not None})
        made = self.ffi.new("mp_model **")
        self.check(self.lib.mp_model_open(_path(path), given.encode(), made))
        return Model(self, self.ffi.gc(made[0], self.lib.mp_model_close))

    def predict(self, path: str | os.PathLike[str], array: Array) -> Array:
        """One float32 input in, one float32 output out: ``mm_model_predict``."""
        if array.dtype != np.float32:
            raise InputError("mm_model_predict takes float32 only", found=array.dtype, expected="float32")
        given = np.ascontiguousarray(array)
        shape = self.ffi.new("int32_t[]", list(array.shape) or [1])
        out = self.ffi.new("MMBuffer *")
        data = self.ffi.cast("const float *", given.ctypes.data)
        self.check(
            self.lib.mm_model_predict(self.ffi.NULL, _path(path), data, shape, array.ndim, given.size, out)
        )
        owner = self.ffi.gc(out, self.lib.mm_buffer_free)
        return owned(self.ffi, out.data, TYPES[0], tuple(out.shape[0 : out.ndim]), owner)

    def evaluate_with(self, evaluator: Evaluator | None) -> None:
        """Let ``evaluator`` say what models compute, where a stand-in takes Core ML's place; None takes it away."""
        made = None if evaluator is None else callbacks(self, evaluator)
        self.check(self.lib.mp_standin_register(self.ffi.NULL if made is None else made.struct))
        self._evaluator = made  # lives as long as it is registered

    def behave(self, behaviour: str) -> None:
        """How the stand-in's outputs come, and what goes wrong: see the header."""
        self.check(self.lib.mp_standin_behave(behaviour.encode()))

    def _about(self) -> Mapping[str, Any]:
        made = self.lib.mp_about()
        try:
            found = json.loads(self.ffi.string(made)) if made else None
        except ValueError:
            found = None
        finally:
            self.lib.mp_text_free(made)
        if not isinstance(found, dict) or not isinstance(found.get("runtime"), str):
            raise Unavailable("the library does not say what it is", where=self.path, fix=LINE)
        return found

    def _expect(self, names: Sequence[str]) -> None:
        lacking = [name for name in names if not hasattr(self.lib, name)]
        if lacking:
            raise Unavailable(
                "the library lacks functions of the interface",
                where=self.path,
                found=f"no {', '.join(lacking[:4])}",
                expected="a library built from these sources",
                fix=LINE,
            )


def _path(path: str | os.PathLike[str]) -> bytes:
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise InputError("a path with a null character", found=repr(path)[:80], expected="a path")
    return encoded
